//! `bench links`: a million links, tapped over real HTTP; every tap is committed before its redirect leaves.
//!
//! What counts is that every tap answered is kept, and how long a shopper waits; rates stand side by side. A ratio to a
//! handler that keeps nothing says what durability costs, not how good the door is.
//!
//! Two loads on each database: every link for the first time, which is what a campaign's evening looks like, and a few
//! links again and again, which memory answers.

use std::sync::Arc;

use clap::Args;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};

use super::floor;
use super::load::Load;
use super::race::{Folder, Lane, Race, wanted};
use super::server::{self, Server};
use crate::app::App;
use crate::campaigns::{Campaign, CampaignId, Campaigns, CodeTerms, Combines, Expiry, Kind, LinkTerms, Purchase};
use crate::codes::{self, RedeemCodes};
use crate::kernel::Timestamp;
use crate::links;
use crate::shops::Shop;

/// Measure the redirect beside a bare 302.
#[derive(Debug, Args)]
pub struct Links {
    #[command(flatten)]
    race: Race,
    /// Links in the database.
    #[arg(long, default_value_t = 1_000_000)]
    links: usize,
}

/// Links that are tapped again and again: as many as one second of warming up puts into memory.
const FEW: usize = 5_000;

/// Links made per transaction.
const STEP: u64 = 20_000;

impl Links {
    pub(super) async fn run(&self) -> anyhow::Result<()> {
        let folder = Folder::make()?;
        let mut servers = vec![Server::bare().await?];
        let slugs = self.recoup(&mut servers, "Recoup, SQLite", folder.sqlite("links.db")).await?;
        let (first, again) = (taps(self.race.connections, slugs.clone()), taps(self.race.connections, few(slugs)));
        let mut lanes = vec![
            Lane::new("bare actix 302", 0, &first),
            Lane::new("SQLite, each link for the first time", 1, &first),
            Lane::new("SQLite, known links", 1, &again),
        ];
        if let Some(postgres) = &self.race.postgres {
            let database = server::database(postgres, "recoup_bench").await?;
            let slugs = self.recoup(&mut servers, "Recoup, PostgreSQL", database).await?;
            let (first, again) = (taps(self.race.connections, slugs.clone()), taps(self.race.connections, few(slugs)));
            lanes.push(Lane::new("PostgreSQL, each link for the first time", 2, &first));
            lanes.push(Lane::new("PostgreSQL, known links", 2, &again));
        }
        let what = format!("taps on {} links, each on disk before its 302", self.links);
        let answered = self.race.run(&what, &servers, &mut lanes).await?;
        for lane in &lanes[1..] {
            wanted(lane.name, "p99 at most 25 ms", format!("{:.1}", lane.p99()), lane.p99() <= 25.0);
        }
        floor::hold(&lanes);
        for (server, answered) in servers.into_iter().zip(answered).skip(1) {
            let (name, memory) = (server.name, server.peak_megabytes());
            wanted(name, "memory at most 100 MB", memory.to_string(), memory <= 100);
            let kept = server.account().await?.map_or(0, |(_, clicks)| clicks);
            wanted(name, &format!("{answered} taps answered, killed, all kept"), kept.to_string(), kept == answered);
        }
        Ok(())
    }

    /// A server on a database full of links, and their slugs in an order that is nobody's.
    async fn recoup(
        &self,
        servers: &mut Vec<Server>,
        name: &'static str,
        database: String,
    ) -> anyhow::Result<Vec<String>> {
        let mut slugs = Vec::with_capacity(self.links);
        let fill = async |app: &App, shop: &Shop| fill(app, shop, self.links, &mut slugs).await;
        servers.push(Server::recoup_with(name, database, false, fill).await?);
        // A slug is random behind its shop: in their own order links lie as on no page of the database.
        slugs.sort_unstable();
        Ok(slugs)
    }
}

fn few(mut slugs: Vec<String>) -> Vec<String> {
    slugs.truncate(FEW);
    slugs.shrink_to_fit();
    slugs
}

/// Taps of phones on these links, one after the other and then from the beginning.
fn taps(connections: usize, slugs: Vec<String>) -> Load {
    let request = move |n: u64, buffer: &mut Vec<u8>| {
        buffer.extend_from_slice(b"GET /r/");
        buffer.extend_from_slice(slugs[n as usize % slugs.len()].as_bytes());
        buffer.extend_from_slice(
            b"?fbclid=IwY2xjawExample HTTP/1.1\r\nHost: go.example\r\nUser-Agent: Mozilla/5.0 (Linux; Android 16; Pixel 10) \
              AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36\r\n\
              Accept: text/html,application/xhtml+xml\r\nAccept-Language: de-AT,de;q=0.9\r\n\r\n",
        );
    };
    Load::new(connections, 302, Arc::new(request))
}

/// Fills a database with a campaign of so many live codes and their links.
async fn fill(app: &App, shop: &Shop, count: usize, slugs: &mut Vec<String>) -> anyhow::Result<()> {
    let now = app.clock.now();
    let campaign = campaign(app, shop, now);
    Campaigns::insert(campaign.clone().into_active_model()).exec_without_returning(app.db.write()).await?;
    codes::bulk_reserve(app, &campaign, count, now).await?;
    let (issued, end) = (now.micros(), now.plus_seconds(86_400).micros());
    let issue = RedeemCodes::update_many()
        .filter(codes::CODE.shop_id.eq(shop.shop_id))
        .col_expr(codes::CodeColumn::State, Expr::value(codes::State::Issued))
        .col_expr(codes::CodeColumn::IssuedAt, Expr::value(issued))
        .col_expr(codes::CodeColumn::ExpiresAt, Expr::value(end));
    let mut after = None;
    loop {
        let mut find = RedeemCodes::of(shop.shop_id).order_by_asc(codes::CODE.id).limit(STEP);
        if let Some(after) = after {
            find = find.filter(codes::CODE.id.gt(after));
        }
        let step = find.all(app.db.read()).await?;
        let Some((first, last)) = step.first().zip(step.last()) else { break };
        after = Some(last.id);
        let txn = app.db.begin_write().await?;
        issue.clone().filter(codes::CODE.id.between(first.id, last.id)).exec(&txn).await?;
        let step: Vec<links::LinkContents<'_>> = step.iter().map(|code| (Some(code), None)).collect();
        slugs.extend(links::mint(&txn, app, &campaign, &step, now).await?);
        txn.commit().await?;
    }
    if !app.db.is_sqlite() {
        // As it is a few seconds later where a worker runs.
        app.db.write().execute_unprepared("ANALYZE links, redeem_codes").await?;
    }
    Ok(())
}

fn campaign(app: &App, shop: &Shop, now: Timestamp) -> Campaign {
    Campaign {
        shop_id: shop.shop_id,
        id: CampaignId::new(&app.chance, now),
        name: "Million".into(),
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
        link: LinkTerms { destination: "/collections/sale".into(), ..LinkTerms::default() },
        holdout_ppm: 0,
        message_ppm: 0,
        expected_recipients: None,
        announced_at: None,
        cost_minor: None,
        cost_currency: None,
        offer_revision: 0,
        trouble_since: None,
        trouble_field: None,
        trouble_words: None,
        live_at: Some(now),
        created_at: now,
        archived_at: None,
        abandoned_after_seconds: None,
    }
}
