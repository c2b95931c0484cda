//! An export as a document a merchant can send on: sentences and plain tables, no word of ours to explain.

use super::export::{Export, MessagePart, OrderPart};
use crate::kernel::{Money, Timestamp};
use crate::people::{Choice, WishSource};
use crate::pixel::Name;

/// The document.
pub fn document(export: &Export) -> String {
    let mut page = Page(String::new());
    page.line(&format!("What the app Recoup holds about you for the shop {}", export.shop));
    page.line(&format!("Made on {}. You asked on {}.", when(export.made_at), when(export.received_at)));
    page.line("Recoup sends discount codes by WhatsApp for the shop and tells the shop which orders they brought.");
    page.line(
        "All times are UTC. The shop itself holds your orders and addresses; this is what the app holds beside it.",
    );
    asked(&mut page, export);
    recipients(&mut page, export);
    campaigns(&mut page, export);
    page.heading("Messages to you", export.messages.len(), "No message was prepared for you.");
    export.messages.iter().for_each(|message| self::message(&mut page, message));
    marketing(&mut page, export);
    checkouts(&mut page, export);
    page.heading("Your orders", export.orders.len(), "No order of yours is known.");
    export.orders.iter().for_each(|order| self::order(&mut page, order));
    pixel_events(&mut page, export);
    deliveries(&mut page, export);
    page.0
}

fn pixel_events(page: &mut Page, export: &Export) {
    let none = "Your browser told the app nothing of a checkout.";
    page.heading("What your browser told of checkouts", export.pixel_events.len(), none);
    for event in &export.pixel_events {
        let what = match event.event {
            Name::CheckoutStarted => "checkout started",
            Name::CheckoutCompleted => "checkout completed",
        };
        page.row(&[&when(event.at), what, &event.checkout_token]);
    }
}

struct Page(String);

impl Page {
    fn line(&mut self, text: &str) {
        // Values come from outside: a control character must not draw lines of its own.
        let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        self.0.push_str(clean.trim_end());
        self.0.push('\n');
    }

    fn heading(&mut self, title: &str, count: usize, none: &str) {
        let title = if count == 0 { title.to_owned() } else { format!("{title} ({count})") };
        self.0.push('\n');
        self.line(&title);
        self.line(&"=".repeat(title.chars().count()));
        if count == 0 {
            self.line(none);
        }
    }

    fn field(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.line(&format!("  {name:<22}{value}"));
        }
    }

    fn row(&mut self, cells: &[&str]) {
        self.line(&format!("    {}", cells.iter().map(|cell| format!("{cell:<26}")).collect::<String>()));
    }
}

fn when(at: Timestamp) -> String {
    at.to_string().replace('T', " ").replace('Z', "").chars().take(19).collect()
}

/// A word of the API as people write it.
fn word(word: &impl serde::Serialize) -> String {
    let word = serde_json::to_value(word).ok().and_then(|word| word.as_str().map(|word| word.replace('_', " ")));
    word.unwrap_or_default()
}

fn money(money: Option<Money>) -> String {
    money.map_or_else(|| "-".to_owned(), |money| format!("{} {}", money.decimal(), money.currency))
}

fn asked(page: &mut Page, export: &Export) {
    let asked = &export.asked_about;
    page.heading("Who asked", 0, "The shop passed on a request about:");
    page.field("customer number", asked.shopify_customer_id.as_deref());
    page.field("phone", asked.phone.as_deref());
    page.field("e-mail", asked.email.as_deref());
    page.field("orders", (!asked.orders.is_empty()).then(|| asked.orders.join(", ")).as_deref());
}

fn recipients(page: &mut Page, export: &Export) {
    page.heading("Your contact", export.recipients.len(), "No contact of yours is held.");
    for one in &export.recipients {
        page.line(&format!("Given to us by the shop's messaging service; known since {}.", when(one.known_since)));
        page.field("phone", one.phone.as_deref());
        page.field("WhatsApp user id", one.whatsapp_user_id.as_deref());
        page.field("e-mail", one.email.as_deref());
        page.field("customer number", one.shopify_customer_id.as_deref());
        page.field("the service calls you", one.platform_key.as_deref());
        page.field("our number of you", Some(&one.id));
        page.field("note", one.note.as_deref());
    }
}

fn campaigns(page: &mut Page, export: &Export) {
    page.heading("Campaigns you were chosen for", export.campaigns.len(), "You were not chosen for any campaign.");
    for one in &export.campaigns {
        let how = if one.held_out { "left alone on purpose, to compare" } else { "to be messaged" };
        page.row(&[&when(one.drawn_at), &one.campaign, how]);
    }
}

