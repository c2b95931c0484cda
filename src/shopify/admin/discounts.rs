//! Discounts and their redeem codes.
//!
//! 1. Every code of a discount we make works once: the limit counts per code.
//! 2. Adding codes is not finished when it is accepted: [`progress`] tells when, [`bulk_creation`] which codes really exist.
//! 3. A refusal is data, not a failure of the call: [`DiscountError::Rejected`] carries Shopify's reasons.

use secrecy::SecretString;

use super::discount::{DiscountGid, DiscountKind, DiscountValue, NewDiscount, Seen};
use super::discount_input::{fixed_amount, free_shipping, order_discount, percentage};
use super::documents::{self, code_basic_create as basic, code_free_shipping_create as shipping};
use super::{Admin, AdminError, AdminFailure, UserError};
use crate::kernel::Timestamp;
use crate::shopify::ShopDomain;
use crate::shopify::gid::gid_type;

gid_type!(
    /// One request to add codes to a discount.
    BulkCreationGid
);
gid_type!(
    /// One redeem code of a discount; needed to delete it alone.
    RedeemCodeGid
);
gid_type!(
    /// Something Shopify does in its own time.
    JobGid
);

/// The most codes in one [`add_codes`], and the most ids in one [`delete_codes`].
pub const MOST_CODES: usize = 250;

/// Why a discount or its codes are not as asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DiscountError {
    /// Shopify understood and refused.
    #[error("Shopify refused: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Rejected(Vec<UserError>),
    /// Shopify knows no such thing.
    #[error("Shopify does not know it")]
    Missing,
    /// The call itself failed.
    #[error(transparent)]
    Admin(#[from] AdminError),
}

impl DiscountError {
    /// Whether a code belongs to another discount already: draw another one.
    pub fn is_taken(&self) -> bool {
        matches!(self, Self::Rejected(errors) if errors.iter().any(|error| error.code.is_taken()))
    }
}

impl AdminFailure for DiscountError {
    fn admin(&self) -> Option<&AdminError> {
        match self {
            Self::Admin(error) => Some(error),
            Self::Rejected(_) | Self::Missing => None,
        }
    }
}

/// How far a request to add codes has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkCreation {
    /// Whether Shopify has looked at every code.
    pub done: bool,
    /// Each code asked for.
    pub codes: Vec<BulkCode>,
}

/// One code of a [`BulkCreation`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkCode {
    /// The code as asked for.
    pub code: String,
    /// Its id once it exists.
    pub redeem_code_gid: Option<RedeemCodeGid>,
    /// Why it does not.
    pub errors: Vec<UserError>,
}

/// Turns the wire's `userErrors` of any one document into ours.
macro_rules! user_errors {
    ($errors:expr) => {
        $errors.into_iter().map(|error| UserError::new(error.field, error.code, error.message)).collect::<Vec<_>>()
    };
}

/// What a mutation's payload brought in one field, once it is present and without refusals.
macro_rules! accepted {
    ($payload:expr, $field:ident) => {{
        let payload = $payload.ok_or_else(|| AdminError::Protocol("the mutation answered nothing".into()))?;
        let errors = user_errors!(payload.user_errors);
        if !errors.is_empty() {
            return Err(DiscountError::Rejected(errors));
        }
        payload.$field
    }};
}

/// Makes a discount with its first code, for everybody, each code good once.
pub async fn create_discount(
    admin: &Admin,
    shop: &ShopDomain,
    token: &SecretString,
    new: &NewDiscount,
) -> Result<DiscountGid, DiscountError> {
    let id = match new.value {
        DiscountValue::FreeShipping => {
            let variables = shipping::Variables { discount: free_shipping(new) };
            let data = admin.call::<documents::CodeFreeShippingCreate>(shop, token, variables).await?.data;
            accepted!(data.discount_code_free_shipping_create, code_discount_node).map(|node| node.id)
        }
        DiscountValue::Percentage(points) => create_basic(admin, shop, token, new, percentage(points)).await?,
        DiscountValue::FixedAmount(money) => create_basic(admin, shop, token, new, fixed_amount(money)).await?,
    };
    id.map(DiscountGid).ok_or_else(nothing_made)
}

async fn create_basic(
    admin: &Admin,
    shop: &ShopDomain,
    token: &SecretString,
    new: &NewDiscount,
    value: basic::DiscountCustomerGetsValueInput,
) -> Result<Option<String>, DiscountError> {
    let variables = basic::Variables { discount: order_discount(new, value) };
    let data = admin.call::<documents::CodeBasicCreate>(shop, token, variables).await?.data;
    Ok(accepted!(data.discount_code_basic_create, code_discount_node).map(|node| node.id))
}

