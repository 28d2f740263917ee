//! Changing an input a little, or much, the same way for the same seed.

/// Pieces that mean something to one of the formats.
const WORDS: &[&str] = &[
    "\"",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\\u0000",
    "\0",
    "null",
    "-1",
    "9007199254740993",
    "1e999",
    "\n",
    "\n\n",
    "\u{2014} ",
    "[[",
    "]]",
    " = ",
    "'",
    "🔥",
    "\u{202e}",
    "2026-11-24T03:00:00Z",
    "unknown",
    "[redacted]",
    "[masked password 8]",
    "password=",
    "://a:",
    "@",
    "Bearer ",
    "-----BEGIN PRIVATE KEY-----",
];

/// How long an input may become.
const INPUT_MAX: usize = 64 * 1024;

/// A source of changes (xorshift).
pub struct Mutation(u64);

impl Mutation {
    pub fn new(seed: u64) -> Mutation {
        Mutation(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % count.max(1)
    }

    /// One of the inputs, changed one to eight times.
    pub fn of(mut self, corpus: &[Vec<u8>]) -> Vec<u8> {
        let mut input = corpus[self.below(corpus.len())].clone();
        for _ in 0..=self.below(8) {
            self.change(&mut input, corpus);
        }
        input.truncate(INPUT_MAX);
        input
    }

    fn change(&mut self, input: &mut Vec<u8>, corpus: &[Vec<u8>]) {
        let at = self.below(input.len() + 1);
        let to = (at + self.below(16)).min(input.len());
        match self.below(7) {
            0 if at < input.len() => input[at] ^= 1 << self.below(8),
            1 => drop(input.drain(at..to)),
            2 => input.truncate(at),
            3 => {
                let word = WORDS[self.below(WORDS.len())];
                input.splice(at..at, word.bytes());
            }
            4 => {
                let again = input[at..to].to_vec();
                input.splice(at..at, again.repeat(1 + self.below(64)));
            }
            5 => {
                let other = &corpus[self.below(corpus.len())];
                let from = self.below(other.len() + 1);
                input.splice(at.., other[from..].iter().copied());
            }
            _ => {
                let word = WORDS[self.below(WORDS.len())];
                input.splice(at..to, word.bytes());
            }
        }
    }
}
