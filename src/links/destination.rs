//! Where a tap leads: always on the shop's own host, with the code applied, UTM and click id attached.
//!
//! ```text
//! code, a page            /discount/CODE?redirect=<page>&…
//! code, /cart/1:2,…       /cart/1:2,…?discount=CODE&attributes[__rcp]=<click>&…      a cart permalink goes to checkout
//! the checkout            its recovery address, unchanged, &discount=CODE&…
//!   no address is told    /cart/1:2,…?discount=CODE&…                             its items, as a cart permalink
//!   nor its items         /discount/CODE?redirect=/cart                           as when it became an order
//! code that is over       the same place without it, and rcp_expired=1, by which a theme may tell the shopper
//! ```
//!
//! What the visitor came with passes through byte for byte, but never one of our own names.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::form_urlencoded::{self, Serializer};
use url::{Host, Position, Url};

use crate::campaigns::{Campaign, TO_CHECKOUT, UTM_NAMES, Utm, own_path};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// The landing parameter that carries the click id.
pub const CLICK_PARAMETER: &str = "rcp";

/// The cart attribute that carries the click id to checkout and order. Two underscores: not shown to themes.
pub const CLICK_ATTRIBUTE: &str = "__rcp";

/// The landing parameter that says that the message's code is over. A theme may read it.
pub const OVER_PARAMETER: &str = "rcp_expired";

/// What a code may hold in a path as it is (RFC 3986, 2.3); everything else is escaped.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// [`CLICK_ATTRIBUTE`] as a parameter of a cart permalink.
const CLICK_ATTRIBUTE_PARAMETER: &str = "attributes[__rcp]";

/// Where a campaign's links lead, checked, taken apart and written out once for all its taps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The shop's own host, `https://shop.example`.
    host: String,
    /// With its query.
    path: String,
    /// The path as the value of a parameter.
    path_as_value: String,
    fragment: String,
    /// A cart permalink, which takes the code and attributes as parameters.
    permalink: bool,
    /// The UTM parameters, cut where the day of the message stands; `None`: no campaign is known, and the visitor's own
    /// stay.
    utm: Option<Vec<String>>,
}

/// Stands for the day until it is known: no UTM value and no name holds such a character. (In a name that was kept before
/// such names were refused it reads as the day.)
const DAY: &str = "\0";

/// [`DAY`] in a query.
const DAY_WRITTEN: &str = "%00";

impl Destination {
    /// Where a campaign's links lead when there is no checkout to lead back to, on a shop of this address, with the
    /// shop's UTM values for what the campaign does not say. It was checked when it was written; a row may have been
    /// written otherwise: `None`.
    pub fn of(campaign: &Campaign, storefront: &str, preset: &Utm) -> Option<Self> {
        let written = &campaign.link.destination;
        let path = own_path(if written == TO_CHECKOUT { CART } else { written })?;
        let (path, fragment) = path.split_once('#').unwrap_or((&path, ""));
        let marks = Serializer::new(String::new()).extend_pairs(utm(campaign, preset)).finish();
        let marks = if marks.is_empty() { Vec::new() } else { marks.split(DAY_WRITTEN).map(str::to_owned).collect() };
        Some(Self {
            permalink: permalink(path),
            fragment: fragment.to_owned(),
            utm: Some(marks),
            ..Self::to(storefront, path)?
        })
    }

    /// A shop's front page; `None` when the shop's address is none.
    pub fn front(storefront: &str) -> Option<Self> {
        Self::to(storefront, "/")
    }

    fn to(storefront: &str, path: &str) -> Option<Self> {
        Some(Self {
            host: Url::parse(storefront).ok()?[..Position::BeforePath].to_owned(),
            path: path.to_owned(),
            path_as_value: form_urlencoded::byte_serialize(path.as_bytes()).collect(),
            fragment: String::new(),
            permalink: false,
            utm: None,
        })
    }
}

/// How somebody comes back to a checkout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Back {
    /// Its recovery address, on a host of the shop's.
    Address(String),
    /// What was in it, as a cart permalink has it: `1:2,3:1`.
    Items(String),
}

/// A code as a tap meets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carried<'a> {
    /// To be applied.
    Good(&'a str),
    /// There was one; its time is over, or it was taken back.
    Over,
    /// None, none yet, or none that links apply.
    None,
}

