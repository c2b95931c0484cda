//! What is sealed under the root key, where, and how much of it under which key.

use sea_orm::sea_query::{Expr, ExprTrait, Func, Query};
use sea_orm::{Condition, ConnectionTrait, DbErr};

use crate::kernel::Vault;

/// A column that holds sealed values.
#[derive(Clone, Copy, Debug)]
pub struct Sealed {
    /// Its table; keyed by `shop_id` first.
    pub table: &'static str,
    /// The rest of the key.
    pub key: &'static [Part],
    /// The column itself.
    pub column: &'static str,
    /// The name it is sealed for.
    pub label: &'static str,
    /// Text or bytes.
    pub form: Form,
}

/// A part of a key.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// A text.
    Text(&'static str),
    /// One of our ids.
    Id(&'static str),
    /// A whole number.
    Number(&'static str),
}

impl Part {
    /// The column.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text(name) | Self::Id(name) | Self::Number(name) => name,
        }
    }
}

/// How a value is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// By `Vault::seal`.
    Text,
    /// By `Vault::seal_bytes`.
    Bytes,
}

const fn text(table: &'static str, key: &'static [Part], column: &'static str, label: &'static str) -> Sealed {
    Sealed { table, key, column, label, form: Form::Text }
}

const fn bytes(table: &'static str, key: &'static [Part], column: &'static str, label: &'static str) -> Sealed {
    Sealed { table, key, column, label, form: Form::Bytes }
}

/// Every sealed column. A new one is one line here. The installation's pepper, in `settings`, is the one value beside it.
pub const SEALED: &[Sealed] = &[
    text("tokens", &[], "access_sealed", "tokens.access"),
    text("tokens", &[], "refresh_sealed", "tokens.refresh"),
    text("recipients", &[Part::Id("id")], "data_key_sealed", "recipients.data_key"),
    bytes("checkouts", &[Part::Text("token")], "recovery_url_sealed", "checkouts.recovery_url"),
    bytes("deliveries", &[Part::Text("source"), Part::Text("delivery_id")], "body_sealed", "deliveries.body"),
    bytes("backfills", &[], "file_sealed", "backfills.file"),
    bytes(
        "backfill_lines",
        &[Part::Number("shopify_order_id"), Part::Number("line")],
        "body_sealed",
        "backfill_lines.body",
    ),
    bytes(
        "file_pieces",
        &[Part::Id("file_id"), Part::Number("run"), Part::Number("number")],
        "body_sealed",
        "file_pieces.body",
    ),
    text("webhook_endpoints", &[Part::Id("id")], "secret_sealed", "webhook_endpoints.secret"),
    text("webhook_endpoints", &[Part::Id("id")], "previous_secret_sealed", "webhook_endpoints.secret"),
    bytes("privacy_requests", &[Part::Text("id")], "payload_sealed", "privacy_requests.payload"),
];

impl Sealed {
    /// Values sealed under the key of this id (eight hex digits).
    pub(super) fn under(&self, key_id: &str) -> Expr {
        let column = Expr::col(self.column);
        match self.form {
            Form::Text => column.like(format!("v1.{key_id}.%")),
            Form::Bytes => Func::cust("substr").args([column, 1.into(), 5.into()]).eq(head(key_id)),
        }
    }

    fn there(&self) -> Condition {
        let column = || Expr::col(self.column);
        let there = Condition::all().add(column().is_not_null());
        match self.form {
            Form::Text => there.add(column().ne("")),
            Form::Bytes => there.add(Func::cust("length").arg(column()).gt(0)),
        }
    }
}

/// The first five bytes of what the key of this id sealed.
fn head(key_id: &str) -> Vec<u8> {
    let mut head = vec![1];
    head.extend(hex::decode(key_id).unwrap_or_default());
    head
}

/// How many values wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Sealed under the previous key: they open, and will be sealed anew.
    pub previous: u64,
    /// Sealed under neither the current nor the previous key: they do not open.
    pub strange: u64,
}

/// Counts over all shops, for the operator (one of the few statements that name no shop).
pub async fn count(db: &impl ConnectionTrait, vault: &Vault) -> Result<Count, DbErr> {
    let mut count = Count::default();
    let pepper = Sealed { table: "settings", key: &[], column: "value", label: "pepper", form: Form::Text };
    for sealed in SEALED.iter().chain([&pepper]) {
        let mut strange = sealed.there().add(sealed.under(vault.key_id()).not());
        if let Some(previous) = vault.previous_key_id() {
            count.previous += rows(db, sealed, sealed.there().add(sealed.under(previous))).await?;
            strange = strange.add(sealed.under(previous).not());
        }
        count.strange += rows(db, sealed, strange).await?;
    }
    Ok(count)
}

async fn rows(db: &impl ConnectionTrait, sealed: &Sealed, which: Condition) -> Result<u64, DbErr> {
    let mut select = Query::select();
    select.expr(Func::count(Expr::col(sealed.column))).from(sealed.table).cond_where(which);
    if sealed.table == "settings" {
        select.and_where(Expr::col("name").eq(sealed.label));
    }
    let found = db.query_one(&select).await?;
    let count: i64 = found.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(0);
    Ok(count.unsigned_abs())
}
