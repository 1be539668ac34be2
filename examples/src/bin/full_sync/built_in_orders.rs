//! The built-in set: invoices of the same kind as a real wholesaler's, made from a seed.

use chrono::{DateTime, Duration, TimeZone as _, Utc};
use fastrand::Rng;
use rust_decimal::Decimal;

use crate::dataset::{Dataset, Invoice, InvoiceLine};

const INVOICES: u32 = 120;
const ARTICLES: u32 = 360;
/// Lines of the one big order, as large wholesale orders have them.
const BIG_ORDER_LINES: usize = 540;

const GOODS: [&str; 12] = [
    "LANTERN",
    "MUG",
    "CAKE TIN",
    "LUNCH BOX",
    "CANDLE",
    "CUSHION",
    "TEA TOWEL",
    "PICTURE FRAME",
    "DOORMAT",
    "STORAGE JAR",
    "PARTY BUNTING",
    "WALL CLOCK",
];
const FINISHES: [&str; 10] = [
    "RED",
    "IVORY",
    "GREEN",
    "RETROSPOT",
    "STRIPED",
    "VINTAGE",
    "WOODEN",
    "ENAMEL",
    "GLASS",
    "PAISLEY",
];
const COUNTRIES: [(&str, u32); 7] = [
    ("United Kingdom", 88),
    ("EIRE", 3),
    ("Germany", 3),
    ("France", 2),
    ("Norway", 2),
    ("Netherlands", 1),
    ("Australia", 1),
];
/// Codes that exist in both cases; all but the last are declared aliases in `data/demo.toml`.
const CASE_PAIRS: [&str; 3] = ["70101A", "70102B", "70103C"];

struct Article {
    code: String,
    description: String,
    price: Decimal,
}

/// Invoices of a wholesaler, the same ones for the same seed.
pub(crate) fn built_in_orders(seed: u64) -> Dataset {
    let mut rng = Rng::with_seed(seed);
    let articles = articles(&mut rng);
    let first_day = Utc
        .timestamp_opt(1_291_190_400, 0)
        .single()
        .unwrap_or(DateTime::UNIX_EPOCH);
    let invoices = (0..INVOICES)
        .map(|index| {
            let placed_at =
                first_day + Duration::minutes(i64::from(index) * 27 + i64::from(rng.u32(0..20)));
            invoice(&mut rng, &articles, index, placed_at)
        })
        .collect();
    Dataset {
        name: format!("built-in set, seed {seed}"),
        invoices,
    }
}

fn articles(rng: &mut Rng) -> Vec<Article> {
    let mut articles: Vec<Article> = (0..ARTICLES)
        .map(|index| {
            // One in five has a letter for its colour or size.
            let letter = rng
                .choice(["A", "B", "C", "G", ""])
                .filter(|_| rng.u32(0..4) == 0);
            article(
                format!("{}{}", 20_000 + index * 7, letter.unwrap_or_default()),
                rng,
            )
        })
        .collect();
    for code in CASE_PAIRS {
        articles.push(article(code.to_owned(), rng));
    }
    articles
}

fn article(code: String, rng: &mut Rng) -> Article {
    let finish = rng.choice(FINISHES).unwrap_or_default();
    let goods = rng.choice(GOODS).unwrap_or_default();
    Article {
        code,
        description: format!("{finish} {goods}"),
        price: Decimal::new(rng.i64(19..1500), 2),
    }
}

