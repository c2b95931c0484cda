//! A little name server on loopback: it knows the TXT records that were written into it, and nothing else.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::UdpSocket;

use super::World;

/// Texts by name, lower case.
type Records = Arc<Mutex<BTreeMap<String, Vec<String>>>>;

/// The name server of a world.
#[derive(Debug)]
pub(super) struct Names {
    address: String,
    records: Records,
    answering: tokio::task::AbortHandle,
}

impl Names {
    pub(super) async fn start() -> std::io::Result<Self> {
        let socket = UdpSocket::bind("127.0.0.1:0").await?;
        let (address, records) = (socket.local_addr()?.to_string(), Records::default());
        let known = Arc::clone(&records);
        let answering = tokio::spawn(async move {
            let mut question = [0; 1_500];
            while let Ok((length, asker)) = socket.recv_from(&mut question).await {
                if let Some(answer) = answer(&question[..length], &known) {
                    // Whoever no longer listens needs no answer.
                    let _ = socket.send_to(&answer, asker).await;
                }
            }
        });
        Ok(Self { address, records, answering: answering.abort_handle() })
    }
}

impl Drop for Names {
    fn drop(&mut self) {
        self.answering.abort();
    }
}

impl World {
    /// Where the pretend name server listens: the app's `RECOUP_DNS`.
    pub fn name_server(&self) -> String {
        self.inner.names.address.clone()
    }

    /// Somebody writes a TXT record beside those that stand at a name.
    pub fn writes_text(&self, name: &str, value: &str) {
        let mut held = self.inner.names.records.lock().unwrap_or_else(PoisonError::into_inner);
        held.entry(name.to_ascii_lowercase()).or_default().push(value.to_owned());
    }

    /// The texts at a name are taken away.
    pub fn removes_texts(&self, name: &str) {
        let mut held = self.inner.names.records.lock().unwrap_or_else(PoisonError::into_inner);
        held.remove(&name.to_ascii_lowercase());
    }
}

const HEADER: usize = 12;
const TXT: u16 = 16;

/// RFC 1035: the header, the question as it came, and a record a text.
fn answer(question: &[u8], records: &Records) -> Option<Vec<u8>> {
    let (name, end) = name(question)?;
    let kind = u16::from_be_bytes(question.get(end..end + 2)?.try_into().ok()?);
    let held = records.lock().unwrap_or_else(PoisonError::into_inner);
    let known = held.get(&name);
    let texts = known.filter(|_| kind == TXT).map(Vec::as_slice).unwrap_or_default();
    // An answer, recursion asked for and offered; no such name, where nothing stands.
    let flags: u16 = if known.is_some() { 0x8180 } else { 0x8183 };
    let mut out = question.get(..2)?.to_vec();
    for number in [flags, 1, u16::try_from(texts.len()).ok()?, 0, 0] {
        out.extend(number.to_be_bytes());
    }
    out.extend(question.get(HEADER..end + 4)?);
    for text in texts {
        let pieces: Vec<u8> = text
            .as_bytes()
            .chunks(255)
            .flat_map(|piece| std::iter::once(piece.len() as u8).chain(piece.iter().copied()))
            .collect();
        // The name of the question, TXT, IN, for a minute.
        out.extend([0xc0, HEADER as u8, 0, TXT as u8, 0, 1, 0, 0, 0, 60]);
        out.extend(u16::try_from(pieces.len()).ok()?.to_be_bytes());
        out.extend(pieces);
    }
    Some(out)
}

/// The name that is asked for, and where it ends.
fn name(question: &[u8]) -> Option<(String, usize)> {
    let (mut labels, mut at) = (Vec::new(), HEADER);
    loop {
        let length = usize::from(*question.get(at)?);
        at += 1;
        if length == 0 {
            return Some((labels.join("."), at));
        }
        labels.push(String::from_utf8(question.get(at..at + length)?.to_ascii_lowercase()).ok()?);
        at += length;
    }
}
