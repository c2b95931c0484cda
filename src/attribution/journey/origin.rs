//! The channel a visit came by, from what its landing page's address and its referrer say. Pure, a table behind it.
//!
//! The first that answers wins: an advertiser's click id (nobody writes it by hand), the medium, the source, a click id
//! that proves no payment, the referrer, nothing: direct.

use url::form_urlencoded;

use super::Channel;
use super::sources::{CLICK_IDS, HOSTS, MEDIA, SEARCH, SOURCES};

/// Where a visit came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// By which channel.
    pub channel: Channel,
    /// Whether that channel is paid or owned and not ours.
    pub claims: bool,
    /// How that is known: follows "the visit".
    pub why: String,
}

/// The channel of a visit; `landing` is the part of its address that tells it (a query), `referrer` a host.
pub fn channel(landing: &str, referrer: Option<&str>) -> Origin {
    let pairs: Vec<(String, String)> = form_urlencoded::parse(landing.as_bytes()).into_owned().collect();
    let value = |name: &str| {
        let found = pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim().to_ascii_lowercase());
        found.filter(|value| !value.is_empty())
    };
    let origin = |(channel, claims), why: String| Origin { channel, claims, why };
    let ids = || CLICK_IDS.iter().filter(|(name, ..)| pairs.iter().any(|(key, _)| key == name));
    if let Some((name, channel, claims, whose)) =
        ids().find(|(_, channel, claims, _)| *claims || *channel == Channel::Whatsapp)
    {
        return origin((*channel, *claims), format!("began with a click id of {whose} (`{name}`)"));
    }
    let (source, medium) = (value("utm_source"), value("utm_medium"));
    let named = || {
        format!(
            "began at an address that says `{}` / `{}`",
            source.as_deref().unwrap_or("–"),
            medium.as_deref().unwrap_or("–")
        )
    };
    if let Some(found) = medium.as_deref().and_then(by_medium) {
        // "whatsapp / cpc" is an advertisement that opens a chat; "whatsapp / message" is a message.
        return origin(found, named());
    }
    if let Some(found) = source.as_deref().and_then(|source| entry(SOURCES, source).or_else(|| by_host(source))) {
        return origin(found, named());
    }
    if let Some((name, channel, claims, whose)) = ids().next() {
        return origin((*channel, *claims), format!("began with a click id of {whose} (`{name}`)"));
    }
    if source.is_some() || medium.is_some() {
        return origin((Channel::Other, false), named());
    }
    match referrer {
        Some(host) => {
            let found = by_host(host).unwrap_or((Channel::Referral, false));
            origin(found, format!("came from {host}"))
        }
        None => origin((Channel::Direct, false), "names nowhere it came from".to_owned()),
    }
}

fn by_medium(medium: &str) -> Option<(Channel, bool)> {
    let paid = medium.starts_with("paid") || medium.starts_with("cp") && medium.len() == 3;
    entry(MEDIA, medium).or_else(|| paid.then_some((Channel::Paid, true)))
}

fn by_host(host: &str) -> Option<(Channel, bool)> {
    let searches = || {
        let mut labels = host.rsplit('.').skip(1);
        labels.any(|label| SEARCH.contains(&label)) || SEARCH.contains(&host)
    };
    entry(HOSTS, host).or_else(|| searches().then_some((Channel::Organic, false)))
}

fn entry(table: &[(&str, Channel, bool)], word: &str) -> Option<(Channel, bool)> {
    table.iter().find(|(known, ..)| *known == word).map(|(_, channel, claims)| (*channel, *claims))
}

#[cfg(test)]
mod tests {
    use super::super::Channel::*;
    use super::*;

