//! The language of the stories: what is given, what is tried, and what must come of it.
//!
//! A story is a title and lines that begin with `given`, `when` or `then` (`and` goes on with the
//! word before it). Steps are divided by `;`. What is given must be accepted; what is tried is one
//! batch, all or none; `then` speaks of the last `given` or `when`. `at 12 min` sets the clock.
//! The sentences stand in [`sentence`], what may follow `then` in [`outcome`].

mod outcome;
mod sentence;
mod words;

use crate::support::{START, incident, judge, who};
use allclear::incident::time::Moment;
use allclear::incident::{Incident, Recorded, Rejection};
use std::sync::Arc;
use words::{Words, steps};

/// One story, with the line on which it begins.
pub struct Story {
    pub title: String,
    lines: Vec<(usize, Keyword, String)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Keyword {
    Given,
    When,
    Then,
}

/// Where a story goes wrong.
pub struct Wrong {
    pub line: usize,
    pub what: String,
}

/// Reads the stories of a file.
pub fn read(text: &str) -> Result<Vec<Story>, Wrong> {
    let mut stories: Vec<Story> = Vec::new();
    for (line, text) in (1..).zip(text.lines()) {
        let wrong = |what: &str| Wrong { line, what: format!("{what}: {text}") };
        let (word, rest) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        let story = stories.last_mut();
        let before = story.as_ref().and_then(|story| story.lines.last()).map(|(_, word, _)| *word);
        let keyword = match (word, before) {
            ("", _) => continue,
            (word, _) if word.starts_with('#') => continue,
            ("story", _) => {
                stories.push(Story { title: rest.trim().into(), lines: Vec::new() });
                continue;
            }
            ("given", _) => Keyword::Given,
            ("when", _) => Keyword::When,
            ("then", _) => Keyword::Then,
            ("and", Some(before)) => before,
            _ => return Err(wrong("a line begins with story, given, when, then or and")),
        };
        let story = story.ok_or_else(|| wrong("a story begins with its title"))?;
        story.lines.push((line, keyword, rest.trim().into()));
    }
    Ok(stories)
}

/// What stands when a story has been told so far.
pub struct Scene {
    pub incident: Incident,
    pub clock: Moment,
    /// What came of the last given or tried batch.
    pub last: Result<Vec<Arc<Recorded>>, Rejection>,
}

impl Story {
    /// Tells the story; the first thing that is not as it says is wrong.
    pub fn tell(&self) -> Result<(), Wrong> {
        let mut scene = Scene { incident: incident(), clock: START, last: Ok(Vec::new()) };
        for (line, keyword, text) in &self.lines {
            let told = match keyword {
                Keyword::Given => scene.attempt(text).and_then(|()| scene.must_stand()),
                Keyword::When => scene.attempt(text),
                Keyword::Then => {
                    steps(text).iter().try_for_each(|step| outcome::check(&scene, step))
                }
            };
            told.map_err(|what| Wrong { line: *line, what })?;
        }
        let says_something = self.lines.iter().any(|(_, keyword, _)| *keyword == Keyword::Then);
        let line = self.lines.first().map_or(0, |(line, _, _)| *line);
        says_something.then_some(()).ok_or(Wrong { line, what: "no then".into() })
    }
}

impl Scene {
    /// One batch: every step sees those before it, and one that is turned away takes all with it.
    fn attempt(&mut self, text: &str) -> Result<(), String> {
        let mut after = self.incident.clone();
        let mut accepted = Vec::new();
        for step in steps(text) {
            let mut words = Words::of(&step)?;
            if let Some(clock) = words.clock(self.clock)? {
                self.clock = clock;
                continue;
            }
            let (speaker, claims) =
                sentence::claims(&mut words).map_err(|no| format!("{no}: {step}"))?;
            for claim in claims {
                match judge(&after, &claim, &who(&speaker), self.clock) {
                    Ok(recorded) => {
                        let recorded = Arc::new(recorded);
                        after.fold(Arc::clone(&recorded));
                        accepted.push(recorded);
                    }
                    Err(rejection) => {
                        self.last = Err(rejection);
                        return Ok(());
                    }
                }
            }
        }
        (self.incident, self.last) = (after, Ok(accepted));
        Ok(())
    }

    fn must_stand(&self) -> Result<(), String> {
        match &self.last {
            Ok(_) => Ok(()),
            Err(rejection) => Err(format!("given, but {}", outcome::spoken(rejection))),
        }
    }
}
