//! The app at Meta.

use secrecy::SecretString;

use super::Env;

/// What Meta's webhook is proved with.
#[derive(Clone, Debug)]
pub struct WhatsApp {
    /// `WHATSAPP_APP_SECRET`. Without it `/webhooks/whatsapp` refuses every delivery; statuses may still come by API.
    pub secret: Option<SecretString>,
    /// `WHATSAPP_PREVIOUS_APP_SECRET`: still accepted after a rotation.
    pub previous_secret: Option<SecretString>,
    /// `WHATSAPP_VERIFY_TOKEN`: what Meta repeats when the webhook is set up. Without it set-up is refused.
    pub verify_token: Option<SecretString>,
}

impl WhatsApp {
    pub(super) fn read(env: &Env<'_>) -> Self {
        let secret = |name| env.get(name).map(SecretString::from);
        Self {
            secret: secret("WHATSAPP_APP_SECRET"),
            previous_secret: secret("WHATSAPP_PREVIOUS_APP_SECRET"),
            verify_token: secret("WHATSAPP_VERIFY_TOKEN"),
        }
    }
}
