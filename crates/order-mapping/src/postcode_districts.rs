//! The districts of the postcode areas: which outward codes are in use, as far as known.
//!
//! A table for warnings only. Districts are added and closed over the years, so an outward code that is not listed is worth a
//! look and never an error. Written from general knowledge and compared with public lists of districts; not compared with the
//! post's own file of addresses. Districts for large users and mail handling (`AB99`, `IM99`) are included, closed ones are not.

/// Areas in alphabetical order with their numbered districts. 121 geographic areas, three of the Crown dependencies, BF (forces)
/// and BX (not geographic).
pub(crate) const AREAS: &[(&str, &str)] = &[
    ("AB", "10-16 21-25 30-39 41-45 51-56 99"),
    ("AL", "1-10"),
    ("B", "1-21 23-38 40 42-50 60-80 90-99"),
    ("BA", "1-16 20-22"),
    ("BB", "1-12 18 94"),
    ("BD", "1-24 97-99"),
    ("BF", "1"),
    ("BH", "1-25 31"),
    ("BL", "0-9 11 78"),
    ("BN", "1-3 5-18 20-27 41-45 50-52 88 91 95 99"),
    ("BR", "1-8"),
    ("BS", "0-11 13-16 20-32 34-37 39-41 48-49 80 98-99"),
    ("BT", "1-49 51-58 60-71 74-82 92-94"),
    // Given to banks and offices one by one; no public list names them all.
    ("BX", "1-9"),
    ("CA", "1-28 95 99"),
    ("CB", "1-11 21-25"),
    (
        "CF",
        "3 5 10-11 14-15 23-24 30-48 61-64 71-72 81-83 91 95 99",
    ),
    ("CH", "1-8 25-34 41-49 60-66 70 88 99"),
    ("CM", "0-9 11-24 77 92 98-99"),
    ("CO", "1-16"),
    ("CR", "0 2-9 44 90"),
    ("CT", "1-21 50"),
    ("CV", "1-13 21-23 31-37 47"),
    ("CW", "1-12 98"),
    ("DA", "1-18"),
    ("DD", "1-11"),
    ("DE", "1 3-7 11-15 21-24 45 55-56 65 72-75 99"),
    ("DG", "1-14 16"),
    ("DH", "1-9 97-99"),
    ("DL", "1-17 98"),
    ("DN", "1-12 14-22 31-41 55"),
    ("DT", "1-11"),
    ("DY", "1-14"),
    ("E", "1-18 20 77 98"),
    ("EC", "50"),
    ("EH", "1-49 51-55 91 95 99"),
    ("EN", "1-11 77"),
    ("EX", "1-24 31-39"),
    ("FK", "1-21"),
    ("FY", "0-8"),
    ("G", "1-5 9 11-15 20-23 31-34 40-46 51-53 58 60-79 81-84 90"),
    ("GL", "1-20 50-56"),
    ("GU", "1-12 14-35 46-47 51-52 95"),
    ("GY", "1-10"),
    ("HA", "0-9"),
    ("HD", "1-9"),
    ("HG", "1-5"),
    ("HP", "1-23 27"),
    ("HR", "1-9"),
    ("HS", "1-9"),
    ("HU", "1-20"),
    ("HX", "1-7"),
    ("IG", "1-11"),
    ("IM", "1-9 86-87 99"),
    ("IP", "1-33 98"),
    ("IV", "1-28 30-32 36 40-49 51-56 63 99"),
    ("JE", "1-5"),
    ("KA", "1-30"),
    ("KT", "1-24"),
    ("KW", "1-3 5-17"),
    ("KY", "1-16 99"),
    ("L", "1-40 67-75 80"),
    ("LA", "1-23"),
    ("LD", "1-8"),
    ("LE", "1-19 21 41 55 65 67 87 94-95"),
    ("LL", "11-49 51-78"),
    ("LN", "1-13"),
    ("LS", "1-29 88 98-99"),
    ("LU", "1-7"),
    ("M", "1-9 11-35 38 40-41 43-46 50 60-61 90 99"),
    ("ME", "1-20 99"),
    ("MK", "1-19 40-46 77"),
    ("ML", "1-12"),
    ("N", "1-22 81"),
    ("NE", "1-13 15-49 61-71 82-83 85 88 92 98-99"),
    ("NG", "1-25 31-34 70 80 90"),
    ("NN", "1-18 29"),
    ("NP", "4 7-8 10-13 15-16 18-20 22-26 44"),
    ("NR", "1-35 99"),
    ("NW", "1-11 26"),
    ("OL", "1-16 95"),
    ("OX", "1-5 7 9-18 20 25-29 33 39 44 49"),
    ("PA", "1-38 41-49 60-78 80"),
    ("PE", "1-16 19-38 99"),
    ("PH", "1-26 30-44 49-50"),
    ("PL", "1-35 95"),
    ("PO", "1-22 30-41"),
    ("PR", "0-9 11 25-26"),
    ("RG", "1-2 4-10 12 14 17-31 40-42 45"),
    ("RH", "1-20 77"),
    ("RM", "1-20"),
    (
        "S",
        "1-14 17-18 20-21 25-26 32-33 35-36 40-45 49 60-66 70-75 80-81 95-99",
    ),
    ("SA", "1-20 31-48 61-73 80 99"),
    ("SE", "1-28"),
    ("SG", "1-19"),
    ("SK", "1-17 22-23"),
    ("SL", "0-9 60 95"),
    ("SM", "1-7"),
    ("SN", "1-16 25-26 38 99"),
    ("SO", "14-25 30-32 40-43 45 50-53 97"),
    ("SP", "1-11"),
    ("SR", "1-9"),
    ("SS", "0-9 11-17 22 99"),
    ("ST", "1-21 55"),
    ("SW", "2-20 95"),
    ("SY", "1-25 99"),
    ("TA", "1-24"),
    ("TD", "1-15"),
    ("TF", "1-13"),
    ("TN", "1-40"),
    ("TQ", "1-14"),
    ("TR", "1-27"),
    ("TS", "1-29"),
    ("TW", "1-20"),
    ("UB", "1-11 18"),
    ("W", "2-14"),
    ("WA", "1-16 55 88"),
    ("WC", ""),
    ("WD", "3-7 17-19 23-25 99"),
    ("WF", "1-17 90"),
    ("WN", "1-8"),
    ("WR", "1-15 78 99"),
    ("WS", "1-15"),
    ("WV", "1-16 98-99"),
    ("YO", "1 7-8 10-19 21-26 30-32 41-43 51 60-62 90-91"),
    ("ZE", "1-3"),
];

