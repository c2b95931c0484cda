//! What an order is worth at an instant, and who says so: Shopify's own book of sales where it is known, the payloads of
//! its webhooks where it is not (yet).
//!
//! 1. Pure: of the same facts the same parts, whatever order they came in.
//! 2. One source decides all parts of an order, never each a half.
//! 3. Exact: the sales of an order sum to its parts, to the unit.

use super::facts::Facts;
use super::money::net_sales;
use super::sale::{Agreement, Line, Model as Sale};
use super::version::Model as Version;
use crate::kernel::Timestamp;

/// What an order is worth after what went back of it, in minor units of its shop's currency. Each part without its tax.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// Goods before discounts.
    pub gross: i64,
    /// Taken off them by discounts.
    pub discounts: i64,
    /// Goods given back or let off, goodwill among it.
    pub returns: i64,
    /// The part of `returns` that stands on no line: goodwill positive, what has not been paid back (yet) negative.
    pub adjustments: i64,
    /// Shipping.
    pub shipping: i64,
    /// All taxes.
    pub tax: i64,
    /// Tips.
    pub tips: i64,
    /// Gift cards.
    pub gift_cards: i64,
    /// Duties.
    pub duties: i64,
    /// Fees: the shop's own, and those of returns and exchanges.
    pub fees: i64,
}

impl Parts {
    /// Net sales = gross − discounts − returns.
    pub const fn net(&self) -> i64 {
        self.gross - self.discounts - self.returns
    }

    /// Total sales = net + shipping + taxes + duties.
    pub const fn total_sales(&self) -> i64 {
        self.net() + self.shipping + self.tax + self.duties
    }

    /// Everything there is.
    pub const fn sum(&self) -> i64 {
        self.total_sales() + self.tips + self.gift_cards + self.fees
    }
}

/// Who decides what an order is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Shopify's own book of sales.
    Sales,
    /// The payloads of its webhooks.
    Payload(Because),
}

/// Why the book does not decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// It has not been read.
    Unread,
    /// Something happened to the order after it was read.
    Behind,
    /// It holds sales of a kind we do not know.
    Strange,
}

impl Facts {
    /// Who decides what this order is worth.
    pub fn source(&self) -> Source {
        match () {
            () if self.through().is_none() => Source::Payload(Because::Unread),
            () if self.behind() => Source::Payload(Because::Behind),
            () if self.strange().next().is_some() => Source::Payload(Because::Strange),
            () => Source::Sales,
        }
    }

    /// Up to which state of the order its sales are known.
    pub fn through(&self) -> Option<Timestamp> {
        self.book.as_ref().and_then(|book| book.through)
    }

    /// Whether something that moves money is told of a time after the book was read. Shopify tells whole seconds.
    pub fn behind(&self) -> bool {
        let Some(through) = self.through() else { return false };
        let later = |at: Timestamp| at.seconds() > through.seconds();
        let before = self.versions.iter().rfind(|version| !later(version.updated_at));
        let changed = |version: &Version| {
            later(version.updated_at) && before.is_some_and(|before| before.amounts() != version.amounts())
        };
        self.refunds.iter().any(|refund| later(refund.at))
            || self.versions.iter().filter_map(|version| version.cancelled_at).any(later)
            || self.versions.iter().any(changed)
    }

    /// Sales of kinds we do not know that are worth anything.
    pub fn strange(&self) -> impl Iterator<Item = &Sale> {
        self.sales.iter().filter(|sale| sale.line().is_none() && (sale.total_minor, sale.tax_minor) != (0, 0))
    }

    /// What it is worth at an instant.
    pub fn parts(&self, at: Timestamp) -> Parts {
        if self.source() == Source::Sales { self.parts_sold(at) } else { self.parts_told(at) }
    }

    /// The newest state at an instant. The first one we heard of stands for everything before it.
    pub fn version_at(&self, at: Timestamp) -> Option<&Version> {
        self.versions.iter().rev().find(|version| version.updated_at <= at).or_else(|| self.versions.first())
    }

