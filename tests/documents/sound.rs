//! No words of a user become markup in any form, and the markup itself is sound.

use crate::markup::{check_page, lint};
use crate::telling::{STORIES, real};
use crate::{documents, history, hostile, of_form, random};
use allclear::views::Timeline;
use proptest::prelude::*;
use pulldown_cmark::{Event, LinkType, Options, Parser, Tag};

const HOSTILE: [&str; 12] = [
    "<script>alert(1)</script><img src=x onerror=alert(1)><svg/onload=alert(1)>",
    "[x](javascript:alert(1)) [y](JaVaScRiPt:alert(1)) [z](data:text/html,x) <javascript:alert(1)>",
    "![i](http://evil.example/x.png) [#1]: http://evil.example\n\n[a]: javascript:alert(1)\n\n[a]",
    "\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}31m red",
    "\u{202e}drowssap\u{202c} \u{2066}x\u{2069} \u{200f}y",
    "a | b | c\n|---|---|\n| 1 | 2 |",
    "# heading\n\n- list\n\n```\nopen fence\n\n> quote\n\n---\n\n    code",
    "\"quoted\" 'single' & &lt;entity&gt; </title></style></table></svg>--><!--",
    "before <!-- and then\n\n<table><tr><td>\n[x](javascript:alert(1))\n\n[y]: data:text/html,x\n[y]",
    "![![a](x)](y) [![b](javascript:alert(2))](javascript:alert(3)) <https://ok.example/<b>>",
    "\\<script>alert(1)</script> \\[x](javascript:alert(1)) \\\\<b>",
    "<a href=\"http://evil.example\" style=\"x\" onclick=\"y\">z</a><table><tr><td>",
];

/// What in a Markdown document a reader of it would run, load or follow: raw HTML, pictures, and
/// links to anything but http, https and mailto.
fn alive(markdown: &str) -> Vec<String> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let alive = Parser::new_ext(markdown, options).filter(|event| match event {
        Event::Html(_) | Event::InlineHtml(_) | Event::Start(Tag::Image { .. }) => true,
        Event::Start(Tag::Link { link_type, dest_url, .. }) => {
            let is_web =
                ["http://", "https://", "mailto:"].iter().any(|it| dest_url.starts_with(it));
            !is_web && *link_type != LinkType::Email
        }
        _ => false,
    });
    alive.map(|event| format!("{event:?}")).collect()
}

#[test]
fn what_is_alive_in_markdown_is_found() {
    for live in HOSTILE.iter().filter(|it| it.contains("javascript") || it.contains("<a")) {
        assert!(!alive(live).is_empty(), "{live}");
    }
}

#[test]
fn no_words_become_markup_in_any_form() {
    for words in HOSTILE {
        let documents = documents(&hostile(words));
        of_form(&documents, "html").into_iter().for_each(|page| check_page(page, words));
        for text in of_form(&documents, "markdown") {
            lint(text, words);
            assert_eq!(alive(text), [""; 0], "in the Markdown of {words:?}");
        }
        for (form, text) in &documents {
            let hidden = |it: &char| {
                it.is_control() && *it != '\n'
                    || matches!(it, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200f}')
            };
            let found = text.chars().find(hidden);
            assert!(*form == "json" || found.is_none(), "{found:?} in the {form} of {words:?}");
        }
    }
}

#[test]
fn eight_kibibytes_without_a_space_break_no_table() {
    for long in ["x".repeat(8 * 1024), ".".repeat(8 * 1024), "<".repeat(8 * 1024)] {
        let documents = documents(&hostile(&long));
        of_form(&documents, "html").into_iter().for_each(|page| check_page(page, "8 KiB"));
        of_form(&documents, "markdown").into_iter().for_each(|text| lint(text, "8 KiB"));
        assert!(documents[1].1.contains(&long), "nothing is cut off");
    }
}

#[test]
fn human_markdown_is_read_and_tamed() {
    let shown = allclear::views::page::prose(
        "# Why\n\nA **bad** deploy, see [it](https://x.y/a?b=1&c) and [no](javascript:alert(1)).\n\n\
         | a | b |\n|--:|---|\n| 1 | <b>2</b> |\n\n![alt words](http://evil/x.png)",
    );
    for wanted in [
        "<h3>Why</h3>",
        "<strong>bad</strong>",
        "<a href=\"https://x.y/a?b=1&amp;c\">it</a>",
        "<th scope=\"col\">a</th>",
        "<td>&lt;b&gt;2&lt;/b&gt;</td>",
        "alt words",
    ] {
        assert!(shown.contains(wanted), "{wanted} is not in {shown}");
    }
    for unwanted in ["javascript", "<img", "style=", "<b>", "evil"] {
        assert!(!shown.contains(unwanted), "{unwanted} is in {shown}");
    }
}

#[test]
fn the_real_incidents_make_sound_documents() {
    for name in STORIES {
        let documents = documents(&real(name));
        of_form(&documents, "html").into_iter().for_each(|page| check_page(page, name));
        of_form(&documents, "markdown").into_iter().for_each(|text| lint(text, name));
    }
}

#[test]
fn a_citation_leads_to_a_row_that_says_who_recorded_it_and_when() {
    for page in of_form(&documents(&real("config-reverted")), "html") {
        for link in page.split("href=\"#e").skip(1) {
            let event = link.split('"').next().unwrap();
            let row = page.split(&format!("<tr id=\"e{event}\"")).nth(1).expect("the row is there");
            let row = row.split("</tr>").next().unwrap();
            assert!(row.contains("recorded by Ana 2026-11-24 09:00:00 UTC"), "{row}");
        }
    }
}

#[test]
fn the_picture_has_a_title_a_description_and_its_words_in_a_table() {
    let page = Timeline::new(&real("config-reverted").story(), Default::default()).html();
    let picture = page.split("<svg").nth(1).unwrap().split("</svg>").next().unwrap();
    assert!(picture.contains("role=\"img\" aria-labelledby=\"picture-title picture-desc\""));
    assert!(picture.contains("<title id=\"picture-title\">") && picture.contains("<desc id="));
    let table = page.split("What lasted, in words</caption>").nth(1).unwrap();
    let lane = picture.split("<g><title>").skip(1).map(|it| {
        let what = it.split("</title>").next().unwrap();
        [": begun", ": 20"].iter().fold(what, |what, end| what.split(end).next().unwrap())
    });
    let drawn: Vec<&str> = lane.collect();
    assert!(drawn.len() >= 5, "{drawn:?}");
    for what in drawn {
        assert!(table.contains(what), "{what} is drawn and not told");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn any_history_makes_sound_documents(attempts in history::attempts()) {
        let telling = random(&attempts);
        let told = documents(&telling);
        of_form(&told, "html").into_iter().for_each(|page| check_page(page, "random"));
        of_form(&told, "markdown").into_iter().for_each(|text| lint(text, "random"));
    }
}
