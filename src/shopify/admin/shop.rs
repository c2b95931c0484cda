//! What we want to know of a shop: its id, its money, its time, its addresses.

use secrecy::SecretString;

use super::documents::{ShopInfo as Document, shop_info as wire};
use super::{Admin, AdminError};
use crate::kernel::id::ShopId;
use crate::shopify::{ShopDomain, parse_gid};

/// A shop as Shopify describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShopInfo {
    /// Shopify's number for it.
    pub id: ShopId,
    /// Its name for people.
    pub name: String,
    /// Its permanent name.
    pub domain: ShopDomain,
    /// The code of the money it counts in, as Shopify writes it. One that cannot be counted is no reason to turn the shop
    /// away.
    pub currency: String,
    /// IANA name of its time zone.
    pub time_zone: String,
    /// Where shoppers find it, `https://shop.example`.
    pub primary_url: String,
    /// The host of that address.
    pub primary_host: String,
    /// Its address at Shopify.
    pub url: String,
    /// ISO 3166 alpha-2 country of its address.
    pub country: Option<String>,
    /// Whether its prices contain taxes.
    pub taxes_included: bool,
}

/// Asks a shop about itself.
pub async fn shop_info(admin: &Admin, shop: &ShopDomain, token: &SecretString) -> Result<ShopInfo, AdminError> {
    let answer = admin.call::<Document>(shop, token, wire::Variables {}).await?;
    read(answer.data.shop)
}

fn read(shop: wire::ShopInfoShop) -> Result<ShopInfo, AdminError> {
    let unusable = |what: &str| AdminError::Protocol(format!("the shop's {what} cannot be used"));
    let id = parse_gid(&shop.id).filter(|(kind, _)| *kind == "Shop").ok_or_else(|| unusable("id"))?.1;
    Ok(ShopInfo {
        id: ShopId(id),
        name: shop.name,
        domain: ShopDomain::parse(&shop.myshopify_domain).map_err(|_| unusable("domain"))?,
        currency: shop.currency_code,
        time_zone: shop.iana_timezone,
        primary_url: shop.primary_domain.url,
        primary_host: shop.primary_domain.host,
        url: shop.url,
        country: shop.shop_address.country_code_v2,
        taxes_included: shop.taxes_included,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_shop() {
        let data = serde_json::json!({"shop": {
            "id": "gid://shopify/Shop/548380009", "name": "Example", "myshopifyDomain": "example.myshopify.com",
            "currencyCode": "EUR", "ianaTimezone": "Europe/Vienna",
            "primaryDomain": {"url": "https://shop.example", "host": "shop.example"},
            "url": "https://example.myshopify.com", "shopAddress": {"countryCodeV2": "AT"}, "taxesIncluded": true,
        }});
        let shop = read(serde_json::from_value::<wire::ResponseData>(data).unwrap().shop).unwrap();
        assert_eq!(
            (shop.id, shop.currency.as_str(), shop.country.as_deref()),
            (ShopId(548_380_009), "EUR", Some("AT"))
        );
    }
}
