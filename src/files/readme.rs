//! What a pack says of itself, for whoever opens it years later and has nothing else.

use super::file::Model as File;
use crate::kernel::Timestamp;
use crate::reports::Asked;

/// The text.
pub(super) fn readme(asked: &Asked, file: &File) -> String {
    let (shop, period) = (&asked.shop, &asked.period);
    let at = |at: Option<Timestamp>, none: &str| at.map_or_else(|| none.to_owned(), |at| at.to_string());
    let since = match file.since {
        Some(since) => format!("after {since}, the instant of the pack before"),
        None => format!("since {}, when the period began: there was no pack before", period.instants.0),
    };
    let through = at(file.complete_through, "not known yet: nothing has been compared with Shopify");
    let lines = [
        format!("Recoup: {} ({})", shop.name, shop.domain),
        String::new(),
        format!("Period              {} to {}, both included", period.from, period.to),
        format!("Days                in the time zone {}", shop.time_zone),
        format!("Currency            {}", shop.money()),
        format!("Rules of evidence   {}, version {}", period.policy.name, period.policy.version),
        format!("As of               {}", file.as_of),
        format!("Complete through    {through}"),
        format!("Restatements        {since}"),
        format!("Pack                {}", file.id),
        String::new(),
        "ledger.csv         Where every order stands. The lines sum to `total`, which is net sales.".to_owned(),
        "orders.csv         Every order of the period with its line and why. They sum to the ledger.".to_owned(),
        "restatements.csv   Orders, of any day, that came to another line, worth or message since the pack before."
            .to_owned(),
        "learned_late.csv   Orders of which something else is known now than the pack before said of its instant: what came late."
            .to_owned(),
        "agreement.csv      Every day of the period beside Shopify's own net sales of it, and what explains a difference."
            .to_owned(),
        "definitions.csv    What every column says.".to_owned(),
        "SHA256SUMS.txt     Checksums of all these files: `sha256sum --check SHA256SUMS.txt`.".to_owned(),
        String::new(),
        "An instant is UTC. An order is booked on its own day, and restated there when it is refunded, cancelled or paid;"
            .to_owned(),
        "agreement.csv books everything on the day on which it happened, as Shopify does. Figures up to `Complete through`"
            .to_owned(),
        "are whole: every source had been compared with Shopify up to then. Later ones may grow.".to_owned(),
        "CSV files are UTF-8 with a byte order mark, after RFC 4180. Amounts are decimal; `_minor` is the same in the"
            .to_owned(),
        "currency's smallest unit. An apostrophe before =, +, - or @ keeps a spreadsheet from taking words for a formula."
            .to_owned(),
    ];
    lines.into_iter().map(|line| format!("{line}\r\n")).collect()
}
