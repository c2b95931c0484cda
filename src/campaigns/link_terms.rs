//! Where a campaign's links lead, and what the shop's analytics read of them.
//!
//! 1. A destination lies on the shop's own host and can never become another one.
//! 2. UTM values never name a person: their variables stand for things of the campaign.

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};
use url::Url;

use super::terms::Checked;
use crate::kernel::text::is_line;

/// The destination of a link that leads back to the checkout its message is about.
pub const TO_CHECKOUT: &str = "checkout";

/// UTM parameters; never anything personal. What is left out is the shop's preset (`/api/settings/links`), then Recoup's
/// own. Variables are filled in at the tap: `{campaign}` the campaign's name, `{campaign_id}`, `{kind}` its kind,
/// `{message}` and `{step}` the campaign's labels of that name, `{date}` the day the message was composed, in UTC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Utm {
    /// `utm_source`; `whatsapp` when nobody says otherwise.
    #[schema(example = "whatsapp")]
    pub source: Option<String>,
    /// `utm_medium`; `message` when nobody says otherwise.
    #[schema(example = "message")]
    pub medium: Option<String>,
    /// `utm_campaign`; the campaign's name when nobody says otherwise.
    pub campaign: Option<String>,
    /// `utm_content`; left out when nobody says otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "{message}-{step}")]
    pub content: Option<String>,
    /// `utm_term`; left out when nobody says otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub term: Option<String>,
}

/// What a UTM value may name in braces.
pub const UTM_VARIABLES: [&str; 6] = ["campaign", "campaign_id", "kind", "message", "step", "date"];

impl Utm {
    /// What is wrong with it.
    pub fn check(&self) -> Checked {
        for text in self.values().into_iter().flatten() {
            if text.is_empty() || text.len() > 100 || text.contains('@') || text.chars().any(char::is_control) {
                return Err(("link.utm", "Each UTM value is 1 to 100 characters and names no person."));
            }
            if expand(text, |name| UTM_VARIABLES.contains(&name).then(String::new)).is_none() {
                return Err((
                    "link.utm",
                    "A variable in braces is one of {campaign}, {campaign_id}, {kind}, {message}, {step} and {date}; write no other brace.",
                ));
            }
        }
        Ok(())
    }

    /// Parameter and value of each that is set: here, in the shop's preset, or usually. What comes out empty is left out.
    pub fn pairs(&self, preset: &Self, value: impl Fn(&str) -> Option<String>) -> Vec<(&'static str, String)> {
        let usual = [Some("whatsapp"), Some("message"), Some("{campaign}"), None, None];
        let mut pairs = Vec::with_capacity(usual.len());
        for (((name, own), shop), usual) in UTM_NAMES.into_iter().zip(self.values()).zip(preset.values()).zip(usual) {
            let Some(text) = own.or(shop).or(usual) else { continue };
            // What cannot be filled in was written by an older version: it stays as it is.
            let text =
                if text.contains('{') { expand(text, &value).unwrap_or_else(|| text.into()) } else { text.into() };
            if !text.is_empty() {
                pairs.push((name, text));
            }
        }
        pairs
    }

    fn values(&self) -> [Option<&str>; 5] {
        [&self.source, &self.medium, &self.campaign, &self.content, &self.term].map(Option::as_deref)
    }
}

/// The parameters UTM values travel as.
pub const UTM_NAMES: [&str; 5] = ["utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term"];

/// A text with its variables filled in; `None` when it names one that is unknown, or has a brace of no variable.
fn expand(text: &str, value: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut parts = text.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    if filled.contains('}') {
        return None;
    }
    for part in parts {
        let (name, rest) = part.split_once('}')?;
        if rest.contains('}') {
            return None;
        }
        filled.push_str(&value(name)?);
        filled.push_str(rest);
    }
    Some(filled)
}

/// Where a campaign's links lead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LinkTerms {
    /// A path on the shop, beginning with `/`: a product, a collection, a page, a cart permalink
    /// (`/cart/<variant>:<quantity>,…`). Or `checkout`: back to the checkout the message is about (`checkout_token`); where
    /// Shopify tells no recovery address, to a cart of the same items, or to the shopper's cart.
    #[schema(example = "/collections/sale")]
    pub destination: String,
    /// UTM parameters.
    pub utm: Utm,
    /// Your own word for the message of this campaign, 1–60 characters, for `{message}`; never a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "reminder")]
    pub message: Option<String>,
    /// Your own word for the step of a conversation, 1–60 characters, for `{step}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2")]
    pub step: Option<String>,
    /// Whether the link applies the code.
    pub auto_apply: bool,
}

