//! Networks of data centres, from lists the operator keeps: cloud providers publish their own.

use std::net::IpAddr;

use anyhow::Context;
use ipnet::IpNet;

use super::Env;

/// Wider ones are no list of data centres, but a slip that would call everybody a machine.
const WIDEST_V4: u8 = 8;
const WIDEST_V6: u8 = 16;

/// A set of networks; asking it is a binary search.
#[derive(Clone, Debug, Default)]
pub struct Networks(Vec<IpNet>);

impl Networks {
    /// Reads `RECOUP_DATA_CENTRES`: files, with commas. Each network written in a file counts, whatever stands around it:
    /// the providers' own JSON and CSV files are read as they are. `#` begins a comment.
    pub(super) fn read(env: &Env<'_>) -> anyhow::Result<Self> {
        let mut all = Vec::new();
        for file in env.or("RECOUP_DATA_CENTRES", "").split(',').map(str::trim).filter(|file| !file.is_empty()) {
            let text = std::fs::read_to_string(file)
                .with_context(|| format!("RECOUP_DATA_CENTRES names {file}, which cannot be read"))?;
            let found = written_in(&text).with_context(|| format!("in {file}, which RECOUP_DATA_CENTRES names"))?;
            all.extend(found);
        }
        Ok(Self(IpNet::aggregate(&all)))
    }

    /// Whether an address lies in one of them.
    pub fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let after = self.0.partition_point(|network| network.network() <= address);
        after.checked_sub(1).is_some_and(|before| self.0[before].contains(&address))
    }

    /// How many there are, neighbours joined.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no list was named.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn written_in(text: &str) -> anyhow::Result<Vec<IpNet>> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default());
    let words = lines.flat_map(|line| line.split(|c: char| !(c.is_ascii_hexdigit() || matches!(c, '.' | ':' | '/'))));
    let found: Vec<IpNet> = words.filter_map(|word| word.parse().ok()).collect();
    anyhow::ensure!(!found.is_empty(), "there is no network, such as 192.0.2.0/24");
    let wide = |network: &&IpNet| match network {
        IpNet::V4(network) => network.prefix_len() < WIDEST_V4,
        IpNet::V6(network) => network.prefix_len() < WIDEST_V6,
    };
    match found.iter().find(wide) {
        Some(network) => anyhow::bail!("{network} is too wide for a data centre"),
        None => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(text: &str, address: &str) -> bool {
        Networks(IpNet::aggregate(&written_in(text).unwrap())).contain(address.parse().unwrap())
    }

    #[test]
    fn the_providers_own_files_are_read_as_they_are() {
        let files = [
            r#"{"syncToken": "1", "prefixes": [{"ip_prefix": "192.0.2.0/25", "region": "x"}, {"ip_prefix":"192.0.2.128/25"}]}"#,
            r#"{"prefixes":[{"ipv4Prefix":"192.0.2.0/24"},{"ipv6Prefix":"2001:db8::/32"}]}"#,
            r#"{"values":[{"properties":{"addressPrefixes":["198.51.100.0/24","192.0.2.128/25"]}}]}"#,
            "198.51.100.0/24,NL,NL-NH,Amsterdam,1105\n192.0.2.0/24,DE,,,\n",
            "# ours\n192.0.2.0/24 # the old hall\n\n",
        ];
        for file in files {
            assert!(contains(file, "192.0.2.200"), "{file}");
            assert!(contains(file, "::ffff:192.0.2.200"), "{file}");
            assert!(!contains(file, "192.0.3.0") && !contains(file, "191.255.255.255"), "{file}");
        }
        assert!(contains(files[1], "2001:db8::1") && !contains(files[1], "2001:db9::1"));
    }

    #[test]
    fn a_slip_is_refused() {
        for wrong in ["", "# 192.0.2.0/24", "a page about clouds", "0.0.0.0/0", "192.0.2.0/24\n::/0"] {
            written_in(wrong).unwrap_err();
        }
    }

    #[test]
    fn every_address_is_answered_as_by_a_walk_through_the_list() {
        let text: String = (0..200_u32).map(|n| format!("{}.{}.0.0/{}\n", 20 + n % 7, n, 12 + n % 13)).collect();
        let (all, set) = (written_in(&text).unwrap(), Networks(IpNet::aggregate(&written_in(&text).unwrap())));
        for n in 0..20_000_u32 {
            let address = IpAddr::V4(std::net::Ipv4Addr::from((18 << 24) + n * 12_007));
            assert_eq!(set.contain(address), all.iter().any(|network| network.contains(&address)), "{address}");
        }
    }
}
