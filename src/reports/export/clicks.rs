//! Taps on the shop's links in a period, people's and machines'.

use sea_orm::{ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use super::cell::Cell;
use super::sheet::{Asked, Column, Page, ROWS, Sheet, before, column};
use crate::db::Db;
use crate::kernel::Timestamp;
use crate::links::{CLICK, Click, ClickId, Clicks as AllClicks};
use crate::messages::{MESSAGE, MessageColumn, Messages as MessageEntities};

/// The table.
pub struct Clicks;

impl Sheet for Clicks {
    const COLUMNS: &'static [Column] = &[
        column("click_id", "The id the shop's pages and orders carry on."),
        column("at", "When (UTC)."),
        column("link", "The end of the link's address, which messages name too."),
        column("human", "Whether a person tapped: only those count."),
        column("reason", "Why it is taken for a machine, strongest reason first; empty for a person."),
    ];

    type After = Option<(Timestamp, ClickId)>;

    fn before(asked: &Asked, after: &Self::After) -> i32 {
        after.map_or(0, |(at, _)| before(asked, at))
    }

    async fn page(db: &Db, asked: &Asked, after: Self::After) -> Result<Page<Self::After>, DbErr> {
        let (begin, end) = asked.period.instants;
        let mut select = AllClicks::find().filter(CLICK.shop_id.eq(asked.shop.shop_id)).filter(CLICK.at.lt(end));
        select = select.filter(CLICK.at.gte(after.map_or(begin, |(at, _)| at)));
        if let Some(campaign) = asked.period.campaign {
            let of_it = MessageEntities::of(asked.shop.shop_id).filter(MESSAGE.campaign_id.eq(campaign));
            let links = of_it.select_only().column(MessageColumn::LinkSlug).into_query();
            select = select.filter(CLICK.slug.in_subquery(links));
        }
        if let Some((at, id)) = after {
            select = select.filter(Condition::any().add(CLICK.at.gt(at)).add(CLICK.id.gt(id)));
        }
        let found: Vec<Click> = select.order_by_asc(CLICK.at).order_by_asc(CLICK.id).limit(ROWS).all(db.read()).await?;
        let next = found.last().filter(|_| found.len() as u64 == ROWS).map(|one| Some((one.at, one.id)));
        let row = |one: Click| {
            vec![
                Cell::text(one.id.public()),
                Cell::text(one.at),
                Cell::text(one.slug),
                Cell::Yes(one.human),
                Cell::text(one.reason),
            ]
        };
        Ok((found.into_iter().map(row).collect(), next))
    }
}
