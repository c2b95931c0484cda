//! The answer as Meta writes it: the shape only, whatever its values are.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// The answer as Meta writes it.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct TemplateAnalytics {
    pub(super) data: Vec<Series>,
}

/// Days of one product.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct Series {
    /// `DAILY`.
    #[schema(value_type = Option<String>, example = "DAILY")]
    pub(super) granularity: Option<Value>,
    /// `cloud_api` when absent.
    #[schema(value_type = Option<String>, example = "cloud_api")]
    pub(super) product_type: Option<Value>,
    pub(super) data_points: Vec<Point>,
}

/// One template on one day.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct Point {
    /// Text or number.
    #[schema(value_type = String, example = "2632273056924580")]
    pub(super) template_id: Option<Value>,
    /// Seconds since 1970.
    #[schema(value_type = i64, example = 1_790_812_800)]
    pub(super) start: Option<Value>,
    /// Seconds since 1970.
    #[schema(value_type = i64, example = 1_790_899_200)]
    pub(super) end: Option<Value>,
    /// A count that is absent is not told, which is not 0.
    #[schema(value_type = Option<i64>)]
    pub(super) sent: Option<Value>,
    #[schema(value_type = Option<i64>)]
    pub(super) delivered: Option<Value>,
    #[schema(value_type = Option<i64>)]
    pub(super) read: Option<Value>,
    pub(super) clicked: Option<Vec<Clicked>>,
    pub(super) cost: Option<Vec<Cost>>,
}

/// Clicks on a button.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct Clicked {
    /// `url_button`, `unique_url_button`, `quick_reply_button`; others are let pass.
    #[serde(rename = "type")]
    #[schema(example = "url_button")]
    pub(super) kind: String,
    /// What the button says. Not kept.
    #[expect(dead_code, reason = "named for the contract")]
    button_content: Option<Value>,
    #[schema(value_type = i64)]
    pub(super) count: Option<Value>,
}

/// What messages cost.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct Cost {
    /// `amount_spent` is kept; what it comes to per message or click is let pass.
    #[serde(rename = "type")]
    #[schema(example = "amount_spent")]
    pub(super) kind: String,
    /// A decimal number of the currency's base unit, read as it is written.
    #[schema(value_type = f64, example = 0.03)]
    pub(super) value: Option<Box<RawValue>>,
}
