//! Which of the numbers that Meta told of one figure stands.
//!
//! Messages sent and delivered, and what they cost, Meta may correct: the answer it gave last stands. Reads and clicks it
//! forgets: "after this 7-day window, the corresponding read/click counts reset to zero" ("Analytics", 2026-04-20). Of
//! those the greatest told stands, or every late answer would take back what earlier ones said.

use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait};

use super::figure::{ActiveModel, Column, Entity, Figure};
use crate::kernel::id::ShopId;
use crate::kernel::{Currency, Timestamp};
use crate::whatsapp::template_analytics::{Counts, Told};

/// Rows per statement.
const ROWS: usize = 500;

/// Keeps the figures of an answer beside what earlier and later answers said.
pub async fn record(txn: &impl ConnectionTrait, shop: ShopId, told: &Told, told_at: Timestamp) -> Result<(), DbErr> {
    // In the order of their key: two answers at once wait for each other, and not both.
    let mut rows: Vec<(Figure, ActiveModel)> = Vec::new();
    for ((start, template_id, product), counts) in &told.days {
        rows.extend(figures(counts).map(|(figure, amount, currency)| {
            let row = ActiveModel {
                shop_id: Set(shop),
                start: Set(*start),
                template_id: Set(template_id.clone()),
                product: Set(product.clone()),
                figure: Set(figure),
                amount: Set(amount),
                currency: Set(currency.map(|currency| currency.code().to_owned())),
                told_at: Set(told_at),
            };
            (figure, row)
        }));
    }
    for forgotten in [false, true] {
        let chosen = rows.iter().filter(|(figure, _)| figure.is_forgotten() == forgotten);
        let chosen: Vec<ActiveModel> = chosen.map(|(_, row)| row.clone()).collect();
        for part in chosen.chunks(ROWS) {
            let insert = Entity::insert_many(part.to_vec()).on_conflict(beside(forgotten));
            insert.exec_without_returning(txn).await?;
        }
    }
    Ok(())
}

/// What was told, in the order of the key, with the currency of money.
fn figures(counts: &Counts) -> impl Iterator<Item = (Figure, i64, Option<Currency>)> {
    let numbers = [
        (Figure::Sent, counts.sent),
        (Figure::Delivered, counts.delivered),
        (Figure::Read, counts.read),
        (Figure::UrlClicks, counts.url_clicks),
        (Figure::UniqueUrlClicks, counts.unique_url_clicks),
        (Figure::QuickReplies, counts.quick_replies),
    ];
    let spent = counts.spent.map(|money| (Figure::Spent, money.minor, Some(money.currency)));
    numbers.into_iter().filter_map(|(figure, number)| Some((figure, number?, None))).chain(spent)
}

/// What stands when two answers tell one figure: the greater one, of what Meta forgets; else the later one, and of two of
/// the same instant the greater.
fn beside(forgotten: bool) -> OnConflict {
    let old = |column: &'static str| Expr::col(("template_figures", column));
    let new = |column: &'static str| Expr::col(("excluded", column));
    let greater = new("amount").gt(old("amount"));
    let stands = match forgotten {
        true => greater,
        false => new("told_at").gt(old("told_at")).or(new("told_at").eq(old("told_at")).and(greater)),
    };
    let chosen =
        |column, when: Expr| -> Expr { CaseStatement::new().case(when, new(column)).finally(old(column)).into() };
    OnConflict::columns([Column::ShopId, Column::Start, Column::TemplateId, Column::Product, Column::Figure])
        .value("amount", chosen("amount", stands.clone()))
        .value("currency", chosen("currency", stands))
        .value("told_at", chosen("told_at", new("told_at").gt(old("told_at"))))
        .to_owned()
}
