//! Numbers that nobody has: typed to get past a form, or kept for films and examples.

pub(super) fn repeats_one_digit(digits: &str) -> bool {
    let mut all = digits.bytes();
    all.next().is_some_and(|first| all.all(|b| b == first))
}

/// One digit repeated after at most the first, or nine digits in order: what is typed to get past a form.
pub(super) fn is_placeholder(national: &str) -> bool {
    let tail = national.split_at_checked(1).map_or("", |(_, tail)| tail);
    let repeated = national.len() >= 7 && repeats_one_digit(tail);
    repeated || in_order(national.as_bytes())
}

/// Whether nine digits follow each other, upwards or downwards.
fn in_order(digits: &[u8]) -> bool {
    // Nine in a row of at most sixteen reach over the eighth and the ninth, so that two digits tell nearly every number.
    let neighbours = |pair: &[u8]| matches!(pair, [a, b] if a.abs_diff(*b) == 1);
    if digits.len() <= 16 && !digits.get(7..9).is_some_and(neighbours) {
        return false;
    }
    let (mut up, mut down) = (0, 0);
    digits.windows(2).any(|pair| {
        let [a, b] = *pair else { return false };
        up = if b == a.wrapping_add(1) { up + 1 } else { 0 };
        down = if a == b.wrapping_add(1) { down + 1 } else { 0 };
        up == 8 || down == 8
    })
}

/// Ranges kept for drama, as beginnings of the digits with country code. For the UK those of the regulator's list (assumed complete); for
/// North America the block 555-0100 to 555-0199.
pub(super) fn is_fictitious(digits: &str) -> bool {
    const UK: [u32; 20] = [
        441_134_960,
        441_144_960,
        441_154_960,
        441_164_960,
        441_174_960,
        441_184_960,
        441_214_960,
        441_314_960,
        441_414_960,
        441_514_960,
        441_614_960,
        442_079_460,
        441_914_980,
        442_896_496,
        442_920_180,
        441_632_960,
        447_700_900,
        448_081_570,
        449_098_790,
        443_069_990,
    ];
    let digits = digits.as_bytes();
    let Some(start) = digits.first_chunk::<9>() else {
        return false;
    };
    let number = start.iter().fold(0, |number, digit| {
        number * 10 + u32::from(digit.wrapping_sub(b'0'))
    });
    let north_american = digits.len() == 11
        && digits.starts_with(b"1")
        && digits.get(4..9).is_some_and(|rest| rest == b"55501");
    north_american || UK.contains(&number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_in_order_are_found_wherever_they_stand() {
        for before in 0..=9 {
            for behind in 0..=9 {
                let around =
                    |digits: &str| format!("{}{digits}{}", "5".repeat(before), "5".repeat(behind));
                for nine in ["123456789", "987654321"] {
                    assert!(in_order(around(nine).as_bytes()), "{}", around(nine));
                }
                for none in ["12345678", "98765432", "123467890", "113430000"] {
                    assert!(!in_order(around(none).as_bytes()), "{}", around(none));
                }
            }
        }
    }
}
