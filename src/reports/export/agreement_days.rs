//! Every day of a period beside Shopify's own figure of it.

use sea_orm::{DbErr, Iterable};

use super::cell::Cell;
use super::sheet::{Asked, Column, Page, Sheet, column};
use crate::db::Db;
use crate::kernel::Money;
use crate::reports::agreement::{AgreementDay, Reason, agreed_days};

/// The table.
pub struct AgreementDays;

impl Sheet for AgreementDays {
    const COLUMNS: &'static [Column] = &[
        column("day", "The day, in the shop's time zone; everything stands on the day on which it happened."),
        column(
            "verdict",
            "`agrees`: nothing is unexplained. `differs`: something is. `open`: not everything of it is known to be here. `other_currency`, `before` the first order that is here, `unread`: it cannot be compared.",
        ),
        column("shopify", "Net sales of the day as Shopify's own reports say them; empty where they were not read."),
        column("ours", "What was booked here that day: orders on their own day, refunds on the refund's."),
        column("subscription_renewals", "What ours is more, or less where negative, because renewals are left out."),
        column("cancelled_kept", "The same because a cancelled order counts 0 here."),
        column("older_orders", "The same because refunds of orders from before the first that is here are not."),
        column("other_currency", "The same because of orders in another currency than the shop's."),
        column("buyers_currency", "The same because of orders whose buyer saw another currency: always nothing."),
        column("not_heard_yet", "What is left of a day of which not everything is known to be here."),
        column("unexplained", "Ours less Shopify's less all of those lines: 0.00 on a day that agrees."),
        column("unexplained_minor", "The same in minor units."),
        column("currency", "The shop's currency (ISO 4217)."),
        column("shopify_read_at", "When Shopify's figure was read (UTC)."),
    ];

    type After = ();

    async fn page(db: &Db, asked: &Asked, (): ()) -> Result<Page<()>, DbErr> {
        let days = agreed_days(db.read(), &asked.shop, &asked.period).await?;
        Ok((days.into_iter().map(|day| row(day, asked)).collect(), None))
    }
}

fn row(day: AgreementDay, asked: &Asked) -> Vec<Cell> {
    let decimal = |money: Money| Cell::Decimal(money.decimal());
    let maybe = |money: Option<Money>| money.map_or(Cell::Nothing, decimal);
    let named = |reason| {
        let of_it = day.lines.iter().filter(|line| line.line == reason).map(|line| line.amount.minor);
        decimal(Money::new(of_it.sum(), asked.shop.money()))
    };
    let mut row = vec![Cell::text(day.day), Cell::text(day.verdict.word()), maybe(day.shopify), decimal(day.ours)];
    row.extend(Reason::iter().map(named));
    row.push(maybe(day.unexplained));
    row.push(day.unexplained.map_or(Cell::Nothing, |money| Cell::Whole(money.minor)));
    row.extend([Cell::text(asked.shop.money()), Cell::at(day.read_at)]);
    row
}
