//! WhatsApp, as a protocol: proofs and payloads. No database, no rooms.
