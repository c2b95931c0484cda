//! What kinds of jobs do, in a merchant's words.

/// What a job does, by its name. Jobs are named after their rooms, so a new one is told about too.
pub fn what(kind: &str) -> &'static str {
    let room = kind.split('.').next().unwrap_or_default();
    match (room, kind) {
        (_, "webhooks.translate") => "Recording what Shopify and WhatsApp sent",
        (_, "codes.fill") => "Keeping codes ready at Shopify",
        (_, "codes.revoke") => "Taking codes back at Shopify",
        (_, "catchup.backfill") => "Reading the orders from before the installation",
        (_, "files.make") => "Making a file to be fetched",
        ("files", _) => "Looking after files",
        (_, "sinks.deliver") => "Telling a webhook endpoint what happened",
        (_, "pixel.switch_on") => "Switching the web pixel on",
        (_, "links.look_at_domain") => "Looking whether the link domain leads here",
        ("webhooks", _) => "Recording what was delivered",
        ("catchup", _) => "Comparing with Shopify what webhooks told",
        ("codes", _) => "Looking after codes at Shopify",
        ("campaigns", _) => "Following a change of a campaign",
        ("links", _) => "Looking after links",
        ("pixel", _) => "Looking after the web pixel",
        ("messages", _) => "Following what became of messages",
        ("abandoned", _) => "Watching checkouts that lie quiet",
        ("attribution", _) => "Judging which message an order goes back to",
        ("sinks", _) => "Telling webhook endpoints what happened",
        ("rights" | "privacy", _) => "Doing what a shopper asked about their data, or letting old data go",
        ("shops", _) => "Keeping the connection to the shop",
        ("rotation", _) => "Sealing values under the new key",
        _ => "Work in the background",
    }
}
