//! How many codes a slot should hold, from the draws of the last hours. Pure: what is counted stands in `restock.rs`.
//!
//! 1. One busy hour says nothing about the next; two do: the second busiest of the last hours is the rate.
//! 2. A slot holds what it will hand out until it is over, but never more than an hour's worth and half as much again:
//!    what is left when it ends is lost.

/// Hours that are looked at.
pub const HOURS: usize = 6;

/// A pool of fewer codes is always filled again.
pub const FEW: u64 = 10;

/// The most codes kept ready on a forecast alone. Who wants more at once announces it.
const MOST: u64 = 20_000;

/// A slot is provided for so many seconds of demand, and filled again when it holds less than this.
const PROVIDED_SECONDS: i64 = 3_600;
const LOW_SECONDS: i64 = 900;

/// What a slot should hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Codes ready or on their way.
    pub codes: u64,
    /// With fewer ready than this it is filled again.
    pub low_water: u64,
}

/// Draws an hour, from those of each of the last hours.
pub fn rate(hours: &[u64; HOURS]) -> u64 {
    let mut hours = *hours;
    hours.sort_unstable();
    hours[HOURS - 2]
}

/// What a slot should hold that hands codes out for another `seconds`. `floor`: what is kept ready of everything;
/// `announced`: recipients that were announced and not drawn.
pub fn wanted(rate: u64, seconds: i64, floor: u64, announced: u64) -> Wanted {
    let demand = |most: i64| {
        let seconds = u64::try_from(seconds.clamp(0, most)).unwrap_or(0);
        (rate.min(MOST) * seconds * 3).div_ceil(2 * 3_600).min(MOST)
    };
    let codes = demand(PROVIDED_SECONDS).max(floor).max(announced);
    Wanted { codes, low_water: demand(LOW_SECONDS).max(FEW).min(codes.max(FEW)) }
}

/// How long before its time a slot is made and filled: an import of `codes` with some to spare, at most half a slot.
pub fn lead_seconds(codes: u64, slot_seconds: i64) -> i64 {
    let import = i64::try_from(codes / 25).unwrap_or(i64::MAX);
    import.saturating_add(600).min(slot_seconds / 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_busy_hour_is_no_rule_and_two_are() {
        assert_eq!(rate(&[5_000, 0, 0, 0, 0, 0]), 0);
        assert_eq!(rate(&[0, 60, 0, 0, 70, 0]), 60);
        assert_eq!(rate(&[60; 6]), 60);
    }

    #[test]
    fn a_slot_holds_what_it_will_hand_out() {
        assert_eq!(wanted(0, 3_600, 25, 0), Wanted { codes: 25, low_water: 10 });
        assert_eq!(wanted(60, 86_400, 25, 0), Wanted { codes: 90, low_water: 23 });
        assert_eq!(wanted(60, 600, 25, 0), Wanted { codes: 25, low_water: 15 });
        assert_eq!(wanted(60, 600, 0, 5_000).codes, 5_000, "announced is announced");
        assert_eq!(wanted(0, 3_600, 0, 0).codes, 0);
        assert_eq!((lead_seconds(25, 3_600), lead_seconds(25, 900)), (601, 450));
        assert_eq!(lead_seconds(100_000, 86_400), 4_600);
    }

    proptest! {
        #[test]
        fn more_demand_or_time_never_wants_less_and_everything_has_a_bound(
            rate in 0_u64..10_000_000, more in 0_u64..1_000_000, seconds in -10_i64..100_000, longer in 0_i64..100_000,
            floor in 0_u64..100, announced in 0_u64..1_000_000,
        ) {
            let now = wanted(rate, seconds, floor, announced);
            prop_assert!(wanted(rate + more, seconds + longer, floor, announced).codes >= now.codes);
            prop_assert!(now.low_water >= FEW && now.low_water <= now.codes.max(FEW));
            prop_assert!(now.codes <= announced.max(floor).max(MOST));
            prop_assert!(now.codes >= announced.max(floor));
            let worth = rate.saturating_mul(u64::try_from(seconds.clamp(0, 3_600)).unwrap());
            prop_assert!(now.codes <= announced.max(floor).max((worth * 3).div_ceil(7_200)));
        }

        #[test]
        fn the_rate_is_one_of_the_hours_and_never_the_lone_busiest(hours in prop::array::uniform6(0_u64..100_000)) {
            let rate = rate(&hours);
            prop_assert!(hours.contains(&rate));
            prop_assert!(hours.iter().filter(|hour| **hour >= rate).count() >= 2);
        }

        #[test]
        fn a_slot_is_never_made_before_half_of_the_one_before_is_over(codes in 0_u64..u64::MAX, slot in 900_i64..=86_400) {
            let lead = lead_seconds(codes, slot);
            prop_assert!(lead >= 1 && lead <= slot / 2);
        }
    }
}
