//! Shopify, as a protocol: proofs, payloads, the Admin API client. No database, no rooms.
