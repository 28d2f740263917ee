//! The head of a request, as the edge judges it before anything parses it.

use allclear::web::edge::head::{Framing, end, framing};
use allclear::web::edge::limits::FIELDS_MAX;

/// However a head comes, it ends in the same place; and where the parser behind the edge can read
/// it, it reads the same end and the same length of what follows.
///
/// The first byte of the input says in how large pieces the rest comes.
pub fn check(input: &[u8]) {
    let Some((size, bytes)) = input.split_first() else { return };
    let whole = end(bytes, 0);
    let piecemeal = in_pieces(bytes, usize::from(*size) + 1);
    assert_eq!(piecemeal.ok(), whole.ok(), "it ends elsewhere when it comes in pieces");
    let Ok(Some(end)) = whole else { return };
    if let Ok(framing) = framing(&bytes[..end]) {
        as_the_parser_reads_it(bytes, end, framing);
    }
}

/// Where the head ends for the gate, which looks again whenever more has come.
fn in_pieces(bytes: &[u8], size: usize) -> Result<Option<usize>, allclear::web::edge::Refusal> {
    let mut searched = 0;
    for come in (size..bytes.len()).step_by(size).chain([bytes.len()]) {
        match end(&bytes[..come], searched)? {
            Some(end) => return Ok(Some(end)),
            None => searched = come,
        }
    }
    Ok(None)
}

fn as_the_parser_reads_it(bytes: &[u8], end: usize, framing: Framing) {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS_MAX];
    let mut parsed = httparse::Request::new(&mut fields);
    let Ok(status) = parsed.parse(bytes) else { return };
    assert_eq!(status, httparse::Status::Complete(end), "the parser ends the head elsewhere");
    let values = |name: &str| {
        let named = parsed.headers.iter().filter(|field| field.name.eq_ignore_ascii_case(name));
        named.map(|field| field.value.trim_ascii()).collect::<Vec<_>>()
    };
    match framing {
        Framing::Length(length) => {
            assert_eq!(values("transfer-encoding"), Vec::<&[u8]>::new());
            let given = values("content-length");
            let number = |digits: &&[u8]| std::str::from_utf8(digits).ok()?.parse().ok();
            assert_eq!(given.first().map_or(Some(0), number), Some(length));
            assert!(given.len() < 2, "the length is given twice");
        }
        Framing::Chunked => {
            assert_eq!(values("content-length"), Vec::<&[u8]>::new());
            let given = values("transfer-encoding");
            assert!(matches!(given[..], [only] if only.eq_ignore_ascii_case(b"chunked")));
        }
    }
}
