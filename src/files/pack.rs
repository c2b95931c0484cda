//! The accountant's pack: everything a period's figures rest on, of one instant, in a ZIP that proves itself.

use futures::TryStreamExt;

use super::making::{Making, Stop};
use super::readme::readme;
use super::store::Stored;
use super::zipped::Zipped;
use crate::kernel::Timestamp;
use crate::reports::{Asked, Format, Table, WHOLE, definition_sheet, stream};

/// A table in the pack: its file, and how much of the work it is, in hundredths.
const TABLES: [(Table, &str, i32); 4] = [
    (Table::Ledger, "ledger.csv", 5),
    (Table::Orders, "orders.csv", 70),
    (Table::Restatements, "restatements.csv", 15),
    (Table::Agreement, "agreement.csv", 10),
];

/// Spreadsheets guess another alphabet without the mark.
const FORMAT: Format = Format::Csv { bom: true };

/// Writes the pack.
pub(super) async fn write(mut making: Making<'_>) -> Result<(i64, Stored), Stop> {
    let asked = making.asked(making.app.clock.now()).await?;
    let mut zip = Zipped::new(making.file.as_of);
    zip.whole("README.txt", readme(&asked, making.file).as_bytes())?;
    let mut done = 0;
    for (table, name, share) in TABLES {
        zip.begin(name)?;
        let asked = if table == Table::Restatements { restated(&asked, making.file.since) } else { asked.clone() };
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
