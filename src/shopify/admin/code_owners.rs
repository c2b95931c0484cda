//! Which discounts many codes belong to, in one call.
//!
//! Shopify finds the discount of one code by its text; a document may ask so under many names at once, a point each.
//! How many is not known when the program is compiled, so these documents are written here and not generated.

use std::collections::HashMap;
use std::sync::LazyLock;

use graphql_client::{GraphQLQuery, QueryBody};
use secrecy::SecretString;
use serde::Deserialize;

use super::Admin;
use super::discount::DiscountGid;
use super::discounts::DiscountError;
use crate::shopify::ShopDomain;

/// The most codes asked for in one call.
pub const MOST: usize = 50;

/// One document for each number of codes.
static DOCUMENTS: LazyLock<Vec<String>> = LazyLock::new(|| (0..=MOST).map(document).collect());

fn document(codes: usize) -> String {
    use std::fmt::Write;
    let (mut variables, mut fields) = (String::new(), String::new());
    for n in 0..codes {
        let _ = write!(variables, "$c{n}: String! ");
        let _ = writeln!(fields, "  c{n}: codeDiscountNodeByCode(code: $c{n}) {{ id }}");
    }
    format!("query CodeOwners({}) {{\n{fields}}}\n", variables.trim_end())
}

struct CodeOwners;

#[derive(Debug, Deserialize)]
struct Owner {
    id: String,
}

impl GraphQLQuery for CodeOwners {
    type Variables = HashMap<String, String>;
    type ResponseData = HashMap<String, Option<Owner>>;

    fn build_query(variables: Self::Variables) -> QueryBody<Self::Variables> {
        let query = DOCUMENTS[variables.len().min(MOST)].as_str();
        QueryBody { variables, query, operation_name: "CodeOwners" }
    }
}

/// Which discount each of these codes belongs to, whatever its case; at most [`MOST`]. `None`: Shopify knows no such code.
pub async fn owners(
    admin: &Admin,
    shop: &ShopDomain,
    token: &SecretString,
    codes: &[String],
) -> Result<Vec<Option<DiscountGid>>, DiscountError> {
    let asked = &codes[..codes.len().min(MOST)];
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let variables = asked.iter().enumerate().map(|(n, code)| (format!("c{n}"), code.clone())).collect();
    let mut data = admin.call::<CodeOwners>(shop, token, variables).await?.data;
    let mut owner = |n| data.remove(&format!("c{n}")).flatten().map(|owner| DiscountGid(owner.id));
    Ok((0..asked.len()).map(&mut owner).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_document_is_valid() {
        use apollo_compiler::{ExecutableDocument, Schema};
        let text = include_str!("../admin-2026-10.graphql");
        let schema = Schema::parse_and_validate(text, "schema").map_err(|e| e.to_string()).unwrap();
        for text in &DOCUMENTS[1..] {
            let document = ExecutableDocument::parse_and_validate(&schema, text.as_str(), "owners");
            assert!(document.is_ok(), "{text}: {}", document.unwrap_err());
        }
    }
}
