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
use crate::shops::{CurrentShop, Shop, Shops};

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
    /// When it was last looked at.
    #[schema(value_type = Option<String>, format = "date-time")]
    domain_looked_at: Option<Timestamp>,
    /// The DNS record that leads a domain here.
    record: Record,
    /// For the button of a message template.
    template: Template,
}

/// A DNS record.
#[derive(Serialize, utoipa::ToSchema)]
struct Record {
    /// `CNAME`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The whole name; `null` until a domain is asked for.
    name: Option<String>,
    /// Where it leads.
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
    view(&app, current.shop).await
}

/// Choose UTM values and a link domain. A new domain serves once it was looked at.
#[utoipa::path(operation_id = "choose_link_settings", tag = "links", request_body = LinkChoice, responses((status = 200, body = LinkSettings)))]
#[put("/api/settings/links")]
async fn choose(
    current: CurrentShop,
    app: web::Data<App>,
    body: ApiJson<LinkChoice>,
) -> Result<web::Json<LinkSettings>> {
    current.merchant_only()?;
    let LinkChoice { utm, domain } = body.0;
    utm.check().map_err(|(_, detail)| Problem::invalid("utm", detail))?;
    let read = |text: String| domain::read(&app, &current.shop, &text).map_err(|why| Problem::invalid("domain", why));
    let domain = domain.filter(|text| !text.trim().is_empty()).map(read).transpose()?;
    let txn = app.db.begin_write().await?;
    super::keep(&txn, current.shop.shop_id, utm, domain, current.now).await?;
    txn.commit().await?;
    app.db.changed();
    view(&app, fresh(&app, current.shop).await?).await
}

/// Look whether the domain leads here. If so, links made from now on begin with it; those made before stay good.
#[utoipa::path(operation_id = "look_at_link_domain", tag = "links", responses((status = 200, body = LinkSettings)))]
#[post("/api/settings/links/look")]
async fn look(current: CurrentShop, app: web::Data<App>) -> Result<web::Json<LinkSettings>> {
    current.merchant_only()?;
    let shop = current.shop.shop_id;
    let Some(asked) = super::of(app.db.read(), shop).await?.domain else {
        return Err(Problem::invalid("domain", "No link domain was chosen yet."));
    };
    let seen = domain::look(&app, &asked).await;
    let txn = app.db.begin_write().await?;
    // It may have been changed meanwhile: what was seen is of no other domain.
    if super::of(&txn, shop).await?.domain.as_deref() == Some(&*asked) {
        let trouble = match seen {
            Err(trouble) => Some(trouble),
            Ok(()) if super::serve(&txn, shop, &asked).await? => None,
            Ok(()) => Some(format!("{asked} serves another shop already.")),
        };
        super::look(&txn, shop, trouble, Some(current.now)).await?;
    }
    txn.commit().await?;
    app.db.changed();
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
        domain_serves: kept.domain.is_some() && shop.link_domain == kept.domain,
        domain_trouble: kept.trouble,
        domain_looked_at: kept.looked_at,
        record: Record { kind: "CNAME", name: kept.domain.clone(), value: host.unwrap_or_default() },
        domain: kept.domain,
        template: Template {
            url: format!("{}{{{{1}}}}", link::prefix(app, shop.link_domain.as_deref())),
            sample: slug::draw(&app.vault, &chance, shop.shop_id),
        },
    }))
}
