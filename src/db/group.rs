//! Group commit: many requests, one transaction, one fsync. (Readers use it as well: many look-ups, one statement.)
//!
//! Requests hand their row to one task, which takes whatever waits, writes it in one transaction, and answers all of them
//! after the commit. So every answer still means *on disk*, at a fraction of the price. The commit in progress is what
//! lets the next group gather. Callers that come again as soon as they are answered then fall into two groups that wait
//! for each other for ever. That is as it should be where the price is in the rows: one group is prepared while the other
//! waits for the disk. Where it is in the commit ([`Group::gathering`]), those who wait after one wait a moment longer for
//! those it answered: everybody is in one group again, which takes hardly longer than half of them. Who is alone never
//! waits.
//!
//! One bad row never spoils its neighbours: when a group fails, its rows are tried alone. Unless the database itself is
//! away: then nobody is tried again, because each try would wait for it, and whoever comes next would wait behind them.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sea_orm::{ConnAcquireErr, DbErr};
use tokio::sync::Notify;
use tokio::sync::mpsc::{self, Receiver};
use tokio::time::Instant;

use super::away::away;
use super::post::{Asker, answer, ask};

/// A row and whoever waits for it.
type Waiting<T, A> = (T, Asker<Result<A, GroupError>>);

/// Rows beyond this many per commit gain nothing (`reference` measurement: 32–256).
const ROWS: usize = 256;

/// The most that those who wait are kept for those who were answered just now; and no longer than the commit before took,
/// so that nobody waits twice as long where nobody comes again.
const MOMENT: Duration = Duration::from_millis(4);

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
pub struct Group<T, A = bool> {
    queue: mpsc::Sender<Waiting<T, A>>,
    door: Arc<Door>,
}

/// What the writer task waits for while it gathers: not each row, but enough of them. To be woken for every row would
/// make its thread and theirs take turns for nothing.
#[derive(Debug)]
struct Door {
    enough: AtomicUsize,
    bell: Notify,
}

impl<T, A> Clone for Group<T, A> {
    fn clone(&self) -> Self {
        Self { queue: self.queue.clone(), door: Arc::clone(&self.door) }
    }
}

impl<T: Send + Clone + 'static, A: Send + 'static> Group<T, A> {
    /// Starts the task that writes, or reads. `write` commits all rows or none and tells each row's answer, in their order.
    /// The task ends when the last clone is dropped and the queue is empty.
    pub fn start<F, Fut>(write: F) -> Self
    where
        F: Fn(Vec<T>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Vec<A>, DbErr>> + Send,
    {
        Self::waiting_for(write, |_| Duration::ZERO)
    }

    /// [`Group::start`] for commits that cost much whatever they hold: those who were answered are waited for, so that a
    /// few callers are one group and not two in turn.
    pub fn gathering<F, Fut>(write: F) -> Self
    where
        F: Fn(Vec<T>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Vec<A>, DbErr>> + Send,
    {
        Self::waiting_for(write, |took| took.min(MOMENT))
    }

    /// `moment`: how long those answered are waited for, by how long it took to answer them.
    fn waiting_for<F, Fut>(write: F, moment: fn(Duration) -> Duration) -> Self
    where
        F: Fn(Vec<T>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Vec<A>, DbErr>> + Send,
    {
        let (queue, mut waiting) = mpsc::channel::<Waiting<T, A>>(QUEUE);
        let door = Arc::new(Door { enough: AtomicUsize::new(usize::MAX), bell: Notify::new() });
        let group = Self { queue, door: Arc::clone(&door) };
        tokio::spawn(async move {
            let mut gathered = Vec::with_capacity(ROWS);
            while waiting.recv_many(&mut gathered, ROWS).await > 0 {
                // As long as anybody comes in time for the next commit, nobody is waited for but them.
                while !gathered.is_empty() {
                    let (began, count) = (Instant::now(), gathered.len());
                    commit(&write, std::mem::take(&mut gathered)).await;
                    let until = Instant::now() + moment(began.elapsed());
                    door.gather(&mut waiting, &mut gathered, count, until).await;
                }
            }
        });
        group
    }

    /// Waits until the row is on disk, `limit` at most. Without an own kind of answer, `true`: it was new; `false`: it
    /// was there already.
    pub async fn write(&self, row: T, limit: Duration) -> Result<A, GroupError> {
        let (asker, awaited) = ask();
        self.queue.try_send((row, asker)).map_err(|_| GroupError::Full)?;
        if QUEUE - self.queue.capacity() >= self.door.enough.load(Ordering::SeqCst) {
            self.door.bell.notify_one();
        }
        match tokio::time::timeout(limit, awaited.answer()).await {
            Ok(Some(result)) => result,
            Ok(None) => Err(GroupError::Refused),
            Err(_) => Err(GroupError::Late),
        }
    }
}

impl Door {
    /// Takes what comes until then, at most as many as may come: those who were answered, and those who waited meanwhile.
    async fn gather<W>(&self, queue: &mut Receiver<W>, gathered: &mut Vec<W>, answered: usize, until: Instant) {
        let enough = (answered + queue.len()).min(ROWS);
        self.enough.store(enough, Ordering::SeqCst);
        while Instant::now() < until && queue.len() < enough && !queue.is_closed() {
            // A bell that was rung before, for others, is heard once.
            if tokio::time::timeout_at(until, self.bell.notified()).await.is_err() {
                break;
            }
        }
        self.enough.store(usize::MAX, Ordering::SeqCst);
        while gathered.len() < ROWS
            && let Ok(row) = queue.try_recv()
        {
            gathered.push(row);
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
        Ok(new) => return answer(waiting.into_iter().zip(new.into_iter().map(Ok))),
        Err(error) if rows.len() == 1 || away(&error) => return refuse(waiting, &error),
        Err(_) => {}
    }
    while let (Some(row), Some(asker)) = (rows.pop(), waiting.pop()) {
        match in_time(write(vec![row])).await {
            // Without an answer the asker goes, and whoever waits is told that it failed.
            Ok(new) => answer([asker].into_iter().zip(new.into_iter().map(Ok))),
            Err(error) => {
                refuse([asker], &error);
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

fn refuse<A>(waiting: impl IntoIterator<Item = Asker<Result<A, GroupError>>>, error: &DbErr) {
    tracing::error!(error = %error, "a group's rows could not be written or read; whoever waits is told so");
    answer(waiting.into_iter().map(|asker| (asker, Err(GroupError::Refused))));
}

#[cfg(test)]
mod tests {
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
        let group = Group::gathering(move |rows: Vec<u8>| {
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
