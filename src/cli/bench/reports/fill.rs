//! Filling a shop: one row of each table written by its room's own type, and all others made out of it in the database.

mod checkouts;

use sea_orm::sea_query::Alias;
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IdenStatic, IntoActiveModel, Iterable, QueryTrait};
use uuid::Uuid;

use crate::app::App;
use crate::attribution::Line;
use crate::attribution::conversion;
use crate::attribution::evidence::Kind as Evidence;
use crate::campaigns::{
    Arm, Campaign, CampaignId, Campaigns, CodeTerms, Combines, Draw, DrawColumn, Draws, Expiry, Kind, LinkTerms,
    Purchase,
};
use crate::codes::{CodeColumn, RedeemCode, RedeemCodeId, RedeemCodes, State};
use crate::kernel::id::MessageId;
use crate::kernel::{Day, Timestamp};
use crate::links::classify::{self, Signs};
use crate::links::{Click, ClickColumn, ClickId, Clicks, Link, LinkColumn, Links};
use crate::messages::{Message, MessageColumn, Messages};
use crate::orders::{
    Book, BookColumn, BookState, Books, Journey, JourneyColumn, JourneyState, Journeys, Order, OrderColumn, OrderId,
    Orders, Texts,
};
use crate::people::RecipientId;
use crate::shops::Shop;

/// Campaigns of the shop, and messages that one of them sends at once.
const CAMPAIGNS: u64 = 40;
const AT_ONCE: u64 = 1_000;

/// Rows per statement.
const ROWS: u64 = 200_000;

const DAY_MICROS: i64 = 86_400_000_000;

/// How rows are told apart and where they lie in time, in the database's own words.
struct Words {
    sqlite: bool,
    begin: i64,
    span: i64,
    messages: u64,
    orders: u64,
}

impl Words {
    /// An id of a kind, from a number.
    fn id(&self, kind: u32, number: &str) -> String {
        match self.sqlite {
            true => format!("unhex(printf('{kind:08x}000070008000%012x', {number}))"),
            false => format!("CAST('{kind:08x}-0000-7000-8000-' || lpad(to_hex({number}), 12, '0') AS UUID)"),
        }
    }

    /// When the message with a number is made: a thousand at once, evenly over the year.
    fn issued(&self, number: &str) -> String {
        let batches = (self.messages / AT_ONCE).max(1);
        format!("({} + ({number}) / {AT_ONCE} * {})", self.begin, self.span / i64::try_from(batches).unwrap_or(1))
    }

    fn ordered(&self, number: &str) -> String {
        format!("({} + ({number}) * {})", self.begin, self.span / i64::try_from(self.orders.max(1)).unwrap_or(1))
    }

    fn campaign(&self, number: &str) -> String {
        self.id(4, &format!("(({number}) / {AT_ONCE}) % {CAMPAIGNS}"))
    }

    /// The message an order goes back to; one that was not held out, sent about when the order came.
    fn of_order(&self) -> String {
        format!("((n * {}) / 20 * 20 + 1)", (self.messages / self.orders.max(1)).max(1))
    }
}

/// The id that [`Words::id`] spells.
fn id(kind: u32, number: u64) -> Uuid {
    Uuid::from_u128((u128::from(kind) << 96) + (0x7000_8000_u128 << 48) + u128::from(number))
}

/// Fills a shop with a year.
pub async fn fill(
    app: &App,
    shop: &Shop,
    (first, days): (Day, i32),
    (messages, orders): (u64, u64),
) -> anyhow::Result<()> {
    let begin = first.start(shop.zone());
    let sqlite = app.db.is_sqlite();
    let words = Words { sqlite, begin: begin.micros(), span: i64::from(days) * DAY_MICROS, messages, orders };
    campaigns(app, shop, begin).await?;
    of_messages(app, shop, &words, begin).await?;
    of_orders(app, shop, &words, begin).await?;
    checkouts::of_checkouts(app, shop, &words, begin).await?;
    app.db.write().execute_unprepared("ANALYZE").await?;
    Ok(())
}

