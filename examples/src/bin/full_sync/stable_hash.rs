//! A hash that is the same on every machine and in every version: what is made up for the demonstration depends on it.

/// FNV-1a with 64 bits over the parts, each closed by a zero byte, and mixed so that every bit depends on every byte.
pub(crate) fn stable_hash(parts: &[&str]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for part in parts {
        for byte in part.bytes().chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    // The low bits of FNV follow the last byte too closely to be used as they are.
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^ (hash >> 33)
}

/// One of the choices, by hash.
pub(crate) fn pick<'a, T>(choices: &'a [T], parts: &[&str]) -> Option<&'a T> {
    let count = u64::try_from(choices.len())
        .ok()
        .filter(|count| *count > 0)?;
    choices.get(usize::try_from(stable_hash(parts) % count).ok()?)
}

/// Of these keys, `per_mille` in a thousand on average, chosen by hash, and at least `at_least` where there are so many.
pub(crate) fn choose<'a>(
    keys: impl IntoIterator<Item = &'a str>,
    salt: &str,
    per_mille: u64,
    at_least: usize,
) -> Vec<&'a str> {
    let mut ranked: Vec<(u64, &str)> = keys
        .into_iter()
        .map(|key| (stable_hash(&[salt, key]), key))
        .collect();
    ranked.sort_unstable();
    // A hash is below this bound for per_mille in a thousand of all keys.
    let bound = u64::MAX / 1000 * per_mille.min(1000);
    let natural = ranked.iter().take_while(|(hash, _)| *hash < bound).count();
    ranked
        .into_iter()
        .take(natural.max(at_least))
        .map(|(_, key)| key)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_never_changes() {
        assert_eq!(stable_hash(&[]), stable_hash(&[]));
        assert_ne!(stable_hash(&["a", "b"]), stable_hash(&["ab"]));
        assert_eq!(
            stable_hash(&["po", "536365"]) % 1000,
            stable_hash(&["po", "536365"]) % 1000
        );
    }

    #[test]
    fn rates_hold_on_average_and_the_minimum_always() {
        let keys: Vec<String> = (0..20_000).map(|number| number.to_string()).collect();
        let chosen = choose(keys.iter().map(String::as_str), "phone", 20, 1).len();
        assert!((320..480).contains(&chosen), "{chosen} of 20,000 at 2 %");
        let few = choose(["1", "2", "3"], "phone", 1, 1);
        assert_eq!(few.len(), 1);
        assert!(choose([], "phone", 1000, 1).is_empty());
        assert_eq!(choose(["1", "2"], "phone", 1000, 0).len(), 2);
    }
}
