//! One binary: a file per chapter of the story, each test with its own database, its own port and its own pretend world
//! over real HTTP. `TEST_DATABASE_URL` names a PostgreSQL server to run everything on instead of SQLite.

mod audience;
mod bad_input;
mod campaign_page;
mod clock;
mod cluster;
mod crash;
mod door;
mod hang_up;
mod house;
mod install;
mod journeys;
mod life;
mod link_domain;
mod measures;
mod ninety_days;
mod node;
mod offers;
mod page;
mod people;
mod pixel;
mod privacy;
mod promise;
mod redirect;
mod samples;
mod schedules;
mod schema;
mod simultaneous;
mod story;
mod taps;
mod telling;
mod template_analytics;
mod trust;
mod vectors;
mod verdict;
mod whole;
