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
//! One bad row never spoils its neighbours: when a group fails, its rows are tried alone. When the database is away, they
//! are not: each try would wait for it, and whoever comes next would wait behind them. But on a sharded database it may be
//! away for one shop only, so each shop's rows are tried together once more, all shops within [`ONCE_MORE`]. A shop that
//! is found away while others are not stands apart from then on: nobody waits for it any more but its own rows, one try
//! of theirs after the other, until one comes through.

use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::StreamExt;
use sea_orm::{ConnAcquireErr, DbErr};
use tokio::sync::Notify;
use tokio::sync::mpsc::{self, Receiver};
use tokio::time::Instant;

use super::away::away;
use super::post::{Asker, answer, ask};
use crate::kernel::id::ShopId;

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

/// How long all shops of a group together may take when they are tried one by one, and how many are tried at the same
/// time: fewer than there are connections.
const ONCE_MORE: Duration = Duration::from_secs(1);
const SHOPS_AT_ONCE: usize = 8;

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

/// What a group does: it commits all rows or none and tells each row's answer, in their order; and whose a row is.
#[derive(Debug)]
struct Work<T, F> {
    name: &'static str,
    write: F,
    shop: fn(&T) -> ShopId,
    apart: Apart,
}

/// Shops the database is away for while it is there for others; whether one of their tries is under way.
#[derive(Debug, Default)]
struct Apart {
    shops: Mutex<HashMap<ShopId, Arc<AtomicBool>>>,
    /// Whether there are any: nobody asks further while all is well.
    some: AtomicBool,
}

