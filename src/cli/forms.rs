//! The forms in which a document is told, and which document has which.

/// A form of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Lines for a terminal.
    Text,
    /// CommonMark with tables.
    Markdown,
    /// One page without scripts that needs nothing else.
    Html,
    /// The data model.
    Json,
}

const ALL: [(&str, Form); 4] = [
    ("text", Form::Text),
    ("markdown", Form::Markdown),
    ("html", Form::Html),
    ("json", Form::Json),
];

/// A form of the timeline: all of them.
pub fn of_timeline(word: &str) -> Result<Form, String> {
    known(word, |_| true)
}

/// A form of the post-mortem: it is no document for a terminal.
pub fn of_postmortem(word: &str) -> Result<Form, String> {
    known(word, |form| form != Form::Text)
}

/// A form of the replay: it has no page.
pub fn of_replay(word: &str) -> Result<Form, String> {
    known(word, |form| form != Form::Html)
}

fn known(word: &str, has: impl Fn(Form) -> bool) -> Result<Form, String> {
    let had = || ALL.into_iter().filter(|(_, form)| has(*form));
    had().find(|(name, _)| *name == word).map(|(_, form)| form).ok_or_else(|| {
        let names: Vec<&str> = had().map(|(name, _)| name).collect();
        format!("one of {} is expected", names.join(", "))
    })
}
