//! The head of a request, judged before it is parsed: how large it is, and where what follows it
//! ends.
//!
//! Of two readings of one request the stricter is taken, or none: whatever a proxy before us could
//! frame otherwise than we do (RFC 9112, sections 6.3 and 11.2) is refused.

use super::limits::{BODY_MAX, FIELDS_MAX, HEAD_MAX, TARGET_MAX};
use crate::web::problem::{Kind, Problem};

/// What follows a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// A body of so many bytes, often none.
    Length(usize),
    /// A body in chunks, which is the last thing on its connection.
    Chunked,
}

/// Why a request is not even parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Its line and fields are longer than [`HEAD_MAX`].
    HeadTooLarge,
    /// It has more than [`FIELDS_MAX`] fields.
    TooManyFields,
    /// Its target is longer than [`TARGET_MAX`].
    TargetTooLong,
    /// It announces a body longer than [`BODY_MAX`].
    BodyTooLarge,
    /// Its head was not there in time.
    Late,
    /// It can be read in two ways.
    Ambiguous(&'static str),
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        match refusal {
            Refusal::HeadTooLarge => Problem::new(
                Kind::HeadTooLarge,
                format!("The head is longer than {HEAD_MAX} bytes: send fewer or shorter headers."),
            ),
            Refusal::TooManyFields => Problem::new(
                Kind::HeadTooLarge,
                format!("The head has more than {FIELDS_MAX} fields: send fewer headers."),
            ),
            Refusal::TargetTooLong => Problem::new(
                Kind::TargetTooLong,
                format!("The address is longer than {TARGET_MAX} bytes: ask for less at once."),
            ),
            Refusal::BodyTooLarge => Problem::body_too_large(),
            Refusal::Late => Problem::new(
                Kind::TooSlow,
                "The head of the request did not come in time: connect again and send it whole.",
            ),
            Refusal::Ambiguous(what) => {
                Problem::new(Kind::Ambiguous, format!("{what}. Nothing of the request was read."))
            }
        }
    }
}

/// Where the head ends, if it has come so far; `searched` bytes were looked at before.
pub fn end(bytes: &[u8], searched: usize) -> Result<Option<usize>, Refusal> {
    for at in searched..bytes.len() {
        if bytes[at] == b'\n' {
            if at == 0 || bytes[at - 1] != b'\r' {
                return Err(Refusal::Ambiguous("A line of the head does not end in CR LF"));
            }
            if at == 1 {
                return Err(Refusal::Ambiguous("The head begins with an empty line"));
            }
            if bytes[..at - 1].ends_with(b"\r\n") {
                return sized(bytes, at + 1).map(|()| Some(at + 1));
            }
        }
    }
    sized(bytes, bytes.len()).map(|()| None)
}

fn sized(bytes: &[u8], length: usize) -> Result<(), Refusal> {
    if length <= HEAD_MAX {
        return Ok(());
    }
    let has_line = bytes[..HEAD_MAX].contains(&b'\n');
    Err(if has_line { Refusal::HeadTooLarge } else { Refusal::TargetTooLong })
}

/// How what follows a whole head is framed.
pub fn framing(head: &[u8]) -> Result<Framing, Refusal> {
    let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
    let target = lines.next().and_then(|line| line.split(|byte| *byte == b' ').nth(1));
    if target.is_some_and(|target| target.len() > TARGET_MAX) {
        return Err(Refusal::TargetTooLong);
    }
    let fields: Vec<(&[u8], &[u8])> =
        lines.filter(|line| !line.is_empty()).map(field).collect::<Result<_, _>>()?;
    if fields.len() > FIELDS_MAX {
        return Err(Refusal::TooManyFields);
    }
    let (length, coding) =
        (only(&fields, b"content-length")?, only(&fields, b"transfer-encoding")?);
    match (length, coding) {
        (Some(_), Some(_)) => {
            Err(Refusal::Ambiguous("Content-Length and Transfer-Encoding are both given"))
        }
        (Some(length), None) => number(length),
        (None, Some(coding)) if coding.eq_ignore_ascii_case(b"chunked") => Ok(Framing::Chunked),
        (None, Some(_)) => Err(Refusal::Ambiguous("Transfer-Encoding is something but chunked")),
        (None, None) => Ok(Framing::Length(0)),
    }
}

fn field(line: &[u8]) -> Result<(&[u8], &[u8]), Refusal> {
    let colon = line.iter().position(|byte| *byte == b':');
    let colon = colon.ok_or(Refusal::Ambiguous("A line of the head is no field"))?;
    let (name, value) = (&line[..colon], &line[colon + 1..]);
    let is_token = !name.is_empty() && name.iter().all(u8::is_ascii_graphic);
    is_token
        .then_some((name, value.trim_ascii()))
        .ok_or(Refusal::Ambiguous("The name of a field has a space, or is none"))
}