impl Default for LinkTerms {
    fn default() -> Self {
        Self { destination: "/".into(), utm: Utm::default(), message: None, step: None, auto_apply: true }
    }
}

impl LinkTerms {
    /// The merchant's word for the message, which tells templates apart; empty: none was given.
    pub fn template_word(&self) -> &str {
        self.message.as_deref().unwrap_or_default()
    }

    /// The merchant's word for the step of a conversation; empty: none was given.
    pub fn step_word(&self) -> &str {
        self.step.as_deref().unwrap_or_default()
    }

    /// What is wrong with it.
    pub fn check(&self) -> Checked {
        if self.destination != TO_CHECKOUT && own_path(&self.destination).is_none() {
            return Err((
                "link.destination",
                "Write a path on the shop, such as /collections/sale, or the word checkout.",
            ));
        }
        for (field, label) in [("link.message", &self.message), ("link.step", &self.step)] {
            let Some(label) = label else { continue };
            if !is_line(label, 60) || label.contains(['@', '{', '}']) {
                return Err((field, "Write a word of 1 to 60 characters on one line that names no person."));
            }
        }
        self.utm.check()
    }
}

/// Parameters of Shopify's own pages that lead on to another page.
const LEADS_ON: [&str; 5] = ["redirect", "return_to", "return_url", "checkout_url", "continue_to"];

/// A path on the shop's own host, as a browser would read it: dots resolved, with its query. `None` for everything that
/// is, or after a redirect of the shop's own could become, another host: browsers read `//host` and `/\host` as hosts.
pub fn own_path(text: &str) -> Option<String> {
    let plain = text.starts_with('/') && text.len() <= 1_000 && !text.contains('\\');
    if !plain || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return None;
    }
    let base = Url::parse("https://shop.invalid").ok()?;
    let url = base.join(text).ok()?;
    let own = url.origin() == base.origin() && url.username().is_empty() && url.password().is_none();
    let decoded = percent_decoded(url.path());
    // Whoever decodes once more on the way must not find a host either.
    let twice = percent_decoded(&decoded);
    let another = [url.path(), &decoded, &twice]
        .into_iter()
        .any(|path| path.starts_with("//") || path.contains('\\') || path.chars().any(char::is_control));
    let leads_away = url.query_pairs().any(|(key, value)| {
        let key = key.to_ascii_lowercase();
        LEADS_ON.iter().any(|name| key.starts_with(name)) && own_path(&value).is_none()
    });
    (own && !another && !leads_away).then(|| url[url::Position::BeforePath..].to_owned())
}

fn percent_decoded(text: &str) -> String {
    // A plus is no space in a path.
    let pair = text.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    url::form_urlencoded::parse(pair.as_bytes()).map(|(key, _)| key.into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(destination: &str) -> Checked {
        LinkTerms { destination: destination.into(), ..LinkTerms::default() }.check()
    }

    #[test]
    fn destinations_stay_on_the_shop() {
        for wrong in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "evil",
            "",
            "/a b",
            "/a\nb",
            "javascript:x",
            "Checkout",
        ] {
            assert!(to(wrong).is_err(), "{wrong}");
        }
        for good in [
            "/",
            "/collections/sale?sort=price-ascending",
            "/products/f%C3%BC%C3%9Fe",
            "/cart/123:1,456:2?note=hello",
            "/discount/SPRING?redirect=%2Fcollections%2Fall",
            "checkout",
        ] {
            assert_eq!(to(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn only_known_variables_are_taken() {
        let check = |text: &str| Utm { content: Some(text.into()), ..Utm::default() }.check().is_ok();
        for good in ["step-2", "{campaign}-{date}", "{kind}", "x{campaign_id}y", "{message}/{step}"] {
            assert!(check(good), "{good}");
        }
        for wrong in
            ["{phone}", "{message_id}", "{", "}", "{campaign", "campaign}", "{{campaign}}", "{}", "a@b.example", ""]
        {
            assert!(!check(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_campaign_goes_before_its_shop_and_the_shop_before_the_usual() {
        let preset = Utm { medium: Some("wa-{kind}".into()), term: Some("{step}".into()), ..Utm::default() };
        let own = Utm { content: Some("{message}/{kind}".into()), ..Utm::default() };
        let value = |name: &str| {
            Some(match name {
                "campaign" => "Win & back".to_owned(),
                "kind" => "flow".to_owned(),
                "message" => "reminder".to_owned(),
                _ => String::new(),
            })
        };
        let pairs = own.pairs(&preset, value);
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let wanted = [
            ("utm_source", "whatsapp"),
            ("utm_medium", "wa-flow"),
            ("utm_campaign", "Win & back"),
            ("utm_content", "reminder/flow"),
        ];
        assert_eq!(pairs, wanted);
    }
}
