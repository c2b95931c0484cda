//! Signed orders, as Shopify sends them: everything is signed beforehand, only the delivery's id differs.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::load::Load;
use crate::kernel::secret::hmac_sha256;

/// What signs the bodies.
pub const SECRET: &str = "example client secret";

/// The shop they come from.
pub const DOMAIN: &str = "bench.myshopify.com";

/// The size of a body.
pub const BODY: usize = 4_096;

/// Different orders.
const ORDERS: i64 = 256;

/// Deliveries of orders.
pub fn deliveries(connections: usize) -> Load {
    let signed: Vec<(Vec<u8>, usize)> = (0..ORDERS).map(signed).collect();
    let request = move |n: u64, buffer: &mut Vec<u8>| {
        let (bytes, id_at) = &signed[n as usize % signed.len()];
        buffer.extend_from_slice(bytes);
        buffer[*id_at..id_at + 16].copy_from_slice(format!("{n:016x}").as_bytes());
    };
    Load::new(connections, 200, Arc::new(request))
}

/// A request, and where in it the delivery's id stands.
fn signed(n: i64) -> (Vec<u8>, usize) {
    let body = order(n);
    let digest = BASE64.encode(hmac_sha256(SECRET.as_bytes(), &[body.as_bytes()]));
    let head = format!(
        "POST /webhooks/shopify HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         X-Shopify-Topic: orders/create\r\nX-Shopify-Hmac-Sha256: {digest}\r\nX-Shopify-Shop-Domain: {DOMAIN}\r\n\
         X-Shopify-API-Version: 2026-10\r\nX-Shopify-Event-Id: 98880550-7158-44d4-b7cd-2c97c8a091b5\r\n\
         X-Shopify-Webhook-Id: ",
        body.len()
    );
    let bytes = [head.as_bytes(), b"0000000000000000\r\n\r\n", body.as_bytes()].concat();
    (bytes, head.len())
}

/// An order as Shopify writes it, filled up with a note.
fn order(n: i64) -> String {
    let body = |note: &str| {
        serde_json::json!({"id": 5_000_000 + n, "name": format!("#{n}"), "currency": "EUR", "financial_status": "paid",
            "created_at": "2026-11-01T10:00:00Z", "processed_at": "2026-11-01T10:00:00Z", "updated_at": "2026-11-01T10:00:00Z",
            "line_items": [{"quantity": 2, "price": "19.90"}], "total_price": "39.80", "total_tax": "0.00", "note": note})
        .to_string()
    };
    let short = body("").len();
    body(&"x".repeat(BODY - short))
}
