//! A pretend Shopify and WhatsApp on loopback, with shoppers in it.
