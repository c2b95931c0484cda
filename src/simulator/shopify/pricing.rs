//! What a cart costs: lines, the codes that hold, shipping and the tax on each, in whole minor units.
//!
//! 1. An allocation never takes more off a line than the line is worth; gift cards are never reduced.
//! 2. The allocations of an application sum to what it takes off, to the unit.
//! 3. Two codes stand on one order only if each allows the class of the other.

use crate::kernel::{Money, Timestamp};

use super::discounts::{Discount, Entitled, Minimum, Offer};
use super::payload::product_id;
use super::shop::{COLLECTIONS, PRODUCTS, Shop};

/// A line of a cart, checkout or order.
#[derive(Clone, Debug)]
pub struct Line {
    /// Which product of the catalogue.
    pub product: usize,
    /// How many.
    pub quantity: i64,
    /// Price of one, before anything.
    pub price: i64,
    /// A liability, not a sale.
    pub gift_card: bool,
    /// The first order of a subscription.
    pub subscription: bool,
    /// What each application takes off: its index and the amount.
    pub allocations: Vec<(usize, i64)>,
    /// The tax on what is left.
    pub tax: i64,
}

impl Line {
    /// Price × quantity.
    pub fn full(&self) -> i64 {
        self.price * self.quantity
    }

    /// What is taken off.
    pub fn discount(&self) -> i64 {
        self.allocations.iter().map(|(_, minor)| minor).sum()
    }

    /// What is left to pay, with its tax if prices contain it.
    pub fn discounted(&self) -> i64 {
        self.full() - self.discount()
    }
}

/// The way to the buyer.
#[derive(Clone, Debug)]
pub struct Shipping {
    /// Before discounts.
    pub price: i64,
    /// What each application takes off.
    pub allocations: Vec<(usize, i64)>,
    /// The tax on what is left.
    pub tax: i64,
}

impl Shipping {
    /// What is left to pay.
    pub fn discounted(&self) -> i64 {
        self.price - self.allocations.iter().map(|(_, minor)| minor).sum::<i64>()
    }
}

/// Why something is cheaper.
#[derive(Clone, Debug)]
pub struct Application {
    /// The code as defined, or the title a member of staff typed.
    pub name: String,
    /// Typed by staff: looks like a code in one place of the payload, and is none.
    pub manual: bool,
    /// What it gives.
    pub offer: Offer,
    /// Only to some lines.
    pub entitled: bool,
}

/// A priced cart.
#[derive(Clone, Debug)]
pub struct Priced {
    /// Its lines.
    pub lines: Vec<Line>,
    /// Its shipping, if anything is to be sent.
    pub shipping: Option<Shipping>,
    /// What makes it cheaper.
    pub applications: Vec<Application>,
    /// Whether prices contain the tax.
    pub taxes_included: bool,
    /// The rate in basis points.
    pub tax_basis_points: i64,
}

impl Priced {
    /// Σ price × quantity.
    pub fn line_items_price(&self) -> i64 {
        self.lines.iter().map(Line::full).sum()
    }

    /// Lines after discounts.
    pub fn subtotal(&self) -> i64 {
        self.lines.iter().map(Line::discounted).sum()
    }

    /// Everything an application takes off.
    pub fn taken_off(&self, application: usize) -> i64 {
        let shipping = self.shipping.iter().flat_map(|s| &s.allocations);
        let all = self.lines.iter().flat_map(|line| &line.allocations).chain(shipping);
        all.filter(|(index, _)| *index == application).map(|(_, minor)| minor).sum()
    }

    /// Everything taken off.
    pub fn discounts(&self) -> i64 {
        (0..self.applications.len()).map(|n| self.taken_off(n)).sum()
    }

    /// All tax, shipping's too.
    pub fn tax(&self) -> i64 {
        self.lines.iter().map(|line| line.tax).sum::<i64>() + self.shipping.as_ref().map_or(0, |s| s.tax)
    }

    /// What is to be paid, apart from tips.
    pub fn total(&self) -> i64 {
        let shipping = self.shipping.as_ref().map_or(0, Shipping::discounted);
        self.subtotal() + shipping + if self.taxes_included { 0 } else { self.tax() }
    }

    /// The codes that hold, as defined.
    pub fn codes(&self) -> Vec<String> {
        self.applications.iter().filter(|a| !a.manual).map(|a| a.name.clone()).collect()
    }

    /// Puts one more piece on, as staff do on orders that were placed.
    pub fn add(&mut self, product: usize, price: i64) {
        self.lines.push(Line {
            product,
            quantity: 1,
            price,
            gift_card: false,
            subscription: false,
            allocations: vec![],
            tax: 0,
        });
        self.levy();
    }

    /// Takes a manual reduction off, as staff do on draft orders.
    pub fn reduce(&mut self, title: &str, minor: i64) {
        let offer = Offer::Fixed(minor);
        self.applications.push(Application { name: title.to_owned(), manual: true, offer, entitled: false });
        allocate(&mut self.lines, self.applications.len() - 1, minor, |_| true);
        self.levy();
    }

    fn levy(&mut self) {
        let (rate, included) = (self.tax_basis_points, self.taxes_included);
        for line in &mut self.lines {
            line.tax = if line.gift_card { 0 } else { tax_on(line.discounted(), rate, included) };
        }
        if let Some(shipping) = &mut self.shipping {
            shipping.tax = tax_on(shipping.discounted(), rate, included);
        }
    }
}

