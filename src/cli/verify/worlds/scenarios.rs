//! The worlds that are lived, and what of each is set beside its truth.

use rand::RngExt;
use rand::rngs::StdRng;

use super::tally::Bound::{self, Compared, Covers, CoversAtLeast, SeldomAlarms, Unbiased};
use super::tally::Seen;
use super::world::{Arm, Effect, World, expected};
use crate::stats::{
    ArmMoments, Campaign, Capped, Hits, Interval, Judged, Known, Options, Sample, cuped_of, judge, judge_pool, league,
    newcombe, pooled, quotient, sequential, strata, welch,
};

/// What a world shows, line by line: nothing, a figure or several.
pub type Shown = Vec<Vec<Seen>>;

/// One kind of world: its lines, and how it is lived.
pub struct Scenario {
    pub lines: Vec<(String, Bound)>,
    pub live: Box<dyn Fn(&mut StdRng) -> Shown + Sync>,
}

const ALPHA: f64 = 0.05;
const DAYS: u32 = 30;
const NOTHING: Effect = Effect { chance: 0.0, value: 0.0 };
const SOME: Effect = Effect { chance: 0.25, value: 0.05 };

/// Recipients, share held out, chance to buy: the sizes of `measurement.md` §7.
const SIZES: [(u32, f64, f64); 4] = [(1_000, 0.1, 0.03), (5_000, 0.1, 0.03), (5_000, 0.2, 0.1), (20_000, 0.1, 0.01)];

/// All of them.
pub fn all() -> Vec<Scenario> {
    let mut all = Vec::new();
    for (recipients, share, base) in SIZES {
        let world = |effect| World { recipients, share, base, effect, days: DAYS, campaigns: 1 };
        let size = format!("{} · {} % · {} %", thousands(recipients), share * 100.0, base * 100.0);
        all.push(single(&format!("{size}, a message works"), world(SOME)));
        all.push(single(&format!("{size}, it does nothing"), world(NOTHING)));
        all.push(daily(&size, world(NOTHING)));
    }
    all.push(beside());
    let contacts = |effect| World { recipients: 5_000, share: 0.1, base: 0.03, effect, days: DAYS, campaigns: 12 };
    all.push(single("5,000 contacts, 10 % held out for 12 campaigns", contacts(SOME)));
    all.push(single("5,000 contacts, 12 campaigns that do nothing", contacts(NOTHING)));
    all.push(programme("20 campaigns of 1,000", 1_000, true));
    all.push(programme("20 campaigns of 1,000 that do nothing", 1_000, false));
    all.push(programme("20 campaigns of 5,000", 5_000, true));
    all.push(programme("20 campaigns of 5,000 that do nothing", 5_000, false));
    all.push(three_arms());
    all.push(recovery());
    all
}

fn thousands(n: u32) -> String {
    format!("{},{:03}", n / 1_000, n % 1_000)
}

fn options(share: f64) -> Options {
    Options { holdout_share: share, ..Options::default() }
}

fn known(holdout: &Arm, treated: &Arm) -> Known {
    let (h, t) = (holdout.whole(), treated.whole());
    let assigned = (h.bought().1, t.bought().1);
    let capped = Capped::of((assigned.0, &holdout.amounts), (assigned.1, &treated.amounts), 0.99).ok();
    Known { assigned, holdout: h, treated: t, capped }
}

fn headline(judged: &Judged) -> Option<Interval> {
    judged.money.as_ref()?.headline.ok()
}

fn seen(interval: Option<Interval>, truth: f64) -> Vec<Seen> {
    interval.map(|interval| Seen::of(&interval, truth)).into_iter().collect()
}

/// One campaign, looked at once.
fn single(name: &str, world: World) -> Scenario {
    let mut lines = vec![(format!("{name}: money"), Covers), (format!("{name}: Welch without gates"), Compared)];
    if world.campaigns == 1 {
        // A handful of buyers come in whole numbers, and limits that hold for each of them hold more often on the whole.
        let handful = f64::from(world.recipients) * world.share * world.base < 10.0;
        lines.push((format!("{name}: who buys"), if handful { CoversAtLeast } else { Covers }));
    }
    let live = move |luck: &mut StdRng| {
        let (holdout, treated) = world.live(luck);
        let known = known(&holdout, &treated);
        let judged = judge(&known, &options(world.share));
        let (h, t) = (&known.holdout, &known.treated);
        let ungated = welch(&h.per_recipient(), &t.per_recipient(), ALPHA).ok().map(|welch| welch.interval);
        let shares = newcombe(h.bought(), t.bought(), ALPHA).ok();
        let mut all = vec![seen(headline(&judged), world.truth()), seen(ungated, world.truth())];
        if world.campaigns == 1 {
            all.push(seen(shares, world.truth_of_shares()));
        }
        all
    };
    Scenario { lines, live: Box::new(live) }
}

