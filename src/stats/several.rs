//! Who looks at twenty campaigns finds one in twenty by chance. Benjamini and Hochberg (1995): of what is called found at
//! level q, a share of at most q is not.

/// Each chance (p) as adjusted for the others, in the order given.
pub fn benjamini_hochberg(chances: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..chances.len()).collect();
    order.sort_by(|a, b| chances[*b].total_cmp(&chances[*a]));
    let mut adjusted = vec![1.0; chances.len()];
    let (all, mut least) = (super::sample::count(chances.len()), 1.0_f64);
    for (above, place) in order.into_iter().enumerate() {
        let rank = all - super::sample::count(above);
        least = least.min(chances[place] * all / rank);
        adjusted[place] = least;
    }
    adjusted
}