/// The one value of a field that says where the body ends.
fn only<'a>(fields: &[(&[u8], &'a [u8])], name: &[u8]) -> Result<Option<&'a [u8]>, Refusal> {
    let mut named = fields.iter().filter(|(given, _)| given.eq_ignore_ascii_case(name));
    let first = named.next().map(|(_, value)| *value);
    match named.next() {
        None => Ok(first),
        Some(_) => Err(Refusal::Ambiguous("The length of the body is given twice")),
    }
}

fn number(digits: &[u8]) -> Result<Framing, Refusal> {
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    if !is_number {
        return Err(Refusal::Ambiguous("Content-Length is no number"));
    }
    let length = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok());
    match length {
        Some(length) if length <= BODY_MAX => Ok(Framing::Length(length)),
        _ => Err(Refusal::BodyTooLarge),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "POST / HTTP/1.1\r\nHost: h\r\n";

    fn judged(fields: &str) -> Result<Framing, Refusal> {
        framing(format!("{HEAD}{fields}\r\n").as_bytes())
    }

    #[test]
    fn a_head_ends_at_its_first_empty_line_however_it_comes() {
        let bytes = format!("{HEAD}\r\nrest");
        let length = bytes.len() - 4;
        for searched in 0..length {
            let found = end(&bytes.as_bytes()[..length], searched.min(length - 1));
            assert_eq!(found, Ok(Some(length)), "{searched}");
        }
        assert_eq!(end(HEAD.as_bytes(), 0), Ok(None));
    }

    #[test]
    fn what_could_be_framed_in_two_ways_is_refused() {
        for fields in [
            "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
            "transfer-encoding: chunked\r\ncontent-length: 3\r\n",
            "Content-Length: 3\r\nContent-Length: 3\r\n",
            "Content-Length: +3\r\n",
            "Content-Length: 3, 3\r\n",
            "Content-Length:\r\n",
            "Transfer-Encoding: gzip, chunked\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            "Content-Length : 3\r\n",
            " Content-Length: 3\r\n",
            "no field\r\n",
        ] {
            assert!(matches!(judged(fields), Err(Refusal::Ambiguous(_))), "{fields:?}");
        }
        for bytes in ["GET / HTTP/1.1\nHost: h\n\n", "\r\nGET / HTTP/1.1\r\n\r\n", "\n"] {
            assert!(matches!(end(bytes.as_bytes(), 0), Err(Refusal::Ambiguous(_))), "{bytes:?}");
        }
    }

    #[test]
    fn a_plain_head_is_framed_as_it_says() {
        assert_eq!(judged(""), Ok(Framing::Length(0)));
        assert_eq!(judged("Content-Length: 3\r\n"), Ok(Framing::Length(3)));
        assert_eq!(judged("Transfer-Encoding: Chunked\r\n"), Ok(Framing::Chunked));
    }

    #[test]
    fn each_size_is_taken_to_its_bound_and_refused_beyond() {
        let fields = |count: usize| "A: b\r\n".repeat(count);
        assert_eq!(judged(&fields(FIELDS_MAX - 1)), Ok(Framing::Length(0)));
        assert_eq!(judged(&fields(FIELDS_MAX)), Err(Refusal::TooManyFields));
        let target = |length: usize| format!("GET {} HTTP/1.1\r\n\r\n", "/".repeat(length));
        assert_eq!(framing(target(TARGET_MAX).as_bytes()), Ok(Framing::Length(0)));
        assert_eq!(framing(target(TARGET_MAX + 1).as_bytes()), Err(Refusal::TargetTooLong));
        let length = |length: usize| judged(&format!("Content-Length: {length}\r\n"));
        assert_eq!(length(BODY_MAX), Ok(Framing::Length(BODY_MAX)));
        assert_eq!(length(BODY_MAX + 1), Err(Refusal::BodyTooLarge));
        assert_eq!(
            judged(&format!("Content-Length: {}\r\n", "9".repeat(40))),
            Err(Refusal::BodyTooLarge)
        );
        let filled = |length: usize| format!("{HEAD}{}", "x".repeat(length - HEAD.len()));
        assert_eq!(end(filled(HEAD_MAX).as_bytes(), 0), Ok(None));
        assert_eq!(end(filled(HEAD_MAX + 1).as_bytes(), 0), Err(Refusal::HeadTooLarge));
        assert_eq!(end("x".repeat(HEAD_MAX + 1).as_bytes(), 0), Err(Refusal::TargetTooLong));
    }
}
