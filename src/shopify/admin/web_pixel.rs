//! The app's web pixel at a shop: there is one at most.

use secrecy::SecretString;
use serde_json::Value;

use super::documents::{self, web_pixel as looked, web_pixel_create as created, web_pixel_update as updated};
use super::{Admin, AdminError, AdminFailure};
use crate::shopify::ShopDomain;

/// Why the pixel is not as asked for.
#[derive(Debug, thiserror::Error)]
pub enum PixelError {
    /// The call itself.
    #[error(transparent)]
    Admin(#[from] AdminError),
    /// Shopify understood and refused, in its words.
    #[error("Shopify refused the pixel: {0}")]
    Refused(String),
}

impl AdminFailure for PixelError {
    fn admin(&self) -> Option<&AdminError> {
        match self {
            Self::Admin(error) => Some(error),
            Self::Refused(_) => None,
        }
    }
}

/// A pixel as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Shopify's id of it.
    pub id: String,
    /// What it is told.
    pub settings: Value,
}

/// The pixel; `None` while there is none, which Shopify says by an error.
pub async fn find(admin: &Admin, shop: &ShopDomain, token: &SecretString) -> Result<Option<Seen>, PixelError> {
    match admin.call::<documents::WebPixel>(shop, token, looked::Variables {}).await {
        Ok(answer) => Ok(answer.data.web_pixel.map(|pixel| Seen { id: pixel.id, settings: read(pixel.settings) })),
        Err(AdminError::Rejected(said)) if said.iter().any(|text| text.contains("No web pixel")) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Settings come as an object, or as its text.
fn read(settings: Value) -> Value {
    match &settings {
        Value::String(text) => serde_json::from_str(text).unwrap_or(settings),
        _ => settings,
    }
}

/// What a payload brought, once it is there and without refusals.
macro_rules! made {
    ($payload:expr) => {{
        let payload = $payload.ok_or_else(|| AdminError::Protocol("the mutation answered nothing".into()))?;
        let refusals: Vec<String> = payload.user_errors.into_iter().map(|error| error.message).collect();
        match payload.web_pixel {
            Some(pixel) if refusals.is_empty() => Ok(pixel.id),
            _ => Err(PixelError::Refused(refusals.join("; "))),
        }
    }};
}

/// Creates the pixel; answers its id.
pub async fn create(
    admin: &Admin,
    shop: &ShopDomain,
    token: &SecretString,
    settings: &Value,
) -> Result<String, PixelError> {
    let pixel = created::WebPixelInput { settings: Value::String(settings.to_string()) };
    let data = admin.call::<documents::WebPixelCreate>(shop, token, created::Variables { pixel }).await?.data;
    made!(data.web_pixel_create)
}

/// Tells the pixel other settings; answers its id.
pub async fn update(
    admin: &Admin,
    shop: &ShopDomain,
    token: &SecretString,
    id: &str,
    settings: &Value,
) -> Result<String, PixelError> {
    let pixel = updated::WebPixelInput { settings: Value::String(settings.to_string()) };
    let variables = updated::Variables { id: id.to_owned(), pixel };
    let data = admin.call::<documents::WebPixelUpdate>(shop, token, variables).await?.data;
    made!(data.web_pixel_update)
}
