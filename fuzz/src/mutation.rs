//! Inputs made from other inputs.

/// Longest input that is made. Longer ones find nothing new and cost the time of many short ones.
const LENGTH_MAX: usize = 4096;

/// Most inputs that are kept to start from.
const POOL_MAX: usize = 4096;

/// Makes inputs out of a pool of inputs and a target's pieces. The same seed and the same pool give the same inputs.
#[derive(Debug)]
pub struct Mutator {
    random: fastrand::Rng,
    pool: Vec<Vec<u8>>,
    pieces: &'static [&'static str],
}

impl Mutator {
    /// A mutator over a pool; an empty pool starts from the empty input.
    #[must_use]
    pub fn new(seed: u64, mut pool: Vec<Vec<u8>>, pieces: &'static [&'static str]) -> Self {
        if pool.is_empty() {
            pool.push(Vec::new());
        }
        Self {
            random: fastrand::Rng::with_seed(seed),
            pool,
            pieces,
        }
    }

    /// Adds an input to start from; over the limit it takes another one's place.
    pub fn keep(&mut self, input: Vec<u8>) {
        if self.pool.len() < POOL_MAX {
            self.pool.push(input);
        } else {
            let at = self.random.usize(..self.pool.len());
            self.pool[at] = input;
        }
    }

    /// The next input.
    #[must_use]
    pub fn input(&mut self) -> Vec<u8> {
        let at = self.random.usize(..self.pool.len());
        let mut input = self.pool[at].clone();
        for _ in 0..self.random.usize(1..=4) {
            self.change(&mut input);
        }
        input.truncate(LENGTH_MAX);
        input
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let at = self.random.usize(..=input.len());
        let end = (at + self.random.usize(..=8)).min(input.len());
        match self.random.u8(..8) {
            // A piece of the target, put in or put over.
            0..=2 if !self.pieces.is_empty() => {
                let piece = self.pieces[self.random.usize(..self.pieces.len())];
                let end = if self.random.bool() { at } else { end };
                input.splice(at..end, piece.bytes());
            }
            3 => {
                input.drain(at..end);
            }
            4 => {
                let repeated = input[at..end].to_vec();
                input.splice(at..at, repeated);
            }
            // The end of another input.
            5 => {
                let other = &self.pool[self.random.usize(..self.pool.len())];
                let from = self.random.usize(..=other.len());
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
            6 if at < input.len() => input[at] = input[at].wrapping_add(self.random.u8(..)),
            _ => {
                let byte = if self.random.u8(..4) == 0 {
                    self.random.u8(..)
                } else {
                    self.random.u8(b' '..=b'~')
                };
                input.insert(at, byte);
            }
        }
    }
}
