//! In which form a document is told: `?format=` first, else what Accept prefers.

use super::problem::{Kind, Problem};
use super::request::Params;
use crate::views::page;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};

/// The forms of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The data model.
    Json,
    /// CommonMark with tables.
    Markdown,
    /// Lines for a terminal.
    Text,
    /// One self-contained page.
    Html,
}

impl Format {
    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Format::Json => "application/json",
            Format::Markdown => "text/markdown; charset=utf-8",
            Format::Text => "text/plain; charset=utf-8",
            Format::Html => "text/html; charset=utf-8",
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Format::Json => "json",
            Format::Markdown => "markdown",
            Format::Text => "text",
            Format::Html => "html",
        }
    }

    /// How much a client wants it, by the most specific range that it named (RFC 9110, 12.5.1).
    fn weight(self, ranges: &[(String, f32)]) -> f32 {
        let mine = self.media_type().split(';').next().unwrap_or_default();
        let group = mine.split('/').next().unwrap_or_default();
        let named = [mine, &format!("{group}/*"), "*/*"];
        let weight = |name: &&str| ranges.iter().find(|(range, _)| range == name);
        named.iter().find_map(weight).map_or(0.0, |(_, weight)| *weight)
    }

    /// Chooses among `offered`, the first of which is the default.
    pub fn choose(
        params: &mut Params,
        headers: &HeaderMap,
        offered: &[Format],
    ) -> Result<Format, Problem> {
        if let Some(word) = params.text("format")? {
            let named = offered.iter().find(|format| format.word() == word);
            return named.copied().ok_or_else(|| not_offered(offered));
        }
        let Some(accept) = headers.get(header::ACCEPT).and_then(|it| it.to_str().ok()) else {
            return Ok(offered[0]);
        };
        let ranges: Vec<(String, f32)> = accept.split(',').map(weighed).collect();
        let mut wanted: Vec<(Format, f32)> =
            offered.iter().map(|format| (*format, format.weight(&ranges))).collect();
        wanted.retain(|(_, weight)| *weight > 0.0);
        // Stable: of what is wanted alike, the first that is offered.
        wanted.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        wanted.first().map(|(format, _)| *format).ok_or_else(|| not_offered(offered))
    }

    /// A document in this form.
    pub fn answer(self, document: String) -> Response {
        let media_type = HeaderValue::from_static(self.media_type());
        let mut response = ([(header::CONTENT_TYPE, media_type)], document).into_response();
        if self == Format::Html {
            let policy = format!("{}; frame-ancestors 'none'", page::content_security_policy());
            let policy = HeaderValue::from_str(&policy).expect("the policy is plain ASCII");
            response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        response
    }
}

fn weighed(range: &str) -> (String, f32) {
    let mut parts = range.split(';').map(|part| part.trim().to_ascii_lowercase());
    let name = parts.next().unwrap_or_default();
    let weight = parts.find_map(|part| part.strip_prefix("q=")?.trim().parse().ok());
    (name, weight.unwrap_or(1.0))
}

fn not_offered(offered: &[Format]) -> Problem {
    let words: Vec<&str> = offered.iter().map(|format| format.word()).collect();
    Problem::new(Kind::NotAcceptable, format!("This is offered as {}.", words.join(", ")))
}
