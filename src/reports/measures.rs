//! What every number counts. Headline, list, campaign table, links page and funnel all ask here, so that one question
//! has one answer, and a link opens exactly the orders its number counts.
//!
//! A measure is a set of orders of a period by the stage that is true of them. It is described once, by lines of the
//! ledger, class of evidence and recovery; [`Measure::holds`] finds it in sums, [`Measure::condition`] in the database.

use sea_orm::sea_query::{Cond, Condition, Expr};
use sea_orm::{ExprTrait, Iterable};
use serde::{Deserialize, Serialize};

use super::totals::Total;
use crate::attribution::Line;
use crate::attribution::conversion::{Column as C, Entity as Conversions};
use crate::attribution::evidence::{Class, Kind};

/// A set of orders with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Orders that carry net sales: paid or not yet, without cancelled ones, test orders and renewals.
    Sales,
    /// Paid, and evidence ties them to a message.
    Attributed,
    /// Attributed by evidence that names the message itself.
    Certain,
    /// Attributed by a browser or a person close to the message.
    Strong,
    /// Attributed by exposure, which only a policy other than ours credits.
    Exposure,
    /// Attributed, but somebody else than the recipient used the code.
    Shared,
    /// Attributed, and nothing but the pixel says so: anybody can write what it says.
    Pixel,
    /// Paid, and they completed a checkout that was abandoned before a message about it.
    Recovered,
    /// Recovered, and attributed as well.
    RecoveredAttributed,
    /// Paid, nothing ties them to a message, but their shopper had got or read one.
    Assisted,
    /// Not paid yet.
    Pending,
}

/// How many orders, and their net sales in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Orders.
    pub orders: i64,
    /// Net sales.
    pub net: i64,
}

impl Measure {
    /// The lines of the ledger its orders may stand on.
    const fn lines(self) -> &'static [Line] {
        const CREDITED: &[Line] = &[Line::Attributed, Line::AttributedShared];
        const PAID: &[Line] = &[Line::Attributed, Line::AttributedShared, Line::Unattributed];
        const SALES: &[Line] = &[Line::Attributed, Line::AttributedShared, Line::Unattributed, Line::Pending];
        match self {
            Self::Sales => SALES,
            Self::Attributed | Self::Certain | Self::Strong | Self::Exposure => CREDITED,
            Self::Pixel | Self::RecoveredAttributed => CREDITED,
            Self::Shared => &[Line::AttributedShared],
            Self::Recovered | Self::Assisted => PAID,
            Self::Pending => &[Line::Pending],
        }
    }

    const fn class(self) -> Option<Class> {
        match self {
            Self::Certain => Some(Class::Certain),
            Self::Strong => Some(Class::Strong),
            Self::Exposure => Some(Class::Exposure),
            _ => None,
        }
    }

    const fn is_recovered(self) -> bool {
        matches!(self, Self::Recovered | Self::RecoveredAttributed)
    }

    /// Whether a sum's orders belong to it.
    pub fn holds(self, total: &Total) -> bool {
        self.lines().contains(&total.line)
            && (!self.is_recovered() || total.recovered)
            && (self != Self::Pixel || total.by_pixel)
            && (self != Self::Assisted || total.assisted)
            && self.class().is_none_or(|class| total.evidence.is_some_and(|kind| kind.class() == class))
    }

    /// The same, asked of `conversions`.
    pub fn condition(self) -> Condition {
        let column = |column: C| Expr::col((Conversions, column));
        let mut condition = Cond::all().add(column(C::Line).is_in(self.lines().iter().copied()));
        if let Some(class) = self.class() {
            condition = condition.add(column(C::Evidence).is_in(Kind::iter().filter(|kind| kind.class() == class)));
        }
        if self == Self::Pixel {
            condition = condition.add(column(C::ByPixel).eq(true));
        }
        if self == Self::Assisted {
            condition = condition.add(column(C::Assisted).eq(true));
        }
        if self.is_recovered() {
            condition = condition.add(column(C::RecoveredMessageId).is_not_null());
        }
        condition
    }

    /// Its part of a period's sums.
    pub fn sum(self, totals: &[Total]) -> Sum {
        totals
            .iter()
            .filter(|total| self.holds(total))
            .fold(Sum::default(), |sum, total| Sum { orders: sum.orders + total.orders, net: sum.net + total.net })
    }
}
