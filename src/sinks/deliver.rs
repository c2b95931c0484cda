//! The job that tells one endpoint what waits for it, a call at a time, and keeps what came of each.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::RETRY_AFTER;
use sea_orm::sea_query::Expr;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};

use super::delivery::{self, Model as Delivery, State, Tried};
use super::endpoint::{self, Column, EndpointId, Model as Endpoint};
use super::sign;
use crate::app::App;
use crate::http::Reach;
use crate::jobs::{self, Job, JobError, Next};
use crate::kernel::id::ShopId;
use crate::kernel::{Stream, Timestamp};
use crate::outgoing;
use crate::shops::Shops;

/// Waits between tries: together about a day.
const WAITS: [i64; 11] = [5, 30, 120, 600, 1_800, 3_600, 7_200, 10_800, 14_400, 21_600, 25_200];

/// Tries of one delivery.
#[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "a dozen")]
const MOST_TRIES: i32 = WAITS.len() as i32 + 1;

/// An endpoint that fails is left alone for 2, 4, 8 … 300 s, whatever waits for it.
const LONGEST_REST: i64 = 300;

/// An endpoint that has failed for a day: what waited as long is given up without another try.
const GIVEN_UP_AFTER: i64 = 26 * 3_600;

/// What an endpoint may ask us to wait at most.
const MOST_RETRY_AFTER: i64 = 3_600;

/// Deliveries per run; then others have their turn.
const A_RUN: usize = 20;

/// A call that took longer makes the endpoint rest three times as long.
const SLOW: Duration = Duration::from_millis(500);

/// Tells an endpoint what waits for it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Deliver(EndpointId);

impl Deliver {
    /// Promises it in the caller's transaction; once per endpoint, however much waits.
    pub(super) async fn enqueue(
        txn: &impl ConnectionTrait,
        app: &App,
        (shop, endpoint): (ShopId, EndpointId),
        now: Timestamp,
    ) -> Result<(), DbErr> {
        jobs::enqueue(txn, &app.chance, shop, &Self(endpoint), now, now).await
    }
}

impl Job for Deliver {
    const NAME: &'static str = "sinks.deliver";

    fn key(&self) -> Option<String> {
        Some(format!("deliver:{}", self.0))
    }

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        if !Shops::find_by_id(shop).one(app.db.read()).await?.is_some_and(|shop| shop.installed()) {
            return Ok(Next::Done);
        }
        let client = Reach::of(&app).client(outgoing::To::Sinks).map_err(JobError::retry)?;
        for _ in 0..A_RUN {
            let now = app.clock.now();
            let found = endpoint::Entity::find_by_id((shop, self.0)).one(app.db.write()).await?;
            let Some(endpoint) = found.filter(|endpoint| endpoint.disabled_at.is_none()) else { return Ok(Next::Done) };
            if let Some(rest) = endpoint.rests_until.filter(|until| now < *until) {
                return Ok(Next::At(rest));
            }
            let Some(delivery) = delivery::next(app.db.write(), shop, self.0).await? else { return Ok(Next::Done) };
            if delivery.next_try_at > now {
                return Ok(Next::At(delivery.next_try_at));
            }
            let began = tokio::time::Instant::now();
            let answer = call(&app, &client, &endpoint, &delivery, now).await;
            keep(&app, &endpoint, &delivery, answer, rest_after(began.elapsed()), app.clock.now()).await?;
        }
        Ok(Next::At(app.clock.now()))
    }
}

/// How long an endpoint rests that took so long, in seconds.
fn rest_after(took: Duration) -> i64 {
    if took < SLOW { 0 } else { i64::try_from(took.as_secs()).unwrap_or(60).saturating_add(1) * 3 }
}

/// What came of a call.
enum Answer {
    /// It answered; with how long it asks to be left alone.
    Status(StatusCode, Option<i64>),
    /// It did not.
    Nothing(String),
}

/// Calls an endpoint once. What it says in its body is not read.
async fn call(
    app: &App,
    client: &outgoing::Client,
    endpoint: &Endpoint,
    delivery: &Delivery,
    now: Timestamp,
) -> Answer {
    let url = match Reach::of(app).read(&endpoint.url) {
        Ok(url) => url,
        Err(error) => return Answer::Nothing(error.to_string()),
    };
    let secrets = match endpoint.secrets(&app.vault, now) {
        Ok(secrets) => secrets,
        Err(error) => return Answer::Nothing(format!("Its secret cannot be opened: {error}.")),
    };
    let (id, body) = (format!("msg_{}", delivery.id.0.simple()), delivery.body.clone().unwrap_or_default());
    let signature = sign::signature(&secrets, &id, now.seconds(), &body);
    let request = |http: &reqwest::Client| {
        http.post(url)
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", now.seconds())
            .header("webhook-signature", signature)
            .body(body)
    };
    match client.call(0, request).await {
        Ok(response) => {
            let header = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
            Answer::Status(response.status(), header.and_then(|value| value.parse().ok()))
        }
        Err(error) => Answer::Nothing(in_words(&error)),
    }
}

