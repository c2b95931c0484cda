//! A visit to the storefront: the cart, the code the link brought, where the visit began.

use crate::kernel::Timestamp;
use crate::simulator::browser::Kept;
use crate::simulator::dice::{Luck, dice};
use crate::simulator::journey::Visits;
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
    /// What Shopify sees of it.
    pub visits: Visits,
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

    /// A page a browser opens, and the page of somebody else it comes from.
    pub fn opens(&mut self, path_and_query: &str, referrer: Option<&str>, blocks_scripts: bool, now: Timestamp) {
        self.visits.opens(path_and_query, referrer, now);
        if self.landing_site.is_none() {
            self.referring_site = referrer.map(str::to_owned);
        }
        self.lands(path_and_query, blocks_scripts);
    }

    /// An address a browser was sent to: the first is the landing. An unblocked script keeps the click id it finds.
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
