//! Steps as words: quoted texts, JSON, times, and the rest.

use crate::support::{PEOPLE, START};
use allclear::incident::time::Moment;
use serde_json::{Value, json};

/// The steps of a line: divided by `;` outside of quotes and braces.
pub fn steps(line: &str) -> Vec<String> {
    let (mut steps, mut quoted, mut depth) = (vec![String::new()], false, 0);
    for character in line.chars() {
        match character {
            '"' => quoted = !quoted,
            '{' if !quoted => depth += 1,
            '}' if !quoted => depth -= 1,
            _ => {}
        }
        if character == ';' && !quoted && depth == 0 {
            steps.push(String::new());
        } else if let Some(step) = steps.last_mut() {
            step.push(character);
        }
    }
    steps.iter().map(|step| step.trim().to_owned()).filter(|step| !step.is_empty()).collect()
}

/// The words of one step, taken from the front.
pub struct Words {
    left: std::collections::VecDeque<String>,
}

impl Words {
    pub fn of(step: &str) -> Result<Words, String> {
        let mut left = std::collections::VecDeque::new();
        let mut rest = step.trim_start();
        while !rest.is_empty() {
            let length = if let Some(text) = rest.strip_prefix('"') {
                text.find('"').ok_or_else(|| format!("a quote is not closed: {step}"))? + 2
            } else if rest.starts_with('{') {
                rest.len()
            } else {
                rest.find(char::is_whitespace).unwrap_or(rest.len())
            };
            let (word, after) = rest.split_at(length);
            left.push_back(word.trim_end_matches(',').to_owned());
            rest = after.trim_start().trim_start_matches(',').trim_start();
        }
        Ok(Words { left })
    }

    pub fn is_empty(&self) -> bool {
        self.left.is_empty()
    }

    pub fn peek(&self) -> Option<&str> {
        self.left.front().map(String::as_str)
    }

    /// The next word, without its quotes.
    pub fn take(&mut self) -> Result<String, String> {
        let word = self.left.pop_front().ok_or("more words are expected")?;
        Ok(word.trim_matches('"').to_owned())
    }

    /// Takes these words if they come next.
    pub fn have(&mut self, phrase: &str) -> bool {
        let words: Vec<&str> = phrase.split(' ').collect();
        let fits = self.left.iter().take(words.len()).map(String::as_str).eq(words.iter().copied());
        if fits {
            self.left.drain(..words.len());
        }
        fits
    }

    /// Takes a name if one of the people comes next.
    pub fn speaker(&mut self) -> Option<String> {
        let known = self.peek().is_some_and(|word| PEOPLE.contains(&word));
        if known { self.left.pop_front() } else { None }
    }

    /// One word, or several joined by `and`.
    pub fn list(&mut self) -> Result<Vec<String>, String> {
        let mut list = vec![self.take()?];
        while self.have("and") {
            list.push(self.take()?);
        }
        Ok(list)
    }

    pub fn json(&mut self) -> Result<Value, String> {
        let text = self.left.pop_front().ok_or("JSON is expected")?;
        serde_json::from_str(&text).map_err(|wrong| format!("{wrong} in {text}"))
    }

    /// `at 12 min` or `after 3 min`, when the step is nothing but that.
    pub fn clock(&mut self, now: Moment) -> Result<Option<Moment>, String> {
        let base = match self.peek() {
            Some("at") => START,
            Some("after") => now,
            _ => return Ok(None),
        };
        self.take()?;
        let moved = self.duration()?;
        if !self.is_empty() {
            return Err("the clock is set by a step of its own".into());
        }
        Ok(Some(Moment(base.0 + moved)))
    }

    /// `1 d 2 h 12 min 30 s` as microseconds.
    pub fn duration(&mut self) -> Result<i64, String> {
        let mut total = None;
        while let Some(number) = self.peek().and_then(|word| word.parse::<i64>().ok()) {
            self.take()?;
            let unit = match self.take()?.as_str() {
                "s" => 1,
                "min" => 60,
                "h" => 3_600,
                "d" => 86_400,
                unit => return Err(format!("{unit} is no unit of time")),
            };
            total = Some(total.unwrap_or(0) + number * unit * 1_000_000);
        }
        total.ok_or_else(|| "a time such as 12 min is expected".into())
    }

    /// A moment of the story as RFC 3339.
    pub fn instant(&mut self) -> Result<String, String> {
        Ok(Moment(START.0 + self.duration()?).instant().to_string())
    }

    /// `at 3 min`, `at 3 min to the hour`, `about 3 min`, `between 3 min and 9 min`, `from 3 min`,
    /// `till 9 min`, `at an unknown time`.
    pub fn claimed(&mut self) -> Result<Value, String> {
        if self.have("at an unknown time") {
            return Ok(json!("unknown"));
        }
        match self.take()?.as_str() {
            "at" => {
                let at = self.instant()?;
                match self.have("to the") {
                    true => Ok(json!({ "at": at, "precision": self.take()? })),
                    false => Ok(json!(at)),
                }
            }
            "about" => Ok(json!({ "at": self.instant()?, "precision": "approximate" })),
            "from" => Ok(json!({ "from": self.instant()? })),
            "till" => Ok(json!({ "till": self.instant()? })),
            "between" => {
                let from = self.instant()?;
                let and = self.have("and");
                and.then_some(()).ok_or("between needs and")?;
                Ok(json!({ "from": from, "till": self.instant()? }))
            }
            word => Err(format!("{word} does not say when")),
        }
    }
}
