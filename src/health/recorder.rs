//! The one place of a process where counts are kept. It is there once, whoever asks for it first: many servers in one
//! process share it.

use std::sync::OnceLock;
use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// How often values that came in are put into their buckets: nobody may ever ask for them.
const UPKEEP: Duration = Duration::from_secs(5);

const QUICK: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
const LONG: &[f64] = &[0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3_600.0, 21_600.0, 86_400.0];
const ROWS: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// What is counted in buckets: under which name, what it says, and the buckets.
const HISTOGRAMS: &[(&str, &str, &[f64])] = &[
    (
        "recoup_http_request_duration_seconds",
        "Answers by method, route and class of status, and how long they took",
        QUICK,
    ),
    ("recoup_job_duration_seconds", "Runs of jobs by kind and outcome, and how long they took", LONG),
    (
        "recoup_outgoing_call_duration_seconds",
        "Outgoing calls by whom they went to and outcome, until the head of the answer",
        QUICK,
    ),
    ("recoup_group_rows", "Rows that were committed (or looked up) together, by group", ROWS),
    ("recoup_verdict_lag_seconds", "From when a fact about an order came in to the verdict that knows it", LONG),
];

const COUNTERS: &[(&str, &str)] = &[
    ("recoup_deliveries_received_total", "Deliveries by source: new, known already, or turned away"),
    ("recoup_deliveries_settled_total", "Deliveries that were translated, by source and what became of them"),
];

static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Counts from now on. Without it, as in a command that only looks, counting costs nothing.
pub fn install() {
    handle();
}

/// What was counted, as Prometheus reads it.
pub fn render() -> String {
    handle().map(PrometheusHandle::render).unwrap_or_default()
}

fn handle() -> Option<&'static PrometheusHandle> {
    HANDLE.get_or_init(begin).as_ref()
}

/// `None`: somebody else's recorder is installed in this process, and stays.
fn begin() -> Option<PrometheusHandle> {
    let builder = HISTOGRAMS.iter().fold(PrometheusBuilder::new(), |builder, (name, _, buckets)| {
        let name = Matcher::Full((*name).to_owned());
        builder.set_buckets_for_metric(name, buckets).expect("no list of buckets is empty")
    });
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).ok()?;
    for (name, what, _) in HISTOGRAMS {
        metrics::describe_histogram!(*name, *what);
    }
    for (name, what) in COUNTERS {
        metrics::describe_counter!(*name, *what);
    }
    let kept = handle.clone();
    let keep = move || {
        loop {
            std::thread::sleep(UPKEEP);
            kept.run_upkeep();
        }
    };
    if let Err(error) = std::thread::Builder::new().name("metrics".to_owned()).spawn(keep) {
        tracing::warn!(error = %error, "nobody puts counts into their buckets: read /metrics now and then");
    }
    Some(handle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_however_often_it_is_asked_for() {
        let threads: Vec<_> = (0..8).map(|_| std::thread::spawn(install)).collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        metrics::histogram!("recoup_group_rows", "group" => "test of the recorder").record(3);
        let text = render();
        for line in [
            "# TYPE recoup_group_rows histogram",
            r#"recoup_group_rows_bucket{group="test of the recorder",le="2"} 0"#,
            r#"recoup_group_rows_bucket{group="test of the recorder",le="4"} 1"#,
        ] {
            assert!(text.contains(line), "{line} is missing in\n{text}");
        }
    }
}
