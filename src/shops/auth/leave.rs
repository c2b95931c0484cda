//! Where a page may lead the browser's own window: ourselves, Shopify's admin, the proven shop. HTTPS and nothing else.

use url::Url;

use crate::shopify::ShopDomain;

/// What the admin adds to our addresses, and must not get back: some of it is secret for a minute.
const OURS_ALONE: [&str; 10] =
    ["hmac", "locale", "protocol", "session", "id_token", "shop", "timestamp", "host", "embedded", "appLoadId"];

/// The address, if the browser may be sent there.
pub(super) fn target(text: &str, public_url: &str, shop: Option<&ShopDomain>) -> Option<Url> {
    // What browsers and programs read differently is not read at all.
    if text.bytes().any(|b| !b.is_ascii_graphic() || b == b'\\') {
        return None;
    }
    let mut url = Url::parse(text).ok()?;
    let bare = url.username().is_empty() && url.password().is_none();
    if url.scheme() != "https" || !bare {
        return None;
    }
    if Url::parse(public_url).is_ok_and(|ours| ours.origin() == url.origin()) {
        return Some(url);
    }
    let host = url.host_str()?;
    let theirs = host == "admin.shopify.com" || shop.is_some_and(|shop| host == shop.as_str());
    if !theirs || url.port().is_some() {
        return None;
    }
    let kept: Vec<(String, String)> =
        url.query_pairs().into_owned().filter(|(name, _)| !OURS_ALONE.contains(&name.as_str())).collect();
    url.set_query(None);
    if !kept.is_empty() {
        url.query_pairs_mut().extend_pairs(kept);
    }
    Some(url)
}

/// Whether an address is one of our own pages.
pub(super) fn is_ours(text: &str, public_url: &str) -> bool {
    let plain = text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    let origins = Url::parse(text).ok().zip(Url::parse(public_url).ok());
    plain && origins.is_some_and(|(there, ours)| there.origin() == ours.origin() && there.username().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn leads(text: &str) -> Option<String> {
        let shop = ShopDomain::parse("ana.myshopify.com").unwrap();
        target(text, "https://recoup.example", Some(&shop)).map(String::from)
    }

    #[test]
    fn our_own_pages_are_known_by_their_origin() {
        for (text, ours) in [
            ("https://recoup.example/orders?x=1", true),
            ("https://recoup.example:443/", true),
            ("http://recoup.example/", false),
            ("https://evil.example/recoup.example", false),
            ("https://recoup.example@evil.example/", false),
            ("https://x@recoup.example/", false),
            ("//recoup.example/", false),
            ("https:\\\\evil.example", false),
            ("javascript:alert(1)", false),
            ("", false),
        ] {
            assert_eq!(is_ours(text, "https://recoup.example"), ours, "{text}");
        }
    }

    #[test]
    fn leads_to_the_list() {
        for good in [
            "https://recoup.example/auth?shop=ana.myshopify.com",
            "https://admin.shopify.com/store/ana/apps/x",
            "https://ana.myshopify.com/admin/apps",
        ] {
            assert_eq!(leads(good).as_deref(), Some(good));
        }
        let admin = "https://admin.shopify.com/store/ana?id_token=a&keep=1&hmac=b&host=c&appLoadId=d";
        assert_eq!(leads(admin).as_deref(), Some("https://admin.shopify.com/store/ana?keep=1"));
    }

    #[test]
    fn and_nowhere_else() {
        for wrong in [
            "",
            "/admin",
            "//evil.example",
            "http://admin.shopify.com/",
            "http://recoup.example/",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://evil.example",
            "https://evil.example/admin.shopify.com",
            "https://admin.shopify.com.evil.example/",
            "https://admin.shopify.com@evil.example/",
            "https://x@admin.shopify.com/",
            "https://admin.shopify.com:8443/",
            "https://admin.shopify.com\\@evil.example/",
            "https://evil.example\\admin.shopify.com",
            "https://evil.example#admin.shopify.com",
            "https://evil.example?admin.shopify.com",
            "https://bea.myshopify.com/",
            "https://myshopify.com/",
            "https://ana.myshopify.com.evil.example/",
            "https://recoup.example.evil.example/",
            "https://recoup.example:444/",
            "https://notadmin.shopify.com/",
            "\u{1}https://[::1]/",
            "https:///evil.example",
            "https://xn--dmin-moa0i.shopify.com/",
        ] {
            assert_eq!(leads(wrong), None, "{wrong}");
        }
        assert_eq!(target("https://ana.myshopify.com/", "https://recoup.example", None), None);
    }

    proptest! {
        #[test]
        fn whatever_is_asked_the_host_is_of_the_list(text in "(https?:)?[/\\\\]{0,3}[a-z.@:\\\\#?]{0,12}(admin\\.shopify\\.com|recoup\\.example|evil\\.example)?.{0,8}") {
            if let Some(url) = leads(&text) {
                let url = Url::parse(&url).unwrap();
                prop_assert_eq!(url.scheme(), "https");
                prop_assert!(["admin.shopify.com", "recoup.example", "ana.myshopify.com"].contains(&url.host_str().unwrap()));
            }
        }
    }
}
