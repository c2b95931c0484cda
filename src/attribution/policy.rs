//! The rules by which evidence counts: versioned data, never code paths.

use serde::{Deserialize, Serialize};

/// How long evidence counts and what an abandoned checkout is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Its name in the API.
    pub name: String,
    /// Raised by every change; receipts name it.
    pub version: i32,
    /// A code counts until its own end and this long after, for checkouts that were open.
    pub redeem_code_grace_seconds: i64,
    /// A click id on the order counts this long from the click.
    pub click_attribute_seconds: i64,
    /// A click id in the landing page, or told by the pixel, counts this long from the click.
    pub click_session_seconds: i64,
    /// A tap of the same person counts this long.
    pub person_click_seconds: i64,
    /// A checkout is abandoned this long after its last activity.
    pub abandoned_after_seconds: i64,
    /// Whether orders by somebody else than the code's recipient are credited.
    pub credit_shared: bool,
}

/// The name of the policy that needs no choosing.
pub const DEFAULT: &str = "default";

impl Policy {
    /// The defaults of `measurement.md` §3.
    pub fn standard() -> Self {
        Self {
            name: DEFAULT.to_owned(),
            version: 3,
            redeem_code_grace_seconds: 24 * 3_600,
            click_attribute_seconds: 5 * 86_400,
            click_session_seconds: 5 * 86_400,
            person_click_seconds: 24 * 3_600,
            abandoned_after_seconds: 60 * 60,
            credit_shared: true,
        }
    }

    /// A policy by its name; one exists so far.
    pub fn named(name: &str) -> Option<Self> {
        Some(Self::standard()).filter(|policy| policy.name == name)
    }
}
