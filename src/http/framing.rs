//! Where one request ends and the next begins, as far as it takes to know which lines are lines of a head.
//!
//! The parser takes a line that ends in a bare line feed for a line. A proxy before us may see it otherwise, and then one
//! of us sees a request where the other sees none. So every line of a head, and of a chunked body's frame, must end in
//! both signs: a bare line feed is made a zero byte, which the parser refuses wherever it stands.

/// A header's beginning: enough to know a length by.
const LINE: usize = 256;

/// Follows a connection's requests.
#[derive(Debug, Default)]
pub struct Framing {
    place: Place,
    /// The line that is being read, as far as it is looked at.
    line: Vec<u8>,
    long: bool,
    previous: u8,
    lines: usize,
    length: u64,
    chunked: bool,
    heads: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// Nothing of the next request came yet.
    #[default]
    Between,
    Head,
    Body(u64),
    ChunkSize,
    Chunk(u64),
    ChunkEnd,
    Trailer,
    /// It is no HTTP any more: the parser will say so.
    Lost,
}

impl Framing {
    /// Whether no request is under way.
    pub fn between(&self) -> bool {
        self.place == Place::Between
    }

    /// The number of the request that is under way.
    pub fn number(&self) -> u64 {
        self.heads
    }

    /// Follows the next bytes, and spoils what must not be.
    pub fn follow(&mut self, mut bytes: &mut [u8]) {
        while !bytes.is_empty() {
            match self.place {
                Place::Lost => return,
                Place::Body(left) => bytes = self.pass(bytes, left, Place::Body, Place::Between),
                Place::Chunk(left) => bytes = self.pass(bytes, left, Place::Chunk, Place::ChunkEnd),
                _ => match bytes.iter().position(|byte| *byte == b'\n') {
                    None => return self.note(bytes),
                    Some(end) => {
                        self.note(&bytes[..end]);
                        if self.previous != b'\r' {
                            bytes[end] = 0;
                            self.place = Place::Lost;
                            return;
                        }
                        self.line_ends();
                        bytes = &mut bytes[end + 1..];
                    }
                },
            }
        }
    }

    fn pass<'a>(&mut self, bytes: &'a mut [u8], left: u64, open: fn(u64) -> Place, then: Place) -> &'a mut [u8] {
        let passed = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        let left = left - passed as u64;
        self.place = if left == 0 { then } else { open(left) };
        &mut bytes[passed..]
    }

    fn note(&mut self, part: &[u8]) {
        if self.place == Place::Between {
            self.place = Place::Head;
            self.heads += 1;
        }
        let room = LINE.saturating_sub(self.line.len());
        self.long |= part.len() > room;
        self.line.extend_from_slice(&part[..part.len().min(room)]);
        self.previous = part.last().copied().unwrap_or(self.previous);
    }

    fn line_ends(&mut self) {
        let line = std::mem::take(&mut self.line);
        let line = line.strip_suffix(b"\r").unwrap_or(&line);
        let long = std::mem::take(&mut self.long);
        self.previous = 0;
        self.place = match self.place {
            Place::Head if line.is_empty() && self.lines > 0 => self.head_ends(),
            Place::Head => {
                self.lines += usize::from(!line.is_empty());
                self.header(line, long)
            }
            Place::ChunkSize if !long => match size(line) {
                Some(0) => Place::Trailer,
                Some(size) => Place::Chunk(size),
                None => Place::Lost,
            },
            Place::ChunkEnd if line.is_empty() => Place::ChunkSize,
            Place::Trailer if line.is_empty() => Place::Between,
            Place::Trailer => Place::Trailer,
            _ => Place::Lost,
        };
    }

    fn header(&mut self, line: &[u8], long: bool) -> Place {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { return Place::Head };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        let length = name.eq_ignore_ascii_case(b"content-length");
        let coding = name.eq_ignore_ascii_case(b"transfer-encoding");
        if long && (length || coding) {
            return Place::Lost;
        }
        if length {
            match std::str::from_utf8(value).ok().and_then(|value| value.parse().ok()) {
                Some(length) => self.length = length,
                None => return Place::Lost,
            }
        }
        self.chunked |= coding;
        Place::Head
    }

    fn head_ends(&mut self) -> Place {
        let (length, chunked) = (std::mem::take(&mut self.length), std::mem::take(&mut self.chunked));
        self.lines = 0;
        match (chunked, length) {
            (true, _) => Place::ChunkSize,
            (false, 0) => Place::Between,
            (false, length) => Place::Body(length),
        }
    }
}

/// The size a chunk announces.
fn size(line: &[u8]) -> Option<u64> {
    let digits = line.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is left of some bytes that come in pieces of this size, and whether a request is under way afterwards.
    fn followed(text: &str, piece: usize) -> (String, bool) {
        let (mut framing, mut bytes) = (Framing::default(), text.as_bytes().to_vec());
        bytes.chunks_mut(piece).for_each(|piece| framing.follow(piece));
        (String::from_utf8(bytes).unwrap(), !framing.between())
    }

    #[test]
    fn what_is_framed_well_passes_and_its_end_is_known() {
        let good = [
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST / HTTP/1.1\r\ncontent-LENGTH:  5 \r\n\r\na\nb\ncGET / HTTP/1.1\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\na\nb\r\nA\r\n0123\n56\n89\r\n0\r\nt: 1\r\n\r\nGET / HTTP/1.1\r\n\r\n",
        ];
        for text in good {
            for piece in [1, 2, 3, 7, 1_000] {
                assert_eq!(followed(text, piece), (text.to_owned(), false), "{piece}");
            }
        }
        assert!(followed("GET / HTTP/1.1\r\nHost: a\r\n", 5).1, "a head that is not whole");
        assert!(followed("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n1234", 5).1, "a body that is not whole");
        assert!(
            followed("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", 5).1,
            "a last chunk without an end"
        );
    }

    #[test]
    fn a_bare_line_feed_in_a_head_is_spoilt() {
        let bad = [
            "GET / HTTP/1.1\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n\n",
            "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\n1GET / HTTP/1.1\nHost: a\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\nx\r\n0\r\n\r\n",
        ];
        for text in bad {
            for piece in [1, 2, 5, 1_000] {
                assert!(followed(text, piece).0.contains('\0'), "{text:?} in pieces of {piece}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_followed_and_pieces_make_no_difference(text in "[a\\r\\n:0-9;]{0,80}", piece in 1_usize..9) {
            prop_assert_eq!(followed(&text, piece).0, followed(&text, 1_000).0);
        }
    }
}