/// Districts with a letter behind the number, all in London: area, number, letters.
const LETTERED: &[(&str, u8, &str)] = &[
    ("E", 1, "W"),
    ("EC", 1, "AMNPRVY"),
    ("EC", 2, "AMNPRVY"),
    ("EC", 3, "AMNPRV"),
    ("EC", 4, "AMNPRVY"),
    ("N", 1, "CP"),
    ("NW", 1, "W"),
    ("SE", 1, "P"),
    ("SW", 1, "AEHPVWXY"),
    ("W", 1, "ABCDFGHJKSTUW"),
    ("WC", 1, "ABEHNRVX"),
    ("WC", 2, "ABEHNR"),
];

/// How many areas there are.
pub(crate) const AREA_COUNT: usize = AREAS.len();

/// For both letters of an area (0 for `A`; the second 26 when there is none) its place in [`AREAS`] plus one; 0 for none.
static AREA_INDEX: [[u8; 27]; 26] = area_index();

/// For each area the numbers in use, one bit each.
static NUMBERED: [u128; AREA_COUNT] = numbered();

/// The districts with a letter: place of the area, number, and one bit for each letter.
static LETTERS: [(u8, u8, u32); LETTERED.len()] = letters();

/// The place of an area in [`AREAS`].
pub(crate) fn index_of(first: u8, second: Option<u8>) -> Option<u8> {
    let row = AREA_INDEX.get(usize::from(first.wrapping_sub(b'A')))?;
    let column = second.map_or(26, |letter| usize::from(letter.wrapping_sub(b'A')));
    // A second letter past `Z` would read the column of "none"; the grammar has excluded it.
    row.get(column)?.checked_sub(1)
}

/// Whether a district is listed: the place of its area, its number and the letter behind it.
pub(crate) fn is_known(area: u8, number: u8, letter: Option<u8>) -> bool {
    match letter {
        None => NUMBERED
            .get(usize::from(area))
            .is_some_and(|bits| number < 128 && bits >> number & 1 == 1),
        Some(letter) => LETTERS.iter().any(|(one, with, bits)| {
            let bit = letter.wrapping_sub(b'A');
            *one == area && *with == number && bit < 26 && bits >> bit & 1 == 1
        }),
    }
}

/// Whether any listed district of the area has a number in this range.
pub(crate) fn any_known(area: u8, first: u8, last: u8) -> bool {
    let lettered = LETTERS
        .iter()
        .any(|(one, number, _)| *one == area && (first..=last).contains(number));
    lettered || (first..=last).any(|number| is_known(area, number, None))
}

