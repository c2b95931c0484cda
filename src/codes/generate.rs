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

/// [`draw`] so many times at once: for pools of thousands.
pub fn draw_many(chance: &Chance, terms: &CodeTerms, count: usize) -> Vec<String> {
    let mut codes = chance.texts(Stream::Codes, ALPHABET, terms.length, count);
    if let Some(prefix) = terms.prefix.as_deref() {
        codes.iter_mut().for_each(|code| code.insert_str(0, prefix));
    }
    codes
}

/// The form in which codes are compared: Shopify's are not case-sensitive.
pub fn fold(code: &str) -> String {
    code.trim().to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// χ² of counts that should be equal; 29 degrees of freedom have their 99.99 % quantile at 66.2.
    fn chi2(seen: &[u64; 30]) -> f64 {
        let expected = seen.iter().sum::<u64>() as f64 / 30.0;
        seen.iter().map(|&count| (count as f64 - expected).powi(2) / expected).sum()
    }

    fn letter(byte: u8) -> u64 {
        ALPHABET.iter().position(|&known| known == byte).expect("a letter of the alphabet") as u64
    }

    #[test]
    fn codes_are_uniform_and_fit_their_terms() {
        let chance = Chance::seeded(5);
        let terms = CodeTerms { prefix: Some("WIN".into()), length: 12 };
        let one_by_one = (0..30_000).map(|_| draw(&chance, &terms)).collect::<Vec<_>>();
        for codes in [one_by_one, draw_many(&chance, &terms, 30_000)] {
            let mut seen = [0_u64; 30];
            for code in &codes {
                assert_eq!((code.len(), &code[..3]), (15, "WIN"));
                code.bytes().skip(3).for_each(|byte| seen[letter(byte) as usize] += 1);
            }
            assert!(chi2(&seen) < 66.2, "{}", chi2(&seen));
        }
    }

    /// Ten million codes: no letter of no place is likelier than another, and none comes twice.
    #[test]
    fn ten_million_codes_are_uniform_and_none_repeats() {
        const ALL: usize = 10_000_000;
        let chance = Chance::seeded(7);
        let terms = CodeTerms { prefix: None, length: 12 };
        let mut letters = [0_u8; 256];
        ALPHABET.iter().zip(0..).for_each(|(&byte, n)| letters[usize::from(byte)] = n);
        let mut seen = [[0_u64; 30]; 12];
        let mut numbers: Vec<u64> = Vec::with_capacity(ALL);
        for _ in 0..ALL / 100_000 {
            for code in draw_many(&chance, &terms, 100_000) {
                let mut number = 0_u64;
                for (place, &byte) in seen.iter_mut().zip(code.as_bytes()) {
                    let n = letters[usize::from(byte)];
                    place[usize::from(n)] += 1;
                    number = number * 30 + u64::from(n);
                }
                numbers.push(number);
            }
        }
        for (place, seen) in seen.iter().enumerate() {
            assert!(chi2(seen) < 66.2, "place {place}: {}", chi2(seen));
        }
        numbers.sort_unstable();
        assert_eq!(numbers.len(), ALL);
        assert!(numbers.windows(2).all(|two| two[0] != two[1]), "a code came twice");
    }
}
