//! What each door did when somebody last looked (`benches/table.tsv`), and whether it still does two thirds of that.
//!
//! Compared is the share of the bare handler's rate in the same run: machines differ, and the same one differs within
//! the hour. A third is more than that share was seen to swing between two runs of the same program.

use super::race::{Lane, wanted};

/// Name of a lane, right answers a second, and that as a share of the bare handler's.
const TABLE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/table.tsv"));

/// Says for each lane that the table knows whether it keeps what it had; the first lane is the measure.
pub fn hold(lanes: &[Lane]) {
    let Some((bare, doors)) = lanes.split_first() else { return };
    for lane in doors {
        let Some(share) = share_of(TABLE, lane.name) else { continue };
        let (floor, now) = (share * 2.0 / 3.0, lane.rate() / bare.rate());
        let what = format!("at least {floor:.3} × bare, two thirds of the table's {share:.3}");
        wanted(lane.name, &what, format!("{now:.3}"), now >= floor);
    }
}

fn share_of(table: &str, name: &str) -> Option<f64> {
    let line = table.lines().find(|line| line.split('\t').next() == Some(name))?;
    line.split('\t').nth(2)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_a_door_with_its_share() {
        let lines: Vec<&str> = TABLE.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(lines.len() > 4);
        for line in lines {
            let name = line.split('\t').next().unwrap_or_default();
            let share = share_of(TABLE, name);
            assert!(share.is_some_and(|share| share > 0.0 && share < 1.0), "{line}");
        }
        assert_eq!(share_of("a\t1\t0.5\nab\t2\t0.25", "ab"), Some(0.25));
        assert_eq!(share_of("a\t1\t0.5", "b"), None);
    }
}
