//! Where a tap leads: always on the shop's own host, with the code applied, UTM and click id attached.

use url::Url;
use url::form_urlencoded;

use crate::campaigns::LinkTerms;

/// The landing parameter that carries the click id.
pub const CLICK_PARAMETER: &str = "rcp";

/// The cart attribute that carries the click id to checkout and order. Two underscores: not shown to themes.
pub const CLICK_ATTRIBUTE: &str = "__rcp";

/// What a destination is built from.
#[derive(Clone, Debug)]
pub struct Target<'a> {
    /// The shop's own address, `https://shop.example`, without a slash at the end.
    pub storefront: &'a str,
    /// The campaign's link terms.
    pub terms: &'a LinkTerms,
    /// The campaign's name, for `utm_campaign`.
    pub campaign: &'a str,
    /// The code to apply: present only while it is good.
    pub code: Option<&'a str>,
    /// The click's public id.
    pub click: &'a str,
    /// The query the visitor came with: kept whole, Meta's own click id among it.
    pub query: &'a str,
}

/// The address to send the shopper to. `None` when the shop's address or the path cannot make one on its own host.
pub fn build(target: &Target<'_>) -> Option<String> {
    let base = Url::parse(target.storefront).ok()?;
    let landing = base.join(&target.terms.destination).ok()?;
    if landing.origin() != base.origin() {
        return None;
    }
    let mut url = match target.code {
        Some(code) => {
            let mut url = base.clone();
            url.path_segments_mut().ok()?.clear().extend(["discount", code]);
            let path = landing[url::Position::BeforePath..url::Position::AfterQuery].to_owned();
            url.query_pairs_mut().append_pair("redirect", &path);
            url
        }
        None => landing,
    };
    let utm = &target.terms.utm;
    let ours = [
        ("utm_source", utm.source.as_str()),
        ("utm_medium", utm.medium.as_str()),
        ("utm_campaign", utm.campaign.as_deref().unwrap_or(target.campaign)),
        (CLICK_PARAMETER, target.click),
    ];
    let mut pairs = url.query_pairs_mut();
    for (key, value) in form_urlencoded::parse(target.query.as_bytes()) {
        // Ours win, and nobody outside chooses where `redirect` leads.
        if key != "redirect" && !ours.iter().any(|(own, _)| *own == key) {
            pairs.append_pair(&key, &value);
        }
    }
    pairs.extend_pairs(ours);
    drop(pairs);
    Some(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(destination: &str) -> LinkTerms {
        LinkTerms { destination: destination.into(), ..LinkTerms::default() }
    }

    fn built(terms: &LinkTerms, code: Option<&str>, query: &str) -> Option<String> {
        build(&Target { storefront: "https://shop.example", terms, campaign: "Winback", code, click: "C1", query })
    }

    #[test]
    fn the_code_is_applied_on_the_way() {
        assert_eq!(
            built(&terms("/collections/sale?sort=new"), Some("WIN7K2M9QXD"), "fbclid=x").unwrap(),
            "https://shop.example/discount/WIN7K2M9QXD?redirect=%2Fcollections%2Fsale%3Fsort%3Dnew&fbclid=x&utm_source=whatsapp&utm_medium=message&utm_campaign=Winback&rcp=C1"
        );
        assert_eq!(
            built(&terms("/products/x"), None, "").unwrap(),
            "https://shop.example/products/x?utm_source=whatsapp&utm_medium=message&utm_campaign=Winback&rcp=C1"
        );
    }

    #[test]
    fn nobody_outside_chooses_the_host_or_our_parameters() {
        let url = built(&terms("/x"), Some("A"), "redirect=//evil.example&utm_source=evil&rcp=forged").unwrap();
        assert!(url.starts_with("https://shop.example/discount/A?redirect=%2Fx&"), "{url}");
        assert!(!url.contains("evil") && !url.contains("forged"), "{url}");
        for wrong in ["//evil.example/x", "https://evil.example", "/\\evil.example"] {
            assert_eq!(built(&terms(wrong), None, ""), None, "{wrong}");
        }
    }
}
