//! Every claim of a draft has its event, and every number and time of it walks back to the events
//! that its statement cites, one statement at a time: what is true beside the wrong citation is
//! found too. What is rendered brings none of its own.

use crate::telling::{STORIES, Telling, real};
use crate::walk::{Source, Token, tokens};
use crate::{history, hostile, in_zone, random};
use allclear::incident::id::Version;
use allclear::incident::runbook::built_in;
use allclear::views::Postmortem;
use allclear::views::postmortem::{SectionName, SectionOut};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// What a section says, each with the events that it cites.
fn said(section: &SectionOut) -> Vec<(String, &[Version])> {
    let statements = section.statements.iter().map(|it| (it.text.clone(), it.cites.as_slice()));
    let rows = section.table.iter().flat_map(|table| &table.rows);
    let rows = rows.map(|row| (row.cells.join(" | "), row.cites.as_slice()));
    let written = section.written.iter().map(|it| (it.markdown.clone(), it.cites.as_slice()));
    statements.chain(rows).chain(written).collect()
}

/// Everything in a draft that none of its cited events says.
fn invented(telling: &Telling) -> Vec<String> {
    let (story, runbook) = (telling.story(), built_in());
    let draft = Postmortem::in_manner(&story, &in_zone(&runbook));
    let source = Source::of(&story, &runbook);
    let mut found = Vec::new();
    for section in &draft.sections {
        for (text, cites) in said(section) {
            let known = source.known(section.name, cites);
            let strange: Vec<_> = tokens(&text).into_iter().filter(|it| !known.say(it)).collect();
            if !strange.is_empty() {
                found.push(format!("{:?} {cites:?}: {text}: {strange:?}", section.name));
            }
        }
    }
    found
}

#[test]
fn nothing_in_the_drafts_of_the_real_incidents_is_invented() {
    for name in STORIES {
        assert_eq!(invented(&real(name)), [""; 0], "{name}");
    }
}

#[test]
fn what_no_cited_event_says_is_found() {
    let telling = real("rollback-without-effect");
    let (story, runbook) = (telling.story(), built_in());
    let draft = Postmortem::in_manner(&story, &in_zone(&runbook));
    let source = Source::of(&story, &runbook);
    let remedies = SectionName::Remedies;
    // What #8 says is not what #9 says, though both times and numbers stand in the story.
    let text = &draft.section(remedies).unwrap().statements[1].text;
    assert!(tokens(text).len() >= 2, "{text}");
    let all_said = |cite| {
        let known = source.known(remedies, &[Version(cite)]);
        tokens(text).iter().all(|it| known.say(it))
    };
    assert!(all_said(8) && !all_said(9));
    for wrong in ["2025-10-21 21:51 UTC", "1 h 44 min", "37", "#99", "2025-10-21 21:50:01 UTC"] {
        let known = source.known(remedies, &[Version(8)]);
        assert!(tokens(wrong).iter().any(|it| !known.say(it)), "{wrong}");
    }
}

#[test]
fn what_is_rendered_has_no_number_that_the_data_have_not() {
    for telling in STORIES.map(real).iter().chain([&hostile("at 12:00, 3 of 4")]) {
        let (story, runbook) = (telling.story(), built_in());
        let draft = Postmortem::in_manner(&story, &in_zone(&runbook));
        let mut known: BTreeSet<Token> = tokens(&draft.heading()).into_iter().collect();
        known.extend(tokens(&draft.about()));
        let told = draft.sections.iter().flat_map(said);
        known.extend(told.flat_map(|(text, _)| tokens(&text)));
        for entry in &draft.timeline.entries {
            known.insert(Token::Time(entry.recorded_at.utc()));
            known.extend(tokens(&format!("#{} {}", entry.version, entry.what)));
        }
        let markdown = draft.markdown();
        assert_eq!(BTreeSet::from_iter(tokens(&markdown)).difference(&known).next(), None);
        let page = visible(&draft.html());
        assert_eq!(BTreeSet::from_iter(tokens(&page)).difference(&known).next(), None);
    }
}

/// The words of a page: without tags, style, and the picture, whose words stand in a table too.
fn visible(page: &str) -> String {
    let body = page.split("</style>").nth(1).unwrap();
    let (before, after) = body.split_once("<svg").unwrap();
    let text = format!("{before} <{}", after.split_once("</svg>").unwrap().1);
    let words = text.split('<').filter_map(|tag| Some(tag.split_once('>')?.1));
    let words: String = words.collect::<Vec<_>>().join(" ");
    ["&#39;", "&#x27;"].iter().fold(words, |words, escaped| words.replace(escaped, "'"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn nothing_in_the_draft_of_any_history_is_invented(attempts in history::attempts()) {
        prop_assert_eq!(invented(&random(&attempts)), [""; 0]);
    }

    #[test]
    fn no_claim_is_without_a_citation_in_any_history(attempts in history::attempts()) {
        let (story, runbook) = (random(&attempts).story(), built_in());
        let draft = Postmortem::in_manner(&story, &in_zone(&runbook));
        let last = story.last().entry.ver;
        for section in draft.sections.iter().filter(|it| it.name != SectionName::Questions) {
            let rows = section.table.iter().flat_map(|table| &table.rows).map(|row| &row.cites);
            let written = section.written.iter().map(|it| &it.cites);
            for cites in section.statements.iter().map(|it| &it.cites).chain(rows).chain(written) {
                prop_assert!(!cites.is_empty(), "{section:?}");
                prop_assert!(cites.iter().all(|it| it.0 >= 1 && *it <= last), "{cites:?}");
                prop_assert!(cites.windows(2).all(|pair| pair[0] < pair[1]), "{cites:?}");
            }
        }
        // Whoever recorded a cause is no part of it.
        let causes = draft.section(SectionName::Causes).expect("it is always there");
        prop_assert!(causes.statements.iter().all(|it| !it.text.contains("Ana")), "{causes:?}");
        for lane in &draft.timeline.lanes {
            prop_assert!(lane.spans.iter().all(|span| !span.events.is_empty()));
        }
    }
}
