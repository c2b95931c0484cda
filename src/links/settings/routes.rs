//! `/api/settings/links`: what a shop says about its links, its own domain, and what a message template needs to know.

use actix_web::{get, post, put, web};
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::App;
use crate::campaigns::Utm;
use crate::http::{ApiJson, Problem, Result};
use crate::kernel::{Chance, Timestamp};
use crate::links::{domain, link, slug};
use crate::shops::{CurrentShop, Scope, Shop, Shops};

/// Mounts this room's API.
pub fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(show).service(choose).service(look);
}

/// How a shop's links are.
#[derive(Serialize, utoipa::ToSchema)]
struct LinkSettings {
    /// UTM values for what a campaign does not say itself.
    utm: Utm,
    /// The link domain that was asked for; `null`: links begin with Recoup's own address.
    domain: Option<String>,
    /// Whether links are made with it. Until then they begin with Recoup's own address.
    domain_serves: bool,
    /// Why it does not serve, and what to do.
    domain_trouble: Option<String>,
    /// When it was last looked at; that happens by itself, every few minutes at first and later every few hours.
    #[schema(value_type = Option<String>, format = "date-time")]
    domain_looked_at: Option<Timestamp>,
    /// What was seen then, in a sentence. A domain that serves goes on doing so through a failed look; after several in
    /// a row over at least an hour links made from then on begin with Recoup's own address, until it leads here again.
    domain_seen: Option<String>,
    /// When the looks began to fail; `null`: the last one was good.
    #[schema(value_type = Option<String>, format = "date-time")]
    domain_failing_since: Option<Timestamp>,
    /// The DNS record that leads a domain here.
    record: Record,
    /// The DNS record by which its owner says that it is this shop's. Without it a domain does not serve.
    proof: Record,
    /// Set while a domain that served before its owner was asked for `proof` still does so without: until when.
    #[schema(value_type = Option<String>, format = "date-time")]
    domain_unproved_until: Option<Timestamp>,
    /// For the button of a message template.
    template: Template,
}

/// A DNS record.
#[derive(Serialize, utoipa::ToSchema)]
struct Record {
    /// `CNAME` or `TXT`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The whole name; `null` until a domain is asked for.
    name: Option<String>,
    /// Where it leads, or what stands there.
    value: String,
}

/// A WhatsApp template's URL button: its fixed part is approved once, its end comes with every message.
#[derive(Serialize, utoipa::ToSchema)]
struct Template {
    /// The button's URL as the template has it.
    #[schema(example = "https://go.shop.example/r/{{1}}")]
    url: String,
    /// A sample of the end, for the approval; every message's own is its `button_suffix`.
    sample: String,
}

/// A choice; everything is replaced.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct LinkChoice {
    #[serde(default)]
    utm: Utm,
    /// `null`: none.
    domain: Option<String>,
}

/// How the shop's links are.
#[utoipa::path(operation_id = "link_settings", tag = "links", responses((status = 200, body = LinkSettings)))]
#[get("/api/settings/links")]
async fn show(current: CurrentShop, app: web::Data<App>) -> Result<web::Json<LinkSettings>> {
    current.may(Scope::Campaigns)?;
    view(&app, current.shop).await
}

/// Choose UTM values and a link domain. A new domain serves once a look showed that it leads here and that the record
/// `proof` stands beside it; it is looked at by itself, often at first.
#[utoipa::path(operation_id = "choose_link_settings", tag = "links", request_body = LinkChoice, responses((status = 200, body = LinkSettings)))]
#[put("/api/settings/links")]
async fn choose(
    current: CurrentShop,
    app: web::Data<App>,
    body: ApiJson<LinkChoice>,
) -> Result<web::Json<LinkSettings>> {
    current.merchant_only()?;
    let LinkChoice { utm, domain } = body.read()?;
    utm.check().map_err(|(_, detail)| Problem::invalid("utm", detail))?;
    let read = |text: String| domain::read(&app, &current.shop, &text).map_err(|why| Problem::invalid("domain", why));
    let domain = domain.filter(|text| !text.trim().is_empty()).map(read).transpose()?;
    let txn = app.db.begin_write().await?;
    super::keep(&txn, &app, current.shop.shop_id, utm, domain, current.now).await?;
    txn.commit().await?;
    app.db.changed();
    app.bell.notify_one();
    view(&app, fresh(&app, current.shop).await?).await
}

/// Look whether the domain leads here, now. If so, links made from now on begin with it; those made before stay good.
#[utoipa::path(operation_id = "look_at_link_domain", tag = "links", responses((status = 200, body = LinkSettings)))]
#[post("/api/settings/links/look")]
async fn look(current: CurrentShop, app: web::Data<App>) -> Result<web::Json<LinkSettings>> {
    current.merchant_only()?;
    if !super::look::look_now(&app, current.shop.shop_id, current.now).await? {
        return Err(Problem::invalid("domain", "No link domain was chosen yet."));
    }
    view(&app, fresh(&app, current.shop).await?).await
}

async fn fresh(app: &App, shop: Shop) -> Result<Shop> {
    let found = Shops::find_by_id(shop.shop_id).one(app.db.read()).await?;
    Ok(found.unwrap_or(shop))
}

async fn view(app: &App, shop: Shop) -> Result<web::Json<LinkSettings>> {
    let kept = super::of(app.db.read(), shop.shop_id).await?;
    let host = url::Url::parse(&app.config.server.public_url).ok().and_then(|url| url.host_str().map(str::to_owned));
    let chance = Chance::seeded(shop.shop_id.0.unsigned_abs());
    Ok(web::Json(LinkSettings {
        utm: kept.utm,
        domain_serves: kept.domain.is_some() && shop.serving_domain() == kept.domain.as_deref(),
        domain_trouble: kept.trouble,
        domain_looked_at: kept.looked_at,
        domain_seen: kept.seen.or_else(|| kept.looked_at.map(|_| "It led here.".to_owned())),
        domain_failing_since: kept.failing_since,
        proof: Record {
            kind: "TXT",
            name: kept.domain.as_deref().map(domain::record_name),
            value: domain::record_value(app, shop.shop_id),
        },
        domain_unproved_until: kept.unproved_until,
        record: Record { kind: "CNAME", name: kept.domain.clone(), value: host.unwrap_or_default() },
        domain: kept.domain,
        template: Template {
            url: format!("{}{{{{1}}}}", link::prefix(app, shop.serving_domain())),
            sample: slug::draw(&app.vault, &chance, shop.shop_id),
        },
    }))
}
