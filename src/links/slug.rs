//! The short name of a link: `<shop>-<random><tag>`, all base 62.
//!
//! 14 random digits carry 83 bits; the 6-digit tag is a keyed hash over shop and random part (35 bits), so that a wrong
//! slug is refused without a look-up in all but one of 5 · 10^10 tries.

use crate::kernel::id::{BASE62_DIGITS, ShopId, base62, from_base62};
use crate::kernel::{Chance, Stream, Vault};

const RANDOM: usize = 14;
const TAG: usize = 6;

/// Draws a slug for a shop.
pub fn draw(vault: &Vault, chance: &Chance, shop: ShopId) -> String {
    let random = chance.text(Stream::Slugs, BASE62_DIGITS, RANDOM);
    let tag = tag(vault, shop, &random).map(char::from);
    format!("{}-{random}{}", base62(u128::from(shop.0.unsigned_abs())), String::from_iter(tag))
}

/// How long the part behind the shop is: it names the link within its shop.
pub const TAIL: usize = RANDOM + TAG;

/// The shop and the tail of a slug that we made; `None` for every other text. Reads no database.
pub fn read(vault: &Vault, slug: &str) -> Option<(ShopId, [u8; TAIL])> {
    let (shop, rest) = slug.split_once('-')?;
    if rest.len() != TAIL || !rest.is_ascii() || shop.len() > 11 {
        return None;
    }
    let shop = ShopId(i64::try_from(from_base62(shop)?).ok()?);
    let (random, given) = rest.split_at(RANDOM);
    let expected = tag(vault, shop, random);
    let equal: bool = subtle::ConstantTimeEq::ct_eq(expected.as_slice(), given.as_bytes()).into();
    Some((shop, rest.as_bytes().try_into().ok()?)).filter(|_| equal)
}

fn tag(vault: &Vault, shop: ShopId, random: &str) -> [u8; TAG] {
    let digest = vault.keyed_hash(shop, "slug", &[random.as_bytes()]);
    let mut number = digest[..8].iter().fold(0_u64, |number, &byte| (number << 8) | u64::from(byte));
    let mut digits = [0; TAG];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62_DIGITS[(number % 62) as usize];
        number /= 62;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn vault() -> Vault {
        Vault::new([1; 32], None, Chance::seeded(1)).with_pepper([2; 32])
    }

    #[test]
    fn a_slug_names_its_shop_and_no_other() {
        let (vault, chance) = (vault(), Chance::seeded(3));
        let slug = draw(&vault, &chance, ShopId(5_483_800_091));
        assert_eq!(read(&vault, &slug).map(|(shop, _)| shop), Some(ShopId(5_483_800_091)));
        for i in 0..slug.len() {
            let mut wrong = slug.clone().into_bytes();
            wrong[i] = if wrong[i] == b'0' { b'1' } else { b'0' };
            assert_eq!(read(&vault, std::str::from_utf8(&wrong).unwrap()), None, "digit {i}");
        }
    }

    proptest! {
        #[test]
        fn strangers_never_pass_and_never_panic(text in "\\PC{0,60}") {
            prop_assert_eq!(read(&vault(), &text), None);
        }
    }
}