#[allow(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "runs while compiling, where an index out of range stops the build"
)]
const fn area_index() -> [[u8; 27]; 26] {
    let mut table = [[0; 27]; 26];
    let mut at = 0;
    while at < AREA_COUNT {
        let name = AREAS[at].0.as_bytes();
        let second = if name.len() == 1 {
            26
        } else {
            (name[1] - b'A') as usize
        };
        table[(name[0] - b'A') as usize][second] = at as u8 + 1;
        at += 1;
    }
    table
}

#[allow(
    clippy::indexing_slicing,
    reason = "runs while compiling, where an index out of range stops the build"
)]
const fn letters() -> [(u8, u8, u32); LETTERED.len()] {
    let mut table = [(0, 0, 0); LETTERED.len()];
    let index = area_index();
    let mut at = 0;
    while at < LETTERED.len() {
        let (name, number, letters) = LETTERED[at];
        let (name, letters) = (name.as_bytes(), letters.as_bytes());
        let second = if name.len() == 1 {
            26
        } else {
            (name[1] - b'A') as usize
        };
        let mut bits = 0;
        let mut one = 0;
        while one < letters.len() {
            bits |= 1 << (letters[one] - b'A');
            one += 1;
        }
        table[at] = (index[(name[0] - b'A') as usize][second] - 1, number, bits);
        at += 1;
    }
    table
}

#[allow(
    clippy::indexing_slicing,
    reason = "runs while compiling, where an index out of range stops the build"
)]
const fn numbered() -> [u128; AREA_COUNT] {
    let mut table = [0; AREA_COUNT];
    let mut at = 0;
    while at < AREA_COUNT {
        table[at] = bits(AREAS[at].1.as_bytes());
        at += 1;
    }
    table
}