    /// Landing, referrer, channel, whether it claims the order.
    #[rustfmt::skip]
    const CASES: &[(&str, &str, Channel, bool)] = &[
        ("", "", Direct, false),
        ("", "google.com", Organic, false),
        ("", "google.at", Organic, false),
        ("", "google.co.uk", Organic, false),
        ("", "bing.com", Organic, false),
        ("", "duckduckgo.com", Organic, false),
        ("", "search.brave.com", Organic, false),
        ("", "de.search.yahoo.com", Organic, false),
        ("", "com.google.android.googlequicksearchbox", Organic, false),
        ("", "mail.google.com", Email, true),
        ("", "com.google.android.gm", Email, true),
        ("", "l.instagram.com", Referral, false),
        ("", "m.facebook.com", Referral, false),
        ("", "wolle-blog.example", Referral, false),
        ("", "web.whatsapp.com", Whatsapp, false),
        ("rcp", "", Whatsapp, false),
        ("utm_source=whatsapp&utm_medium=message&utm_campaign=Winback&rcp", "", Whatsapp, false),
        ("utm_source=whatsapp&utm_medium=message", "", Whatsapp, false),
        ("utm_source=WhatsApp", "l.wl.co", Whatsapp, false),
        ("utm_source=charles&utm_medium=whatsapp", "", Whatsapp, false),
        ("utm_source=Klaviyo&utm_medium=email&utm_campaign=BFCM&_kx", "", Email, true),
        ("utm_source=klaviyo&utm_medium=campaign", "", Email, true),
        ("utm_source=newsletter&utm_medium=email&utm_campaign=november", "", Email, true),
        ("utm_source=shopify_email&utm_medium=email", "", Email, true),
        ("utm_source=mailchimp", "mail.google.com", Email, true),
        ("mc_eid", "", Email, true),
        ("_kx", "", Email, true),
        ("utm_medium=E-Mail", "", Email, true),
        ("utm_source=google&utm_medium=cpc&utm_campaign=brand&gclid", "google.com", Paid, true),
        ("gclid", "google.de", Paid, true),
        ("gad_source&gbraid", "", Paid, true),
        ("gad_source&wbraid", "", Paid, true),
        ("msclkid", "bing.com", Paid, true),
        ("ttclid", "", Paid, true),
        ("utm_source=facebook&utm_medium=paid&fbclid", "l.facebook.com", Paid, true),
        ("utm_source=ig&utm_medium=paid_social&fbclid", "l.instagram.com", Paid, true),
        ("utm_source=fb&utm_medium=paidsocial", "", Paid, true),
        ("utm_source=google&utm_medium=display", "", Paid, true),
        ("utm_source=awin&utm_medium=affiliate", "awin1.com", Paid, true),
        ("utm_source=lisa&utm_medium=influencer", "l.instagram.com", Paid, true),
        ("utm_source=whatsapp&utm_medium=cpc", "", Paid, true),
        ("utm_source=pinterest&utm_medium=social&epik", "pinterest.com", Paid, true),
        ("utm_source=attentive&utm_medium=sms", "", Other, true),
        ("utm_source=postscript", "", Other, true),
        ("utm_source=pushowl&utm_medium=push", "", Other, true),
        ("utm_source=google&utm_medium=organic", "google.com", Organic, false),
        ("utm_source=google", "", Organic, false),
        ("utm_source=google&utm_medium=product_sync&utm_campaign=sag_organic", "", Organic, false),
        ("srsltid", "google.com", Organic, false),
        ("fbclid", "l.facebook.com", Referral, false),
        ("fbclid", "", Referral, false),
        ("utm_source=ig&utm_medium=social&utm_content=link_in_bio&fbclid", "l.instagram.com", Referral, false),
        ("utm_source=instagram&utm_medium=social", "", Referral, false),
        ("utm_source=partner.example&utm_medium=referral", "partner.example", Referral, false),
        ("utm_source=flyer&utm_medium=qr", "", Other, false),
        ("utm_source=&utm_medium=", "", Direct, false),
        ("utm_campaign=x", "", Direct, false),
        ("utm_source=%28direct%29&utm_medium=%28none%29", "", Direct, false),
    ];

    #[test]
    fn every_landing_has_its_channel() {
        assert!(CASES.len() >= 40);
        for (landing, referrer, expected, claims) in CASES {
            let found = channel(landing, Some(*referrer).filter(|host| !host.is_empty()));
            assert_eq!((found.channel, found.claims), (*expected, *claims), "{landing} from {referrer}: {}", found.why);
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_makes_it_stumble(landing in "\\PC{0,80}", referrer in "\\PC{0,30}") {
            proptest::prop_assert!(!channel(&landing, Some(&referrer)).why.is_empty());
        }
    }
}
