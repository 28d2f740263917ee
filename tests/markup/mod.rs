//! What sound markup is: of a page, and of Markdown.

#![allow(clippy::unwrap_used, reason = "a page that cannot be read has failed the test")]

use std::collections::BTreeSet;

/// That a page is well-formed, self-contained and accessible.
pub fn check_page(page: &str, about: &str) {
    let mut open: Vec<String> = Vec::new();
    let mut ids = BTreeSet::new();
    let body = page.strip_prefix("<!doctype html>").expect("a doctype begins it");
    let (before, after) = body.split_once("<style>").unwrap();
    let (_, after) = after.split_once("</style>").unwrap();
    for tag in tags(before).into_iter().chain(tags(after)) {
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap().to_owned();
        assert!(TAGS.contains(&name.as_str()), "<{tag}> in the page of {about:?}");
        for attribute in attributes(&tag) {
            let (key, value) = attribute;
            assert!(!key.starts_with("on") && key != "style" && key != "src", "{tag}");
            let is_ours = ["http-equiv", "content", "name", "charset"].contains(&key.as_str());
            let is_safe =
                ["#", "http://", "https://", "mailto:"].iter().any(|it| value.starts_with(it));
            assert!(is_ours || key != "href" || is_safe, "{tag} of {about:?}");
            assert!(key != "id" || ids.insert(value.clone()), "{value} is there twice");
        }
        assert!(name != "th" || tag.starts_with('/') || tag.contains("scope="), "{tag}");
        if tag.starts_with('/') {
            assert_eq!(open.pop().as_deref(), Some(name.as_str()), "</{name}> of {about:?}");
        } else if !tag.ends_with('/')
            && !["meta", "br", "hr", "rect", "line"].contains(&name.as_str())
        {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?} stay open in the page of {about:?}");
    assert_eq!(page.matches("<h1>").count(), 1);
    let ours = page.matches("<table>").count() - page.matches("<table><thead>").count();
    assert_eq!(page.matches("<caption>").count(), ours, "every table of ours has a caption");
    for link in page.split("href=\"#").skip(1) {
        let id = link.split('"').next().unwrap();
        assert!(ids.contains(id), "#{id} leads nowhere in the page of {about:?}");
    }
    for needed in [
        "<html lang=\"en\">",
        "class=\"skip\" href=\"#main\"",
        "prefers-color-scheme: dark",
        "@media print",
    ] {
        assert!(page.contains(needed), "{needed} is missing");
    }
}

const TAGS: &[&str] = &[
    "html",
    "head",
    "meta",
    "title",
    "body",
    "a",
    "nav",
    "ol",
    "ul",
    "li",
    "main",
    "section",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "p",
    "em",
    "strong",
    "s",
    "del",
    "span",
    "div",
    "table",
    "caption",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "svg",
    "desc",
    "g",
    "rect",
    "line",
    "text",
    "pre",
    "code",
    "blockquote",
    "br",
    "hr",
];

fn tags(html: &str) -> Vec<String> {
    let tag = |rest: &str| rest.split('>').next().unwrap_or_default().to_owned();
    html.split('<').skip(1).map(tag).collect()
}

fn attributes(tag: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = tag.split_once(' ').map_or("", |(_, rest)| rest);
    while let Some((key, after)) = rest.split_once("=\"") {
        let (value, next) = after.split_once('"').unwrap_or((after, ""));
        found.push((key.trim().to_ascii_lowercase(), value.to_owned()));
        rest = next;
    }
    found
}

/// Structural rules of a Markdown linter: one title, no level skipped, blank lines around headings
/// and tables, tables rectangular, no trailing blanks but in quotations, one newline at the end.
pub fn lint(markdown: &str, about: &str) {
    let lines: Vec<&str> = markdown.lines().collect();
    let is_word = |it: char| it.is_alphanumeric();
    let mut level = 0;
    for (at, line) in lines.iter().enumerate() {
        let before = at.checked_sub(1).map_or("", |before| lines[before]);
        let after = lines.get(at + 1).copied().unwrap_or_default();
        if line.starts_with('#') {
            let is = line.chars().take_while(|it| *it == '#').count();
            assert!(is <= level + 1 && (is > 1 || level == 0), "{line} of {about:?}");
            assert!(
                before.is_empty() && after.is_empty(),
                "blank lines around {line} of {about:?}"
            );
            level = is;
        }
        if line.starts_with('|') {
            assert!(before.starts_with('|') || before.is_empty(), "{line} of {about:?}");
            assert!(after.starts_with('|') || after.is_empty(), "{line} of {about:?}");
            let same = |other: &str| !other.starts_with('|') || cells(other) == cells(line);
            assert!(
                same(before) && line.ends_with('|'),
                "{line} of {about:?} is not as wide as {before}"
            );
        }
        let is_rule = line.starts_with('|') && line.contains("---") && !line.contains(is_word);
        assert!(!is_rule || line.starts_with("| --- |"), "{line} is no compact rule of a table");
        let is_emphasis = line.starts_with('*') && line.ends_with('*') && !line.ends_with(".*");
        assert!(!is_emphasis || !before.is_empty(), "{line} of {about:?} is no heading");
        assert!(
            line.starts_with('>') || !line.ends_with(' '),
            "{line:?} of {about:?} ends in a blank"
        );
        assert!(
            !(line.is_empty() && after.is_empty() && at + 1 < lines.len()),
            "two blank lines at {at} of {about:?}"
        );
    }
    assert!(lines[0].starts_with("# "), "a title begins it");
    assert!(
        markdown.ends_with('\n') && !markdown.ends_with("\n\n"),
        "it ends in one newline: {about:?}"
    );
}

fn cells(row: &str) -> usize {
    row.replace("\\\\", "").replace("\\|", "").matches('|').count()
}
