//! Listens to the statements a program sends to its database, and says which of them break the rules of `scale.md`:
//! S1, every block that names a merchant's table names the one shop it reads, by value; S2, tables beside each other are
//! tied by it; S3, nothing that is written comes from the database's own clock or dice.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::{Mutex, Once, PoisonError};

use migrations::TENANT_TABLES;
use sqlparser::ast::{
    AssignmentTarget, BinaryOperator, Expr, ObjectName, Select, Statement, TableFactor, TableObject, Visit, Visitor,
};
use sqlparser::dialect::{Dialect, PostgreSqlDialect, SQLiteDialect};
use sqlparser::parser::Parser;
use tracing::field::{Field, Visit as Fields};
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

/// Texts heard, by the number of the database.
static HEARD: Mutex<BTreeMap<u64, BTreeSet<String>>> = Mutex::new(BTreeMap::new());

/// Hears from now on what is sent to this database.
pub fn listen(database: u64) {
    static ONCE: Once = Once::new();
    HEARD.lock().unwrap_or_else(PoisonError::into_inner).entry(database).or_default();
    ONCE.call_once(|| {
        let only = Targets::new().with_target("recoup::statement", tracing::Level::TRACE);
        let heard = tracing_subscriber::registry().with(Ear.with_filter(only));
        tracing::subscriber::set_global_default(heard).expect("nobody else listens in these tests");
    });
}

/// What was heard.
pub fn heard(database: u64) -> BTreeSet<String> {
    HEARD.lock().unwrap_or_else(PoisonError::into_inner).get(&database).cloned().unwrap_or_default()
}

struct Ear;

impl<S: Subscriber> Layer<S> for Ear {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut said = Said::default();
        event.record(&mut said);
        let mut heard = HEARD.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(texts) = heard.get_mut(&said.database).filter(|texts| !texts.contains(&said.sql)) {
            texts.insert(said.sql);
        }
    }
}

#[derive(Default)]
struct Said {
    database: u64,
    sql: String,
}

impl Fields for Said {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "database" {
            self.database = value;
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "sql" {
            self.sql = format!("{value:?}");
        }
    }
}

/// What is wrong with a statement; nothing, if it keeps the rules or is none of these.
pub fn wrong(sql: &str, sqlite: bool) -> Vec<String> {
    let first = sql.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
    if !["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"].contains(&first.as_str()) {
        return Vec::new();
    }
    let dialect: &dyn Dialect = if sqlite { &SQLiteDialect {} } else { &PostgreSqlDialect {} };
    let statements = match Parser::parse_sql(dialect, sql) {
        Ok(statements) => statements,
        Err(error) => return vec![format!("it cannot be read: {error}")],
    };
    let mut reader = Reader { writes: first != "SELECT", ..Reader::default() };
    let _: ControlFlow<()> = statements.visit(&mut reader);
    reader.wrong
}

/// A block: a `SELECT`, or the statement around it.
#[derive(Default)]
struct Block {
    /// Merchants' tables in it, by the name they go by.
    tables: BTreeMap<String, String>,
    /// Names whose shop is given by value.
    given: BTreeSet<String>,
    /// Names whose shops are said to be the same.
    tied: Vec<(String, String)>,
    /// How many `OR`s stand around, in this block: what holds on one side only does not hold.
    either: usize,
}

#[derive(Default)]
struct Reader {
    writes: bool,
    blocks: Vec<Block>,
    wrong: Vec<String>,
}

impl Reader {
    fn end(&mut self) {
        let Some(mut block) = self.blocks.pop() else { return };
        // A value given without a table's name is that of the only table which has such a column.
        if block.given.contains("") {
            block.given.extend(block.tables.keys().cloned());
        }
        loop {
            let before = block.given.len();
            for (one, other) in &block.tied {
                if block.given.contains(one) || block.given.contains(other) {
                    block.given.extend([one.clone(), other.clone()]);
                }
            }
            if block.given.len() == before {
                break;
            }
        }
        for (name, table) in &block.tables {
            if !block.given.contains(name) {
                self.wrong.push(format!("`{table}` without its shop"));
            }
        }
    }

    fn or(&mut self, more: isize) {
        if let Some(block) = self.blocks.last_mut() {
            block.either = block.either.saturating_add_signed(more);
        }
    }

    fn equal(&mut self, left: &Expr, right: &Expr) {
        let Some(block) = self.blocks.last_mut().filter(|block| block.either == 0) else { return };
        match (shop_of(left), shop_of(right)) {
            (Some(one), Some(other)) => block.tied.push((one, other)),
            (Some(one), None) if is_value(right) => drop(block.given.insert(one)),
            (None, Some(other)) if is_value(left) => drop(block.given.insert(other)),
            _ => {}
        }
    }
}

/// The name of the table whose `shop_id` this is; empty where none is said.
fn shop_of(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Identifier(name) if name.value == "shop_id" => Some(String::new()),
        Expr::CompoundIdentifier(parts) => match parts.as_slice() {
            [table, column] if column.value == "shop_id" => Some(table.value.clone()),
            _ => None,
        },
        Expr::Nested(inner) => shop_of(inner),
        _ => None,
    }
}