impl<T: Send + Clone + 'static, A: Send + 'static> Group<T, A> {
    /// Starts the task that writes, or reads. `write` commits all rows or none and tells each row's answer, in their
    /// order; `shop` tells whose a row is; `name` is what its sizes are counted under. The task ends when the last clone is
    /// dropped and the queue is empty.
    pub fn start<F, Fut>(name: &'static str, shop: fn(&T) -> ShopId, write: F) -> Self
    where
        F: Fn(Vec<T>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Vec<A>, DbErr>> + Send,
    {
        Self::waiting_for(name, shop, write, |_| Duration::ZERO)
    }

    /// [`Group::start`] for commits that cost much whatever they hold: those who were answered are waited for, so that a
    /// few callers are one group and not two in turn.
    pub fn gathering<F, Fut>(name: &'static str, shop: fn(&T) -> ShopId, write: F) -> Self
    where
        F: Fn(Vec<T>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Vec<A>, DbErr>> + Send,
    {
        Self::waiting_for(name, shop, write, |took| took.min(MOMENT))
    }

    /// `moment`: how long those answered are waited for, by how long it took to answer them.
    fn waiting_for<F, Fut>(
        name: &'static str,
        shop: fn(&T) -> ShopId,
        write: F,
        moment: fn(Duration) -> Duration,
    ) -> Self
    where
        F: Fn(Vec<T>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Vec<A>, DbErr>> + Send,
    {
        let (queue, mut waiting) = mpsc::channel::<Waiting<T, A>>(QUEUE);
        let door = Arc::new(Door { enough: AtomicUsize::new(usize::MAX), bell: Notify::new() });
        let group = Self { queue, door: Arc::clone(&door) };
        let work = Arc::new(Work { name, write, shop, apart: Apart::default() });
        tokio::spawn(async move {
            let mut gathered = Vec::with_capacity(ROWS);
            while waiting.recv_many(&mut gathered, ROWS).await > 0 {
                // As long as anybody comes in time for the next commit, nobody is waited for but them.
                while !gathered.is_empty() {
                    let (began, count) = (Instant::now(), gathered.len());
                    let together = Work::let_apart(&work, std::mem::take(&mut gathered));
                    if !together.is_empty() {
                        work.commit(together).await;
                    }
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

impl<T, F> Work<T, F> {
    /// Rows of each shop.
    fn by_shop<A>(&self, rows: Vec<Waiting<T, A>>) -> HashMap<ShopId, Vec<Waiting<T, A>>> {
        let mut shops: HashMap<ShopId, Vec<Waiting<T, A>>> = HashMap::new();
        for row in rows {
            shops.entry((self.shop)(&row.0)).or_default().push(row);
        }
        shops
    }

    /// Tries the rows of shops that stand apart beside everybody else; answers the others. While one try of such a shop
    /// is under way, its further rows are refused at once.
    fn let_apart<A, Fut>(work: &Arc<Self>, gathered: Vec<Waiting<T, A>>) -> Vec<Waiting<T, A>>
    where
        T: Send + Clone + 'static,
        A: Send + 'static,
        F: Fn(Vec<T>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Vec<A>, DbErr>> + Send,
    {
        if !work.apart.some.load(Ordering::Acquire) {
            return gathered;
        }
        let mut together = Vec::with_capacity(gathered.len());
        for (shop, rows) in work.by_shop(gathered) {
            let busy = work.apart.hold().get(&shop).cloned();
            match busy {
                None => together.extend(rows),
                Some(busy) if busy.swap(true, Ordering::AcqRel) => {
                    answer(rows.into_iter().map(|(_, asker)| (asker, Err(GroupError::Refused))));
                }
                Some(busy) => {
                    let work = Arc::clone(work);
                    tokio::spawn(async move {
                        if work.alone(rows).await {
                            work.apart.back(shop);
                        }
                        busy.store(false, Ordering::Release);
                    });
                }
            }
        }
        together
    }

    async fn commit<A, Fut>(&self, gathered: Vec<Waiting<T, A>>)
    where
        T: Clone,
        F: Fn(Vec<T>) -> Fut,
        Fut: Future<Output = Result<Vec<A>, DbErr>>,
    {
        let Err((gathered, error)) = self.attempt(gathered).await else { return };
        if !away(&error) {
            self.row_by_row(gathered, &error).await;
            return;
        }
        let shops = self.by_shop(gathered);
        if shops.len() == 1 {
            return refuse(shops.into_values().flatten().map(|(_, asker)| asker), &error);
        }
        // Whoever is not answered in time is told so when their asker is dropped.
        let (names, until): (Vec<ShopId>, _) = (shops.keys().copied().collect(), Instant::now() + ONCE_MORE);
        let tries = shops.into_iter().map(|(shop, rows)| async move {
            let done = tokio::time::timeout_at(until, self.alone(rows)).await;
            (shop, done.unwrap_or(false))
        });
        let mut tries = futures::stream::iter(tries).buffer_unordered(SHOPS_AT_ONCE);
        let mut there = Vec::new();
        while let Some((shop, came_through)) = tries.next().await {
            there.extend(came_through.then_some(shop));
        }
        if there.is_empty() {
            return;
        }
        for shop in names.into_iter().filter(|shop| !there.contains(shop)) {
            tracing::error!(shop.id = %shop, "the database is away for this shop and not for others");
            self.apart.put(shop);
        }
    }

    /// Writes the rows of one shop. `false`: the database is away for it.
    async fn alone<A, Fut>(&self, rows: Vec<Waiting<T, A>>) -> bool
    where
        T: Clone,
        F: Fn(Vec<T>) -> Fut,
        Fut: Future<Output = Result<Vec<A>, DbErr>>,
    {
        match self.attempt(rows).await {
            Ok(()) => true,
            Err((rows, error)) if away(&error) => {
                refuse(rows.into_iter().map(|(_, asker)| asker), &error);
                false
            }
            Err((rows, error)) => self.row_by_row(rows, &error).await,
        }
    }

    /// One bad row never spoils its neighbours. `false`: the database went away meanwhile.
    async fn row_by_row<A, Fut>(&self, mut rows: Vec<Waiting<T, A>>, error: &DbErr) -> bool
    where
        T: Clone,
        F: Fn(Vec<T>) -> Fut,
        Fut: Future<Output = Result<Vec<A>, DbErr>>,
    {
        if rows.len() == 1 {
            refuse(rows.into_iter().map(|(_, asker)| asker), error);
            return true;
        }
        while let Some(row) = rows.pop() {
            let Err((row, error)) = self.attempt(vec![row]).await else { continue };
            refuse(row.into_iter().map(|(_, asker)| asker), &error);
            if away(&error) {
                refuse(rows.into_iter().map(|(_, asker)| asker), &error);
                return false;
            }
        }
        true
    }

    /// Writes rows and answers for them, or gives them back.
    async fn attempt<A, Fut>(&self, rows: Vec<Waiting<T, A>>) -> Result<(), (Vec<Waiting<T, A>>, DbErr)>
    where
        T: Clone,
        F: Fn(Vec<T>) -> Fut,
        Fut: Future<Output = Result<Vec<A>, DbErr>>,
    {
        match in_time((self.write)(rows.iter().map(|(row, _)| row.clone()).collect())).await {
            Ok(new) => {
                let many = u32::try_from(rows.len()).unwrap_or(u32::MAX);
                metrics::histogram!("recoup_group_rows", "group" => self.name).record(many);
                answer(rows.into_iter().map(|(_, asker)| asker).zip(new.into_iter().map(Ok)));
                Ok(())
            }
            Err(error) => Err((rows, error)),
        }
    }
}

impl Apart {
    fn hold(&self) -> MutexGuard<'_, HashMap<ShopId, Arc<AtomicBool>>> {
        self.shops.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, shop: ShopId) {
        self.hold().entry(shop).or_default();
        self.some.store(true, Ordering::Release);
    }

    fn back(&self, shop: ShopId) {
        let mut shops = self.hold();
        shops.remove(&shop);
        self.some.store(!shops.is_empty(), Ordering::Release);
        tracing::info!(shop.id = %shop, "the database is there for this shop again");
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

    fn of_nobody(_: &u8) -> ShopId {
        ShopId::NOBODY
    }

    /// Tens are shops.
    fn of_ten(row: &u8) -> ShopId {
        ShopId(i64::from(row / 10))
    }

    async fn answers(group: &Group<u8>, rows: &[u8]) -> Vec<Result<bool, GroupError>> {
        futures::future::join_all(rows.iter().map(|row| group.write(*row, LONG))).await
    }

    #[tokio::test]
    async fn one_bad_row_is_refused_alone() {
        let group = Group::start("test", of_nobody, |rows: Vec<u8>| async move {
            if rows.contains(&13) { Err(DbErr::Custom("bad row".into())) } else { Ok(vec![true; rows.len()]) }
        });
        let got = answers(&group, &[1, 13, 2]).await;
        assert_eq!(got, [Ok(true), Err(GroupError::Refused), Ok(true)]);
    }

    #[tokio::test]
    async fn nobody_is_tried_alone_while_the_database_is_away() {
        let tries = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&tries);
        let group = Group::start("test", of_nobody, move |_: Vec<u8>| {
            counted.fetch_add(1, Ordering::Relaxed);
            async { Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)) }
        });
        let got = answers(&group, &[1, 2, 3, 4]).await;
        assert!(got.iter().all(|answer| *answer == Err(GroupError::Refused)));
        assert_eq!(tries.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_shop_the_database_is_away_for_costs_its_neighbours_nothing() {
        let (away, tries) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicUsize::new(0)));
        let (down, counted) = (Arc::clone(&away), Arc::clone(&tries));
        let group = Group::start("test", of_ten, move |rows: Vec<u8>| {
            let lost = down.load(Ordering::Relaxed) && rows.iter().any(|row| row / 10 == 1);
            counted.fetch_add(usize::from(lost), Ordering::Relaxed);
            async move {
                if lost { Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)) } else { Ok(vec![true; rows.len()]) }
            }
        });
        let refused = Err(GroupError::Refused);
        let wanted = [Ok(true), refused.clone(), Ok(true), refused.clone()];
        assert_eq!(answers(&group, &[1, 10, 20, 11]).await, wanted);
        assert_eq!(tries.load(Ordering::Relaxed), 2, "with the others, and once by itself");
        // From now on it is tried beside the others, whose commit is theirs alone.
        assert_eq!(answers(&group, &[1, 10, 20, 11]).await, wanted);
        assert_eq!(tries.load(Ordering::Relaxed), 3);
        away.store(false, Ordering::Relaxed);
        assert_eq!(answers(&group, &[10, 11]).await, [Ok(true), Ok(true)]);
    }

    #[tokio::test]
    async fn a_shop_that_hangs_holds_nobody_up_once_it_is_known() {
        let group = Group::start("test", of_ten, move |rows: Vec<u8>| async move {
            if rows.iter().any(|row| row / 10 == 1) {
                std::future::pending::<()>().await;
            }
            Ok(vec![true; rows.len()])
        });
        let began = Instant::now();
        assert_eq!(answers(&group, &[1, 10]).await, [Ok(true), Err(GroupError::Refused)]);
        assert!(began.elapsed() <= GIVE_UP + ONCE_MORE * 2, "{:?}", began.elapsed());
        let hangs = group.clone();
        tokio::spawn(async move { hangs.write(10, LONG).await });
        tokio::time::sleep(Duration::from_millis(50)).await;
        let began = Instant::now();
        assert_eq!(answers(&group, &[2, 20, 11]).await, [Ok(true), Ok(true), Err(GroupError::Refused)]);
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    }

    #[tokio::test]
    async fn a_write_that_hangs_is_given_up_and_the_next_one_goes_on() {
        let first = Arc::new(AtomicUsize::new(0));
        let group = Group::start("test", of_nobody, move |rows: Vec<u8>| {
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
        let group = Group::gathering("test", of_nobody, move |rows: Vec<u8>| {
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
