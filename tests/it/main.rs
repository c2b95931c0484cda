//! One binary: a file per chapter of the story, each test with its own database, its own port and its own pretend world
//! over real HTTP. `TEST_DATABASE_URL` names a PostgreSQL server to run everything on instead of SQLite.

mod bad_input;
mod cluster;
mod crash;
mod door;
mod house;
mod install;
mod life;
mod ninety_days;
mod offers;
mod page;
mod privacy;
mod promise;
mod samples;
mod schedules;
mod schema;
mod story;
mod taps;
mod trust;
mod vectors;
mod verdict;
mod whole;