/// What a destination is built from.
#[derive(Clone, Debug)]
pub struct Target<'a> {
    /// Where to.
    pub way: &'a Destination,
    /// How the checkout the link leads back to is opened; `None`: the shopper's cart instead.
    pub checkout: Option<&'a Back>,
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

/// The address to send the shopper to.
pub fn build(target: &Target<'_>) -> String {
    let mut url = String::with_capacity(512);
    let way = target.way;
    match target.checkout {
        Some(Back::Address(address)) => {
            // Shopify made it: every parameter stays as it is.
            url.push_str(address);
            add(&mut url, "", target, Apply::Parameter);
            return url;
        }
        Some(Back::Items(items)) => {
            url.extend([way.host.as_str(), "/cart/", items.as_str()]);
            add(&mut url, "", target, Apply::Permalink);
            return url;
        }
        None => url.push_str(&way.host),
    }
    let apply = match target.code {
        _ if way.permalink => Apply::Permalink,
        Carried::Good(code) => {
            url.push_str("/discount/");
            url.extend(utf8_percent_encode(code, SEGMENT));
            url.push_str("?redirect=");
            url.push_str(&way.path_as_value);
            add(&mut url, &way.fragment, target, Apply::Done);
            return url;
        }
        Carried::Over | Carried::None => Apply::Done,
    };
    url.push_str(&way.path);
    add(&mut url, &way.fragment, target, apply);
    url
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
    let utm = target.way.utm.as_deref();
    // The host has no question mark, and no fragment is written yet.
    let mut query = Query { mark: if url.contains('?') { '&' } else { '?' }, url };
    for pair in target.query.split('&') {
        // Some servers begin a parameter at a semicolon as well.
        for (part, pair) in pair.split(';').filter(|pair| !pair.is_empty() && theirs(pair, utm.is_some())).enumerate() {
            if part == 0 { query.next() } else { query.also() }.push_str(pair);
        }
    }
    if let (Carried::Good(code), Apply::Parameter | Apply::Permalink) = (target.code, apply) {
        query.pair("discount", code);
    }
    if let Some([first, dated @ ..]) = utm {
        let url = query.next();
        url.push_str(first);
        for part in dated {
            url.push_str(target.made_at.to_string().get(..10).unwrap_or_default());
            url.push_str(part);
        }
    }
    if target.code == Carried::Over {
        query.pair(OVER_PARAMETER, "1");
    }
    if !target.click.is_empty() {
        if matches!(apply, Apply::Permalink) {
            query.pair(CLICK_ATTRIBUTE_PARAMETER, target.click);
        }
        query.pair(CLICK_PARAMETER, target.click);
    }
    if !fragment.is_empty() {
        url.push('#');
        url.push_str(fragment);
    }
}

/// An address to which parameters are added.
struct Query<'a> {
    url: &'a mut String,
    /// What the next one begins with.
    mark: char,
}

impl Query<'_> {
    fn next(&mut self) -> &mut String {
        self.url.push(std::mem::replace(&mut self.mark, '&'));
        self.url
    }

    /// One that followed the one before by a semicolon.
    fn also(&mut self) -> &mut String {
        self.url.push(';');
        self.url
    }

    fn pair(&mut self, name: &str, value: &str) {
        let url = self.next();
        url.extend(form_urlencoded::byte_serialize(name.as_bytes()));
        url.push('=');
        url.extend(form_urlencoded::byte_serialize(value.as_bytes()));
    }
}

/// Whose checkout an address opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// It lies on a host we know the shop by.
    Ours,
    /// It lies on another domain, as the markets of a shop have them, and names its shop by Shopify's number.
    Of(ShopId),
}

/// Whose checkout an address opens; `None`: it is no address of a checkout.
pub fn whose_checkout(address: &str, hosts: [&str; 2]) -> Option<Whose> {
    let url = Url::parse(address).ok()?;
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return None;
    }
    if hosts.iter().any(|host| Url::parse(host).is_ok_and(|own| own.origin() == url.origin())) {
        return Some(Whose::Ours);
    }
    let public = url.scheme() == "https" && url.port().is_none() && matches!(url.host(), Some(Host::Domain(_)));
    let (number, rest) = url.path().strip_prefix('/').filter(|_| public)?.split_once("/checkouts/")?;
    let number = number.parse().ok().filter(|number| *number > 0 && !rest.is_empty())?;
    Some(Whose::Of(ShopId(number)))
}

