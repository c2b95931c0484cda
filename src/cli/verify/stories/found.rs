//! What a story led to, in its own words: read back as a report would.

use std::collections::BTreeMap;

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, Iterable, QueryFilter};
use serde_json::{Map, Value, json};

use super::record::Names;
use crate::attribution::conversion::Model as Conversion;
use crate::attribution::credit::Model as Credit;
use crate::attribution::{Candidate, Line, Model, RECEIPT, Receipt, Receipts, verdicts_of};
use crate::kernel::Timestamp;
use crate::kernel::id::{MessageId, ShopId};

/// Everything that was found, as `--format json` prints it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Found {
    pub orders: Map<String, Value>,
    pub ledger: Map<String, Value>,
    pub summary: Value,
}

/// Reads the verdicts of a shop under a policy.
pub(super) async fn read(db: &impl ConnectionTrait, shop: ShopId, policy: &str, names: &Names) -> Result<Found, DbErr> {
    let ids: Vec<_> = names.orders.values().copied().collect();
    let (conversions, credits) = verdicts_of(db, shop, &ids).await?;
    let receipts = Receipts::find().filter(RECEIPT.shop_id.eq(shop)).filter(RECEIPT.policy.eq(policy)).all(db).await?;
    let receipts: BTreeMap<_, _> = receipts.into_iter().map(|row| (row.shopify_order_id, row.document)).collect();
    let called: BTreeMap<MessageId, &String> = names.messages.iter().map(|(name, id)| (*id, name)).collect();
    let present = conversions.iter().filter(|row| row.policy == policy && row.superseded_at == Timestamp::FOREVER);
    let present: BTreeMap<_, _> = present.map(|row| (row.shopify_order_id, row)).collect();
    let mut found = Found::default();
    for (name, id) in &names.orders {
        let (Some(row), Some(receipt)) = (present.get(id), receipts.get(id)) else { continue };
        let shares = credits.iter().filter(|credit| {
            credit.policy == policy && credit.shopify_order_id == *id && credit.effective_at == row.effective_at
        });
        found.orders.insert(name.clone(), order(row, receipt, shares, &called));
    }
    found.ledger = ledger(present.values().copied());
    found.summary = summary(present.values().copied());
    Ok(found)
}

fn order<'a>(
    row: &Conversion,
    receipt: &Receipt,
    shares: impl Iterator<Item = &'a Credit>,
    called: &BTreeMap<MessageId, &String>,
) -> Value {
    let name = |id: &MessageId| called.get(id).map_or_else(|| id.to_string(), |name| (*name).clone());
    let winner = receipt.winner().map(|won| json!({"message": name(&won.message_id), "kind": won.kind}));
    let candidate =
        |one: &Candidate| json!({"message": name(&one.message_id), "kind": one.kind, "outcome": one.outcome});
    let mut assisted: Vec<String> = receipt.assisted.iter().map(name).collect();
    assisted.sort();
    let mut credits: BTreeMap<&str, BTreeMap<String, i64>> =
        Model::iter().map(|model| (model.word(), BTreeMap::new())).collect();
    for share in shares {
        let whose = share.message_id.as_ref().map_or_else(|| format!("channel:{}", share.channel.word()), name);
        *credits.entry(share.model.word()).or_default().entry(whose).or_default() += share.credit_minor;
    }
    json!({
        "line": row.line,
        "net_minor": row.net_minor,
        "left_out_minor": row.left_out_minor,
        "tips_minor": row.tips_minor,
        "gift_cards_minor": row.gift_cards_minor,
        "winner": winner,
        "contested": receipt.contested.is_some(),
        "shared": row.shared,
        "recovered": row.recovered_message_id.as_ref().map(name),
        "assisted": assisted,
        "credits": credits,
        "candidates": receipt.candidates.iter().map(candidate).collect::<Vec<_>>(),
    })
}

fn ledger<'a>(rows: impl Iterator<Item = &'a Conversion>) -> Map<String, Value> {
    let mut lines: BTreeMap<Line, (i64, i64)> = BTreeMap::new();
    for row in rows {
        let line = lines.entry(row.line).or_default();
        *line = (line.0 + 1, line.1.saturating_add(row.net_minor));
    }
    let word = |line: Line| json!(line).as_str().unwrap_or_default().to_owned();
    lines.into_iter().map(|(line, (orders, net))| (word(line), json!({"orders": orders, "net_minor": net}))).collect()
}

fn summary<'a>(rows: impl Iterator<Item = &'a Conversion> + Clone) -> Value {
    let sum =
        |of: &dyn Fn(&Conversion) -> bool| -> i64 { rows.clone().filter(|row| of(row)).map(|row| row.net_minor).sum() };
    let paid = |row: &Conversion| row.line.credited() || row.line == Line::Unattributed;
    json!({
        "net_sales_minor": sum(&|_| true),
        "attributed_minor": sum(&|row| row.line.credited()),
        "recovered_minor": sum(&|row| paid(row) && row.recovered_message_id.is_some()),
        "assisted_minor": sum(&|row| paid(row) && row.assisted),
        "pending_minor": sum(&|row| row.line == Line::Pending),
        "shared_minor": sum(&|row| paid(row) && row.shared),
    })
}