fn invoice(rng: &mut Rng, articles: &[Article], index: u32, placed_at: DateTime<Utc>) -> Invoice {
    let number = 900_001 + index;
    // Every fifteenth is a credit note, every twentieth a stock adjustment; one has nothing but a fee.
    let (number, sign, customer) = match index {
        _ if index % 15 == 11 => (format!("C{number}"), -1, true),
        _ if index % 20 == 13 => (number.to_string(), -1, false),
        _ => (number.to_string(), 1, rng.u32(0..6) != 0),
    };
    let count = match index {
        40 => BIG_ORDER_LINES,
        _ if sign < 0 => rng.usize(1..4),
        _ => rng.usize(1..30),
    };
    // The articles with two codes are at the end and come in by themselves, below.
    let single = articles.len().saturating_sub(CASE_PAIRS.len()).max(1);
    let mut lines = Vec::with_capacity(count);
    for _ in 0..count {
        if let Some(article) = articles.get(rng.usize(0..single)) {
            lines.push(line(rng, article, sign));
        }
    }
    if sign > 0 {
        special_lines(rng, articles, index, &mut lines);
    }
    if index == 77 {
        lines = vec![fee("BANK CHARGES", "Bank charges", 1500)];
    }
    Invoice {
        number,
        placed_at,
        customer: customer.then(|| rng.u32(12_346..18_288).to_string()),
        country: country(rng).to_owned(),
        lines,
    }
}

/// Fees, repeated articles, lines without a price, and the codes that differ by case alone.
fn special_lines(rng: &mut Rng, articles: &[Article], index: u32, lines: &mut Vec<InvoiceLine>) {
    if index % 9 == 4 {
        lines.push(fee("POST", "POSTAGE", 1800));
    }
    if index % 30 == 16 {
        lines.push(fee("DOT", "DOTCOM POSTAGE", 2500));
    }
    if index % 12 == 5
        && let Some(again) = lines.first().cloned()
    {
        lines.push(InvoiceLine {
            quantity: again.quantity + 1,
            ..again
        });
    }
    if index % 17 == 8
        && let Some(free) = lines.first_mut()
    {
        free.unit_price = Decimal::ZERO;
        free.description = None;
    }
    let pair = index / 10;
    if index % 10 == 2
        && let Some(article) = articles
            .iter()
            .find(|one| CASE_PAIRS.get(pair as usize % 3) == Some(&one.code.as_str()))
        && pair < 6
    {
        // The first three times in capitals, then in small letters.
        let mut line = line(rng, article, 1);
        if pair >= 3 {
            line.code = line.code.to_ascii_lowercase();
        }
        lines.push(line);
    }
}

fn line(rng: &mut Rng, article: &Article, sign: i64) -> InvoiceLine {
    let pack = rng.choice([1, 2, 3, 6, 12, 24, 48]).unwrap_or(1);
    InvoiceLine {
        code: article.code.clone(),
        description: Some(article.description.clone()),
        quantity: sign * pack,
        unit_price: article.price,
    }
}

fn fee(code: &str, description: &str, pence: i64) -> InvoiceLine {
    InvoiceLine {
        code: code.to_owned(),
        description: Some(description.to_owned()),
        quantity: 1,
        unit_price: Decimal::new(pence, 2),
    }
}

fn country(rng: &mut Rng) -> &'static str {
    let mut draw = rng.u32(0..100);
    for (name, share) in COUNTRIES {
        if draw < share {
            return name;
        }
        draw -= share;
    }
    "United Kingdom"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_invoices() {
        assert_eq!(built_in_orders(1), built_in_orders(1));
        assert_ne!(built_in_orders(1), built_in_orders(2));
    }

    #[test]
    fn the_set_has_everything_that_real_invoices_have() {
        for seed in [2010, 3] {
            let set = built_in_orders(seed);
            let any = |found: &dyn Fn(&Invoice) -> bool| set.invoices.iter().any(found);
            assert_eq!(set.invoices.len(), 120);
            assert!(set.codes().len() > 200);
            assert!(any(&|one| one.number.starts_with('C')));
            assert!(any(&|one| !one.number.starts_with('C') && !one.is_order()));
            assert!(any(&|one| one.lines.len() > 500));
            assert!(any(&|one| one.customer.is_none() && one.is_order()));
            assert!(any(&|one| one.country != "United Kingdom"));
            assert!(set.lines().any(|line| line.unit_price.is_zero()));
            assert!(set.lines().any(|line| line.code == "POST"));
            assert_eq!(
                set.case_pairs().len(),
                CASE_PAIRS.len(),
                "{:?}",
                set.case_pairs()
            );
        }
    }
}
