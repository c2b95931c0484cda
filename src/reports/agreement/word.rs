//! How a shop's last thirty days agree with Shopify's own figures, in a line: for whoever runs the app.

use sea_orm::ConnectionTrait;

use super::compare::{Standing, Verdict, agreement};
use crate::app::App;
use crate::http::Result;
use crate::kernel::Timestamp;
use crate::reports::period::{Period, ReportQuery};
use crate::shops::Shop;

/// How many days that differ are named.
const NAMED: usize = 3;

/// One line about a shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// Every day that can be compared agrees.
    Agrees(String),
    /// Something is to be looked at, or to be allowed.
    Look(String),
}

/// Says it.
pub async fn agreement_word(db: &impl ConnectionTrait, app: &App, shop: &Shop, now: Timestamp) -> Result<Word> {
    let period = Period::read(db, &ReportQuery::default(), shop, now).await?;
    let found = agreement(db, app, shop, &period).await?;
    let domain = &shop.domain;
    let compared = found.sums.agree + found.sums.differ;
    Ok(match found.standing {
        Standing::ScopeMissing => Word::Look(format!(
            "{domain}: net sales are not compared with Shopify's own, because the optional scope read_reports is not allowed; the page Agreement says how"
        )),
        Standing::Refused => Word::Look(format!(
            "{domain}: Shopify refuses its own net sales though read_reports is allowed: request approval for protected customer data of level 2 in the Dev Dashboard"
        )),
        Standing::Unread => Word::Look(format!("{domain}: Shopify's own net sales have not been read yet")),
        Standing::Read if compared == 0 => {
            Word::Look(format!("{domain}: no day can be compared with Shopify's own net sales yet"))
        }
        Standing::Read if found.sums.differ == 0 => Word::Agrees(format!(
            "{domain}: net sales of all {compared} days compared agree with Shopify's own to the cent"
        )),
        Standing::Read => {
            let differing = found.days.iter().rev().filter(|day| day.verdict == Verdict::Differs);
            let named: Vec<String> = differing
                .take(NAMED)
                .map(|day| {
                    let left = day.unexplained.map(|money| money.decimal()).unwrap_or_default();
                    format!("{} by {left}", day.day)
                })
                .collect();
            Word::Look(format!(
                "{domain}: net sales of {} of {compared} days do not agree with Shopify's own ({}): the page Agreement lists the orders it can come from",
                found.sums.differ,
                named.join(", ")
            ))
        }
    })
}
