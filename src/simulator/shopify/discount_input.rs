//! Reads what the app wants a discount to be, and answers with Shopify's user errors where that cannot be.

use serde_json::Value;

use crate::kernel::{Currency, Money, Timestamp};

use super::discounts::{Combines, Discount, Discounts, Entitled, Minimum, Offer, folded, user_error};
use super::payload::product_id;
use super::shop::{COLLECTIONS, PRODUCTS, ShopProfile};
use super::view::number;

/// Which of the two inputs is being read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Basic,
    FreeShipping,
}

impl Kind {
    pub fn argument(self) -> &'static str {
        match self {
            Self::Basic => "basicCodeDiscount",
            Self::FreeShipping => "freeShippingCodeDiscount",
        }
    }
}

struct Reader<'a> {
    input: &'a Value,
    argument: &'static str,
    currency: Currency,
    errors: Vec<Value>,
}

impl Reader<'_> {
    fn refuse(&mut self, field: &[&str], code: &str, message: &str) {
        let path: Vec<&str> = std::iter::once(self.argument).chain(field.iter().copied()).collect();
        self.errors.push(user_error(&path, code, message));
    }

    fn given(&self, field: &str) -> bool {
        self.input.get(field).is_some()
    }

    fn instant(&mut self, field: &str) -> Option<Timestamp> {
        let text = self.input[field].as_str()?.to_owned();
        let instant = Timestamp::parse(&text);
        if instant.is_none() {
            self.refuse(&[field], "INVALID", "is not a valid time");
        }
        instant
    }

    fn amount(&mut self, value: &Value, field: &[&str]) -> Option<i64> {
        let text = value.as_str().map(str::to_owned).or_else(|| value.as_number().map(ToString::to_string))?;
        match Money::parse(&text, self.currency) {
            Ok(money) if money.minor > 0 => Some(money.minor),
            _ => {
                self.refuse(field, "VALUE_OUTSIDE_RANGE", "Value must be greater than 0");
                None
            }
        }
    }

    fn value(&mut self) -> Option<Offer> {
        let value = self.input["customerGets"]["value"].clone();
        let given =
            ["percentage", "discountAmount", "discountOnQuantity"].iter().filter(|f| !value[**f].is_null()).count();
        if given != 1 {
            self.refuse(&["customerGets", "value"], "BLANK", "Value can't be blank");
            return None;
        }
        if let Some(share) = value["percentage"].as_f64() {
            if share <= 0.0 || share > 1.0 {
                let path = ["customerGets", "value", "percentage"];
                self.refuse(&path, "VALUE_OUTSIDE_RANGE", "Value must be between 0.0 and 1.0");
                return None;
            }
            return Some(Offer::Percentage((share * 10_000.0).round() as i64));
        }
        let path = ["customerGets", "value", "discountAmount", "amount"];
        self.amount(&value["discountAmount"]["amount"], &path).map(Offer::Fixed)
    }

    fn minimum(&mut self) -> Option<Minimum> {
        let wanted = self.input["minimumRequirement"].clone();
        let (subtotal, quantity) = (&wanted["subtotal"], &wanted["quantity"]);
        if !subtotal.is_null() && !quantity.is_null() {
            let message = "Minimum subtotal and quantity range can't both be present";
            self.refuse(&["minimumRequirement"], "MINIMUM_SUBTOTAL_AND_QUANTITY_RANGE_BOTH_PRESENT", message);
            return None;
        }
        if !subtotal.is_null() {
            let path = ["minimumRequirement", "subtotal", "greaterThanOrEqualToSubtotal"];
            return self.amount(&subtotal["greaterThanOrEqualToSubtotal"], &path).map(Minimum::Subtotal);
        }
        let pieces = &quantity["greaterThanOrEqualToQuantity"];
        let pieces = pieces.as_str().and_then(|t| t.parse().ok()).or_else(|| pieces.as_i64())?;
        if pieces < 1 {
            let path = ["minimumRequirement", "quantity", "greaterThanOrEqualToQuantity"];
            self.refuse(&path, "GREATER_THAN", "Quantity must be greater than 0");
        }
        Some(Minimum::Quantity(pieces))
    }

    /// What the discount is about; `None` where it stays as it was.
    fn items(&mut self, new: bool) -> Option<Entitled> {
        let items = self.input["customerGets"]["items"].clone();
        let ids = |list: &Value| list.as_array().map(|ids| ids.iter().filter_map(number).collect::<Vec<i64>>());
        let products = ids(&items["products"]["productsToAdd"]);
        let collections = ids(&items["collections"]["add"]);
        let (path, ids, known): (_, _, &dyn Fn(i64) -> bool) = match (products, collections) {
            (Some(_), Some(_)) => {
                self.refuse(
                    &["customerGets", "items"],
                    "CONFLICT",
                    "Only one of products and collections can be given",
                );
                return None;
            }
            (Some(ids), None) => (["customerGets", "items", "products", "productsToAdd"], ids, &|id| {
                (0..PRODUCTS.len()).any(|product| product_id(product) == id)
            }),
            (None, Some(ids)) => {
                (["customerGets", "items", "collections", "add"], ids, &|id| COLLECTIONS.iter().any(|(c, _)| *c == id))
            }
            (None, None) if items["all"] == Value::Bool(true) => return Some(Entitled::All),
            (None, None) => {
                if new {
                    self.refuse(&["customerGets", "items"], "APPLIES_ON_NOTHING", "The discount applies on nothing");
                }
                return None;
            }
        };
        if ids.len() > 100 {
            self.refuse(&path, "EXCEEDED_MAX", "Can't have more than 100 of these");
        } else if ids.is_empty() || !ids.iter().all(|id| known(*id)) {
            let message = if path[2] == "products" { "Product is invalid" } else { "Collection is invalid" };
            self.refuse(&path, "INVALID", message);
        }
        Some(if path[2] == "products" { Entitled::Products(ids) } else { Entitled::Collections(ids) })
    }

    /// How things must be bought, and for how many orders of a subscription.
    fn purchase(&mut self, discount: &mut Discount, place: &Value, path: &[&str], sold: bool) {
        let flag = |name: &str, standing: bool| place[name].as_bool().unwrap_or(standing);
        discount.once = flag("appliesOnOneTimePurchase", discount.once);
        discount.subscriptions = flag("appliesOnSubscription", discount.subscriptions);
        let field = |name| path.iter().copied().chain([name]).collect::<Vec<&str>>();
        if discount.subscriptions && !sold {
            let message = "The shop does not sell subscriptions";
            self.refuse(&field("appliesOnSubscription"), "INVALID", message);
        }
        if !discount.once && !discount.subscriptions {
            self.refuse(&field("appliesOnOneTimePurchase"), "APPLIES_ON_NOTHING", "The discount applies on nothing");
        }
    }

    fn combines(&self) -> Combines {
        let flag = |name: &str| self.input["combinesWith"][name].as_bool().unwrap_or(false);
        Combines {
            order: flag("orderDiscounts"),
            product: flag("productDiscounts"),
            shipping: flag("shippingDiscounts"),
        }
    }
}

