//! Answers for many who wait: one wake-up for each thread that waits, not one for each answer.
//!
//! To wake a task on another thread costs two system calls, and where cores are few the two threads then take turns for
//! every single answer. So all answers for one thread travel in the first one's letter, and whoever opens it hands the
//! others theirs, which costs next to nothing within a thread. A letter that nobody opens hands them out all the same.

use std::thread::{self, ThreadId};

use tokio::sync::oneshot;

/// Who is to be answered.
#[derive(Debug)]
pub(super) struct Asker<A> {
    thread: ThreadId,
    letter: oneshot::Sender<Letter<A>>,
}

/// The answer to be.
#[derive(Debug)]
pub(super) struct Awaited<A>(oneshot::Receiver<Letter<A>>);

#[derive(Debug)]
struct Letter<A> {
    answer: Option<A>,
    others: Vec<(oneshot::Sender<Letter<A>>, A)>,
}

impl<A> Drop for Letter<A> {
    fn drop(&mut self) {
        for (other, answer) in self.others.drain(..) {
            drop(other.send(Letter { answer: Some(answer), others: Vec::new() }));
        }
    }
}

/// One who asks on this thread, and what they wait for.
pub(super) fn ask<A>() -> (Asker<A>, Awaited<A>) {
    let (letter, awaited) = oneshot::channel();
    (Asker { thread: thread::current().id(), letter }, Awaited(awaited))
}

impl<A> Awaited<A> {
    /// Waits for the answer; `None`: there will be none.
    pub(super) async fn answer(self) -> Option<A> {
        self.0.await.ok()?.answer.take()
    }
}

/// Answers all of them. Those who no longer wait miss nothing and hold nobody up.
pub(super) fn answer<A>(answers: impl IntoIterator<Item = (Asker<A>, A)>) {
    // Threads are few.
    let mut threads: Vec<(ThreadId, oneshot::Sender<Letter<A>>, Letter<A>)> = Vec::new();
    for (Asker { thread, letter }, answer) in answers {
        match threads.iter_mut().find(|(one, ..)| *one == thread) {
            Some((.., first)) => first.others.push((letter, answer)),
            None => threads.push((thread, letter, Letter { answer: Some(answer), others: Vec::new() })),
        }
    }
    for (_, first, letter) in threads {
        drop(first.send(letter));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn everybody_gets_their_own_answer() {
        let (askers, awaited): (Vec<_>, Vec<_>) = (0..100).map(|_| ask::<usize>()).unzip();
        let answering = thread::spawn(|| answer(askers.into_iter().zip(0..)));
        let waiting = awaited.into_iter().map(Awaited::answer);
        let got = tokio::time::timeout(std::time::Duration::from_secs(10), futures::future::join_all(waiting)).await;
        assert_eq!(got.unwrap(), (0..100).map(Some).collect::<Vec<_>>());
        answering.join().unwrap();
    }

    #[tokio::test]
    async fn whoever_left_keeps_nobody_waiting() {
        // Before the answer comes, and between the answer and its opening.
        for early in [true, false] {
            let (first, gone) = ask::<u8>();
            let (second, waits) = ask::<u8>();
            let mut gone = Some(gone);
            if early {
                gone = None;
            }
            answer([(first, 1), (second, 2)]);
            drop(gone);
            assert_eq!(waits.answer().await, Some(2));
        }
    }

    #[tokio::test]
    async fn who_is_never_answered_is_told() {
        let (asker, awaited) = ask::<u8>();
        drop(asker);
        assert_eq!(awaited.answer().await, None);
    }
}