fn message(page: &mut Page, one: &MessagePart) {
    page.line(&format!("Message of {} in the campaign “{}”", when(one.issued_at), one.campaign));
    page.field("our number of it", Some(&one.id.to_string()));
    page.field("discount code", one.code.as_deref());
    page.field("code used", one.code_redeemed_at.map(when).as_deref());
    page.field("link", Some(&one.link));
    page.field("good until", one.expires_at.map(when).as_deref());
    page.field("cost", one.cost.map(|cost| format!("{} {}", cost.decimal(), cost.currency())).as_deref());
    for status in &one.statuses {
        let error = status.error_code.map(|code| format!("error {code}")).unwrap_or_default();
        page.row(&[&when(status.at), &word(&status.status), &error]);
    }
    for click in &one.clicks {
        let who = if click.human { "the link was opened" } else { "a machine opened the link" };
        page.row(&[&when(click.at), who, &click.reason]);
    }
}

fn marketing(page: &mut Page, export: &Export) {
    let none = "You said nothing about marketing that the app heard of.";
    page.heading("What you said about marketing", export.marketing_choices.len(), none);
    for one in &export.marketing_choices {
        let what = match one.choice {
            Choice::Stop => "no more marketing",
            Choice::Resume => "marketing again",
        };
        let how = match one.source {
            WishSource::Preference => "by WhatsApp's own switch",
            WishSource::Word => "in a message that said only that",
            WishSource::Failure => "as WhatsApp said when it refused a message",
            WishSource::Platform => "as the shop's messaging platform said",
        };
        page.row(&[&when(one.at), what, how]);
    }
    page.heading("When you wrote to the shop", export.written.len(), "You did not write, as far as the app knows.");
    if !export.written.is_empty() {
        page.line("What you wrote was not kept.");
    }
    for one in &export.written {
        page.row(&[&when(one.at), &one.kind, if one.an_answer { "an answer to a message" } else { "" }]);
    }
}

fn checkouts(page: &mut Page, export: &Export) {
    page.heading("Checkouts you began", export.checkouts.len(), "No checkout of yours is known.");
    for one in &export.checkouts {
        page.line(&format!("Checkout of {}, {}", when(one.began_at), money(one.total)));
        page.field("last change", Some(&when(one.updated_at)));
        page.field("completed", one.completed_at.map(when).as_deref());
        page.field("counted as abandoned", one.abandoned_at.map(when).as_deref());
        page.field("told to the shop's WhatsApp platform", one.offered_at.map(when).as_deref());
        page.field("the shop's token", Some(&one.token));
        page.field("continued at", one.recovery_url.as_deref());
    }
}

fn order(page: &mut Page, one: &OrderPart) {
    page.line(&format!("Order {} of {}, {} ({})", one.name, when(one.ordered_at), money(one.total), one.because));
    page.field("the shop's number", Some(&one.shopify_order_id));
    page.field("payment", one.financial_status.as_deref());
    page.field("cancelled", one.cancelled_at.map(when).as_deref());
    page.field("discount codes", (!one.codes.is_empty()).then(|| one.codes.join(", ")).as_deref());
    page.field("came by link", (!one.click_ids.is_empty()).then(|| one.click_ids.join(", ")).as_deref());
    page.field("checkout", one.checkout_token.as_deref());
    page.field("states on record", Some(&one.states.to_string()));
    for visit in &one.visits {
        page.row(&[&when(visit.at), "visit", visit.referrer.as_deref().unwrap_or_default(), &visit.landing]);
    }
    for refund in &one.refunds {
        let parts = [("goods", refund.goods), ("shipping", refund.shipping), ("tax", refund.tax)];
        let parts: Vec<String> = parts.iter().map(|(name, part)| format!("{name} {}", money(*part))).collect();
        page.row(&[&when(refund.at), "refunded", &parts.join(", ")]);
    }
    for sale in &one.sales {
        let what = format!("{} {}", sale.action_type.to_lowercase(), sale.line_type.to_lowercase());
        page.row(&[&when(sale.at), "in Shopify's book", &format!("{what} {}", money(sale.total))]);
    }
    for verdict in &one.verdicts {
        let to = verdict.campaign.as_ref().map(|name| format!("campaign “{name}”")).unwrap_or_default();
        page.row(&[
            &when(verdict.since),
            verdict.line.title(),
            &format!("{} ({}) {to}", money(verdict.net_sales), verdict.why),
        ]);
        for credit in &verdict.credits {
            let to = credit.message.map_or_else(|| credit.channel.called().to_owned(), |id| id.to_string());
            page.row(&[
                "",
                &format!("credited by {}", word(&credit.model)),
                &format!("{} to {}", money(credit.share), to),
            ]);
        }
    }
}

fn deliveries(page: &mut Page, export: &Export) {
    let none = "No kept notification names you.";
    page.heading("Notifications of the shop and of WhatsApp that name you", export.deliveries.len(), none);
    for one in &export.deliveries {
        page.row(&[&when(one.received_at), one.from, &one.topic]);
    }
}
