//! Where a tap leads: always on the shop's own host, with the code applied, UTM and click id attached.
//!
//! ```text
//! code, a page            /discount/CODE?redirect=<page>&…
//! code, /cart/1:2,…       /cart/1:2,…?discount=CODE&attributes[__rcp]=<click>&…      a cart permalink goes to checkout
//! the checkout            its recovery address, unchanged, &discount=CODE&…       or /cart when it cannot be opened again
//! code that is over       the same place without it, and rcp_expired=1, by which a theme may tell the shopper
//! ```
//!
//! What the visitor came with passes through byte for byte, but never one of our own names.

use url::Url;
use url::form_urlencoded::{self, Serializer};

use super::resolve::Carried;
use crate::campaigns::{Campaign, TO_CHECKOUT, Utm, own_path};
use crate::kernel::Timestamp;

/// The landing parameter that carries the click id.
pub const CLICK_PARAMETER: &str = "rcp";

/// The cart attribute that carries the click id to checkout and order. Two underscores: not shown to themes.
pub const CLICK_ATTRIBUTE: &str = "__rcp";

/// The landing parameter that says that the message's code is over. A theme may read it.
pub const OVER_PARAMETER: &str = "rcp_expired";

/// [`CLICK_ATTRIBUTE`] as a parameter of a cart permalink.
const CLICK_ATTRIBUTE_PARAMETER: &str = "attributes[__rcp]";

/// A place on a shop's own host, checked and taken apart once for all taps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// With its query.
    path: String,
    fragment: String,
    /// A cart permalink, which takes the code and attributes as parameters.
    permalink: bool,
}

impl Way {
    /// Where a campaign's links lead when there is no checkout to lead back to. It was checked when it was written; a row
    /// may have been written otherwise: `None`.
    pub fn of(campaign: &Campaign) -> Option<Self> {
        let written = &campaign.link.destination;
        let path = own_path(if written == TO_CHECKOUT { CART } else { written })?;
        let (path, fragment) = path.split_once('#').unwrap_or((&path, ""));
        Some(Self { path: path.to_owned(), fragment: fragment.to_owned(), permalink: permalink(path) })
    }

    /// The shop's front page.
    pub fn front() -> Self {
        Self { path: "/".to_owned(), fragment: String::new(), permalink: false }
    }
}

/// What a destination is built from.
#[derive(Clone, Debug)]
pub struct Target<'a> {
    /// The shop's own address, `https://shop.example`.
    pub storefront: &'a str,
    /// Where on it.
    pub way: &'a Way,
    /// The campaign; `None`: nothing is known but the shop.
    pub campaign: Option<&'a Campaign>,
    /// The shop's UTM values, for what the campaign does not say.
    pub preset: &'a Utm,
    /// The address of the checkout the link leads back to, on the shop's own host; `None`: the shopper's cart instead.
    pub checkout: Option<&'a str>,
    /// When the message was composed.
    pub made_at: Timestamp,
    /// The code.
    pub code: Carried<'a>,
    /// The click's public id.
    pub click: &'a str,
    /// The query the visitor came with: kept whole, Meta's own click id among it.
    pub query: &'a str,
}

/// The cart, for whom the checkout cannot be opened again.
const CART: &str = "/cart";

/// The address to send the shopper to. `None` when the shop's own address is none.
pub fn build(target: &Target<'_>) -> Option<String> {
    let mut url = String::with_capacity(512);
    if let Some(checkout) = target.checkout {
        // Shopify made it: every parameter stays as it is.
        url.push_str(checkout);
        add(&mut url, "", target, Apply::Parameter);
        return Some(url);
    }
    let base = Url::parse(target.storefront).ok()?;
    url.push_str(&base[..url::Position::BeforePath]);
    let Way { path, fragment, permalink } = target.way;
    let apply = match target.code {
        _ if *permalink => Apply::Permalink,
        Carried::Good(code) => {
            let mut way = base.clone();
            way.path_segments_mut().ok()?.clear().extend(["discount", code]);
            url.push_str(&way[url::Position::BeforePath..url::Position::AfterPath]);
            url.push_str("?redirect=");
            url.extend(form_urlencoded::byte_serialize(path.as_bytes()));
            Apply::Done
        }
        Carried::Over | Carried::None => Apply::Done,
    };
    if !matches!((apply, target.code), (Apply::Done, Carried::Good(_))) {
        url.push_str(path);
    }
    add(&mut url, fragment, target, apply);
    Some(url)
}

/// What is left to do for the code to be applied.
#[derive(Clone, Copy)]
enum Apply {
    /// Nothing: it is in the path, or there is none.
    Done,
    /// The page takes it as a parameter.
    Parameter,
    /// So does a cart permalink, and cart attributes beside it.
    Permalink,
}

