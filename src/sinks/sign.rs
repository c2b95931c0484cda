//! Signatures of Standard Webhooks: `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use zeroize::Zeroizing;

use crate::kernel::secret::hmac_sha256;
use crate::kernel::{Chance, Stream};

const PREFIX: &str = "whsec_";

/// A fresh secret: 256 bits, as the receiver's library takes it.
pub fn draw(chance: &Chance) -> Zeroizing<String> {
    let bytes: [u8; 32] = chance.bytes(Stream::Keys);
    Zeroizing::new(format!("{PREFIX}{}", BASE64.encode(bytes)))
}

/// The value of `webhook-signature`: one signature per secret, the newest first. A text that is no secret signs nothing.
pub fn signature(secrets: &[Zeroizing<String>], id: &str, seconds: i64, body: &str) -> String {
    let parts = [id, ".", &seconds.to_string(), ".", body];
    let parts = parts.map(str::as_bytes);
    let keys = secrets.iter().filter_map(|secret| BASE64.decode(secret.strip_prefix(PREFIX)?).ok().map(Zeroizing::new));
    let signed = keys.map(|key| format!("v1,{}", BASE64.encode(hmac_sha256(&key, &parts))));
    signed.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Zeroizing<String> {
        Zeroizing::new(text.to_owned())
    }

    #[test]
    fn signs_as_the_published_example() {
        let published = secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let (id, at, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(signature(std::slice::from_ref(&published), id, at, body), expected);
        let both = signature(&[published, draw(&Chance::seeded(1))], id, at, body);
        assert!(both.starts_with(&format!("{expected} v1,")) && both.len() == 2 * expected.len() + 1, "{both}");
        assert_ne!(signature(&[secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")], id, at + 1, body), expected);
        assert_eq!(signature(&[secret("no secret")], id, at, body), "");
    }
}
