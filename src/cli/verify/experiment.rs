//! `verify experiment`: one row a recipient → lift, with everything a report prints of it.

use clap::Args;
use serde_json::{Map, Value, json};

use super::source::{Line, Table, Unreadable};
use super::{Format, Outcome, print};
use crate::stats::{Arm, Experiment as Analysis, Interval, Judged, Known, Options, Row, Spent, Why, analyse, judge};

/// One row a recipient in, lift with its intervals, gates and power out.
///
/// CSV with a header: `arm` (`holdout` or `treated`), `revenue_minor` (whole number), `converted` (0 or 1); optional
/// `pre_minor` (revenue before eligibility) and `campaign` (then also pooled). Differences are treated − holdout. Unlike a
/// report, this prints figures even when the sample ratio refuses; what a report would show of them stands by itself.
#[derive(Debug, Args)]
pub struct Experiment {
    /// The file; `-`: standard input.
    file: String,
    /// How to print.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// The share that was to be held out.
    #[arg(long, default_value_t = 0.1, value_parser = share)]
    holdout_share: f64,
    /// The number of recipients at which the always-valid interval is narrowest.
    #[arg(long, default_value_t = 5_000.0, value_parser = positive)]
    sequential_n: f64,
    /// The chance of an interval that misses.
    #[arg(long, default_value_t = 0.05, value_parser = share)]
    alpha: f64,
    /// The quantile of sales above which they are cut.
    #[arg(long, default_value_t = 0.999, value_parser = share)]
    winsorise: f64,
    /// How often an effect is to be found.
    #[arg(long, default_value_t = 0.8, value_parser = share)]
    power: f64,
}

fn share(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if value > 0.0 && value < 1.0 { Ok(value) } else { Err("between 0 and 1, both excluded".to_owned()) }
}

fn positive(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if value > 0.0 && value.is_finite() { Ok(value) } else { Err("larger than 0".to_owned()) }
}

impl Experiment {
    pub(super) fn run(self) -> Result<Outcome, Unreadable> {
        let table = Table::read(&self.file, &["arm", "revenue_minor", "converted"])?;
        let rows: Vec<Row> = table.lines().map(|line| row(&table, &line)).collect::<Result<_, _>>()?;
        let options = Options {
            holdout_share: self.holdout_share,
            sequential_n: self.sequential_n,
            alpha: self.alpha,
            winsorise: self.winsorise,
            power: self.power,
        };
        let analysis = analyse(&rows, &options);
        let judged = judge(&known(&rows), &options);
        match self.format {
            Format::Json => print(&format!("{}\n", document(&analysis, &judged))),
            Format::Text => print(&page(&analysis, &judged, self.alpha)),
        }
        Ok(Outcome::Agrees)
    }
}

fn row(table: &Table, line: &Line<'_>) -> Result<Row, Unreadable> {
    #[expect(clippy::cast_precision_loss, reason = "estimates: beyond 2^53 the last digit does not matter")]
    let whole = |text: &str| text.parse::<i64>().ok().map(|minor| minor as f64);
    let arm = |text: &str| match text {
        "holdout" => Some(Arm::Holdout),
        "treated" => Some(Arm::Treated),
        _ => None,
    };
    let flag = |text: &str| match text {
        "0" => Some(false),
        "1" => Some(true),
        _ => None,
    };
    Ok(Row {
        arm: line.value("arm", "`holdout` or `treated`", arm)?,
        revenue: line.value("revenue_minor", "a whole number of minor units", whole)?,
        converted: line.value("converted", "0 or 1", flag)?,
        before: if table.has("pre_minor") {
            Some(line.value("pre_minor", "a whole number of minor units", whole)?)
        } else {
            None
        },
        campaign: table.has("campaign").then(|| line.text("campaign").to_owned()),
    })
}

/// The same recipients as sums, as a report has them.
fn known(rows: &[Row]) -> Known {
    #[expect(clippy::cast_possible_truncation, reason = "they were whole numbers")]
    let minor = |value: f64| value as i64;
    let mut known = Known::default();
    for row in rows {
        let (arm, assigned) = match row.arm {
            Arm::Holdout => (&mut known.holdout, &mut known.assigned.0),
            Arm::Treated => (&mut known.treated, &mut known.assigned.1),
        };
        arm.add(&Spent { revenue: minor(row.revenue), bought: row.converted, before: row.before.map(minor) });
        *assigned += 1;
    }
    known
}

/// What a report would show of money: how far it has come, and the headline.
fn headline(judged: &Judged) -> (&'static str, Option<Interval>) {
    (judged.stage.name(), judged.money.as_ref().and_then(|money| money.headline.ok()))
}

/// Collects figures, and the reasons of those that are missing.
#[derive(Default)]
struct Document {
    figures: Map<String, Value>,
    reasons: Map<String, Value>,
}

impl Document {
    fn add<T>(&mut self, name: &str, figure: &Result<T, Why>, shown: impl FnOnce(&T) -> Value) {
        let value = match figure {
            Ok(figure) => shown(figure),
            Err(why) => {
                self.reasons.insert(name.to_owned(), why.words().into());
                Value::Null
            }
        };
        self.figures.insert(name.to_owned(), value);
    }
}

fn limits(interval: &Interval) -> Value {
    json!({"difference": interval.difference, "low": interval.low, "high": interval.high})
}

