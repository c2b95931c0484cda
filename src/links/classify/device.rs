//! Telling the taps of one device on one link from those of another, without knowing whose it is.
//!
//! Half an hour of taps of one device on one link is one visit. To see that, a hit keeps a mark: 16 bits of a keyed hash
//! of the link, the address and the browser's name.
//!
//! - **No address is stored**, nor anything an address can be had from: 16 bits fit some 65,000 addresses for every
//!   browser there is, so that not even we, who hold the key, could say which.
//! - The link is the salt: a device has another mark on every link, so nobody can be followed from one message to
//!   the next. A link belongs to one message, and its marks go with its signs after ninety days.
//! - Two devices on one link share a mark once in 65,536: then two visits count as one, and no tap is lost.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::kernel::Vault;
use crate::kernel::id::ShopId;

/// The mark of a device on a link, never 0.
pub fn device(vault: &Vault, shop: ShopId, slug: &str, address: Option<IpAddr>, agent: Option<&str>) -> i32 {
    let (digits, length) = address.map_or(([0; 8], 0), network);
    let parts = [slug.as_bytes(), &[0], &digits[..length], &[0], agent.unwrap_or_default().as_bytes()];
    let digest = vault.keyed_hash(shop, "device", &parts);
    i32::from(u16::from_be_bytes([digest[0], digest[1]])).max(1)
}

/// What of an address stands for one line, and how many bytes that is: one household has a /64 and changes within it.
pub fn network(address: IpAddr) -> ([u8; 8], usize) {
    let mut digits = [0; 8];
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            digits.copy_from_slice(&v6.octets()[..8]);
            (digits, 8)
        }
        IpAddr::V4(v4) => {
            digits[..4].copy_from_slice(&v4.octets());
            (digits, 4)
        }
    }
}

/// Whose request it is: the connection's other end, unless that is a proxy we were told to trust. Then the last address
/// of `X-Forwarded-For` that is no such proxy; what stands before it anybody may have written.
pub fn address(peer: Option<IpAddr>, forwarded: &[&str], trusted: &[IpNet]) -> Option<IpAddr> {
    let trusts = |address: &IpAddr| trusted.iter().any(|network| network.contains(&address.to_canonical()));
    let mut address = peer?;
    for hop in forwarded.iter().rev().flat_map(|line| line.rsplit(',')) {
        if !trusts(&address) {
            break;
        }
        let Some(next) = ip(hop) else { break };
        address = next;
    }
    Some(address)
}

/// Whom the nearest proxy says it speaks for: it writes behind what it was sent, which anybody may have invented.
pub fn nearest(forwarded: &str) -> Option<IpAddr> {
    ip(forwarded.rsplit(',').next()?)
}

/// An address as proxies write it; some write the port as well.
fn ip(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    hop.parse().ok().or_else(|| Some(hop.parse::<std::net::SocketAddr>().ok()?.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Chance;

    fn vault() -> Vault {
        Vault::new([1; 32], None, Chance::seeded(1)).with_pepper([2; 32])
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let ip = |text: &str| Some(text.parse::<IpAddr>().unwrap());
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
        assert_eq!(address(ip("203.0.113.9"), &["198.51.100.7"], &trusted), ip("203.0.113.9"), "anybody may write it");
        assert_eq!(address(ip("10.0.0.1"), &["198.51.100.7"], &trusted), ip("198.51.100.7"));
        assert_eq!(address(ip("10.0.0.1"), &["6.6.6.6, 198.51.100.7, 10.0.0.2"], &trusted), ip("198.51.100.7"));
        assert_eq!(address(ip("10.0.0.1"), &["6.6.6.6", "198.51.100.7, 10.0.0.2"], &trusted), ip("198.51.100.7"));
        assert_eq!(address(ip("::ffff:10.0.0.1"), &["198.51.100.7"], &trusted), ip("198.51.100.7"));
        assert_eq!(address(ip("10.0.0.1"), &["not an address"], &trusted), ip("10.0.0.1"));
        assert_eq!(address(ip("10.0.0.1"), &["198.51.100.7"], &[]), ip("10.0.0.1"), "nobody is trusted unasked");
        assert_eq!(address(None, &["198.51.100.7"], &trusted), None);
    }

    #[test]
    fn a_device_has_another_mark_on_every_link_and_many_addresses_share_one() {
        let (vault, shop) = (vault(), ShopId(7));
        let mark = |slug: &str, address: &str| device(&vault, shop, slug, address.parse().ok(), Some("Safari"));
        assert_eq!(mark("a", "203.0.113.9"), mark("a", "203.0.113.9"));
        assert_ne!(mark("a", "203.0.113.9"), mark("b", "203.0.113.9"));
        assert_eq!(mark("a", "2001:db8::1"), mark("a", "2001:db8::ffff"), "one household");
        let of_many = (0..200_000_u32).filter(|n| mark("a", &std::net::Ipv4Addr::from(*n).to_string()) == 4_711);
        assert!(of_many.count() > 0, "the mark fits many addresses");
    }
}
