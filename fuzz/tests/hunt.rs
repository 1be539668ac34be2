//! The loop itself: it finds what is there to be found, makes it short, and can be repeated.

use std::time::Duration;

use order_mapping_fuzz::{Mutator, Outcomes, Target, hunt};

fn planted(data: &[u8]) -> Outcomes {
    let text = String::from_utf8_lossy(data);
    assert!(!text.contains("½~"), "the planted fault");
    let signs = ["½", "~"].into_iter().filter(|sign| text.contains(sign));
    signs.map(Into::into).collect()
}

const PLANTED: Target = Target {
    name: "planted",
    run: planted,
    pieces: &["½", "~"],
    reached: &[],
};

#[test]
fn a_planted_fault_is_found_and_made_short() {
    let corpus = [b"Unit 3, Mill Lane".to_vec()];
    let finding = hunt(&PLANTED, &corpus, 1, Duration::from_secs(60))
        .expect_err("two pieces beside each other come up at once");
    assert_eq!(finding.input, "½~".as_bytes());
    assert_eq!(finding.message, "the planted fault");
}

#[test]
fn a_broken_corpus_is_a_finding_without_any_mutation() {
    let corpus = ["a ½~ b".as_bytes().to_vec()];
    let finding = hunt(&PLANTED, &corpus, 1, Duration::ZERO).expect_err("it is in the corpus");
    assert_eq!(finding.input, "½~".as_bytes());
}

#[test]
fn the_same_seed_gives_the_same_inputs() {
    let inputs = |seed| -> Vec<Vec<u8>> {
        let mut mutator = Mutator::new(seed, vec![b"GB\n0113 243 0000".to_vec()], &["+44", "ext"]);
        (0..200).map(|_| mutator.input()).collect()
    };
    assert_eq!(inputs(7), inputs(7));
    assert_ne!(inputs(7), inputs(8));
}