/// Items as a cart permalink has them; `None` for everything else, whoever wrote it.
pub fn items(text: Option<String>) -> Option<Back> {
    text.filter(|text| permalink(&format!("/cart/{text}"))).map(Back::Items)
}

/// `/cart/<variant>:<quantity>[,…]`, as Shopify reads it.
fn permalink(path: &str) -> bool {
    let path = path.split('?').next().unwrap_or(path);
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    path.strip_prefix("/cart/").is_some_and(|items| {
        items.split(',').all(|item| item.split_once(':').is_some_and(|(variant, many)| number(variant) && number(many)))
    })
}

/// Parameters by which a page leads on to another one begin so.
const LEADS_ON: [&str; 4] = ["redirect", "return_", "continue_to", "checkout_url"];

const OURS: [&str; 4] = [CLICK_PARAMETER, OVER_PARAMETER, "discount", CLICK_ATTRIBUTE_PARAMETER];

/// Whether a parameter of the visitor's is theirs to choose.
fn theirs(pair: &str, marked: bool) -> bool {
    let name = form_urlencoded::parse(pair.split('=').next().unwrap_or(pair).as_bytes()).next();
    let name = name.as_ref().map_or("", |(name, _)| name.trim());
    let begins = |with: &&str| name.get(..with.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(with));
    let is = |one: &&str| name.eq_ignore_ascii_case(one);
    !(LEADS_ON.iter().any(begins) || OURS.iter().any(is) || marked && UTM_NAMES.iter().any(is))
}

fn utm(campaign: &Campaign, preset: &Utm) -> Vec<(&'static str, String)> {
    let link = &campaign.link;
    link.utm.pairs(preset, |name| match name {
        "campaign" => Some(campaign.name.clone()),
        "campaign_id" => Some(campaign.id.to_string()),
        "kind" => serde_json::to_value(campaign.kind).ok()?.as_str().map(str::to_owned),
        "message" => Some(link.message.clone().unwrap_or_default()),
        "step" => Some(link.step.clone().unwrap_or_default()),
        "date" => Some(DAY.to_owned()),
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
            assert_eq!(whose_checkout(own, hosts), Some(Whose::Ours), "{own}");
        }
        for wrong in [
            "https://evil.example/7/recover?key=k",
            "http://shop.example/7/recover",
            "https://evil.example/x/7/checkouts/ac/x/recover?key=k",
            "https://evil.example/7/checkouts/../../x",
            "https://evil.example/7/checkouts/",
            "http://shop-de.example/7/checkouts/ac/x/recover?key=k",
            "https://shop-de.example:444/7/checkouts/ac/x/recover?key=k",
            "https://127.0.0.1/7/checkouts/ac/x/recover?key=k",
            "https://shop.example.evil.example/",
            "https://shop.example@evil.example/",
            "https://user@shop.example/",
            "https://shop.example:8443/",
            "https://shop.example/#x",
            "//shop.example/",
            "",
        ] {
            assert_eq!(whose_checkout(wrong, hosts), None, "{wrong}");
        }
        let market = "https://shop-de.example/7/checkouts/ac/x/recover?key=k";
        assert_eq!(whose_checkout(market, hosts), Some(Whose::Of(ShopId(7))));
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

    #[test]
    fn a_semicolon_hides_nothing_of_ours() {
        let to = |query: &str| {
            let way = Destination::front("https://shop.example").unwrap();
            let made_at = Timestamp::from_seconds(0);
            build(&Target { way: &way, checkout: None, made_at, code: Carried::None, click: "c", query })
        };
        for hidden in
            ["a=1;redirect=%2F%2Fevil.example", "a=1;discount=FREE", "a=1;Return_To=x;rcp=x", "rcp=x;a=1", "&a=1;;&"]
        {
            assert_eq!(to(hidden), "https://shop.example/?a=1&rcp=c", "{hidden}");
        }
        assert_eq!(to("a=1;b=2&c;d"), "https://shop.example/?a=1;b=2&c;d&rcp=c", "what is theirs stays as it came");
    }
}
