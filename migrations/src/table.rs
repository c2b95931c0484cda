//! The few shapes a column may have, so that a table reads as a list.

use sea_orm_migration::prelude::*;

/// A column of text.
pub fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).string().not_null().take()
}

/// A column of text that may be absent.
pub fn maybe_text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).string().null().take()
}

/// A whole number, an instant (microseconds) or money (minor units).
pub fn big(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().take()
}

/// [`big`] that may be absent.
pub fn maybe_big(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().null().take()
}

/// A small whole number or a day number.
pub fn int(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).integer().not_null().take()
}

/// [`int`] that may be absent.
pub fn maybe_int(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).integer().null().take()
}

/// One of our ids.
pub fn id(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().not_null().take()
}

/// [`id`] that may be absent.
pub fn maybe_id(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().null().take()
}

/// Yes or no.
pub fn flag(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).boolean().not_null().take()
}

/// A document nobody searches or sums.
pub fn json(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).json_binary().not_null().take()
}

/// [`json`] that may be absent.
pub fn maybe_json(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).json_binary().null().take()
}

/// Sealed bytes.
pub fn bytes(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).blob().not_null().take()
}

/// [`bytes`] that may be absent.
pub fn maybe_bytes(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).blob().null().take()
}

/// Creates a table; the first column of a tenant table is always `shop_id`.
pub async fn create(
    manager: &SchemaManager<'_>,
    name: &'static str,
    key: &[&'static str],
    columns: Vec<ColumnDef>,
) -> Result<(), DbErr> {
    let mut table = Table::create().table(name).if_not_exists().take();
    for column in columns {
        table.col(column);
    }
    let mut primary = Index::create().take();
    for column in key {
        primary.col(*column);
    }
    manager.create_table(table.primary_key(&mut primary).take()).await
}

/// Creates a unique index on a table made by the same migration, or on a small one.
pub async fn unique(manager: &SchemaManager<'_>, table: &'static str, columns: &[&'static str]) -> Result<(), DbErr> {
    manager.create_index(index(table, columns, "uq").unique().take()).await
}

/// Creates an index on a table made by the same migration, or on a small one: else it is made
/// [beside](crate::beside::indexed_beside). Say beside the call which query it serves.
pub async fn indexed(manager: &SchemaManager<'_>, table: &'static str, columns: &[&'static str]) -> Result<(), DbErr> {
    manager.create_index(index(table, columns, "ix")).await
}

/// An index by its usual name.
pub fn index(table: &'static str, columns: &[&'static str], kind: &str) -> IndexCreateStatement {
    let mut index =
        Index::create().name(format!("{kind}_{table}_{}", columns.join("_"))).table(table).if_not_exists().take();
    for column in columns {
        index.col(*column);
    }
    index
}

/// Adds a column that is not there yet: a migration killed half-way is run again.
pub async fn add(manager: &SchemaManager<'_>, table: &'static str, column: ColumnDef) -> Result<(), DbErr> {
    let name = column.get_column_name();
    if manager.has_column(table, &name).await? {
        return Ok(());
    }
    let mut column = column;
    manager.alter_table(Table::alter().table(table).add_column(column.take()).take()).await
}