fn is_value(expr: &Expr) -> bool {
    match expr {
        Expr::Value(_) => true,
        Expr::Cast { expr, .. } | Expr::Nested(expr) => is_value(expr),
        _ => false,
    }
}

fn last(name: &ObjectName) -> String {
    name.0.last().and_then(|part| part.as_ident()).map(|ident| ident.value.clone()).unwrap_or_default()
}

impl Visitor for Reader {
    type Break = ();

    fn pre_visit_statement(&mut self, statement: &Statement) -> ControlFlow<()> {
        self.blocks.push(Block::default());
        match statement {
            Statement::Insert(insert) => {
                let TableObject::TableName(name) = &insert.table else { return ControlFlow::Continue(()) };
                let table = last(name);
                let keyed = insert.columns.iter().any(|column| last(column) == "shop_id");
                if TENANT_TABLES.contains(&table.as_str()) && !keyed {
                    self.wrong.push(format!("`{table}` is given a row without its shop"));
                }
            }
            Statement::Update(update) => {
                let moved = update.assignments.iter().any(|assignment| {
                    matches!(&assignment.target, AssignmentTarget::ColumnName(name) if last(name) == "shop_id")
                });
                if moved {
                    self.wrong.push("a row is moved to another shop".to_owned());
                }
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn post_visit_statement(&mut self, _: &Statement) -> ControlFlow<()> {
        self.end();
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, _: &Select) -> ControlFlow<()> {
        self.blocks.push(Block::default());
        ControlFlow::Continue(())
    }

    fn post_visit_select(&mut self, _: &Select) -> ControlFlow<()> {
        self.end();
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        if let (TableFactor::Table { name, alias, .. }, Some(block)) = (factor, self.blocks.last_mut()) {
            let table = last(name);
            if TENANT_TABLES.contains(&table.as_str()) {
                let name = alias.as_ref().map_or_else(|| table.clone(), |alias| alias.name.value.clone());
                block.tables.insert(name, table);
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        match expr {
            Expr::BinaryOp { op: BinaryOperator::Or, .. } => self.or(1),
            Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => self.equal(left, right),
            Expr::Function(function) if self.writes => {
                let name = last(&function.name).to_ascii_lowercase();
                if ["now", "random", "gen_random_uuid", "date_trunc", "current_timestamp", "strftime", "unixepoch"]
                    .contains(&name.as_str())
                {
                    self.wrong.push(format!("`{name}` in what is written"));
                }
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        if matches!(expr, Expr::BinaryOp { op: BinaryOperator::Or, .. }) {
            self.or(-1);
        }
        ControlFlow::Continue(())
    }
}

#[test]
fn the_spy_knows_a_statement_without_its_shop() {
    for good in [
        "SELECT 1",
        "PRAGMA optimize",
        "SELECT domain FROM shops WHERE domain = ?",
        "SELECT o.id FROM orders AS o WHERE o.shop_id = ? AND (o.id = ? OR o.id = ?)",
        "SELECT 1 FROM orders JOIN refunds ON refunds.shop_id = orders.shop_id WHERE orders.shop_id = ?",
        "SELECT 1 FROM orders o WHERE o.shop_id = ? AND EXISTS (SELECT 1 FROM clicks c WHERE c.shop_id = ? AND c.id = o.id)",
        "SELECT 1 FROM orders o WHERE o.shop_id = ? AND (o.id = ? OR EXISTS (SELECT 1 FROM clicks c WHERE c.shop_id = ?))",
        "UPDATE orders SET name = ? WHERE shop_id = ? AND id = ?",
        "DELETE FROM orders WHERE shop_id = ?",
        "INSERT INTO orders (shop_id, id) VALUES (?, ?) ON CONFLICT (shop_id, id) DO NOTHING",
        "SELECT date_trunc('day', ?)",
    ] {
        assert_eq!(wrong(good, true), [] as [String; 0], "{good}");
    }
    for bad in [
        "SELECT id FROM orders",
        "SELECT id FROM orders WHERE id = ? AND shop_id IS NOT NULL",
        "SELECT id FROM orders WHERE shop_id = ? OR id = ?",
        "SELECT id FROM orders WHERE shop_id = shop_id",
        "SELECT 1 FROM orders o, refunds r WHERE o.shop_id = ? AND r.order_id = o.id",
        "SELECT 1 FROM orders o WHERE o.shop_id = ? AND EXISTS (SELECT 1 FROM clicks c WHERE c.id = o.id)",
        "SELECT 1 FROM orders o WHERE o.shop_id = ? AND EXISTS (SELECT 1 FROM clicks c WHERE c.shop_id = o.shop_id AND c.id = o.id)",
        "UPDATE orders SET name = ? WHERE id = ?",
        "UPDATE orders SET shop_id = ? WHERE shop_id = ?",
        "DELETE FROM orders WHERE id = ?",
        "INSERT INTO orders (id) VALUES (?)",
        "INSERT INTO orders (shop_id, id, at) VALUES (?, ?, now())",
        "SELECT oops FROM",
    ] {
        assert_eq!(wrong(bad, true).len(), 1, "{bad}: {:?}", wrong(bad, true));
    }
}
