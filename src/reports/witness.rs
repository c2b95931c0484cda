//! Whether anything but our own door saw a tap.
//!
//! Whoever holds a link can open it, from wherever and however often. A tap that the shop's own pages, the pixel or Meta saw
//! too is harder to invent than one that is only a line in our own book, and a merchant should see which is which.

use std::collections::BTreeSet;

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use crate::attribution::evidence::Kind;
use crate::attribution::{Candidate, Receipt};
use crate::kernel::id::{MessageId, ShopId};
use crate::links::{ClickId, clicks_called};
use crate::messages::{META_CLICK, Message, MetaClicks};
use crate::pixel::ties_of;

/// What a merchant is told of a tap that nothing else saw.
pub const ALONE: &str =
    "Nothing else saw this tap: neither the order's cart, nor the page the visit began on, nor the pixel, nor Meta.";

/// The click ids of taps that nothing else saw, among those on which a receipt's candidates rest as taps of the person.
pub async fn alone<'a>(
    db: &impl ConnectionTrait,
    shop: ShopId,
    receipt: &Receipt,
    message: impl Fn(MessageId) -> Option<&'a Message>,
) -> Result<BTreeSet<String>, DbErr> {
    let id = |candidate: &Candidate| ClickId::from_public(candidate.click_id.as_deref()?);
    let of_person = receipt.candidates.iter().filter(|candidate| candidate.kind == Kind::PersonClick);
    // The same message's click id came with the cart or the visit.
    let seen = |candidate: &Candidate| {
        let other = |other: &Candidate| matches!(other.kind, Kind::ClickAttribute | Kind::ClickSession);
        receipt.candidates.iter().any(|one| other(one) && one.message_id == candidate.message_id)
    };
    let taps: Vec<(ClickId, &Candidate)> =
        of_person.filter(|candidate| !seen(candidate)).filter_map(|one| Some((id(one)?, one))).collect();
    if taps.is_empty() {
        return Ok(BTreeSet::new());
    }
    let ids: BTreeSet<ClickId> = taps.iter().map(|(id, _)| *id).collect();
    let by_pixel: BTreeSet<ClickId> =
        ties_of(db, shop, ids.iter().copied()).await?.into_iter().map(|tie| tie.click_id).collect();
    let clicks = clicks_called(db, shop, ids).await?;
    let hashes: BTreeSet<i64> = clicks.iter().filter_map(|click| click.meta_click).collect();
    let names: BTreeSet<String> =
        taps.iter().filter_map(|(_, one)| message(one.message_id)?.wamid_hash.clone()).collect();
    let named =
        sea_orm::Condition::any().add(META_CLICK.meta_click.is_in(hashes)).add(META_CLICK.wamid_hash.is_in(names));
    let of_meta = MetaClicks::find().filter(META_CLICK.shop_id.eq(shop)).filter(named).all(db).await?;
    let by_meta = |id: ClickId, candidate: &Candidate| {
        let hash = clicks.iter().find(|click| click.id == id).and_then(|click| click.meta_click);
        let name = message(candidate.message_id).and_then(|message| message.wamid_hash.as_ref());
        of_meta.iter().any(|row| Some(row.meta_click) == hash || name.is_some() && row.wamid_hash.as_ref() == name)
    };
    let unseen = taps.into_iter().filter(|(id, one)| !by_pixel.contains(id) && !by_meta(*id, one));
    Ok(unseen.map(|(id, _)| id.public()).collect())
}