/// Half up, exact.
fn rounded(numerator: i64, denominator: i64) -> i64 {
    (2 * numerator + denominator).div_euclid(2 * denominator)
}

fn tax_on(amount: i64, basis_points: i64, included: bool) -> i64 {
    rounded(amount * basis_points, 10_000 + if included { basis_points } else { 0 })
}

fn allocate(lines: &mut [Line], application: usize, minor: i64, entitled: impl Fn(&Line) -> bool) {
    let weight = |l: &Line| if l.gift_card || !entitled(l) { 0 } else { u64::try_from(l.discounted()).unwrap_or(0) };
    let weights: Vec<u64> = lines.iter().map(weight).collect();
    let shares = crate::kernel::money::split_minor(minor, &weights);
    for (line, share) in lines.iter_mut().zip(shares) {
        if share > 0 {
            line.allocations.push((application, share));
        }
    }
}

fn allows(one: &Discount, other: &Discount) -> bool {
    let beside = |d: &Discount, o: &Discount| match o.offer {
        Offer::FreeShipping(_) => d.combines.shipping,
        Offer::Percentage(_) | Offer::Fixed(_) if o.entitled == Entitled::All => d.combines.order,
        Offer::Percentage(_) | Offer::Fixed(_) => d.combines.product,
    };
    beside(one, other) && beside(other, one)
}

/// Whether a discount is about a line: gift cards never, and only what is bought as it says.
fn is_about(discount: &Discount, line: &Line) -> bool {
    let bought = if line.subscription { discount.subscriptions } else { discount.once };
    let listed = match &discount.entitled {
        Entitled::All => true,
        Entitled::Products(ids) => ids.contains(&product_id(line.product)),
        Entitled::Collections(ids) => {
            COLLECTIONS.iter().any(|(id, products)| ids.contains(id) && products.contains(&line.product))
        }
    };
    bought && listed && !line.gift_card
}

/// Prices what somebody wants with the codes they bring. Codes that do not hold are left out silently, as at Shopify.
pub(in crate::simulator) fn price(shop: &Shop, wants: &[(usize, i64)], codes: &[String], now: Timestamp) -> Priced {
    let lines: Vec<Line> = wants
        .iter()
        .filter_map(|&(product, quantity)| {
            let known = PRODUCTS.get(product)?;
            let price = shop.price_of(known);
            let (gift_card, subscription) = (known.gift_card, known.subscription);
            Some(Line { product, quantity, price, gift_card, subscription, allocations: vec![], tax: 0 })
        })
        .collect();
    let goods: i64 = lines.iter().filter(|l| !l.gift_card).map(Line::full).sum();
    let unit = 10_i64.pow(shop.profile.currency.exponent().saturating_sub(2)) * 100;
    let shipping = lines.iter().any(|l| !l.gift_card).then(|| {
        let price = if goods >= 75 * unit { 0 } else { 490 * unit / 100 };
        Shipping { price, allocations: vec![], tax: 0 }
    });
    let mut priced = Priced {
        lines,
        shipping,
        applications: vec![],
        taxes_included: shop.profile.taxes_included,
        tax_basis_points: shop.profile.tax_basis_points,
    };
    let mut held: Vec<&Discount> = Vec::new();
    for code in codes {
        let Some((code, discount)) = shop.discounts.usable(code, now) else { continue };
        let about = |line: &Line| is_about(discount, line);
        // What must be in the cart must be in it of what the discount is about.
        let these = || priced.lines.iter().filter(|line| about(line));
        let (worth, pieces) = (these().map(Line::full).sum::<i64>(), these().map(|l| l.quantity).sum::<i64>());
        let enough = match discount.minimum {
            None => true,
            Some(Minimum::Subtotal(minor)) => worth >= minor,
            Some(Minimum::Quantity(wanted)) => pieces >= wanted,
        };
        if worth == 0 || !enough || !held.iter().all(|other| other.id != discount.id && allows(other, discount)) {
            continue;
        }
        held.push(discount);
        let index = priced.applications.len();
        priced.applications.push(Application {
            name: code.code.clone(),
            manual: false,
            offer: discount.offer,
            entitled: discount.entitled != Entitled::All,
        });
        let left: i64 = priced.lines.iter().filter(|line| about(line)).map(Line::discounted).sum();
        match discount.offer {
            Offer::Percentage(share) => allocate(&mut priced.lines, index, rounded(left * share, 10_000), about),
            Offer::Fixed(minor) => allocate(&mut priced.lines, index, minor.min(left), about),
            Offer::FreeShipping(most) => {
                if let Some(way) = priced.shipping.as_mut().filter(|w| w.price > 0 && most.is_none_or(|m| w.price <= m))
                {
                    let whole = way.discounted();
                    way.allocations.push((index, whole));
                }
            }
        }
    }
    priced.levy();
    priced
}

/// A number in minor units of the shop's currency as minor units of what the buyer pays in.
pub(in crate::simulator) fn presented(money: Money, into: crate::kernel::Currency, millionths: i64) -> Money {
    if money.currency == into {
        return money;
    }
    let scale = |e: u32| 10_i128.pow(e);
    let numerator = i128::from(money.minor) * i128::from(millionths) * scale(into.exponent());
    let denominator = 1_000_000 * scale(money.currency.exponent());
    let minor = (2 * numerator + denominator).div_euclid(2 * denominator);
    Money::new(i64::try_from(minor).unwrap_or(i64::MAX), into)
}
