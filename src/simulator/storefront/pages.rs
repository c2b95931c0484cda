//! The pages of the pretend store. Plain HTML: no script is needed to shop here; the one there is runs web pixels.

use crate::kernel::{Money, Timestamp};
use crate::simulator::shopify::pricing::{Priced, price};
use crate::simulator::shopify::shop::{PRODUCTS, Shop};

use super::checkout::Checkout;
use super::pixel;
use super::session::Session;

const STYLE: &str = "
:root{color-scheme:light;font:16px/1.55 Georgia,serif;--ink:#22302a;--paper:#f6f3ec;--line:#d8d2c4;--accent:#7a3f22}
body{margin:0;background:var(--paper);color:var(--ink)}header,main{max-width:62rem;margin:auto;padding:1rem 1.25rem}
header{display:flex;gap:1.25rem;align-items:baseline;border-bottom:1px solid var(--line)}header strong{font-size:1.35rem;letter-spacing:.04em}
a{color:var(--accent)}nav{margin-left:auto;display:flex;gap:1rem}.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(13rem,1fr));gap:1.25rem;padding:0;list-style:none}
.thing{display:block;text-decoration:none;color:inherit}.swatch{aspect-ratio:4/3;border-radius:.5rem;margin-bottom:.4rem}
.note{background:#e4ecdf;border-left:4px solid #58744f;padding:.6rem .9rem}table{width:100%;border-collapse:collapse}td,th{padding:.45rem 0;border-bottom:1px solid var(--line);text-align:left}
td:last-child,th:last-child{text-align:right}button{font:inherit;background:var(--ink);color:var(--paper);border:0;border-radius:.4rem;padding:.65rem 1.1rem;cursor:pointer}
label{display:block;margin:.7rem 0}input{font:inherit;padding:.5rem;border:1px solid var(--line);border-radius:.3rem;width:min(24rem,100%);box-sizing:border-box}small{opacity:.7}
.consent{position:fixed;inset:auto 1rem 1rem auto;max-width:20rem;background:#fff;border:1px solid var(--line);border-radius:.5rem;padding:.25rem 1rem 1rem}";

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn frame(shop: &Shop, session: &Session, title: &str, inside: &str) -> String {
    let name = escape(&shop.profile.name);
    let pieces: i64 = session.cart.iter().map(|(_, quantity)| quantity).sum();
    let code = match session.codes.as_slice() {
        [] => String::new(),
        codes => format!(
            "<p class=note>Discount <b>{}</b> applied: you will see it at checkout.</p>",
            escape(&codes.join(", "))
        ),
    };
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width,initial-scale=1\">\
         <title>{title} · {name}</title><style>{STYLE}</style>\
         <header><strong><a class=thing href=/>{name}</a></strong><small>a pretend store</small>\
         <nav><a href=/collections/all>Everything</a><a href=/cart>Cart ({pieces})</a></nav></header><main>{code}{inside}</main>\
         <script defer src=/web-pixels/host.js></script></html>"
    )
}

fn money(shop: &Shop, minor: i64) -> String {
    format!("{} {}", Money::new(minor, shop.profile.currency).decimal(), shop.profile.currency)
}

/// The front page and every collection.
pub(super) fn catalogue(shop: &Shop, session: &Session) -> String {
    let things: String = PRODUCTS
        .iter()
        .map(|p| {
            let price = money(shop, shop.price_of(p));
            format!(
                "<li><a class=thing href=/products/{}><div class=swatch style=\"background:{}\"></div>{}<br><small>{price}</small></a></li>",
                p.handle, p.colour, p.title
            )
        })
        .collect();
    frame(shop, session, "Everything", &format!("<h1>Warm things for cold hills</h1><ul class=grid>{things}</ul>"))
}

/// One product; `None` if the store does not sell it.
pub(super) fn product(shop: &Shop, session: &Session, handle: &str) -> Option<String> {
    let (number, p) = PRODUCTS.iter().enumerate().find(|(_, p)| p.handle == handle)?;
    let inside = format!(
        "<h1>{}</h1><div class=swatch style=\"background:{};max-width:30rem\"></div><p>{}</p>\
         <form method=post action=/cart/add><input type=hidden name=id value={number}><button>Add to cart</button></form>",
        p.title,
        p.colour,
        money(shop, shop.price_of(p))
    );
    Some(frame(shop, session, p.title, &inside))
}

fn lines(shop: &Shop, cart: &Priced) -> String {
    let row = |name: &str, minor: i64| format!("<tr><td>{}<td>{}", escape(name), money(shop, minor));
    let mut rows: String =
        cart.lines.iter().map(|l| row(&format!("{} × {}", l.quantity, PRODUCTS[l.product].title), l.full())).collect();
    for (n, application) in cart.applications.iter().enumerate() {
        rows.push_str(&row(&format!("Discount {}", application.name), -cart.taken_off(n)));
    }
    if let Some(way) = &cart.shipping {
        rows.push_str(&row("Shipping", way.price));
    }
    if !cart.taxes_included {
        rows.push_str(&row("Tax", cart.tax()));
    }
    format!("<table>{rows}<tr><th>Total<th>{}</table>", money(shop, cart.total()))
}

/// What the session holds.
pub(super) fn cart(shop: &Shop, session: &Session, now: Timestamp) -> String {
    if session.cart.is_empty() {
        return frame(
            shop,
            session,
            "Cart",
            "<h1>Your cart is empty</h1><p><a href=/collections/all>Look around</a></p>",
        );
    }
    let priced = price(shop, &session.cart, &session.codes, now);
    let inside = format!(
        "<h1>Cart</h1>{}<form method=post action=/checkout><button>Check out</button></form>",
        lines(shop, &priced)
    );
    frame(shop, session, "Cart", &inside)
}

/// A checkout that is open or done.
pub(super) fn checkout(shop: &Shop, session: &Session, held: &Checkout, now: Timestamp) -> String {
    if let Some(order) = held.order.and_then(|id| shop.orders.get(&id)) {
        let inside = format!(
            "<h1>Thank you!</h1><p>Your order {} is on its way to the pretend warehouse.</p>{}{}",
            order.name(),
            lines(shop, &order.cart),
            pixel::events(held)
        );
        return frame(shop, session, "Thank you", &inside);
    }
    let value = |text: &Option<String>| escape(text.as_deref().unwrap_or(""));
    let inside = format!(
        "<h1>Checkout</h1>{}<form method=post action=/checkout/{token}>\
         <label>E-mail<br><input type=email name=email value=\"{}\"></label><label>Phone<br><input type=tel name=phone value=\"{}\"></label>\
         <label>Discount code<br><input name=code value=\"{}\"></label><button name=act value=save>Save</button> \
         <button name=act value=pay>Pay (pretend)</button></form>{events}",
        lines(shop, &price(shop, &held.wants, &held.codes, now)),
        value(&held.buyer.email),
        value(&held.buyer.phone),
        escape(&held.codes.join(",")),
        token = held.token,
        events = pixel::events(held),
    );
    frame(shop, session, "Checkout", &inside)
}