/// One campaign that does nothing, looked at every day.
fn daily(size: &str, world: World) -> Scenario {
    let lines = vec![
        (format!("{size}, nothing, looked at daily: always valid"), SeldomAlarms),
        (format!("{size}, nothing, looked at daily: always valid without gates"), Compared),
        (format!("{size}, nothing, looked at daily: the headline"), Compared),
    ];
    let live = move |luck: &mut StdRng| {
        let (holdout, treated) = world.live(luck);
        let (mut h, mut t) = (ArmMoments::default(), ArmMoments::default());
        let mut looks: [Vec<Option<Interval>>; 3] = Default::default();
        for (day_h, day_t) in holdout.days.iter().zip(&treated.days) {
            h.merge(day_h);
            t.merge(day_t);
            let known = Known { assigned: (h.bought().1, t.bought().1), holdout: h, treated: t, capped: None };
            let options = options(world.share);
            let judged = judge(&known, &options);
            let money = judged.money.as_ref();
            looks[0].push(money.and_then(|money| Some(money.live.as_ref().ok()?.interval)));
            let always = sequential(&h.per_recipient(), &t.per_recipient(), ALPHA, options.sequential_n);
            looks[1].push(always.ok().map(|always| always.interval));
            looks[2].push(headline(&judged));
        }
        looks.iter().map(|looks| ever(looks)).collect()
    };
    Scenario { lines, live: Box::new(live) }
}

/// The first look that called nothing something; else the last.
fn ever(looks: &[Option<Interval>]) -> Vec<Seen> {
    let shown: Vec<Seen> = looks.iter().flatten().map(|look| Seen::of(look, 0.0)).collect();
    shown.iter().find(|seen| seen.miss.is_some()).or(shown.last()).copied().into_iter().collect()
}

/// What stands beside the headline: what came before taken out, the largest sales cut, and how many times more was claimed.
fn beside() -> Scenario {
    let world = World { recipients: 5_000, share: 0.2, base: 0.1, effect: SOME, days: 1, campaigns: 1 };
    let name = "5,000 · 20 % · 10 %";
    let lines = vec![
        (format!("{name}: Welch's estimate"), Unbiased),
        (format!("{name}: what came before taken out"), Unbiased),
        (format!("{name}: the largest sales cut"), Unbiased),
        (format!("{name}: claimed / incremental"), Covers),
    ];
    let live = move |luck: &mut StdRng| {
        let (holdout, treated) = world.live(luck);
        let known = known(&holdout, &treated);
        let (h, t) = (&known.holdout, &known.treated);
        let plain = welch(&h.per_recipient(), &t.per_recipient(), ALPHA).ok().map(|welch| welch.interval);
        let cuped = cuped_of(h, t, ALPHA).ok().map(|cuped| cuped.interval);
        let cut = known.capped.and_then(|capped| capped.difference(ALPHA).ok());
        let claimed = 2.0 * world.truth();
        let index = headline(&judge(&known, &options(world.share))).map(|headline| {
            let held = quotient(claimed, &headline).holds(claimed / world.truth());
            Seen { miss: if held { None } else { Seen::of(&headline, world.truth()).miss }, error: 0.0 }
        });
        vec![
            seen(plain, world.truth()),
            seen(cuped, world.truth()),
            cut.map(|(at, interval)| Seen::of(&interval, world.truth_below(at))).into_iter().collect(),
            index.into_iter().collect(),
        ]
    };
    Scenario { lines, live: Box::new(live) }
}

/// Twenty campaigns that differ: in what people buy unaided, and in what the message does.
fn programme(name: &str, recipients: u32, works: bool) -> Scenario {
    let mut lines = vec![
        (format!("{name}: these"), Covers),
        (format!("{name}: who buys"), Covers),
        (format!("{name}: what the next one shows"), Covers),
        (format!("{name}: league table, each campaign"), CoversAtLeast),
        (format!("{name}: by design, normal, without gates"), Compared),
    ];
    if !works {
        lines.push((format!("{name}: by inverse variance"), Compared));
    }
    let draw = move |luck: &mut StdRng| {
        let mut between = |low: f64, high: f64| low + (high - low) * luck.random::<f64>();
        let base = between(0.02, 0.04);
        let effect = if works { Effect { chance: between(0.0, 0.5), value: between(0.0, 0.1) } } else { NOTHING };
        World { recipients, share: 0.1, base, effect, days: 1, campaigns: 1 }
    };
    let live = move |luck: &mut StdRng| {
        let worlds: Vec<World> = (0..21).map(|_| draw(luck)).collect();
        let lived: Vec<Campaign> = worlds
            .iter()
            .map(|world| {
                let (holdout, treated) = world.live(luck);
                let (holdout, treated) = (holdout.whole(), treated.whole());
                Campaign { share: world.share, assigned: (holdout.bought().1, treated.bought().1), holdout, treated }
            })
            .collect();
        let (next, these) = lived.split_last().expect("21 campaigns");
        let samples = |one: &Campaign| (one.holdout.per_recipient(), one.treated.per_recipient());
        let pairs: Vec<(Sample, Sample)> = these.iter().map(samples).collect();
        let weights: Vec<f64> = pairs.iter().map(|(h, t)| h.n * t.n / (h.n + t.n)).collect();
        let weighed = |truth: &dyn Fn(&World) -> f64| {
            let all = worlds.iter().zip(&weights).map(|(world, weight)| weight * truth(world)).sum::<f64>();
            all / weights.iter().sum::<f64>()
        };
        let judged = judge_pool(these, &options(0.1));
        let (h, t) = samples(next);
        let of_money = |found: Option<Interval>| seen(found, weighed(&World::truth));
        let table = judged.these.is_some().then(|| league(&pairs, ALPHA).ok()).flatten();
        let ranked = table.iter().flat_map(|league| &league.table);
        let mut all = vec![
            of_money(judged.these.and_then(Result::ok)),
            seen(judged.conversion.and_then(|found| Some(found.ok()?.interval)), weighed(&World::truth_of_shares)),
            seen(judged.next.and_then(|next| Some(next.ok()?.one)), t.mean - h.mean),
            ranked.map(|ranked| Seen::of(&ranked.interval, worlds[ranked.campaign].truth())).collect(),
            of_money(pooled(&pairs, ALPHA).ok().map(|pooled| pooled.interval)),
        ];
        if !works {
            all.push(of_money(by_inverse_variance(&pairs)));
        }
        all
    };
    Scenario { lines, live: Box::new(live) }
}

