//! The catalogue: what is known of services, so that commands can be filled in.

use super::procedure::Platform;
use crate::incident::field::{Fault, Faults, Field, List, Pointer, record};
use crate::incident::text::{Line, Name, Text, Url};
use serde_json::{Value, json};
use std::collections::BTreeMap;

record! {
    /// What is known of a service.
    pub struct Service {
        /// Where it runs.
        platform: Option<Platform>,
        /// Its namespace there.
        namespace: Option<Line>,
        /// Where its health is asked.
        health_url: Option<Url>,
        /// Where its incidents are told.
        channel: Option<Line>,
        /// The queries that read its signals, by signal.
        queries: Queries,
        /// The signals that are watched of it; the runbook's when left out.
        signals: Option<List<Name>>,
    }
}

impl Service {
    /// The signals that are watched of it, when they are not the runbook's.
    pub fn signals(&self) -> Option<&List<Name>> {
        self.signals.as_ref()
    }
}

/// Declares a table whose keys are names.
macro_rules! tables {
    ($($(#[doc = $doc:literal])+ $name:ident: $key:ident => $value:ident;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub BTreeMap<$key, $value>);

        impl $name {
            /// What stands there for a name.
            pub fn of(&self, name: &$key) -> Option<&$value> {
                self.0.get(name)
            }
        }

        impl Field for $name {
            fn read(value: Value, at: &Pointer<'_>, faults: &mut Faults) -> Option<Self> {
                let Value::Object(members) = value else {
                    faults.add(Fault::new(at, "a table is expected"));
                    return None;
                };
                let read = members.into_iter().filter_map(|(name, value)| {
                    let at = Pointer::Key(at, &name);
                    let value = $value::read(value, &at, faults);
                    let key = $key::new(name.clone()).map_err(|wrong| faults.add(Fault::new(&at, wrong)));
                    Some((key.ok()?, value?))
                });
                Some($name(read.collect()))
            }

            fn schema() -> Value {
                json!({ "type": "object", "additionalProperties": $value::schema() })
            }

            fn when_absent() -> Option<Self> {
                Some($name::default())
            }

            fn is_absent(&self) -> bool {
                self.0.is_empty()
            }
        }
    )+};
}

tables! {
    /// Services by name.
    Services: Line => Service;
    /// Queries by signal.
    Queries: Name => Text;
}