async fn campaigns(app: &App, shop: &Shop, at: Timestamp) -> anyhow::Result<()> {
    for number in 0..CAMPAIGNS {
        let campaign = Campaign {
            shop_id: shop.shop_id,
            id: CampaignId(id(4, number)),
            name: format!("Campaign {number}"),
            kind: Kind::Broadcast,
            offer: None,
            minimum_subtotal_minor: None,
            minimum_quantity: None,
            applies_to: None,
            purchase: Purchase::default(),
            title: None,
            tags: None,
            combines_with: Combines::default(),
            expiry: Expiry::default(),
            code: CodeTerms::default(),
            link: LinkTerms::default(),
            holdout_ppm: 50_000,
            message_ppm: 0,
            expected_recipients: None,
            announced_at: None,
            cost_minor: None,
            cost_currency: None,
            offer_revision: 1,
            trouble_since: None,
            trouble_field: None,
            trouble_words: None,
            live_at: None,
            created_at: at,
            archived_at: None,
            abandoned_after_seconds: None,
        };
        Campaigns::insert(campaign.into_active_model()).exec_without_returning(app.db.write()).await?;
    }
    Ok(())
}

async fn of_messages(app: &App, shop: &Shop, words: &Words, at: Timestamp) -> anyhow::Result<()> {
    let (shop, all) = (shop.shop_id, words.messages);
    let (message, campaign, code) = (MessageId(id(2, 0)), CampaignId(id(4, 0)), RedeemCodeId(id(3, 0)));
    let recipient = RecipientId(id(1, 0));
    let (issued, of_campaign, slug) = (words.issued("n"), words.campaign("n"), "'bench' || n".to_owned());
    let sent_to = words.id(1, &format!("n % {}", (all / 8).max(1)));
    // Every twentieth is held out, so that there is a message of all others. The first is one of them.
    let drawn = "n % 20 <> 0";
    let draw = Draw {
        shop_id: shop,
        id: message,
        campaign_id: campaign,
        recipient_key_hash: "0".into(),
        recipient_id: recipient,
        held_out: true,
        arm: Arm::MessageAndCode,
        by_program: false,
        checkout_token: None,
        drawn_at: at,
    };
    multiply::<Draws>(
        app,
        draw.into_active_model(),
        all,
        "n >= 0",
        &[
            (DrawColumn::Id, words.id(2, "n")),
            (DrawColumn::CampaignId, of_campaign.clone()),
            (DrawColumn::RecipientKeyHash, "CAST(n AS VARCHAR(20))".into()),
            (DrawColumn::RecipientId, sent_to.clone()),
            (DrawColumn::HeldOut, "n % 20 = 0".into()),
            // Some were chosen because of a checkout they had left.
            (DrawColumn::CheckoutToken, "CASE WHEN n % 20 IN (0, 10) THEN 'left' || (n / 10) END".into()),
            (DrawColumn::DrawnAt, issued.clone()),
        ],
    )
    .await?;
    let made = Message {
        redeem_code_id: Some(code),
        sent_at: Some(at),
        delivered_at: Some(at),
        read_at: Some(at),
        failed_at: Some(at),
        cost_amount: Some("0.0712".into()),
        cost_currency: Some("EUR".into()),
        country: Some("AT".into()),
        price_category: Some("marketing".into()),
        price_kind: Some("regular".into()),
        ..Message::made((shop, message), campaign, recipient, "bench0".into(), at)
    };
    multiply::<Messages>(
        app,
        made.into_active_model(),
        all,
        drawn,
        &[
            (MessageColumn::Id, words.id(2, "n")),
            (MessageColumn::CampaignId, of_campaign.clone()),
            (MessageColumn::RecipientId, sent_to),
            (MessageColumn::RedeemCodeId, words.id(3, "n")),
            (MessageColumn::LinkSlug, slug.clone()),
            (MessageColumn::IssuedAt, issued.clone()),
            (MessageColumn::SentAt, format!("{issued} + 2000000")),
            (
                MessageColumn::DeliveredAt,
                format!("CASE WHEN n % 50 <> 1 THEN {issued} + 5000000 + n % 40 * 100000000 END"),
            ),
            (MessageColumn::ReadAt, format!("CASE WHEN n % 10 < 6 AND n % 50 <> 1 THEN {issued} + 6000000000 END")),
            (MessageColumn::FailedAt, format!("CASE WHEN n % 50 = 1 THEN {issued} + 4000000 END")),
            (MessageColumn::CostAmount, "CASE WHEN n % 2 = 0 THEN '0.0712' END".into()),
            (MessageColumn::CostCurrency, "CASE WHEN n % 2 = 0 THEN 'EUR' END".into()),
            (MessageColumn::Country, "CASE n % 3 WHEN 0 THEN 'AT' WHEN 1 THEN 'DE' ELSE 'IT' END".into()),
        ],
    )
    .await?;
    let handed_out = RedeemCode {
        redeemed_at: Some(at),
        ..RedeemCode::handed_out((shop, campaign), code.0, "BENCH0", at, Some(at))
    };
    let redeemed = |yes: &str, no: &str| format!("CASE WHEN n % 33 = 3 THEN {yes} ELSE {no} END");
    let ends = format!("{issued} + 172800000000");
    let over = format!("{ends} <= {}", words.begin + words.span);
    let issued_or_over = format!("CASE WHEN {over} THEN {} ELSE {} END", word(State::Expired), word(State::Issued));
    multiply::<RedeemCodes>(
        app,
        handed_out.into_active_model(),
        all,
        drawn,
        &[
            (CodeColumn::Id, words.id(3, "n")),
            (CodeColumn::CampaignId, of_campaign.clone()),
            (CodeColumn::Code, "'BENCH' || n".into()),
            (CodeColumn::State, redeemed(&word(State::Redeemed), &issued_or_over)),
            (CodeColumn::ExpiresAt, ends),
            (CodeColumn::IssuedAt, issued.clone()),
            (CodeColumn::RedeemedAt, redeemed(&format!("{issued} + 9000000000"), "NULL")),
        ],
    )
    .await?;
    let link = Link {
        shop_id: shop,
        slug: "bench0".into(),
        campaign_id: campaign,
        redeem_code_id: Some(code),
        expires_at: None,
        created_at: at,
        checkout_token: None,
        left_by: None,
        left_about: None,
    };
    multiply::<Links>(
        app,
        link.into_active_model(),
        all,
        drawn,
        &[
            (LinkColumn::Slug, slug.clone()),
            (LinkColumn::CampaignId, of_campaign),
            (LinkColumn::RedeemCodeId, words.id(3, "n")),
            (LinkColumn::CreatedAt, issued.clone()),
        ],
    )
    .await?;
    // Of ten messages two are tapped and one is only looked at by a machine; one is tapped once more.
    for (kind, hits, human, reason, later) in [
        (5, "n % 10 IN (1, 2)", true, "browser", 3_600_000_000_i64),
        (6, "n % 10 = 3", false, "preview", 3_000_000),
        (7, "n % 10 = 2", true, "again", 3_660_000_000),
    ] {
        let click = Click {
            shop_id: shop,
            at: Timestamp::from_micros(at.micros() + later),
            id: ClickId(id(kind, 0)),
            slug: "bench0".into(),
            human,
            reason: reason.into(),
            signs: Signs::WITH_CODE,
            device: 1,
            agent: None,
            meta_click: None,
        };
        multiply::<Clicks>(
            app,
            click.into_active_model(),
            all,
            hits,
            &[
                (ClickColumn::At, format!("{issued} + {later} + n % 7 * 10000000000")),
                (ClickColumn::Id, words.id(kind, "n")),
                (ClickColumn::Slug, slug.clone()),
            ],
        )
        .await?;
    }
    // All of these hits were judged as they are.
    let judged = format!(
        "INSERT INTO judgings (shop_id, rules, through) VALUES ({}, {}, {})",
        shop.0,
        classify::VERSION,
        words.begin + words.span + 10 * DAY_MICROS
    );
    app.db.write().execute_unprepared(&judged).await?;
    Ok(())
}

