//! One self-contained page: what a document is put into when a browser or a printer shows it.
//!
//! There is no script, nothing is fetched, and the one `style` element is allowed by its hash alone,
//! so that words that slipped through as markup could still neither run nor load anything. Every
//! word of a user passes [`html`](super::escape::html) or [`prose`].

mod markdown;

pub use markdown::{is_harmless, prose, prose_options};

use super::escape;
use crate::incident::id::Version;
use crate::incident::text::Url;

/// The style of every page.
const STYLE: &str = include_str!("style.css");

/// SHA-256 of the style, in base64; a test computes it anew.
const STYLE_SHA256: &str = "sha256-zzsGTCqr1wY5aETa84hUOFB2YkrZK9nV3sUhy+hk5/A=";

/// What a page allows a browser to do: to apply its own style. Sent as a header, and written into
/// the page for those who saved it.
pub fn content_security_policy() -> String {
    format!("default-src 'none'; style-src '{STYLE_SHA256}'; base-uri 'none'; form-action 'none'")
}

/// A page with a title, a line about it, links to its parts, and its body, which is HTML already.
pub fn page(title: &str, about: &str, parts: &[(String, String)], body: &str) -> String {
    let (title, about) = (escape::html(title), escape::html(about));
    let policy = content_security_policy();
    let nav = nav(parts);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#main\">Skip to the document</a>\n{nav}\
         <main id=\"main\">\n<h1>{title}</h1>\n<p class=\"about\">{about}</p>\n{body}</main>\n\
         </body>\n</html>\n"
    )
}

fn nav(parts: &[(String, String)]) -> String {
    if parts.is_empty() {
        return String::new();
    }
    let link = |(id, title): &(String, String)| {
        format!("<li><a href=\"#{id}\">{}</a></li>\n", escape::html(title))
    };
    let links: String = parts.iter().map(link).collect();
    format!("<nav aria-label=\"Parts of the document\">\n<ol>\n{links}</ol>\n</nav>\n")
}

/// A part of a page under a heading of its own.
pub fn part(id: &str, title: &str, body: &str) -> String {
    let title = escape::html(title);
    format!(
        "<section id=\"{id}\" aria-labelledby=\"{id}-title\">\n\
         <h2 id=\"{id}-title\">{title}</h2>\n{body}</section>\n"
    )
}

/// A table with a caption; headings are plain words, rows are HTML already.
pub fn table(caption: &str, head: &[&str], rows: &str) -> String {
    let heading = |words: &&str| format!("<th scope=\"col\">{}</th>", escape::html(words));
    let head: String = head.iter().map(heading).collect();
    format!(
        "<div class=\"scroll\" role=\"region\" aria-label=\"{0}\" tabindex=\"0\">\n<table>\n\
         <caption>{0}</caption>\n<thead>\n<tr>{head}</tr>\n</thead>\n<tbody>\n{rows}</tbody>\n\
         </table>\n</div>\n",
        escape::html(caption)
    )
}

/// The events that something rests on, as links to where they stand in the page.
pub fn cites(events: &[Version]) -> String {
    if events.is_empty() {
        return String::new();
    }
    let link = |event: &Version| format!("<a href=\"#e{event}\">#{event}</a>");
    let links = events.iter().map(link).collect::<Vec<_>>().join(" ");
    format!(" <span class=\"cites\">[{links}]</span>")
}

/// A link that an event gave: a link where its scheme is harmless, else its words.
pub fn link(url: &Url) -> String {
    let shown = escape::html(url.as_str());
    match is_harmless(url.as_str()) {
        true => format!("<a href=\"{shown}\" rel=\"noreferrer noopener\">{shown}</a>"),
        false => shown,
    }
}

#[cfg(test)]
mod tests {
    use super::{STYLE, STYLE_SHA256};
    use sha2::{Digest, Sha256};

    fn base64(bytes: &[u8]) -> String {
        const LETTERS: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut text = String::new();
        for chunk in bytes.chunks(3) {
            let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
            let bits = bits << (8 * (3 - chunk.len()));
            for place in 0..4 {
                let letter = LETTERS[(bits >> (18 - 6 * place)) as usize & 63] as char;
                text.push(if place <= chunk.len() { letter } else { '=' });
            }
        }
        text
    }

    #[test]
    fn the_hash_in_the_policy_is_that_of_the_style() {
        assert_eq!(base64(b"light w"), "bGlnaHQgdw==", "the example of RFC 4648's kind");
        assert_eq!(STYLE_SHA256, format!("sha256-{}", base64(&Sha256::digest(STYLE))));
    }
}
