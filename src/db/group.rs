//! Group commit: many requests, one transaction, one fsync.
//!
//! Requests hand their row to one task, which takes whatever waits, writes it in one transaction, and answers all of them
//! after the commit. So every answer still means *on disk*, at a fraction of the price. The commit in progress is what
//! lets the next group gather. Callers that come again as soon as they are answered would then fall into two groups that
//! wait for each other for ever, so those who wait after a commit wait a moment longer for those it answered: everybody
//! is in one group again, which takes hardly longer than half of them. Who is alone never waits.
//!
//! One bad row never spoils its neighbours: when a group fails, its rows are tried alone. Unless the database itself is
//! away: then nobody is tried again, because each try would wait for it, and whoever comes next would wait behind them.

use std::future::Future;
use std::time::Duration;

use sea_orm::{ConnAcquireErr, DbErr};
use tokio::sync::mpsc::{self, Receiver};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::away::away;

/// A row and whoever waits for it.
type Waiting<T, A> = (T, Answer<A>);
type Answer<A> = oneshot::Sender<Result<A, GroupError>>;

/// Rows beyond this many per commit gain nothing (`reference` measurement: 32–256).
const ROWS: usize = 256;

/// The most that those who wait are kept for those who were answered just now; and no longer than this share of what
/// the commit before took, so that nobody waits more than half as long again where nobody comes again.
const MOMENT: Duration = Duration::from_millis(4);
const SHARE: u32 = 2;

/// How many requests may wait before new ones are turned away.
const QUEUE: usize = 4_096;

/// A write that hangs longer is given up: a database that vanished without a word would hold the group for minutes.
/// SQLite itself waits 5 s for another process's lock.
const GIVE_UP: Duration = Duration::from_secs(6);

/// Why a row is not on disk.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GroupError {
    /// The database did not take it; the reason is logged once by the group.
    #[error("the database did not take the row")]
    Refused,
    /// It took too long: the caller must not be told that it is kept.
    #[error("the database took too long")]
    Late,
    /// Too many wait already, or the program is stopping.
    #[error("too many rows are waiting")]
    Full,
}

/// The hand-over to a writer task; clones feed the same one. Every row gets an answer `A` of its own: mostly whether it
/// was new.
#[derive(Debug)]
pub struct Group<T, A = bool>(mpsc::Sender<Waiting<T, A>>);

impl<T, A> Clone for Group<T, A> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Send + Clone + 'static, A: Send + 'static> Group<T, A> {
    /// Starts the writer task. `write` commits all rows or none and tells each row's answer, in their order.
    /// The task ends when the last clone is dropped and the queue is empty.
    pub fn start<F, Fut>(write: F) -> Self
    where
        F: Fn(Vec<T>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Vec<A>, DbErr>> + Send,
    {
        let (sender, mut receiver) = mpsc::channel::<Waiting<T, A>>(QUEUE);
        tokio::spawn(async move {
            let mut gathered = Vec::with_capacity(ROWS);
            let (mut answered, mut until) = (0, Instant::now());
            while receiver.recv_many(&mut gathered, ROWS).await > 0 {
                gather(&mut receiver, &mut gathered, answered, until).await;
                let (began, count) = (Instant::now(), gathered.len());
                commit(&write, std::mem::take(&mut gathered)).await;
                answered = count + receiver.len();
                until = Instant::now() + (began.elapsed() / SHARE).min(MOMENT);
            }
        });
        Self(sender)
    }

    /// Waits until the row is on disk, `limit` at most. Without an own kind of answer, `true`: it was new; `false`: it
    /// was there already.
    pub async fn write(&self, row: T, limit: Duration) -> Result<A, GroupError> {
        let (answer, answered) = oneshot::channel();
        self.0.try_send((row, answer)).map_err(|_| GroupError::Full)?;
        match tokio::time::timeout(limit, answered).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(GroupError::Refused),
            Err(_) => Err(GroupError::Late),
        }
    }
}

/// Takes what comes until then, at most as many as may come: those who were answered, and those who waited meanwhile.
async fn gather<W>(receiver: &mut Receiver<W>, gathered: &mut Vec<W>, may_come: usize, until: Instant) {
    let most = may_come.min(ROWS);
    while gathered.len() < most && Instant::now() < until {
        let more = receiver.recv_many(gathered, most - gathered.len());
        if !matches!(tokio::time::timeout_at(until, more).await, Ok(1..)) {
            return;
        }
    }
}

