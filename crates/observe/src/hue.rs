//! The colour of a class of statuses, the same wherever a status is shown to people.

/// What follows `ESC [` and stands before `m` (ECMA-48 §8.3.117) for statuses of the class of this code; nothing for a code of
/// none.
///
/// ```
/// assert_eq!((observe::hue(204), observe::hue(999)), ("32", ""));
/// ```
pub const fn hue(code: u16) -> &'static str {
    match code / 100 {
        1 => "90",
        2 => "32",
        3 => "36",
        4 => "33",
        5 => "1;31",
        _ => "",
    }
}