/// Why there was no answer. The address itself is not repeated: it may carry a secret.
fn in_words(error: &reqwest::Error) -> String {
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(one) = cause {
        if let Some(refused) = one.downcast_ref::<crate::http::AddressError>() {
            return refused.to_string();
        }
        cause = one.source();
    }
    if error.is_timeout() {
        "It did not answer within 15 seconds.".to_owned()
    } else if error.is_connect() {
        "It could not be connected to: nobody listens there, or its certificate is not valid.".to_owned()
    } else {
        "The connection broke before it answered.".to_owned()
    }
}

/// Keeps what came of a call, with the delivery and with its endpoint.
async fn keep(
    app: &App,
    endpoint: &Endpoint,
    delivery: &Delivery,
    answer: Answer,
    slow: i64,
    now: Timestamp,
) -> Result<(), DbErr> {
    let (status, asked, reason) = match answer {
        Answer::Status(status, asked) => (Some(status), asked.unwrap_or(0).clamp(0, MOST_RETRY_AFTER), refusal(status)),
        Answer::Nothing(reason) => (None, 0, Some(reason)),
    };
    let status_code = status.map(|status| i64::from(status.as_u16()));
    let to = (endpoint.shop_id, endpoint.id);
    let update = endpoint::Entity::update_many().filter(endpoint::this(to.0, to.1));
    let txn = app.db.begin_write().await?;
    let Some(reason) = reason else {
        let tried = Tried { state: State::Delivered, status_code, reason: None, next_try_at: now };
        delivery::tried(&txn, delivery, tried, now).await?;
        let well = update
            .col_expr(Column::Failures, Expr::value(0))
            .col_expr(Column::FailingSince, Expr::value(Option::<Timestamp>::None))
            .col_expr(Column::RestsUntil, Expr::value((slow > 0).then(|| now.plus_seconds(slow))))
            .col_expr(Column::LastDeliveredAt, Expr::value(now));
        well.exec(&txn).await?;
        return txn.commit().await;
    };
    let gone = status == Some(StatusCode::GONE);
    let wait = usize::try_from(delivery.attempts).ok().and_then(|tried| WAITS.get(tried)).copied();
    let (state, wait) = match wait {
        Some(wait) if !gone && delivery.attempts + 1 < MOST_TRIES => (State::Waiting, jittered(app, wait).max(asked)),
        _ => (State::Dead, 0),
    };
    let tried = Tried { state, status_code, reason: Some(reason.clone()), next_try_at: now.plus_seconds(wait) };
    delivery::tried(&txn, delivery, tried, now).await?;
    let since = endpoint.failing_since.unwrap_or(now);
    let rest = LONGEST_REST.min(1 << (endpoint.failures + 1).clamp(1, 10));
    let mut ill = update
        .col_expr(Column::Failures, Expr::value(endpoint.failures + 1))
        .col_expr(Column::FailingSince, Expr::value(since))
        .col_expr(Column::RestsUntil, Expr::value(now.plus_seconds(jittered(app, rest).max(asked).max(slow))));
    if gone {
        ill = ill
            .col_expr(Column::DisabledAt, Expr::value(now))
            .col_expr(Column::DisabledBecause, Expr::value(reason.clone()));
        delivery::give_up(&txn, to, now.plus_seconds(1), "The endpoint said that it is gone.", now).await?;
    } else if since <= now.plus_seconds(-GIVEN_UP_AFTER) {
        let reason = format!("The endpoint has failed for more than a day. Last: {reason}");
        delivery::give_up(&txn, to, now.plus_seconds(-GIVEN_UP_AFTER), &reason, now).await?;
    }
    ill.exec(&txn).await?;
    txn.commit().await?;
    tracing::info!(shop.id = %to.0, endpoint.id = %to.1, delivery.id = %delivery.id, reason = %reason, ?state, "a webhook endpoint did not take what it was told");
    Ok(())
}

/// Why an answer is no success; `None`: it is one.
fn refusal(status: StatusCode) -> Option<String> {
    let code = status.as_u16();
    match code {
        200..=299 => None,
        300..=399 => {
            Some(format!("It answered {code}: redirects are not followed. Subscribe the address it leads to."))
        }
        410 => Some("It answered 410: it is gone, and nothing is sent there any more.".to_owned()),
        _ => Some(format!("It answered {code}.")),
    }
}

/// Up to a quarter longer, so that failures do not march in step.
fn jittered(app: &App, seconds: i64) -> i64 {
    let more = app.chance.below(Stream::Jitter, (seconds / 4 + 1).unsigned_abs());
    seconds + i64::try_from(more).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_go_on_for_about_a_day_and_then_end() {
        let day: i64 = WAITS.iter().sum();
        assert!((20 * 3_600..=26 * 3_600).contains(&day), "{day}");
        assert!(WAITS.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(day * 5 / 4 < GIVEN_UP_AFTER * 5 / 4 && MOST_TRIES == 12);
    }

    #[test]
    fn only_two_hundreds_are_success() {
        for code in [200, 201, 202, 204, 299] {
            assert_eq!(refusal(StatusCode::from_u16(code).unwrap()), None);
        }
        for code in [301, 302, 307, 400, 401, 404, 410, 429, 500, 503] {
            assert!(refusal(StatusCode::from_u16(code).unwrap()).is_some(), "{code}");
        }
    }
}