    /// What its payloads say it is worth at an instant.
    pub fn parts_told(&self, at: Timestamp) -> Parts {
        let Some(amounts) = self.version_at(at).map(Version::amounts) else { return Parts::default() };
        let mut parts = Parts {
            gross: amounts.gross,
            discounts: amounts.discounts,
            shipping: amounts.shipping,
            tax: amounts.tax,
            tips: amounts.tips,
            gift_cards: amounts.gift_cards,
            duties: amounts.duties,
            fees: amounts.fees,
            ..Parts::default()
        };
        for refund in self.refunds.iter().filter(|refund| refund.at <= at) {
            parts.returns += refund.goods_minor;
            parts.shipping -= refund.shipping_minor;
            parts.tax -= refund.tax_minor;
            parts.tips -= refund.tips_minor;
            parts.gift_cards -= refund.gift_cards_minor;
            // A refund tells duties and fees in one.
            let duties = refund.charges_minor.min(parts.duties);
            parts.duties -= duties;
            parts.fees -= refund.charges_minor - duties;
        }
        debug_assert_eq!(parts.net(), net_sales(amounts, parts.returns));
        parts
    }

    /// What Shopify's own book says it is worth at an instant.
    pub fn parts_sold(&self, at: Timestamp) -> Parts {
        let counts = |sale: &&Sale| sale.counts_from(self.order.ordered_at) <= at;
        let mut by_agreement: Vec<(&str, Bill)> = Vec::new();
        for sale in self.sales.iter().filter(counts) {
            let id = sale.shopify_agreement_id.as_str();
            let place = by_agreement.iter().position(|(known, _)| *known == id).unwrap_or_else(|| {
                by_agreement.push((id, Bill::default()));
                by_agreement.len() - 1
            });
            by_agreement[place].1.add(sale);
        }
        by_agreement.into_iter().fold(Parts::default(), |parts, (_, bill)| bill.onto(parts))
    }
}

/// The sales of one agreement, summed: what was sold is positive, what went back negative.
#[derive(Clone, Copy, Debug, Default)]
struct Bill {
    back: bool,
    goods: i64,
    discounts: i64,
    shipping: i64,
    tax: i64,
    tips: i64,
    gift_cards: i64,
    duties: i64,
    fees: i64,
    adjusted: i64,
    adjusted_tax: i64,
}

impl Bill {
    fn add(&mut self, sale: &Sale) {
        self.back |= sale.agreement() == Agreement::Back;
        let Some(line) = sale.line() else { return };
        let part = match line {
            Line::Product => {
                self.discounts += sale.discounts_minor;
                &mut self.goods
            }
            Line::Tip => &mut self.tips,
            Line::GiftCard => &mut self.gift_cards,
            Line::Shipping => &mut self.shipping,
            Line::Duty => &mut self.duties,
            Line::Fee => &mut self.fees,
            Line::Adjustment => &mut self.adjusted,
        };
        *part += sale.net();
        let tax = if line == Line::Adjustment { &mut self.adjusted_tax } else { &mut self.tax };
        *tax += sale.tax_minor;
    }

    /// An adjustment says how far the money differs from the lines. A negative one is goodwill on top, and counts as
    /// goods given back. A positive one has not been paid back (yet): it takes from what went back, part by part, as the
    /// reading of a refund's payload does; what no part went back for stays with the goods.
    fn onto(mut self, mut parts: Parts) -> Parts {
        let mut unpaid = self.adjusted.max(0);
        self.tax += self.adjusted_tax;
        for part in
            [&mut self.goods, &mut self.shipping, &mut self.tax, &mut self.tips, &mut self.gift_cards, &mut self.duties]
        {
            let taken = (-*part).clamp(0, unpaid);
            *part += taken;
            unpaid -= taken;
        }
        self.goods += unpaid + self.adjusted.min(0);
        if self.back {
            parts.returns -= self.goods;
        } else {
            parts.gross += self.goods + self.discounts;
            parts.discounts += self.discounts;
        }
        parts.adjustments -= self.adjusted;
        parts.shipping += self.shipping;
        parts.tax += self.tax;
        parts.tips += self.tips;
        parts.gift_cards += self.gift_cards;
        parts.duties += self.duties;
        parts.fees += self.fees;
        parts
    }
}

#[cfg(test)]
pub(crate) mod tests;
