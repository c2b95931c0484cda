//! What people write: short texts that are kept and shown as they are.

/// Whether a text is a line of at most so many characters, blanks included, and not only blanks. Control characters
/// would break a report's line or its CSV, and PostgreSQL keeps no zero byte at all.
pub fn is_line(text: &str, most: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= most && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_neither_blank_nor_too_long_nor_two() {
        for line in ["a", " Winback 2026", "Ürümqi \u{1f600}", "0123456789"] {
            assert!(is_line(line, 14), "{line}");
        }
        for other in ["", "  ", "two\nlines", "a\tb", "a\u{0}", "\u{85}", "0123456789abcde", "a              "] {
            assert!(!is_line(other, 14), "{other:?}");
        }
    }
}
