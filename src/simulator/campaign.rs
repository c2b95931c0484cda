//! What the platform asks for: its broadcasts, and the campaign about abandoned checkouts.

use serde_json::{Value, json};

/// What the platform wants of broadcast number n.
pub(super) fn broadcast(n: u32, expected: usize, holdout: f64) -> Value {
    let names = ["Winback", "Autumn Sale", "New Arrivals", "Back in Stock", "Rainy Days", "Wool Week"];
    let offers = [
        (json!({"type": "percentage", "percentage": "15"}), "WIN"),
        (json!({"type": "fixed_amount", "amount_minor": 1000}), "TEN"),
        (json!({"type": "free_shipping"}), "SHP"),
        (json!({"type": "percentage", "percentage": "20"}), "VIP"),
    ];
    let (offer, prefix) = &offers[n as usize % offers.len()];
    let hours = [48, 72, 24, 48][n as usize % 4];
    let mut campaign = json!({
        "name": format!("{} {}", names[n as usize % names.len()], n + 1), "kind": "broadcast", "offer": offer,
        "combines_with": {"order": false, "product": false, "shipping": true},
        "expiry": {"after_seconds": hours * 3600, "starts": "issue", "slot_seconds": 86_400, "exact": false},
        "code": {"prefix": prefix, "length": 12},
        "link": {"destination": "/collections/all", "auto_apply": true,
            "utm": {"source": "whatsapp", "medium": "message", "campaign": format!("broadcast-{}", n + 1)}},
        "holdout": holdout, "expected_recipients": expected,
    });
    if n % 4 == 2 {
        // Shopify never combines two shipping discounts.
        campaign["combines_with"]["shipping"] = json!(false);
    }
    if n % 4 == 1 {
        campaign["minimum_subtotal_minor"] = json!(5000);
    }
    campaign
}

/// What the platform wants for abandoned checkouts.
pub(super) fn abandoned(holdout: f64) -> Value {
    json!({
        "name": "Left in the basket", "kind": "abandoned_checkout", "offer": {"type": "percentage", "percentage": "10"},
        "expiry": {"after_seconds": 86_400, "starts": "issue", "slot_seconds": 21_600, "exact": false},
        "code": {"prefix": "BKT", "length": 12},
        "link": {"destination": "/cart", "auto_apply": true,
            "utm": {"source": "whatsapp", "medium": "message", "campaign": "abandoned-checkout"}},
        "holdout": holdout,
    })
}