/// The visitor's own parameters, then ours.
fn add(url: &mut String, fragment: &str, target: &Target<'_>, apply: Apply) {
    for pair in target.query.split('&').filter(|pair| !pair.is_empty() && theirs(pair, target.campaign.is_some())) {
        and(url);
        url.push_str(pair);
    }
    let mut ours = Serializer::new(String::with_capacity(256));
    if let (Carried::Good(code), Apply::Parameter | Apply::Permalink) = (target.code, apply) {
        ours.append_pair("discount", code);
    }
    if let Some(campaign) = target.campaign {
        ours.extend_pairs(utm(campaign, target.preset, target.made_at));
    }
    if target.code == Carried::Over {
        ours.append_pair(OVER_PARAMETER, "1");
    }
    if !target.click.is_empty() {
        if matches!(apply, Apply::Permalink) {
            ours.append_pair(CLICK_ATTRIBUTE_PARAMETER, target.click);
        }
        ours.append_pair(CLICK_PARAMETER, target.click);
    }
    let ours = ours.finish();
    if !ours.is_empty() {
        and(url);
        url.push_str(&ours);
    }
    if !fragment.is_empty() {
        url.push('#');
        url.push_str(fragment);
    }
}

/// A checkout's address, if it lies on one of the shop's own hosts.
pub fn own_checkout(address: &str, hosts: [&str; 2]) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    let own = |host: &str| Url::parse(host).is_ok_and(|own| own.origin() == url.origin());
    url.username().is_empty() && url.password().is_none() && url.fragment().is_none() && hosts.into_iter().any(own)
}

/// `/cart/<variant>:<quantity>[,…]`, as Shopify reads it.
fn permalink(path: &str) -> bool {
    let path = path.split('?').next().unwrap_or(path);
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    path.strip_prefix("/cart/").is_some_and(|items| {
        items.split(',').all(|item| item.split_once(':').is_some_and(|(variant, many)| number(variant) && number(many)))
    })
}

fn and(url: &mut String) {
    // The host has no question mark, and no fragment is written yet.
    url.push(if url.contains('?') { '&' } else { '?' });
}

/// Whether a parameter of the visitor's is theirs to choose.
fn theirs(pair: &str, marked: bool) -> bool {
    let name = form_urlencoded::parse(pair.split('=').next().unwrap_or(pair).as_bytes()).next();
    let name = name.map(|(name, _)| name.trim().to_ascii_lowercase()).unwrap_or_default();
    let leads_on = ["redirect", "return_", "continue_to", "checkout_url"].iter().any(|own| name.starts_with(own));
    let marks = ["utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term"].contains(&name.as_str());
    let own = [CLICK_PARAMETER, OVER_PARAMETER, "discount", CLICK_ATTRIBUTE_PARAMETER].contains(&name.as_str());
    !(leads_on || own || marked && marks)
}

fn utm(campaign: &Campaign, preset: &Utm, made_at: Timestamp) -> Vec<(&'static str, String)> {
    let link = &campaign.link;
    link.utm.pairs(preset, |name| match name {
        "campaign" => Some(campaign.name.clone()),
        "campaign_id" => Some(campaign.id.to_string()),
        "kind" => serde_json::to_value(campaign.kind).ok()?.as_str().map(str::to_owned),
        "message" => Some(link.message.clone().unwrap_or_default()),
        "step" => Some(link.step.clone().unwrap_or_default()),
        "date" => made_at.to_string().get(..10).map(str::to_owned),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permalink_is_told_from_a_page() {
        for yes in ["/cart/1:1", "/cart/70881412:1,70881413:2", "/cart/1:1?note=x"] {
            assert!(permalink(yes), "{yes}");
        }
        for no in ["/cart", "/cart/", "/cart/add", "/cart/1", "/cart/1:", "/cart/a:1", "/products/1:1", "/cart/1:1/x"] {
            assert!(!permalink(no), "{no}");
        }
    }

    #[test]
    fn a_checkout_on_another_host_is_nobodys() {
        let hosts = ["https://shop.example", "https://shop.myshopify.com"];
        for own in ["https://shop.example/7/checkouts/ac/x/recover?key=k", "https://shop.myshopify.com/7/recover?key=k"]
        {
            assert!(own_checkout(own, hosts), "{own}");
        }
        for wrong in [
            "https://evil.example/7/recover?key=k",
            "http://shop.example/7/recover",
            "https://shop.example.evil.example/",
            "https://shop.example@evil.example/",
            "https://user@shop.example/",
            "https://shop.example:8443/",
            "https://shop.example/#x",
            "//shop.example/",
            "",
        ] {
            assert!(!own_checkout(wrong, hosts), "{wrong}");
        }
    }

    #[test]
    fn a_visitor_chooses_nothing_of_ours() {
        for theirs_ in ["fbclid=x", "wa_id=1", "a%20b=c", "x", "rcpx=1", "my_utm_source=1"] {
            assert!(theirs(theirs_, true), "{theirs_}");
        }
        let ours =
            ["redirect=/x", "Redirect=x", "re%64irect=x", "redirect[]=x", "return_to=x", "discount=FREE", "rcp=x"];
        for ours in
            ours.into_iter().chain(["rcp_expired=1", "attributes%5B__rcp%5D=x", "attributes[__rcp]=x", "+rcp=x"])
        {
            assert!(!theirs(ours, true), "{ours}");
        }
        assert!(!theirs("utm_source=evil", true) && theirs("utm_source=ads", false));
    }
}
