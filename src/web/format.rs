//! In which form a document is told: `?format=` first, else what Accept prefers.

use super::problem::{Kind, Problem};
use super::request::Params;
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
}

impl Format {
    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Format::Json => "application/json",
            Format::Markdown => "text/markdown; charset=utf-8",
            Format::Text => "text/plain; charset=utf-8",
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Format::Json => "json",
            Format::Markdown => "markdown",
            Format::Text => "text",
        }
    }

    fn is_accepted(self, range: &str) -> bool {
        let mine = self.media_type().split(';').next().unwrap_or_default();
        let group = mine.split('/').next().unwrap_or_default();
        range == mine || range == "*/*" || range.strip_suffix("/*") == Some(group)
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
        let mut ranges: Vec<(&str, f32)> = accept.split(',').map(weighed).collect();
        ranges.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        let fits = |(range, weight): &(&str, f32)| {
            offered.iter().copied().find(|format| *weight > 0.0 && format.is_accepted(range))
        };
        ranges.iter().find_map(fits).ok_or_else(|| not_offered(offered))
    }

    /// A document in this form.
    pub fn answer(self, document: String) -> Response {
        let media_type = HeaderValue::from_static(self.media_type());
        ([(header::CONTENT_TYPE, media_type)], document).into_response()
    }
}

fn weighed(range: &str) -> (&str, f32) {
    let mut parts = range.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse().ok());
    (name, weight.unwrap_or(1.0))
}

fn not_offered(offered: &[Format]) -> Problem {
    let words: Vec<&str> = offered.iter().map(|format| format.word()).collect();
    Problem::new(Kind::NotAcceptable, format!("This is offered as {}.", words.join(", ")))
}
