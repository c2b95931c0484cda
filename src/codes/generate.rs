//! What a code looks like.

use crate::campaigns::CodeTerms;
use crate::kernel::{Chance, Stream};

/// Letters and digits that cannot be mistaken for one another, and no vowels that spell words with them.
/// 30 characters: 12 of them carry 58.9 bits.
pub const ALPHABET: &[u8] = b"ABCDEFGHJKMNPQRSTVWXYZ23456789";

/// Draws a code: uniform, from the program's cryptographic generator, nothing of the shopper inside.
pub fn draw(chance: &Chance, terms: &CodeTerms) -> String {
    let random = chance.text(Stream::Codes, ALPHABET, terms.length);
    format!("{}{random}", terms.prefix.as_deref().unwrap_or_default())
}

/// The form in which codes are compared: Shopify's are not case-sensitive.
pub fn fold(code: &str) -> String {
    code.trim().to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_uniform_and_fit_their_terms() {
        let chance = Chance::seeded(5);
        let terms = CodeTerms { prefix: Some("WIN".into()), length: 12 };
        let mut seen = [0_u32; 256];
        let mut all = std::collections::HashSet::new();
        for _ in 0..30_000 {
            let code = draw(&chance, &terms);
            assert_eq!((code.len(), &code[..3]), (15, "WIN"));
            code.bytes().skip(3).for_each(|byte| seen[usize::from(byte)] += 1);
            assert!(all.insert(code));
        }
        // 360,000 characters over 30 letters: χ² with 29 degrees of freedom, 99.9 % quantile 58.3.
        let expected = 360_000.0 / 30.0;
        let chi2: f64 = ALPHABET.iter().map(|&b| (f64::from(seen[usize::from(b)]) - expected).powi(2) / expected).sum();
        assert!(chi2 < 58.3, "{chi2}");
    }
}
