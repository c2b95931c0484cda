//! A visit to the storefront: the cart, the code the link brought, where the visit began.

use crate::simulator::browser::Kept;
use crate::simulator::dice::{Luck, dice};
use crate::simulator::state::State;
use crate::simulator::visit::click_in;

/// The attribute in which the app's embedded script keeps the click.
pub(in crate::simulator) const CLICK_ATTRIBUTE: &str = "__rcp";

/// What the storefront remembers of one browser.
#[derive(Clone, Debug, Default)]
pub(in crate::simulator) struct Session {
    pub codes: Vec<String>,
    pub landing_site: Option<String>,
    pub referring_site: Option<String>,
    pub cart: Vec<(usize, i64)>,
    pub attributes: Vec<(String, String)>,
    pub cart_token: String,
    /// The latest address a page was opened by.
    pub opened_by: String,
    /// Whether the pixel runs in a living shopper's browser, and what it remembers there.
    pub pixel: bool,
    pub kept: Option<Kept>,
}

impl Session {
    /// Sets a cart attribute; the same name again replaces it.
    pub fn set(&mut self, name: &str, value: &str) {
        self.attributes.retain(|(known, _)| known != name);
        self.attributes.push((name.to_owned(), value.to_owned()));
    }

    /// Puts pieces into the cart.
    pub fn add(&mut self, product: usize, quantity: i64) {
        match self.cart.iter_mut().find(|(known, _)| *known == product) {
            Some((_, held)) => *held += quantity,
            None => self.cart.push((product, quantity)),
        }
        self.cart.retain(|(_, held)| *held > 0);
    }

    /// The page a browser opened: the first is the landing. An unblocked script keeps the click id it finds.
    pub fn lands(&mut self, path_and_query: &str, blocks_scripts: bool) {
        self.landing_site.get_or_insert_with(|| path_and_query.to_owned());
        self.opened_by = path_and_query.to_owned();
        if let Some(click) = click_in(path_and_query).filter(|_| !blocks_scripts) {
            self.set(CLICK_ATTRIBUTE, &click);
        }
    }

    /// The code of a `/discount/` link replaces what stood there.
    pub fn brings(&mut self, code: &str) {
        self.codes = code.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect();
    }
}

impl State {
    /// A new browser.
    pub fn open_session(&mut self) -> String {
        let seed = self.seed;
        let shop = self.shop();
        let number = shop.number();
        let mut luck = dice(seed, "session", number.unsigned_abs());
        let id = luck.hex(24);
        let cart_token = format!("hWN{}", luck.hex(21));
        shop.sessions.insert(id.clone(), Session { cart_token, ..Session::default() });
        id
    }
}