async fn of_orders(app: &App, shop: &Shop, words: &Words, at: Timestamp) -> anyhow::Result<()> {
    let (shop, all) = (shop.shop_id, words.orders);
    let (ordered, number) = (words.ordered("n"), "1000000 + n".to_owned());
    let order = Order {
        shop_id: shop,
        shopify_order_id: OrderId(1_000_000),
        version_key: "v".into(),
        name: "#0".into(),
        ordered_at: at,
        updated_at: at,
        currency: "EUR".into(),
        presentment_currency: "EUR".into(),
        source_name: "web".into(),
        financial_status: Some("paid".into()),
        test: false,
        cancelled_at: None,
        checkout_token: Some("bench0".into()),
        cart_token: None,
        shopify_customer_id: None,
        phone_hash: None,
        email_hash: None,
        codes: Texts::default(),
        click_ids: Texts::default(),
        landing_click_id: None,
        landing: None,
        referrer: None,
    };
    multiply::<Orders>(
        app,
        order.into_active_model(),
        all,
        "n >= 0",
        &[
            (OrderColumn::ShopifyOrderId, number.clone()),
            (OrderColumn::Name, "'#' || n".into()),
            (OrderColumn::OrderedAt, ordered.clone()),
            (OrderColumn::UpdatedAt, ordered.clone()),
            (OrderColumn::CheckoutToken, "'bench' || n".into()),
        ],
    )
    .await?;
    let journey = Journey {
        shop_id: shop,
        shopify_order_id: OrderId(1_000_000),
        state: JourneyState::Told,
        tries: 0,
        ask_at: at,
    };
    let nothing = word(JourneyState::Nothing);
    multiply::<Journeys>(
        app,
        journey.into_active_model(),
        all,
        "n >= 0",
        &[
            (JourneyColumn::ShopifyOrderId, number.clone()),
            (JourneyColumn::State, format!("CASE WHEN n % 5 = 0 THEN {nothing} ELSE {} END", word(JourneyState::Told))),
        ],
    )
    .await?;
    let book = Book {
        shop_id: shop,
        shopify_order_id: OrderId(1_000_000),
        state: BookState::Read,
        tries: 0,
        ask_at: at,
        read_at: Some(at),
        through: Some(at),
        current_total_minor: None,
    };
    multiply::<Books>(app, book.into_active_model(), all, "n >= 0", &[(BookColumn::ShopifyOrderId, number.clone())])
        .await?;
    let credited = |of: String| format!("CASE WHEN n % 10 < 4 THEN {of} END");
    let stage = conversion::Model {
        shop_id: shop,
        policy: crate::attribution::DEFAULT_POLICY.into(),
        shopify_order_id: OrderId(1_000_000),
        effective_at: at,
        superseded_at: Timestamp::FOREVER,
        policy_version: 1,
        ordered_at: at,
        ordered_on: at.day(chrono_tz::UTC),
        line: Line::Unattributed,
        why: "ordered".into(),
        net_minor: 4_000,
        left_out_minor: 0,
        tips_minor: 0,
        gift_cards_minor: 0,
        currency: "EUR".into(),
        message_id: Some(MessageId(id(2, 0))),
        campaign_id: Some(CampaignId(id(4, 0))),
        evidence: Some(Evidence::RedeemCode),
        shared: false,
        recovered_message_id: Some(MessageId(id(2, 0))),
        assisted: false,
        by_pixel: Some(false),
    };
    let of = words.of_order();
    let lines = [Line::Attributed, Line::AttributedShared, Line::Pending, Line::Unattributed].map(word);
    let line = format!(
        "CASE WHEN n % 10 < 3 THEN {} WHEN n % 10 = 3 THEN {} WHEN n % 10 = 4 THEN {} ELSE {} END",
        lines[0], lines[1], lines[2], lines[3]
    );
    use conversion::Column as C;
    multiply::<conversion::Entity>(
        app,
        stage.into_active_model(),
        all,
        "n >= 0",
        &[
            (C::ShopifyOrderId, number),
            (C::EffectiveAt, ordered.clone()),
            (C::OrderedAt, ordered.clone()),
            (C::OrderedOn, format!("CAST(({ordered} + 3600000000) / {DAY_MICROS} AS INTEGER)")),
            (C::Line, line),
            (C::NetMinor, "4000 + n % 5000".into()),
            (C::MessageId, credited(words.id(2, &of))),
            (C::CampaignId, credited(words.campaign(&of))),
            (
                C::Evidence,
                credited(format!(
                    "CASE n % 2 WHEN 0 THEN {} ELSE {} END",
                    word(Evidence::RedeemCode),
                    word(Evidence::PersonClick)
                )),
            ),
            (C::RecoveredMessageId, format!("CASE WHEN n % 10 = 0 THEN {} END", words.id(2, &of))),
            (C::Assisted, "n % 10 = 5".into()),
        ],
    )
    .await?;
    Ok(())
}

