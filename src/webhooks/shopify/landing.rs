//! What an order's landing page and referrer say of the channel the visit came by. The addresses themselves are not
//! kept: their queries carry whatever other apps write there, people's e-mail addresses among it.

use url::{Url, form_urlencoded};

use crate::links::CLICK_PARAMETER;

/// Parameters whose values are kept: they name campaigns, not people.
const VALUES: [&str; 3] = ["utm_source", "utm_medium", "utm_campaign"];

/// Parameters of which only the name is kept: click ids of advertisers and senders, and ours.
const NAMES: [&str; 17] = [
    "gclid",
    "gbraid",
    "wbraid",
    "dclid",
    "gad_source",
    "fbclid",
    "ttclid",
    "msclkid",
    "epik",
    "ScCid",
    "twclid",
    "li_fat_id",
    "srsltid",
    "_kx",
    "mc_eid",
    "irclickid",
    "rcp",
];

/// Longer values are nobody's campaign.
const LONGEST: usize = 100;

/// Longer click ids than ours are somebody else's.
pub(super) const CLICK_LENGTH: usize = 64;

/// The part of a landing page's address that tells the channel, as a query; `""` when nothing does.
pub fn channel_part(site: &str) -> String {
    let query = query(site);
    let mut kept = form_urlencoded::Serializer::new(String::new());
    for (key, value) in form_urlencoded::parse(query.as_bytes()).take(50) {
        // Somebody who writes an address into a campaign's name means a person.
        let name = value.chars().filter(|c| !c.is_control()).take(LONGEST).collect::<String>();
        if VALUES.contains(&&*key) && !name.contains('@') {
            kept.append_pair(&key, &name);
        } else if NAMES.contains(&&*key) {
            kept.append_key_only(&key);
        }
    }
    kept.finish()
}

/// The click id of one of our links in the address of the page a visit began on.
pub fn click(site: &str) -> Option<String> {
    let found = form_urlencoded::parse(query(site).as_bytes()).find(|(key, _)| key == CLICK_PARAMETER)?;
    Some(found.1.into_owned()).filter(|id| !id.is_empty() && id.len() <= CLICK_LENGTH && !id.contains('\0'))
}

/// The query of an address: a path today, a whole address in old data and in the Admin API.
fn query(site: &str) -> &str {
    site.split_once('?').map_or("", |(_, query)| query.split('#').next().unwrap_or_default())
}

/// The host of an address, without `www.`.
pub fn host(site: &str) -> Option<String> {
    let host = Url::parse(site).ok()?.host_str()?.to_ascii_lowercase();
    Some(host.strip_prefix("www.").unwrap_or(&host).chars().take(LONGEST).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_are_kept_and_people_are_not() {
        let site = "/p/x?utm_source=Klaviyo&utm_medium=email&_kx=abc%40x&email=ana%40example.com&utm_campaign=a%40b.c&gclid=1#x";
        assert_eq!(channel_part(site), "utm_source=Klaviyo&utm_medium=email&_kx&gclid");
        assert_eq!(channel_part("https://shop.example/"), "");
        assert_eq!(host("https://www.Google.com/search?q=me"), Some("google.com".into()));
        assert_eq!(host("android-app://com.google.android.gm/"), Some("com.google.android.gm".into()));
        assert_eq!((host(""), host("/x")), (None, None));
        assert_eq!(click("https://shop.example/?a=1&rcp=7n42DGM5#x").as_deref(), Some("7n42DGM5"));
        assert_eq!((click("/?rcp="), click("/rcp=7n42")), (None, None));
    }
}