/// What pooling must never do: an arm that happens to sell little has a small variance and gets the most weight.
fn by_inverse_variance(campaigns: &[(Sample, Sample)]) -> Option<Interval> {
    let (mut total, mut sum) = (0.0, 0.0);
    for (h, t) in campaigns {
        let variance = h.of_mean() + t.of_mean();
        if variance > 0.0 {
            total += 1.0 / variance;
            sum += (t.mean - h.mean) / variance;
        }
    }
    (total > 0.0).then(|| Interval::around(sum / total, 1.96 / total.sqrt()))
}

/// Nothing, a message, a message with a code: the code is what the third has over the second.
fn three_arms() -> Scenario {
    let world = World { recipients: 20_000, share: 1.0 / 3.0, base: 0.05, effect: NOTHING, days: 1, campaigns: 1 };
    let (message, code) = (Effect { chance: 0.15, value: 0.0 }, Effect { chance: 0.45, value: -0.1 });
    let lines = vec![
        ("three arms: the message against nothing".to_owned(), Covers),
        ("three arms: the code against the message alone".to_owned(), Covers),
        ("three arms: the code's effect".to_owned(), Unbiased),
    ];
    let live = move |luck: &mut StdRng| {
        let [nothing, alone, with_code] = world.live_in_thirds(message, code, luck);
        let found = |one: &Arm, other: &Arm| headline(&judge(&known(one, other), &options(0.5)));
        let of = |effect| expected(world.base, effect);
        let code_found = found(&alone, &with_code);
        let truth = of(code) - of(message);
        vec![seen(found(&nothing, &alone), of(message) - of(NOTHING)), seen(code_found, truth), seen(code_found, truth)]
    };
    Scenario { lines, live: Box::new(live) }
}

/// Abandoned checkouts by age: the older, the less they recover by themselves and the fewer are held out.
fn recovery() -> Scenario {
    const AGES: [(usize, f64, f64, f64); 3] = [(500, 0.3, 0.18, 0.06), (900, 0.15, 0.09, 0.04), (600, 0.1, 0.03, 0.03)];
    let lines = vec![
        ("abandoned checkouts by age: excess recovery".to_owned(), Covers),
        ("abandoned checkouts, ages thrown together".to_owned(), Compared),
    ];
    let live = |luck: &mut StdRng| {
        let mut ages: Vec<(Hits, Hits)> = Vec::new();
        let (mut truth, mut total) = (0.0, 0.0);
        for (carts, share, organic, excess) in AGES {
            let (mut held, mut sent): (Hits, Hits) = ((0, 0), (0, 0));
            for _ in 0..carts {
                let holdout = luck.random_bool(share);
                let recovered = luck.random_bool(if holdout { organic } else { organic + excess });
                let arm = if holdout { &mut held } else { &mut sent };
                arm.0 += usize::from(recovered);
                arm.1 += 1;
            }
            let (h, t) = (Sample::share(held.0, held.1).n, Sample::share(sent.0, sent.1).n);
            let weight = h * t / (h + t);
            truth += weight * excess;
            total += weight;
            ages.push((held, sent));
        }
        let sum = |arm: fn(&(Hits, Hits)) -> Hits| {
            ages.iter().map(arm).fold((0, 0), |(hits, of), one| (hits + one.0, of + one.1))
        };
        let together = newcombe(sum(|age| age.0), sum(|age| age.1), ALPHA).ok();
        let found = strata(&ages, ALPHA).ok().map(|found| found.interval);
        vec![seen(found, truth / total), seen(together, truth / total)]
    };
    Scenario { lines, live: Box::new(live) }
}
