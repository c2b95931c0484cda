//! Group commit: many requests, one transaction, one fsync.
//!
//! Requests hand their row to one task, which takes whatever waits (no timer: the commit in progress is what lets the
//! next group gather), writes it in one transaction, and answers all of them after the commit. So every answer still
//! means *on disk*, at a fraction of the price.

use std::future::Future;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

/// A row and whoever waits for it.
type Waiting<T> = (T, oneshot::Sender<Result<bool, GroupError>>);

/// Rows beyond this many per commit gain nothing (`reference` measurement: 32–256).
const ROWS: usize = 256;

/// How many requests may wait before new ones are turned away.
const QUEUE: usize = 4_096;

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

/// The hand-over to a writer task; clones feed the same one.
#[derive(Debug)]
pub struct Group<T>(mpsc::Sender<Waiting<T>>);

impl<T> Clone for Group<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Send + Clone + 'static> Group<T> {
    /// Starts the writer task. `write` commits all rows or none and tells, row by row, which were new.
    /// The task ends when the last clone is dropped and the queue is empty.
    pub fn start<F, Fut>(write: F) -> Self
    where
        F: Fn(Vec<T>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Vec<bool>, sea_orm::DbErr>> + Send,
    {
        let (sender, mut receiver) = mpsc::channel::<Waiting<T>>(QUEUE);
        tokio::spawn(async move {
            let mut gathered = Vec::with_capacity(ROWS);
            while receiver.recv_many(&mut gathered, ROWS).await > 0 {
                commit(&write, std::mem::take(&mut gathered)).await;
            }
        });
        Self(sender)
    }

    /// Waits until the row is on disk, `limit` at most. `true`: it was new; `false`: it was there already.
    pub async fn write(&self, row: T, limit: Duration) -> Result<bool, GroupError> {
        let (answer, answered) = oneshot::channel();
        self.0.try_send((row, answer)).map_err(|_| GroupError::Full)?;
        match tokio::time::timeout(limit, answered).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(GroupError::Refused),
            Err(_) => Err(GroupError::Late),
        }
    }
}

async fn commit<T: Clone, F, Fut>(write: &F, gathered: Vec<Waiting<T>>)
where
    F: Fn(Vec<T>) -> Fut,
    Fut: Future<Output = Result<Vec<bool>, sea_orm::DbErr>>,
{
    let (rows, waiting): (Vec<T>, Vec<_>) = gathered.into_iter().unzip();
    match write(rows.clone()).await {
        Ok(new) => waiting.into_iter().zip(new).for_each(|(answer, new)| drop(answer.send(Ok(new)))),
        // One bad row must not spoil its neighbours: try them alone.
        Err(_) if rows.len() > 1 => {
            for (row, answer) in rows.into_iter().zip(waiting) {
                let alone = write(vec![row]).await;
                drop(
                    answer
                        .send(alone.map(|new| new.first().copied().unwrap_or(false)).map_err(|error| refused(&error))),
                );
            }
        }
        Err(error) => waiting.into_iter().for_each(|answer| drop(answer.send(Err(refused(&error))))),
    }
}

fn refused(error: &sea_orm::DbErr) -> GroupError {
    tracing::error!(error = %error, "rows could not be committed; the senders are told to try again");
    GroupError::Refused
}