/// The discount the input describes, over `old` if it is an update. Fields that are absent stay as they were.
pub(super) fn read(
    kind: Kind,
    input: &Value,
    old: Option<&Discount>,
    all: &Discounts,
    shop: &ShopProfile,
    now: Timestamp,
) -> Result<(Discount, Option<String>), Vec<Value>> {
    let mut reader = Reader { input, argument: kind.argument(), currency: shop.currency, errors: Vec::new() };
    let r = &mut reader;
    let mut discount = old.cloned().unwrap_or_else(|| Discount::blank(now));
    discount.updated_at = now;
    let new = old.is_none();
    if let Some(title) = input["title"].as_str() {
        discount.title = title.to_owned();
    }
    if discount.title.trim().is_empty() {
        r.refuse(&["title"], "BLANK", "Title can't be blank");
    }
    if discount.title.chars().count() > 255 {
        r.refuse(&["title"], "TOO_LONG", "Title is too long (maximum is 255 characters)");
    }
    let code = input["code"].as_str().map(str::to_owned);
    match code.as_deref() {
        Some(code) if code.trim().is_empty() => r.refuse(&["code"], "BLANK", "Code can't be blank"),
        Some(code) if code.len() > 255 => {
            r.refuse(&["code"], "TOO_LONG", "Code is too long (maximum is 255 characters)")
        }
        Some(code) => {
            let holder = all.codes.get(&folded(code)).map(|held| held.discount);
            if holder.is_some() && holder != old.map(|d| d.id) {
                r.refuse(&["code"], "TAKEN", "Code must be unique. Please try a different code.");
            }
        }
        None if new => r.refuse(&["code"], "BLANK", "Code can't be blank"),
        None => {}
    }
    match (r.given("context"), r.given("customerSelection")) {
        (true, true) => r.refuse(&["context"], "CONFLICT", "Only one of context and customerSelection can be given"),
        (false, false) if new => r.refuse(&["context"], "BLANK", "Context can't be blank"),
        _ => {}
    }
    if let Some(starts_at) = r.instant("startsAt") {
        discount.starts_at = starts_at;
    } else if new && !r.given("startsAt") {
        r.refuse(&["startsAt"], "BLANK", "Starts at can't be blank");
    }
    if r.given("endsAt") {
        discount.ends_at = r.instant("endsAt");
    }
    if discount.ends_at.is_some_and(|end| end <= discount.starts_at) {
        r.refuse(&["endsAt"], "END_DATE_BEFORE_START_DATE", "Ends at needs to be after starts_at");
    }
    if kind == Kind::FreeShipping {
        let most = input["maximumShippingPrice"].clone();
        discount.offer =
            Offer::FreeShipping(if most.is_null() { None } else { r.amount(&most, &["maximumShippingPrice"]) });
    } else if new || !input["customerGets"]["value"].is_null() {
        if let Some(offer) = r.value() {
            discount.offer = offer;
        }
        if let Some(entitled) = r.items(new) {
            discount.entitled = entitled;
        }
    }
    match kind {
        Kind::Basic => r.purchase(&mut discount, &input["customerGets"], &["customerGets"], shop.sells_subscriptions),
        Kind::FreeShipping => r.purchase(&mut discount, input, &[], shop.sells_subscriptions),
    }
    if r.given("minimumRequirement") {
        discount.minimum = r.minimum();
    }
    if r.given("combinesWith") {
        discount.combines = r.combines();
        if kind == Kind::FreeShipping && discount.combines.shipping {
            let path = ["combinesWith", "shippingDiscounts"];
            r.refuse(&path, "INVALID", "Free shipping can't be combined with shipping discounts");
        }
    }
    if r.given("usageLimit") {
        discount.usage_limit = input["usageLimit"].as_i64();
        if discount.usage_limit.is_some_and(|limit| limit < 1) {
            r.refuse(&["usageLimit"], "GREATER_THAN", "Usage limit must be greater than 0");
        }
    }
    if let Some(once) = input["appliesOncePerCustomer"].as_bool() {
        discount.once_per_customer = once;
    }
    if r.given("recurringCycleLimit") {
        discount.recurring_cycle_limit = input["recurringCycleLimit"].as_i64();
        if !discount.subscriptions && discount.recurring_cycle_limit.is_some_and(|limit| limit != 1) {
            let code = "MULTIPLE_RECURRING_CYCLE_LIMIT_FOR_NON_SUBSCRIPTION_ITEMS";
            r.refuse(&["recurringCycleLimit"], code, "Recurring cycle limit must be 1 for one-time items");
        }
    }
    if let Some(tags) = input["tags"].as_array() {
        discount.tags = tags.iter().filter_map(|tag| tag.as_str().map(str::to_owned)).collect();
        if discount.tags.len() > 5 {
            r.refuse(&["tags"], "TOO_MANY_TAGS", "Tags can't be more than 5");
        }
        if discount.tags.iter().any(|tag| tag.chars().count() > 255) {
            r.refuse(&["tags"], "INVALID_TAG_LENGTH", "Tags can't be longer than 255 characters");
        }
    }
    if reader.errors.is_empty() { Ok((discount, code)) } else { Err(reader.errors) }
}