/// A request to add codes that Shopify accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Tells what becomes of it.
    pub creation: BulkCreationGid,
    /// Codes it left out, by their place in the request, and why.
    pub left_out: Vec<(usize, UserError)>,
}

/// Asks for more codes under a discount, at most [`MOST_CODES`]. Not finished before [`progress`] says so. A request may
/// be accepted and refused in part: then it has a creation and names the codes it left out.
pub async fn add_codes(
    admin: &Admin,
    shop: &ShopDomain,
    token: &SecretString,
    discount: &DiscountGid,
    codes: &[String],
) -> Result<Accepted, DiscountError> {
    use documents::redeem_code_bulk_add as wire;
    let codes = codes.iter().map(|code| wire::DiscountRedeemCodeInput { code: code.clone() }).collect();
    let variables = wire::Variables { discount: discount.0.clone(), codes };
    let data = admin.call::<documents::RedeemCodeBulkAdd>(shop, token, variables).await?.data;
    let nothing = || AdminError::Protocol("the mutation answered nothing".into());
    let payload = data.discount_redeem_code_bulk_add.ok_or_else(nothing)?;
    let errors = user_errors!(payload.user_errors);
    match payload.bulk_creation {
        Some(creation) => {
            let left_out = errors.into_iter().filter_map(|error| Some((place(&error)?, error))).collect();
            Ok(Accepted { creation: BulkCreationGid(creation.id), left_out })
        }
        None if errors.is_empty() => Err(nothing_made()),
        None => Err(DiscountError::Rejected(errors)),
    }
}

/// Which of the codes of a request an objection is about: its path is `codes`, a number, `code`.
pub fn place(error: &UserError) -> Option<usize> {
    let at = error.field.iter().position(|part| part == "codes")?;
    error.field.get(at + 1)?.parse().ok()
}

/// How many codes of a request have arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkProgress {
    /// The request.
    pub creation: BulkCreationGid,
    /// Whether Shopify has looked at every code.
    pub done: bool,
    /// Codes that exist now.
    pub imported: u64,
    /// Codes that were refused.
    pub failed: u64,
}

/// How far requests to add codes have come; at most [`MOST_CODES`]. Those Shopify does not know are missing. Costs a
/// point each, where [`bulk_creation`] costs two and a half for every code.
pub async fn progress(
    admin: &Admin,
    shop: &ShopDomain,
    token: &SecretString,
    creations: &[BulkCreationGid],
) -> Result<Vec<BulkProgress>, DiscountError> {
    use documents::redeem_code_bulk_progress as wire;
    let ids = creations.iter().map(|creation| creation.0.clone()).collect();
    let data = admin.call::<documents::RedeemCodeBulkProgress>(shop, token, wire::Variables { ids }).await?.data;
    let read = |node| match node {
        Some(wire::RedeemCodeBulkProgressNodes::DiscountRedeemCodeBulkCreation(known)) => Some(BulkProgress {
            creation: BulkCreationGid(known.id),
            done: known.done,
            imported: known.imported_count.unsigned_abs(),
            failed: known.failed_count.unsigned_abs(),
        }),
        _ => None,
    };
    Ok(data.nodes.into_iter().filter_map(read).collect())
}

/// Every code of a request to add codes, and what became of it.
pub async fn bulk_creation(
    admin: &Admin,
    shop: &ShopDomain,
    token: &SecretString,
    creation: &BulkCreationGid,
) -> Result<BulkCreation, DiscountError> {
    use documents::redeem_code_bulk_creation as wire;
    let variables = wire::Variables { id: creation.0.clone() };
    let data = admin.call::<documents::RedeemCodeBulkCreation>(shop, token, variables).await?.data;
    let creation = data.discount_redeem_code_bulk_creation.ok_or(DiscountError::Missing)?;
    let codes = creation.codes.nodes.into_iter().map(|code| BulkCode {
        code: code.code,
        redeem_code_gid: code.discount_redeem_code.map(|made| RedeemCodeGid(made.id)),
        errors: user_errors!(code.errors),
    });
    Ok(BulkCreation { done: creation.done, codes: codes.collect() })
}

/// Which discount a code belongs to, whatever its case.
pub async fn find_code(
    admin: &Admin,
    shop: &ShopDomain,
    token: &SecretString,
    code: &str,
) -> Result<Option<DiscountGid>, DiscountError> {
    use documents::code_discount_node_by_code as wire;
    let variables = wire::Variables { code: code.to_owned() };
    let data = admin.call::<documents::CodeDiscountNodeByCode>(shop, token, variables).await?.data;
    Ok(data.code_discount_node_by_code.map(|node| DiscountGid(node.id)))
}

