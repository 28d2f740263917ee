//! Scopes: what a tool's credential may do (promises 4.3), each one word that is stored for ever.
//!
//! ```text
//! read · append · append:TYPE,… · append@SERVICE,… · append:TYPE,…@SERVICE,… · act_as · export
//! ```

use super::claim::is_claimable;
use super::event::EventType;
use super::field::{Fault, Faults, Field, Pointer};
use serde_json::{Value, json};
use std::fmt;

/// The longest scope, in bytes.
pub const SCOPE_MAX: usize = 1024;

/// What a tool's credential may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Read incidents and their views.
    Read,
    /// Append events, as far as that reaches.
    Append(Reach),
    /// Speak for a person.
    ActAs,
    /// Export an incident.
    Export,
}

/// How far the right to append reaches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// Only events of these types; all when it is empty.
    pub types: Vec<EventType>,
    /// Only to incidents of these services; to all when it is empty. A service is named by letters,
    /// digits, `.`, `_`, `/` and `-`.
    pub services: Vec<String>,
}

impl Reach {
    /// Whether an event of that type, in an incident of that service, is within it.
    pub fn covers(&self, kind: EventType, service: &str) -> bool {
        let of_a_type = self.types.is_empty() || self.types.contains(&kind);
        let of_a_service =
            self.services.is_empty() || self.services.iter().any(|known| known == service);
        of_a_type && of_a_service
    }

    /// Whether it covers everything.
    pub fn is_whole(&self) -> bool {
        self.types.is_empty() && self.services.is_empty()
    }

    fn parse(text: &str) -> Option<Reach> {
        let (types, services) = match text.split_once('@') {
            Some((types, services)) => (types, Some(services)),
            None => (text, None),
        };
        let types = match types {
            "" => Vec::new(),
            types => types.strip_prefix(':')?.split(',').map(appendable).collect::<Option<_>>()?,
        };
        let services = services.map_or(Some(Vec::new()), |services| {
            services.split(',').map(|it| is_plain(it).then(|| it.to_owned())).collect()
        })?;
        Some(Reach { types, services })
    }
}

/// A type of event that a tool may append: none of the service's own, and no redaction.
fn appendable(word: &str) -> Option<EventType> {
    EventType::parse(word).filter(|kind| is_claimable(*kind) && *kind != EventType::Redacted)
}

fn is_plain(service: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._/-".contains(&byte);
    !service.is_empty() && service.bytes().all(plain)
}

impl Scope {
    /// The scope that `word` spells, if it is one.
    pub fn parse(word: &str) -> Option<Scope> {
        match word {
            _ if word.len() > SCOPE_MAX => None,
            "read" => Some(Scope::Read),
            "act_as" => Some(Scope::ActAs),
            "export" => Some(Scope::Export),
            _ => Reach::parse(word.strip_prefix("append")?).map(Scope::Append),
        }
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.types.is_empty() {
            let types: Vec<&str> = self.types.iter().map(|kind| kind.word()).collect();
            write!(f, ":{}", types.join(","))?;
        }
        if !self.services.is_empty() {
            write!(f, "@{}", self.services.join(","))?;
        }
        Ok(())
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scope::Read => f.write_str("read"),
            Scope::Append(reach) => write!(f, "append{reach}"),
            Scope::ActAs => f.write_str("act_as"),
            Scope::Export => f.write_str("export"),
        }
    }
}

/// How a scope is given, for whoever gave something else.
pub const EXPECTED: &str = "one of read, append, act_as, export is expected; append may be narrowed \
                            to types of events and services: append:detected,alert_attached@checkout";

impl Field for Scope {
    fn read(value: Value, at: &Pointer<'_>, faults: &mut Faults) -> Option<Self> {
        let scope = value.as_str().and_then(Scope::parse);
        if scope.is_none() {
            faults.add(Fault::new(at, EXPECTED));
        }
        scope
    }

    fn schema() -> Value {
        let (types, services) =
            ("(:[a-z_]+(,[a-z_]+)*)?", "(@[A-Za-z0-9._/-]+(,[A-Za-z0-9._/-]+)*)?");
        let pattern = format!("^(read|act_as|export|append{types}{services})$");
        json!({ "type": "string", "maxLength": SCOPE_MAX, "pattern": pattern })
    }
}

impl serde::Serialize for Scope {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Scope {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let word = std::borrow::Cow::<'de, str>::deserialize(from)?;
        Scope::parse(&word).ok_or_else(|| serde::de::Error::custom(EXPECTED))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_written_as_it_is_read() {
        for word in [
            "read",
            "append",
            "act_as",
            "export",
            "append:detected",
            "append@checkout",
            "append:alert_attached,detected@checkout,eu/payments-2",
        ] {
            assert_eq!(Scope::parse(word).unwrap().to_string(), word);
        }
        for word in [
            "",
            "Read",
            "append:",
            "append@",
            "append:detected,",
            "append:unheard_of",
            "append:redacted",
            "append:reminder_sent",
            "append@check out",
            "append@a@b",
            "append@a:detected",
            "appendix",
            "read@checkout",
        ] {
            assert_eq!(Scope::parse(word), None, "{word}");
        }
    }

    #[test]
    fn a_reach_covers_what_it_names_and_all_where_it_names_nothing() {
        let reach = |word: &str| Reach::parse(word).unwrap();
        let both = reach(":detected@checkout");
        assert!(both.covers(EventType::Detected, "checkout"));
        assert!(!both.covers(EventType::NoteAdded, "checkout"));
        assert!(!both.covers(EventType::Detected, "payments"));
        assert!(reach(":detected").covers(EventType::Detected, "payments"));
        assert!(reach("@checkout").covers(EventType::NoteAdded, "checkout"));
        assert!(reach("").is_whole() && reach("").covers(EventType::NoteAdded, "x"));
    }
}
