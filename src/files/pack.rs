//! The accountant's pack: everything a period's figures rest on, of one instant, in a ZIP that proves itself.

use futures::TryStreamExt;

use super::file::{Model as File, pack_before};
use super::making::{Making, Stop};
use super::readme::readme;
use super::store::Stored;
use super::zipped::Zipped;
use crate::kernel::Timestamp;
use crate::reports::{Asked, Format, Table, WHOLE, definition_sheet, stream};

/// A table in the pack: its file, and how much of the work it is, in hundredths.
const TABLES: [(Table, &str, i32); 5] = [
    (Table::Ledger, "ledger.csv", 5),
    (Table::Orders, "orders.csv", 70),
    (Table::Restatements, "restatements.csv", 10),
    (Table::LearnedLate, "learned_late.csv", 5),
    (Table::Agreement, "agreement.csv", 10),
];

/// Spreadsheets guess another alphabet without the mark.
const FORMAT: Format = Format::Csv { bom: true };

/// Writes the pack.
pub(super) async fn write(mut making: Making<'_>) -> Result<(i64, Stored), Stop> {
    let asked = making.asked(making.app.clock.now()).await?;
    let mut zip = Zipped::new(making.file.as_of);
    zip.whole("README.txt", readme(&asked, making.file).as_bytes())?;
    let before = pack_before(making.app.db.read(), making.file).await?;
    let mut done = 0;
    for (table, name, share) in TABLES {
        zip.begin(name)?;
        let asked = match table {
            Table::Restatements => restated(&asked, making.file.since),
            Table::LearnedLate => learned_late(&asked, before.as_ref()),
            _ => asked.clone(),
        };
        let mut pieces = stream(making.app.db.clone(), asked, table, FORMAT);
        while let Some(piece) = pieces.try_next().await? {
            zip.write(&piece.bytes)?;
            making.write(&zip.take()).await?;
            making.through((done + share * (piece.through / (WHOLE / 100)) / 100) * (WHOLE / 100), piece.rows).await?;
        }
        done += share;
    }
    zip.whole("definitions.csv", &definition_sheet(FORMAT)?)?;
    making.write(&zip.finish("SHA256SUMS.txt")?).await?;
    making.finish().await
}

/// What was restated after the pack before, of orders of any day, up to this one's instant. In the first pack: since its
/// period began.
fn restated(asked: &Asked, since: Option<Timestamp>) -> Asked {
    let mut asked = asked.clone();
    let after = |at: Timestamp| Timestamp::from_micros(at.micros().saturating_add(1));
    let begin = since.map_or(asked.period.instants.0, after);
    let end = asked.period.as_of.map_or(asked.period.instants.1, after);
    asked.period.instants = (begin, end);
    asked
}

/// What the pack before said otherwise of its own instant than is known since. The first pack corrects nothing.
fn learned_late(asked: &Asked, before: Option<&File>) -> Asked {
    let mut asked = asked.clone();
    let since = before.map(|pack| (pack.as_of, pack.asked_at));
    asked.period.as_of = since.map(|(as_of, _)| as_of);
    asked.period.instants = since.map_or((Timestamp::FOREVER, Timestamp::FOREVER), |(_, at)| (at, Timestamp::FOREVER));
    asked
}