fn document(of: &Analysis, judged: &Judged) -> Value {
    let mut out = Document::default();
    out.figures.insert("n".into(), json!({"holdout": of.n.0, "treated": of.n.1}));
    out.figures.insert("mean".into(), json!({"holdout": of.mean.0, "treated": of.mean.1}));
    out.add(
        "welch",
        &of.welch,
        |w| json!({"difference": w.interval.difference, "low": w.interval.low, "high": w.interval.high, "p": w.p}),
    );
    out.add("relative", &of.relative, |r| json!({"lift": r.lift, "low": r.low, "high": r.high}));
    out.add("cuped", &of.cuped, |c| {
        let i = c.interval;
        json!({"theta": c.theta, "difference": i.difference, "low": i.low, "high": i.high})
    });
    out.add("sequential", &of.sequential, |s| {
        let i = s.interval;
        json!({"n_star": s.n_star, "difference": i.difference, "low": i.low, "high": i.high})
    });
    out.add(
        "winsorised",
        &of.winsorised,
        |(at, i)| json!({"at": at, "difference": i.difference, "low": i.low, "high": i.high}),
    );
    out.add("conversion", &of.conversion, limits);
    out.add("sample_ratio", &of.sample_ratio, |s| json!({"chi2": s.chi2, "p": s.p, "refused": s.refused}));
    let detectable = match (&of.detectable_revenue, &of.detectable_conversion) {
        (Err(why), Err(_)) => Err(*why),
        (revenue, conversion) => Ok((revenue.ok().map(|d| d.0), conversion.ok().map(|d| d.0))),
    };
    out.add(
        "minimum_detectable",
        &detectable,
        |(revenue, conversion)| json!({"revenue_minor": revenue, "conversion": conversion}),
    );
    out.add("two_part", &of.two_part, limits);
    if let Some(pooled) = &of.pooled {
        out.add("pooled", pooled, |p| {
            let i = p.interval;
            json!({"campaigns": p.campaigns, "difference": i.difference, "se": p.error, "low": i.low, "high": i.high})
        });
    }
    let (stage, shown) = headline(judged);
    let figure = |of: fn(&Interval) -> f64| shown.as_ref().map(of);
    let shown = json!({"stage": stage, "difference": figure(|i| i.difference), "low": figure(|i| i.low), "high": figure(|i| i.high)});
    out.figures.insert("shown".into(), shown);
    out.figures.insert("reasons".into(), Value::Object(out.reasons));
    Value::Object(out.figures)
}

fn page(of: &Analysis, judged: &Judged, alpha: f64) -> String {
    let mut lines = vec![format!("{:<38} {:>14} {:>14}", "", "holdout", "treated")];
    let number = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.4}"));
    lines.push(format!("{:<38} {:>14} {:>14}", "recipients", of.n.0, of.n.1));
    lines.push(format!("{:<38} {:>14} {:>14}", "mean revenue", number(of.mean.0), number(of.mean.1)));
    lines.push(String::new());
    let level = format!("{} %", (1.0 - alpha) * 100.0);
    lines.push(format!("{:<38} {:>14}   between, {level}", "treated − holdout", "difference"));
    let mut line = |name: &str, figure: Result<Interval, Why>, further: String| {
        lines.push(match figure {
            Ok(i) => format!("{name:<38} {:>14.4}   {:.4} and {:.4}{further}", i.difference, i.low, i.high),
            Err(why) => format!("{name:<38} {:>14}   {}", "–", why.words()),
        });
    };
    let p = of.welch.as_ref().map(|welch| format!("; p {:.4}", welch.p)).unwrap_or_default();
    line("revenue (Welch, looked at once)", of.welch.map(|welch| welch.interval), p);
    let relative = of.relative.map(|r| Interval { difference: r.lift, low: r.low, high: r.high });
    line("relative to the holdout", relative, String::new());
    let theta = of.cuped.as_ref().map(|cuped| format!("; theta {:.6}", cuped.theta)).unwrap_or_default();
    line("revenue, what came before taken out", of.cuped.map(|cuped| cuped.interval), theta);
    line("revenue, valid at every look", of.sequential.map(|s| s.interval), String::new());
    let cut = of.winsorised.as_ref().map(|(at, _)| format!("; cut at {at:.2}")).unwrap_or_default();
    line("revenue, the largest orders cut", of.winsorised.map(|(_, interval)| interval), cut);
    line("revenue, by who buys and what they spend", of.two_part, String::new());
    line("share that bought", of.conversion, String::new());
    if let Some(pooled) = of.pooled {
        let further = pooled.as_ref().map(|p| format!("; {} campaigns, se {:.4}", p.campaigns, p.error));
        line("revenue, campaigns pooled by design", pooled.map(|p| p.interval), further.unwrap_or_default());
    }
    lines.push(String::new());
    lines.push(match &of.sample_ratio {
        Ok(ratio) => format!(
            "sample ratio: chi² {:.4}, p {:.4}{}",
            ratio.chi2,
            ratio.p,
            if ratio.refused { ": the arms are not as planned, a report shows no lift" } else { "" }
        ),
        Err(why) => format!("sample ratio: {}", why.words()),
    });
    let found = |detectable: Result<crate::stats::Detectable, Why>| {
        detectable.map_or_else(|why| why.words().to_owned(), |found| format!("{:.4}", found.0))
    };
    lines.push(format!("smallest revenue effect these arms would find: {}", found(of.detectable_revenue)));
    lines.push(format!("smallest difference in the share that buys: {}", found(of.detectable_conversion)));
    lines.push(match headline(judged) {
        (stage, Some(i)) => {
            format!("a report shows {stage}: {:.4}, between {:.4} and {:.4}", i.difference, i.low, i.high)
        }
        (stage, None) => format!("a report shows no interval of money: {stage}"),
    });
    lines.join("\n") + "\n"
}