/// A discount as it stands; `None` when it is gone.
pub async fn discount(
    admin: &Admin,
    shop: &ShopDomain,
    token: &SecretString,
    discount: &DiscountGid,
) -> Result<Option<Seen>, DiscountError> {
    use documents::discount_by_id as wire;
    let variables = wire::Variables { id: discount.0.clone() };
    let data = admin.call::<documents::DiscountById>(shop, token, variables).await?.data;
    Ok(data.node.and_then(super::discount_seen::seen))
}

/// Writes another title and other tags; everything else stays.
pub async fn rename(
    admin: &Admin,
    shop: &ShopDomain,
    token: &SecretString,
    discount: &DiscountGid,
    kind: DiscountKind,
    title: &str,
    tags: &[String],
) -> Result<(), DiscountError> {
    match kind {
        DiscountKind::Basic => {
            let discount = super::discount_input::renamed_basic(title, tags, discount);
            let data = admin.call::<documents::CodeBasicUpdate>(shop, token, discount).await?.data;
            let _ = accepted!(data.discount_code_basic_update, code_discount_node);
        }
        DiscountKind::FreeShipping => {
            let discount = super::discount_input::renamed_free_shipping(title, tags, discount);
            let data = admin.call::<documents::CodeFreeShippingUpdate>(shop, token, discount).await?.data;
            let _ = accepted!(data.discount_code_free_shipping_update, code_discount_node);
        }
    }
    Ok(())
}

/// Writes another end; everything else stays.
pub async fn end_at(
    admin: &Admin,
    shop: &ShopDomain,
    token: &SecretString,
    discount: &DiscountGid,
    kind: DiscountKind,
    ends_at: Timestamp,
) -> Result<(), DiscountError> {
    match kind {
        DiscountKind::Basic => {
            let discount = super::discount_input::ending_basic(ends_at, discount);
            let data = admin.call::<documents::CodeBasicUpdate>(shop, token, discount).await?.data;
            let _ = accepted!(data.discount_code_basic_update, code_discount_node);
        }
        DiscountKind::FreeShipping => {
            let discount = super::discount_input::ending_free_shipping(ends_at, discount);
            let data = admin.call::<documents::CodeFreeShippingUpdate>(shop, token, discount).await?.data;
            let _ = accepted!(data.discount_code_free_shipping_update, code_discount_node);
        }
    }
    Ok(())
}

/// Stops all codes of a discount at once.
pub async fn deactivate(
    admin: &Admin,
    shop: &ShopDomain,
    token: &SecretString,
    discount: &DiscountGid,
) -> Result<(), DiscountError> {
    use documents::discount_deactivate as wire;
    let variables = wire::Variables { id: discount.0.clone() };
    let data = admin.call::<documents::DiscountDeactivate>(shop, token, variables).await?.data;
    let _ = accepted!(data.discount_code_deactivate, code_discount_node);
    Ok(())
}

/// Asks Shopify to delete single codes of a discount, at most [`MOST_CODES`]; `None` when there was nothing to do.
pub async fn delete_codes(
    admin: &Admin,
    shop: &ShopDomain,
    token: &SecretString,
    discount: &DiscountGid,
    codes: &[RedeemCodeGid],
) -> Result<Option<JobGid>, DiscountError> {
    use documents::redeem_code_bulk_delete as wire;
    let ids = codes.iter().map(|code| code.0.clone()).collect();
    let variables = wire::Variables { discount: discount.0.clone(), ids };
    let data = admin.call::<documents::RedeemCodeBulkDelete>(shop, token, variables).await?.data;
    Ok(accepted!(data.discount_code_redeem_code_bulk_delete, job).map(|job| JobGid(job.id)))
}

fn nothing_made() -> DiscountError {
    AdminError::Protocol("neither a result nor a reason".into()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn refusals_without_a_code_are_read_all_the_same() {
        let data = json!({"discountCodeBasicCreate": {"codeDiscountNode": null, "userErrors": [
            {"field": null, "code": null, "message": "No"},
            {"field": ["basicCodeDiscount", "code"], "code": "TAKEN", "message": "Code must be unique."},
            {"field": [], "code": "OF_NEXT_YEAR", "message": "?"},
        ]}});
        let data: basic::ResponseData = serde_json::from_value(data).unwrap();
        let errors = user_errors!(data.discount_code_basic_create.unwrap().user_errors);
        assert_eq!(errors[0].code, super::super::UserErrorCode::Unknown);
        assert_eq!(errors[2].code.as_str(), "OF_NEXT_YEAR");
        assert!(DiscountError::Rejected(errors).is_taken());
    }
}
