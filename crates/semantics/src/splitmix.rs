//! Numbers that look as if chance had made them, and are not secret: splitmix64 (Steele, Lea, Flood: *Fast splittable pseudorandom
//! number generators*, 2014).

/// The number that follows; `state` goes on, and may begin anywhere.
///
/// ```
/// let mut state = 0;
/// assert_eq!(semantics::splitmix::next(&mut state), 0xe220_a839_7b1d_cdaf);
/// assert_eq!(semantics::splitmix::next(&mut state), 0x6e78_9e6a_a1b9_65f4);
/// ```
#[inline]
pub const fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = (*state ^ *state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}