/// The bits of numbers and ranges between spaces, such as `1-3 5 10-12`.
#[allow(
    clippy::indexing_slicing,
    reason = "runs while compiling, where an index out of range stops the build"
)]
const fn bits(list: &[u8]) -> u128 {
    let (mut bits, mut first, mut number) = (0, None, 0);
    let mut at = 0;
    while at <= list.len() {
        let byte = if at == list.len() { b' ' } else { list[at] };
        match byte {
            b'0'..=b'9' => number = number * 10 + byte - b'0',
            b'-' => {
                first = Some(number);
                number = 0;
            }
            _ if list.is_empty() => {}
            _ => {
                let mut one = match first {
                    Some(first) => first,
                    None => number,
                };
                while one <= number {
                    bits |= 1 << one;
                    one += 1;
                }
                first = None;
                number = 0;
            }
        }
        at += 1;
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(name: &str) -> u8 {
        let letters = name.as_bytes();
        index_of(letters[0], letters.get(1).copied()).unwrap()
    }

    #[test]
    fn the_table_is_in_order_and_the_index_finds_every_area() {
        assert_eq!(AREA_COUNT, 126);
        assert!(AREAS.is_sorted() && LETTERED.is_sorted());
        for (at, (name, _)) in AREAS.iter().enumerate() {
            assert_eq!(usize::from(area(name)), at);
        }
        let found = (b'A'..=b'Z')
            .flat_map(|a| {
                [None]
                    .into_iter()
                    .chain((b'A'..=b'Z').map(Some))
                    .map(move |b| (a, b))
            })
            .filter(|(a, b)| index_of(*a, *b).is_some());
        assert_eq!(found.count(), 126);
        assert_eq!(index_of(b'a', None), None);
        assert_eq!(index_of(b'S', Some(b'w')), None);
    }

    #[test]
    fn there_are_about_three_thousand_districts() {
        let numbered: u32 = NUMBERED.iter().map(|bits| bits.count_ones()).sum();
        let lettered: usize = LETTERED.iter().map(|(_, _, letters)| letters.len()).sum();
        assert_eq!(lettered, 67);
        assert!((2_900..3_050).contains(&numbered), "{numbered}");
    }

    /// The listed numbers of an area, read in another way than the bits are made.
    fn listed(list: &str) -> Vec<u8> {
        let number = |text: &str| text.parse::<u8>().unwrap();
        list.split_whitespace()
            .flat_map(|item| match item.split_once('-') {
                Some((first, last)) => number(first)..=number(last),
                None => number(item)..=number(item),
            })
            .collect()
    }

    #[test]
    fn every_line_is_ascending_and_becomes_its_bits() {
        for (name, list) in AREAS {
            let numbers = listed(list);
            assert!(numbers.is_sorted_by(|a, b| a < b), "{name}");
            for number in 0..=255 {
                let wanted = numbers.contains(&number);
                assert_eq!(is_known(area(name), number, None), wanted, "{name}{number}");
            }
        }
    }

    #[test]
    fn first_and_last_district_of_every_area() {
        // Typed a second time, so that a slip in the table shows.
        let ends = "AB10-99 AL1-10 B1-99 BA1-22 BB1-94 BD1-99 BF1-1 BH1-31 BL0-78 BN1-99 BR1-8 BS0-99 BT1-94 BX1-9 CA1-99 \
            CB1-25 CF3-99 CH1-99 CM0-99 CO1-16 CR0-90 CT1-50 CV1-47 CW1-98 DA1-18 DD1-11 DE1-99 DG1-16 DH1-99 DL1-98 DN1-55 \
            DT1-11 DY1-14 E1-98 EC50-50 EH1-99 EN1-77 EX1-39 FK1-21 FY0-8 G1-90 GL1-56 GU1-95 GY1-10 HA0-9 HD1-9 HG1-5 \
            HP1-27 HR1-9 HS1-9 HU1-20 HX1-7 IG1-11 IM1-99 IP1-98 IV1-99 JE1-5 KA1-30 KT1-24 KW1-17 KY1-99 L1-80 LA1-23 LD1-8 \
            LE1-95 LL11-78 LN1-13 LS1-99 LU1-7 M1-99 ME1-99 MK1-77 ML1-12 N1-81 NE1-99 NG1-90 NN1-29 NP4-44 NR1-99 NW1-26 \
            OL1-95 OX1-49 PA1-80 PE1-99 PH1-50 PL1-95 PO1-41 PR0-26 RG1-45 RH1-77 RM1-20 S1-99 SA1-99 SE1-28 SG1-19 SK1-23 \
            SL0-95 SM1-7 SN1-99 SO14-97 SP1-11 SR1-9 SS0-99 ST1-55 SW2-95 SY1-99 TA1-24 TD1-15 TF1-13 TN1-40 TQ1-14 TR1-27 \
            TS1-29 TW1-20 UB1-18 W2-14 WA1-88 WD3-99 WF1-90 WN1-8 WR1-99 WS1-15 WV1-99 YO1-91 ZE1-3";
        let mut count = 0;
        for item in ends.split_whitespace() {
            let letters = item.bytes().take_while(u8::is_ascii_uppercase).count();
            let (name, range) = item.split_at(letters);
            let (first, last) = range.split_once('-').unwrap();
            let (first, last): (u8, u8) = (first.parse().unwrap(), last.parse().unwrap());
            let numbers = listed(AREAS[usize::from(area(name))].1);
            assert_eq!(
                (numbers.first(), numbers.last()),
                (Some(&first), Some(&last)),
                "{name}"
            );
            count += 1;
        }
        // WC has districts with letters only.
        assert_eq!(count, 125);
    }

    #[test]
    fn only_three_areas_have_no_single_figure_and_few_have_a_district_0() {
        let without: Vec<&str> = AREAS
            .iter()
            .filter(|(_, list)| !list.is_empty() && *list != "50")
            .filter(|(_, list)| listed(list).iter().all(|number| *number > 9))
            .map(|(name, _)| *name)
            .collect();
        assert_eq!(without, ["AB", "LL", "SO"]);
        let zero: Vec<&str> = AREAS
            .iter()
            .filter(|(_, list)| listed(list).contains(&0))
            .map(|(name, _)| *name)
            .collect();
        assert_eq!(zero, ["BL", "BS", "CM", "CR", "FY", "HA", "PR", "SL", "SS"]);
    }

    #[test]
    fn districts_with_a_letter() {
        for (name, number, letter) in [
            ("SW", 1, b'A'),
            ("EC", 1, b'A'),
            ("W", 1, b'W'),
            ("E", 1, b'W'),
            ("N", 1, b'P'),
        ] {
            assert!(is_known(area(name), number, Some(letter)), "{name}");
        }
        assert!(!is_known(area("SW"), 1, None) && !is_known(area("W"), 1, None));
        assert!(!is_known(area("SW"), 1, Some(b'B')) && !is_known(area("E"), 2, Some(b'W')));
        assert!(any_known(area("SW"), 1, 1) && any_known(area("KA"), 27, 28));
        assert!(!any_known(area("KA"), 31, 99));
    }
}
