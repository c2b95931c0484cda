//! Whether a visit is a person or a machine, and why we think so. Every visit is kept with its verdict.

/// A verdict and its reason, in words that stand in reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it counts as a human click.
    pub human: bool,
    /// Why.
    pub reason: &'static str,
}

/// Parts of user agents that fetch links on their own. WhatsApp's preview fetcher calls itself `WhatsApp/2.… A|I|N`
/// (Meta, "link previews"); the others are the crawlers' own published names.
const MACHINES: &[&str] = &[
    "whatsapp/",
    "facebookexternalhit",
    "facebookexternalua",
    "facebookcatalog",
    "meta-externalagent",
    "telegrambot",
    "twitterbot",
    "slackbot",
    "discordbot",
    "linkedinbot",
    "skypeuripreview",
    "pinterestbot",
    "googlebot",
    "bingbot",
    "applebot",
    "yandexbot",
    "duckduckbot",
    "baiduspider",
    "ahrefsbot",
    "semrushbot",
    "headlesschrome",
    "curl/",
    "wget/",
    "python-requests",
    "go-http-client",
    "okhttp",
    "java/",
    "libwww-perl",
    "bot/",
    "spider",
    "crawler",
];

/// Judges a GET by its headers. `None` stands for an absent header.
pub fn judge(user_agent: Option<&str>, purpose: Option<&str>) -> Verdict {
    let machine = |reason| Verdict { human: false, reason };
    if purpose.is_some_and(|purpose| {
        purpose.to_ascii_lowercase().contains("prefetch") || purpose.eq_ignore_ascii_case("preview")
    }) {
        return machine("prefetch");
    }
    let Some(agent) = user_agent.map(str::trim).filter(|agent| !agent.is_empty()) else {
        return machine("no user agent");
    };
    let agent = agent.to_ascii_lowercase();
    if agent.starts_with("whatsapp/") {
        return machine("WhatsApp link preview");
    }
    if MACHINES.iter().any(|part| agent.contains(part)) {
        return machine("known crawler");
    }
    Verdict { human: true, reason: "browser" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn previews_and_prefetches_are_never_human() {
        let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1";
        assert!(judge(Some(iphone), None).human);
        assert_eq!(judge(Some(iphone), Some("prefetch;prerender")).reason, "prefetch");
        assert_eq!(judge(Some("WhatsApp/2.24.20.89 A"), None).reason, "WhatsApp link preview");
        assert!(!judge(Some("facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"), None).human);
        assert!(!judge(None, None).human);
        assert!(!judge(Some(""), None).human);
    }
}
