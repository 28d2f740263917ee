//! Reading an entry where it lies: a scanner of the one form that [`Entry::to_line`] writes, member
//! by member, with nothing copied.
//!
//! It knows no JSON beyond that form: no blanks, no escapes, no other order. What it passes reads
//! the same by serde (`tests/header.rs`), and what it does not pass is left to serde, which alone
//! says what an entry is.

use super::entry::Entry;
use crate::incident::code::Code;
use crate::incident::id::{IncidentId, Number, Position, PrincipalId, TokenId, Version};
use crate::incident::time::{Claimed, Instant, Moment, Precision};
use crate::incident::words::State;
use serde::Deserialize;
use std::borrow::Cow;
use uuid::Uuid;

/// An entry as it lies in its line; the members are those of [`Entry`].
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "see Entry")]
pub struct Header<'a> {
    pub v: u32,
    pub pos: Position,
    pub at: Moment,
    pub inc: IncidentId,
    pub no: Option<Number>,
    pub ver: Version,
    pub r#type: &'a str,
    pub sch: u32,
    pub to: Option<State>,
    pub rules: u32,
    pub book: Option<&'a str>,
    pub by: &'a str,
    pub r#for: Option<&'a str>,
    pub tok: Option<&'a str>,
    /// As written; what it says was not read.
    pub occ: &'a str,
    pub batch: Uuid,
    pub cause: Option<Position>,
    pub over: Vec<Code>,
    pub dev: Vec<Code>,
    pub data: &'a str,
}

