//! What a discount's redeem codes are called at Shopify, and whether a deletion has come to its end.

use secrecy::SecretString;

use super::discount::DiscountGid;
use super::discounts::{DiscountError, JobGid, RedeemCodeGid};
use super::documents::{self, job_done as job, redeem_codes as wire};
use super::{Admin, AdminError};
use crate::shopify::ShopDomain;

/// Codes of a discount, and where the next page begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CodePage {
    /// Each code's text and id.
    pub codes: Vec<(String, RedeemCodeGid)>,
    /// The next page, if there is one.
    pub next: Option<String>,
}

/// A page of at most 250 codes of a discount, oldest first.
pub async fn codes_of(
    admin: &Admin,
    shop: &ShopDomain,
    token: &SecretString,
    discount: &DiscountGid,
    after: Option<String>,
) -> Result<CodePage, DiscountError> {
    use wire::RedeemCodesDiscountNodeDiscount as Discount;
    let variables = wire::Variables { discount: discount.0.clone(), after };
    let data = admin.call::<documents::RedeemCodes>(shop, token, variables).await?.data;
    Ok(match data.discount_node.ok_or(DiscountError::Missing)?.discount {
        Discount::DiscountCodeBasic(basic) => CodePage {
            codes: basic.codes.nodes.into_iter().map(|code| (code.code, RedeemCodeGid(code.id))).collect(),
            next: basic.codes.page_info.end_cursor.filter(|_| basic.codes.page_info.has_next_page),
        },
        Discount::DiscountCodeFreeShipping(shipping) => CodePage {
            codes: shipping.codes.nodes.into_iter().map(|code| (code.code, RedeemCodeGid(code.id))).collect(),
            next: shipping.codes.page_info.end_cursor.filter(|_| shipping.codes.page_info.has_next_page),
        },
        _ => CodePage::default(),
    })
}

/// Whether Shopify is through with something it does in its own time. A job it has forgotten is done.
pub async fn job_done(admin: &Admin, shop: &ShopDomain, token: &SecretString, id: &JobGid) -> Result<bool, AdminError> {
    let data = admin.call::<documents::JobDone>(shop, token, job::Variables { id: id.0.clone() }).await?.data;
    Ok(data.job.is_none_or(|job| job.done))
}
