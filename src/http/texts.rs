//! What somebody wrote into the DNS: the TXT records of a name.
//!
//! Asked afresh each time, by the whole name (no search list of ours is tried) and kept by nobody here: a record that was
//! just written, or taken away, is seen as soon as the name server sees it. The name server is the operator's
//! (`RECOUP_DNS`) or the system's; whether it checks signatures is its business.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use simple_dns::rdata::RData;
use simple_dns::{CLASS, Name, Packet, PacketFlag, Question, RCODE, TYPE};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

use crate::app::App;
use crate::kernel::Stream;

/// How long one name server may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// How many of the system's name servers are asked, one after the other; the first is asked again in the end, because a
/// datagram may be lost.
const SERVERS: usize = 3;

/// Where the system says who its name servers are.
const SYSTEM: &str = "/etc/resolv.conf";

/// No name server said whether there is such a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no name server answered")]
pub struct NoAnswer;

/// The texts of a name; none when there is no such record.
pub async fn texts(app: &App, name: &str) -> Result<Vec<String>, NoAnswer> {
    let mut servers = match app.config.server.dns {
        Some(server) => vec![server],
        None => servers(&tokio::fs::read_to_string(SYSTEM).await.unwrap_or_default()),
    };
    servers.truncate(SERVERS);
    servers.extend(servers.first().copied());
    for server in servers {
        let id = u16::from_be_bytes(app.chance.bytes::<2>(Stream::Jitter));
        if let Ok(Ok(found)) = tokio::time::timeout(PATIENCE, ask(server, name, id)).await {
            return Ok(found);
        }
    }
    Err(NoAnswer)
}

fn servers(system: &str) -> Vec<SocketAddr> {
    let server = |line: &str| {
        let mut words = line.split_whitespace();
        words.next().filter(|word| *word == "nameserver")?;
        words.next()?.parse::<IpAddr>().ok()
    };
    system.lines().filter_map(server).map(|ip| SocketAddr::new(ip, 53)).collect()
}

async fn ask(server: SocketAddr, name: &str, id: u16) -> io::Result<Vec<String>> {
    let question = question(name, id)?;
    let here: IpAddr = if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((here, 0)).await?;
    // From now on only what this server sends is heard.
    socket.connect(server).await?;
    socket.send(&question).await?;
    let mut buffer = [0; 4_096];
    loop {
        let length = socket.recv(&mut buffer).await?;
        match read(&buffer[..length], name, id) {
            Some(Said::Texts(found)) => return Ok(found),
            Some(Said::More) => return ask_at_length(server, &question, name, id).await,
            Some(Said::Nothing) => return Err(io::ErrorKind::InvalidData.into()),
            // An answer to another question, or nobody's.
            None => {}
        }
    }
}

/// By TCP, for what is too long for a datagram.
async fn ask_at_length(server: SocketAddr, question: &[u8], name: &str, id: u16) -> io::Result<Vec<String>> {
    let mut stream = TcpStream::connect(server).await?;
    let length = u16::try_from(question.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    stream.write_all(&[&length.to_be_bytes(), question].concat()).await?;
    let length = stream.read_u16().await?;
    let mut answer = vec![0; usize::from(length)];
    stream.read_exact(&mut answer).await?;
    match read(&answer, name, id) {
        Some(Said::Texts(found)) => Ok(found),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

fn question(name: &str, id: u16) -> io::Result<Vec<u8>> {
    let wrong = |_| io::Error::from(io::ErrorKind::InvalidInput);
    let mut packet = Packet::new_query(id);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    packet.questions.push(Question::new(Name::new(name).map_err(wrong)?, TYPE::TXT.into(), CLASS::IN.into(), false));
    packet.build_bytes_vec().map_err(wrong)
}

/// What an answer says.
enum Said {
    Texts(Vec<String>),
    /// It did not fit.
    More,
    /// The server cannot say.
    Nothing,
}

/// `None`: it answers another question.
fn read(bytes: &[u8], name: &str, id: u16) -> Option<Said> {
    let packet = Packet::parse(bytes).ok()?;
    let asked = packet.questions.first()?.qname.to_string();
    if packet.id() != id || !packet.has_flags(PacketFlag::RESPONSE) || !asked.eq_ignore_ascii_case(name) {
        return None;
    }
    if packet.has_flags(PacketFlag::TRUNCATION) {
        return Some(Said::More);
    }
    if !matches!(packet.rcode(), RCODE::NoError | RCODE::NameError) {
        return Some(Said::Nothing);
    }
    // A long text is written in pieces.
    let text = |data: RData<'_>| match data {
        RData::TXT(text) => String::try_from(text).ok(),
        _ => None,
    };
    Some(Said::Texts(packet.answers.into_iter().filter_map(|record| text(record.rdata)).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_name_servers_are_read() {
        let system = "# made by hand\nsearch corp.example\nnameserver 192.0.2.53\nnameserver 2001:db8::53\nnameserver x\noptions edns0\n";
        let found: Vec<String> = servers(system).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["192.0.2.53:53", "[2001:db8::53]:53"]);
        assert!(servers("").is_empty());
    }

    #[test]
    fn an_answer_to_another_question_is_nobodys() {
        let asked = question("_recoup.go.shop.example", 7).unwrap();
        assert!(read(&asked, "_recoup.go.shop.example", 7).is_none(), "a question is no answer");
        let mut answer = asked.clone();
        answer[2] |= 0x80;
        let texts = |name: &str, id| match read(&answer, name, id) {
            Some(Said::Texts(found)) => Some(found),
            _ => None,
        };
        assert_eq!(texts("_RECOUP.go.shop.example", 7), Some(Vec::new()));
        assert_eq!(texts("_recoup.go.shop.example", 8), None);
        assert_eq!(texts("_recoup.go.other.example", 7), None);
        answer[3] |= 2;
        assert!(matches!(read(&answer, "_recoup.go.shop.example", 7), Some(Said::Nothing)), "it failed");
        answer[2] |= 2;
        assert!(matches!(read(&answer, "_recoup.go.shop.example", 7), Some(Said::More)));
        for end in 0..answer.len() {
            let _ = read(&answer[..end], "_recoup.go.shop.example", 7);
        }
    }
}