/// A state as it is kept, quoted.
fn word(state: impl sea_orm::ActiveEnum<Value = String>) -> String {
    format!("'{}'", state.to_value())
}

/// Makes rows out of one, those with the numbers below `all` for which a condition holds; some of their columns are what
/// is said.
async fn multiply<E>(
    app: &App,
    row: E::ActiveModel,
    all: u64,
    which: &str,
    said: &[(E::Column, String)],
) -> anyhow::Result<()>
where
    E: EntityTrait,
    E::ActiveModel: ActiveModelTrait<Entity = E>,
{
    // No statement is cut off here.
    let db = if app.db.is_sqlite() { app.db.write().clone() } else { app.db.connect_to_migrate().await? };
    let table = E::default().table_name().to_owned();
    let value = |column: &E::Column| {
        let given = said.iter().find(|(of, _)| of.as_str() == column.as_str()).map(|(_, value)| value.clone());
        given.unwrap_or_else(|| format!("one.{}", column.as_str()))
    };
    let names: Vec<&str> = E::Column::iter().map(|column| column.as_str()).collect();
    let values: Vec<String> = E::Column::iter().map(|column| value(&column)).collect();
    let (names, values) = (names.join(", "), values.join(", "));
    db.execute_unprepared(&format!("CREATE TABLE one_{table} AS SELECT * FROM {table} WHERE 1 = 0")).await?;
    let mut one = E::insert(row).into_query();
    one.into_table(Alias::new(format!("one_{table}")));
    db.execute(&one).await?;
    for first in (0..all).step_by(usize::try_from(ROWS)?) {
        let last = (first + ROWS).min(all) - 1;
        let numbers = match app.db.is_sqlite() {
            true => format!(
                "(WITH RECURSIVE s(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM s WHERE n < {last}) SELECT n FROM s)"
            ),
            false => format!("(SELECT CAST(generate_series({first}, {last}) AS BIGINT) AS n)"),
        };
        let sql = format!(
            "INSERT INTO {table} ({names}) SELECT {values} FROM {numbers} numbers, one_{table} one WHERE {which}"
        );
        db.execute_unprepared(&sql).await?;
    }
    db.execute_unprepared(&format!("DROP TABLE one_{table}")).await?;
    eprintln!("{table}: filled");
    Ok(())
}