impl<'a> Header<'a> {
    /// Scans a line; none when it is not written as we write it, whatever else it may be.
    pub fn scan(line: &'a str) -> Option<Header<'a>> {
        let mut scan = Scan { rest: line };
        let header = Header {
            v: scan.past(r#"{"v":"#)?.small()?,
            pos: Position(scan.past(r#","pos":"#)?.count()?),
            at: Moment(scan.past(r#","at":"#)?.integer()?),
            inc: IncidentId(scan.past(r#","inc":"#)?.uuid()?),
            no: scan.past(r#","no":"#)?.or_null(Scan::count)?.map(Number),
            ver: Version(scan.past(r#","ver":"#)?.count()?),
            r#type: scan.past(r#","type":"#)?.text()?,
            sch: scan.past(r#","sch":"#)?.small()?,
            to: scan.past(r#","to":"#)?.or_null(|scan| State::parse(scan.text()?))?,
            rules: scan.past(r#","rules":"#)?.small()?,
            book: scan.past(r#","book":"#)?.or_null(Scan::text)?,
            by: scan.past(r#","by":"#)?.text()?,
            r#for: scan.past(r#","for":"#)?.or_null(Scan::text)?,
            tok: scan.past(r#","tok":"#)?.or_null(Scan::text)?,
            occ: scan.past(r#","occ":"#)?.claimed()?,
            batch: scan.past(r#","batch":"#)?.uuid()?,
            cause: scan.past(r#","cause":"#)?.or_null(Scan::count)?.map(Position),
            over: scan.past(r#","over":"#)?.codes()?,
            dev: scan.past(r#","dev":"#)?.codes()?,
            data: scan.past(r#","data":"#)?.text()?,
        };
        (scan.rest == "}").then_some(header)
    }

    /// The same of a line that may be any bytes.
    pub fn at(line: &'a [u8]) -> Option<Header<'a>> {
        std::str::from_utf8(line).ok().and_then(Header::scan)
    }

    /// Those members that show where it belongs.
    pub fn glance(&self) -> Glance<'a> {
        Glance {
            v: self.v,
            pos: self.pos,
            at: self.at,
            inc: self.inc,
            ver: self.ver,
            by: self.by.into(),
            batch: self.batch,
            data: self.data.into(),
        }
    }

    /// When it is claimed to have happened; none when that cannot be read.
    pub(super) fn claimed(&self) -> Option<Option<Claimed>> {
        match self.occ {
            NULL => Some(None),
            text => at(text).map(Some).or_else(|| serde_json::from_str(text).ok()),
        }
    }

    /// The entry itself; none when the claimed time cannot be read.
    pub fn entry(self) -> Option<Entry> {
        Some(Entry {
            occ: self.claimed()?,
            v: self.v,
            pos: self.pos,
            at: self.at,
            inc: self.inc,
            no: self.no,
            ver: self.ver,
            r#type: self.r#type.to_owned(),
            sch: self.sch,
            to: self.to,
            rules: self.rules,
            book: self.book.map(str::to_owned),
            by: PrincipalId(self.by.to_owned()),
            r#for: self.r#for.map(|id| PrincipalId(id.to_owned())),
            tok: self.tok.map(|id| TokenId(id.to_owned())),
            batch: self.batch,
            cause: self.cause,
            over: self.over,
            dev: self.dev,
            data: self.data.to_owned(),
        })
    }
}

/// Those members of an entry that show where it belongs. It reads no others, so that damage in them
/// hides nothing here.
#[derive(Debug, PartialEq, Deserialize)]
#[allow(missing_docs, reason = "see Entry")]
pub struct Glance<'a> {
    pub v: u32,
    pub pos: Position,
    pub at: Moment,
    pub inc: IncidentId,
    pub ver: Version,
    #[serde(borrow)]
    pub by: Cow<'a, str>,
    pub batch: Uuid,
    #[serde(borrow)]
    pub data: Cow<'a, str>,
}

impl<'a> Glance<'a> {
    /// Looks at a line, which may be any bytes.
    pub fn at(line: &'a [u8]) -> serde_json::Result<Glance<'a>> {
        match Header::at(line) {
            Some(header) => Ok(header.glance()),
            None => serde_json::from_slice(line),
        }
    }
}

const NULL: &str = "null";

/// The digits of any `u64` that has no more of them fit without a look at overflow.
const DIGITS_MAX: usize = 19;

/// Where the hyphens of a UUID stand, and where each pair of its digits does.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];
const PAIRS: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];

/// What each byte is worth as a lower-case digit; those that are none are worth too much.
const NIBBLES: [u8; 256] = {
    let mut nibbles = [u8::MAX; 256];
    let mut nibble = 0;
    while nibble < 16 {
        nibbles[b"0123456789abcdef"[nibble as usize] as usize] = nibble;
        nibble += 1;
    }
    nibbles
};

/// What is left of a line.
struct Scan<'a> {
    rest: &'a str,
}

impl<'a> Scan<'a> {
    /// Goes past what must stand here.
    fn past(&mut self, expected: &str) -> Option<&mut Self> {
        self.rest = self.rest.strip_prefix(expected)?;
        Some(self)
    }

    fn or_null<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        match self.rest.strip_prefix(NULL) {
            Some(rest) => {
                self.rest = rest;
                Some(None)
            }
            None => read(self).map(Some),
        }
    }

    fn take(&mut self, length: usize) -> Option<&'a str> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    /// A whole number without sign, leading zeros, fraction or exponent; those would be left over.
    fn count(&mut self) -> Option<u64> {
        let digits = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let is_plain =
            (1..=DIGITS_MAX).contains(&digits) && (digits == 1 || !self.rest.starts_with('0'));
        let digits = self.take(digits).filter(|_| is_plain)?;
        Some(digits.bytes().fold(0, |number, digit| number * 10 + u64::from(digit - b'0')))
    }

    fn small(&mut self) -> Option<u32> {
        self.count()?.try_into().ok()
    }

    fn integer(&mut self) -> Option<i64> {
        match self.rest.strip_prefix('-') {
            None => self.count()?.try_into().ok(),
            Some(rest) => {
                self.rest = rest;
                // Minus zero is a float to serde.
                let count = self.count().filter(|count| *count > 0)?;
                i64::try_from(count).ok().map(|count| -count)
            }
        }
    }

    /// A string in which nothing is escaped.
    fn text(&mut self) -> Option<&'a str> {
        self.past("\"")?;
        let text = self.take(plain(self.rest.as_bytes()))?;
        self.past("\"")?;
        Some(text)
    }

    /// A UUID in lower case with hyphens; the other ways to write one are left to serde.
    fn uuid(&mut self) -> Option<Uuid> {
        let text: &[u8; 36] = self.text()?.as_bytes().try_into().ok()?;
        let mut is_plain = HYPHENS.iter().all(|at| text[*at] == b'-');
        let mut bytes = [0; 16];
        for (byte, at) in bytes.iter_mut().zip(PAIRS) {
            let high = NIBBLES[usize::from(text[at])];
            let low = NIBBLES[usize::from(text[at + 1])];
            is_plain &= (high | low) < 16;
            *byte = high << 4 | low & 15;
        }
        is_plain.then(|| Uuid::from_bytes(bytes))
    }

    /// `null`, a word, or an object of strings; as it is written.
    fn claimed(&mut self) -> Option<&'a str> {
        let whole = self.rest;
        match self.rest.as_bytes().first()? {
            b'n' => self.past(NULL).map(drop)?,
            b'"' => self.text().map(drop)?,
            _ => self.object()?,
        }
        Some(&whole[..whole.len() - self.rest.len()])
    }

    fn object(&mut self) -> Option<()> {
        self.past("{")?;
        loop {
            self.text()?;
            self.past(":")?.text()?;
            if self.rest.starts_with('}') {
                return self.past("}").map(drop);
            }
            self.past(",")?;
        }
    }

    fn codes(&mut self) -> Option<Vec<Code>> {
        let mut codes = Vec::new();
        self.past("[")?;
        while !self.rest.starts_with(']') {
            if !codes.is_empty() {
                self.past(",")?;
            }
            codes.push(Code::parse(self.text()?)?);
        }
        self.past("]")?;
        Some(codes)
    }
}

/// The claim of an instant, which is what nearly all claims are.
fn at(text: &str) -> Option<Claimed> {
    let mut scan = Scan { rest: text };
    let at = Instant::parse(scan.past(r#"{"at":"#)?.text()?)?;
    let precision = Precision::parse(scan.past(r#","precision":"#)?.text()?)?;
    (scan.rest == "}").then_some(Claimed::At(at, precision))
}

/// How many bytes there are before the first that ends a string or must be escaped in one; eight
/// are looked at in one go, where the lowest that is found is always a right one.
fn plain(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGHEST: u64 = ONES << 7;
    let below = |eight: u64, bound: u8| eight.wrapping_sub(ONES * u64::from(bound)) & !eight;
    let equal = |eight: u64, byte: u8| below(eight ^ (ONES * u64::from(byte)), 1);
    let mut passed = 0;
    for eight in bytes.chunks_exact(8) {
        let eight = u64::from_le_bytes(eight.try_into().expect("chunks of eight"));
        let found = (below(eight, b' ') | equal(eight, b'"') | equal(eight, b'\\')) & HIGHEST;
        if found != 0 {
            return passed + found.trailing_zeros() as usize / 8;
        }
        passed += 8;
    }
    let is_plain = |byte: &&u8| **byte >= b' ' && **byte != b'"' && **byte != b'\\';
    passed + bytes[passed..].iter().take_while(is_plain).count()
}
