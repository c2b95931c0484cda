//! What every room borrows: the database, the clock, chance, keys, and clients for the outside. Built once from the
//! configuration; knows no room. Routes and jobs get it, verbs do not.

use std::sync::Arc;

use sea_orm::{ConnectionTrait, DbErr};
use tokio::sync::Notify;

use crate::config::Config;
use crate::db::Db;
use crate::kernel::{Chance, Clock, Stream, Vault};
use crate::outgoing;
use crate::shopify::admin::Admin;
use crate::shopify::oauth::TokenEndpoint;
use crate::shopify::{Origin, Secrets};

/// The program's belongings; clones share them.
#[derive(Clone, Debug)]
pub struct App(Arc<Belongings>);

/// What [`App`] points at.
#[derive(Debug)]
pub struct Belongings {
    /// What we were told.
    pub config: Config,
    /// The database.
    pub db: Db,
    /// Time; asked once at every edge.
    pub clock: Clock,
    /// Chance.
    pub chance: Chance,
    /// Keys.
    pub vault: Vault,
    /// Where shops answer.
    pub origin: Origin,
    /// Shopify's Admin API.
    pub admin: Admin,
    /// Shopify's token endpoint; `None` while the app has no credentials.
    pub tokens: Option<TokenEndpoint>,
    /// The app's secrets at Shopify, current and previous; `None` while the app has no credentials.
    pub secrets: Option<Secrets>,
    /// Rung when work was promised, so that this node tries it at once.
    pub bell: Notify,
}

impl std::ops::Deref for App {
    type Target = Belongings;

    fn deref(&self) -> &Belongings {
        &self.0
    }
}

impl App {
    /// Opens everything. The database must be migrated: the vault's pepper lives in it.
    pub async fn build(config: Config, db: Db, clock: Clock, chance: Chance) -> anyhow::Result<Self> {
        let origin = Origin::parse(&config.shopify.origin)?;
        let https = config.shopify.origin.starts_with("https://");
        let client = outgoing::Client::new(outgoing::To::Shopify, 20, |client| client.https_only(https))?;
        let tokens =
            config.shopify.app.as_ref().map(|app| {
                TokenEndpoint::new(client.clone(), origin.clone(), app.client_id.clone(), app.secret.clone())
            });
        let secrets =
            config.shopify.app.as_ref().map(|app| Secrets::new(app.secret.clone(), app.previous_secret.clone()));
        let previous = config.keys.previous.as_deref().copied();
        let vault = Vault::new(*config.keys.current, previous, chance.clone());
        let vault = open_pepper(&db, vault, &chance).await?;
        let admin = Admin::new(client, origin.clone(), clock.clone(), chance.clone());
        let bell = Notify::new();
        Ok(Self(Arc::new(Belongings { config, db, clock, chance, vault, origin, admin, tokens, secrets, bell })))
    }
}

const PEPPER: &str = "pepper";

/// Reads the installation's pepper; the first start draws and seals it. Two nodes starting at once agree on one.
async fn open_pepper(db: &Db, vault: Vault, chance: &Chance) -> anyhow::Result<Vault> {
    let nobody = crate::kernel::id::ShopId::NOBODY;
    let fresh: [u8; 32] = chance.bytes(Stream::Keys);
    let sealed = vault.seal(nobody, PEPPER, &fresh);
    insert_setting(db, PEPPER, &sealed).await?;
    let kept = setting(db.write(), PEPPER).await?.unwrap_or(sealed);
    let pepper = vault.open(nobody, PEPPER, &kept).map_err(|error| {
        anyhow::anyhow!(
            "RECOUP_KEY does not open this database ({error}). Set the key it was made with, or RECOUP_PREVIOUS_KEY"
        )
    })?;
    let pepper = pepper.try_into().map_err(|_| anyhow::anyhow!("the pepper in this database is damaged"))?;
    Ok(vault.with_pepper(pepper))
}

async fn insert_setting(db: &Db, name: &str, value: &str) -> Result<(), DbErr> {
    use sea_orm::sea_query::{OnConflict, Query};
    let insert = Query::insert()
        .into_table("settings")
        .columns(["name", "value"])
        .values_panic([name.into(), value.into()])
        .on_conflict(OnConflict::column("name").do_nothing().to_owned())
        .to_owned();
    db.write().execute(&insert).await.map(drop)
}

/// What the installation keeps under a name.
pub async fn setting(db: &impl ConnectionTrait, name: &str) -> Result<Option<String>, DbErr> {
    use sea_orm::ExprTrait;
    use sea_orm::sea_query::{Expr, Query};
    let select = Query::select().column("value").from("settings").and_where(Expr::col("name").eq(name)).to_owned();
    db.query_one(&select).await?.map(|row| row.try_get_by_index(0)).transpose()
}

/// Keeps another value under a name, if what stands there is still what it was.
pub async fn replace_setting(db: &impl ConnectionTrait, name: &str, was: &str, value: String) -> Result<(), DbErr> {
    use sea_orm::ExprTrait;
    use sea_orm::sea_query::{Expr, Query};
    let mut update = Query::update();
    update.table("settings").value("value", value);
    update.and_where(Expr::col("name").eq(name)).and_where(Expr::col("value").eq(was));
    db.execute(&update).await.map(drop)
}