async fn commit<T: Clone, A, F, Fut>(write: &F, gathered: Vec<Waiting<T, A>>)
where
    F: Fn(Vec<T>) -> Fut,
    Fut: Future<Output = Result<Vec<A>, DbErr>>,
{
    let (mut rows, mut waiting): (Vec<T>, Vec<_>) = gathered.into_iter().unzip();
    match in_time(write(rows.clone())).await {
        Ok(new) => return waiting.into_iter().zip(new).for_each(|(answer, new)| drop(answer.send(Ok(new)))),
        Err(error) if rows.len() == 1 || away(&error) => return refuse(waiting, &error),
        Err(_) => {}
    }
    while let (Some(row), Some(answer)) = (rows.pop(), waiting.pop()) {
        match in_time(write(vec![row])).await {
            // Without an answer the sender goes, and whoever waits is told that it failed.
            Ok(new) => {
                if let Some(new) = new.into_iter().next() {
                    drop(answer.send(Ok(new)));
                }
            }
            Err(error) => {
                refuse([answer], &error);
                if away(&error) {
                    return refuse(waiting, &error);
                }
            }
        }
    }
}

async fn in_time<T>(write: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
    let late = |_| DbErr::ConnectionAcquire(ConnAcquireErr::Timeout);
    tokio::time::timeout(GIVE_UP, write).await.map_err(late).flatten()
}

fn refuse<A>(waiting: impl IntoIterator<Item = Answer<A>>, error: &DbErr) {
    tracing::error!(error = %error, "rows could not be committed; the senders are told to try again");
    waiting.into_iter().for_each(|answer| drop(answer.send(Err(GroupError::Refused))));
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    async fn answers(group: &Group<u8>, rows: &[u8]) -> Vec<Result<bool, GroupError>> {
        futures::future::join_all(rows.iter().map(|row| group.write(*row, LONG))).await
    }

    #[tokio::test]
    async fn one_bad_row_is_refused_alone() {
        let group = Group::start(|rows: Vec<u8>| async move {
            if rows.contains(&13) { Err(DbErr::Custom("bad row".into())) } else { Ok(vec![true; rows.len()]) }
        });
        let got = answers(&group, &[1, 13, 2]).await;
        assert_eq!(got, [Ok(true), Err(GroupError::Refused), Ok(true)]);
    }

    #[tokio::test]
    async fn nobody_is_tried_alone_while_the_database_is_away() {
        let tries = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&tries);
        let group = Group::start(move |_: Vec<u8>| {
            counted.fetch_add(1, Ordering::Relaxed);
            async { Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)) }
        });
        let got = answers(&group, &[1, 2, 3, 4]).await;
        assert!(got.iter().all(|answer| *answer == Err(GroupError::Refused)));
        assert_eq!(tries.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_write_that_hangs_is_given_up_and_the_next_one_goes_on() {
        let first = Arc::new(AtomicUsize::new(0));
        let group = Group::start(move |rows: Vec<u8>| {
            let hangs = first.fetch_add(1, Ordering::Relaxed) == 0;
            async move { if hangs { std::future::pending().await } else { Ok(vec![true; rows.len()]) } }
        });
        assert_eq!(group.write(1, Duration::from_secs(1)).await, Err(GroupError::Late));
        assert_eq!(group.write(2, LONG).await, Ok(true));
    }

    #[tokio::test]
    async fn callers_who_come_again_at_once_are_one_group_and_not_two_in_turn() {
        let groups = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&groups);
        let group = Group::start(move |rows: Vec<u8>| {
            counted.fetch_add(1, Ordering::Relaxed);
            async move {
                tokio::time::sleep(Duration::from_millis(4)).await;
                Ok(vec![true; rows.len()])
            }
        });
        let callers = (0..4).map(async |caller| {
            for _ in 0..50 {
                assert_eq!(group.write(caller, LONG).await, Ok(true));
            }
        });
        futures::future::join_all(callers).await;
        // In turn they would be a hundred.
        let groups = groups.load(Ordering::Relaxed);
        assert!((50..75).contains(&groups), "{groups} groups");
    }
}
