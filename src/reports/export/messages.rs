//! Messages of a period and what became of them. Nobody is named, unless a merchant asks for it.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::cell::Cell;
use super::sheet::{Asked, Column, Only, Page, ROWS, Sheet, before, campaigns, column, column_only};
use crate::codes::{CODE, RedeemCode, RedeemCodeId, RedeemCodes};
use crate::db::Db;
use crate::kernel::Timestamp;
use crate::kernel::id::MessageId;
use crate::messages::{MESSAGE, Message, Messages as AllMessages};
use crate::people::{Contact, RECIPIENT, RecipientId, Recipients};

/// The table.
pub struct Messages;

impl Sheet for Messages {
    const COLUMNS: &'static [Column] = &[
        column("message_id", "Our number of the message."),
        column("campaign_id", "Its campaign."),
        column("campaign", "What the campaign is called."),
        column("issued_at", "When code and link were issued (UTC)."),
        column("sent_at", "When WhatsApp took it."),
        column("delivered_at", "When it reached the phone, as far as WhatsApp told."),
        column("read_at", "When it was read; only people who send read receipts have one."),
        column("failed_at", "When WhatsApp gave it up."),
        column("failure", "What that failure means."),
        column("code", "Its discount code. One that could still be spent is shown only to who may hand codes out."),
        column("code_ends_at", "When the code ends."),
        column("link", "The end of its link's address, which clicks name too."),
        column("checkout_token", "The abandoned checkout it is about."),
        column("cost", "What it cost, to WhatsApp's own digit; empty where nobody told."),
        column("cost_currency", "In which currency."),
        column("country", "The country of the number it went to."),
        column_only(
            Only::Personal,
            "platform_key",
            "What the WhatsApp platform calls its recipient. Empty once forgotten.",
        ),
        column_only(Only::Personal, "phone", "The number it went to (E.164). Empty once forgotten."),
        column_only(Only::Personal, "whatsapp_user_id", "WhatsApp's id of its recipient. Empty once forgotten."),
        column_only(Only::Personal, "email", "Its recipient's address, as the platform told. Empty once forgotten."),
    ];

    type After = Option<(Timestamp, MessageId)>;

    fn before(asked: &Asked, after: &Self::After) -> i32 {
        after.map_or(0, |(at, _)| before(asked, at))
    }

    async fn page(db: &Db, asked: &Asked, after: Self::After) -> Result<Page<Self::After>, DbErr> {
        let (db, shop) = (db.read(), asked.shop.shop_id);
        let (begin, end) = asked.period.instants;
        let mut select = AllMessages::of(shop).filter(MESSAGE.issued_at.lt(end));
        select = select.filter(MESSAGE.issued_at.gte(after.map_or(begin, |(at, _)| at)));
        if let Some(campaign) = asked.period.campaign {
            select = select.filter(MESSAGE.campaign_id.eq(campaign));
        }
        if let Some((at, id)) = after {
            select = select.filter(Condition::any().add(MESSAGE.issued_at.gt(at)).add(MESSAGE.id.gt(id)));
        }
        let select = select.order_by_asc(MESSAGE.issued_at).order_by_asc(MESSAGE.id);
        let found: Vec<Message> = select.limit(ROWS).all(db).await?;
        let next = found.last().filter(|_| found.len() as u64 == ROWS).map(|one| Some((one.issued_at, one.id)));
        let campaigns = campaigns(db, shop, found.iter().map(|one| one.campaign_id)).await?;
        let ids: Vec<RedeemCodeId> = found.iter().filter_map(|one| one.redeem_code_id).collect();
        let codes = RedeemCodes::of(shop).filter(CODE.id.is_in(ids)).all(db).await?;
        let codes: HashMap<RedeemCodeId, _> = codes.into_iter().map(|code| (code.id, code)).collect();
        let contacts = contacts(db, asked, &found).await?;
        let row = |one: Message| {
            let contact = contacts.get(&one.recipient_id);
            let reached = |of: fn(&Contact) -> Option<&String>| Cell::maybe(contact.and_then(of));
            let code = one.redeem_code_id.and_then(|id| codes.get(&id));
            let spent = |code: &&RedeemCode| asked.sees_codes || code.redeemed_at.is_some();
            let cost = one.cost();
            vec![
                Cell::text(one.id),
                Cell::text(one.campaign_id),
                Cell::maybe(campaigns.get(&one.campaign_id)),
                Cell::text(one.issued_at),
                Cell::at(one.sent_at),
                Cell::at(one.delivered_at),
                Cell::at(one.read_at),
                Cell::at(one.failed_at),
                Cell::maybe(one.failure().map(|failure| failure.meaning)),
                Cell::maybe(code.filter(spent).map(|code| &code.code)),
                Cell::at(code.and_then(|code| code.ends_at(one.arrived_at()))),
                Cell::text(&one.link_slug),
                Cell::maybe(one.checkout_token.as_ref()),
                cost.map_or(Cell::Nothing, |price| Cell::Decimal(price.decimal())),
                Cell::maybe(cost.map(|price| price.currency())),
                Cell::maybe(one.country.as_ref()),
                reached(|contact| contact.key.as_ref()),
                reached(|contact| contact.phone.as_ref()),
                reached(|contact| contact.whatsapp_user_id.as_ref()),
                reached(|contact| contact.email.as_ref()),
            ]
        };
        Ok((found.into_iter().map(row).collect(), next))
    }
}

/// How the recipients of some messages are reached, if that was asked for and is still kept.
async fn contacts(
    db: &impl ConnectionTrait,
    asked: &Asked,
    of: &[Message],
) -> Result<HashMap<RecipientId, Contact>, DbErr> {
    let Some(app) = &asked.personal else { return Ok(HashMap::new()) };
    let ids: BTreeSet<RecipientId> = of.iter().map(|one| one.recipient_id).collect();
    let find = Recipients::find().filter(RECIPIENT.shop_id.eq(asked.shop.shop_id)).filter(RECIPIENT.id.is_in(ids));
    let mut contacts = HashMap::new();
    for recipient in find.all(db).await? {
        let opened = recipient.contact(app);
        let opened =
            opened.map_err(|error| DbErr::Custom(format!("a recipient's contact could not be opened: {error}")))?;
        contacts.extend(opened.map(|contact| (recipient.id, contact)));
    }
    Ok(contacts)
}
