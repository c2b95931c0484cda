//! What the people of the pretend world do, one thing at a time and over real HTTP: for tests, and for living.

mod door;
mod merchant;
mod shop;
mod shopper;

use anyhow::Context;
use serde_json::Value;

pub use door::Sending;
pub use shopper::Visit;

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body as JSON; null if it is none.
    pub json: Value,
    /// The body as text.
    pub text: String,
    /// Header lines, names in lower case.
    pub headers: Vec<(String, String)>,
}

impl Answer {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

async fn read(request: reqwest::RequestBuilder) -> anyhow::Result<Answer> {
    let response = request.send().await.context("the other side did not answer")?;
    let status = response.status().as_u16();
    let headers = response.headers().iter();
    let headers = headers.map(|(n, v)| (n.as_str().to_owned(), v.to_str().unwrap_or_default().to_owned())).collect();
    let text = response.text().await?;
    Ok(Answer { status, json: serde_json::from_str(&text).unwrap_or_default(), text, headers })
}
