//! Records: structs whose members a client gives, and how they read as JSON Schema.

use super::Field;
use serde_json::{Map, Value, json};

/// Declares a record: a struct, how it is stored (members in this order, absent ones left out),
/// how a client gives it, and its JSON Schema. The documentation is the schema's description.
macro_rules! record {
    ($(#[doc = $about:literal])+ pub struct $name:ident {
        $($(#[doc = $doc:literal])+ $field:ident: $type:ty,)*
    }) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        pub struct $name {
            $($(#[doc = $doc])+
            #[serde(skip_serializing_if = "crate::incident::field::Field::is_absent")]
            pub $field: $type,)*
        }

        impl $crate::incident::field::Field for $name {
            fn read(
                value: serde_json::Value,
                at: &$crate::incident::field::Pointer<'_>,
                faults: &mut $crate::incident::field::Faults,
            ) -> Option<Self> {
                #[allow(unused_mut)]
                let mut members = $crate::incident::field::Members::open(value, at, faults)?;
                $(let $field = members.take::<$type>(
                    $crate::incident::field::plain(stringify!($field)),
                    faults,
                );)*
                members.close(faults);
                Some($name { $($field: $field?,)* })
            }

            fn schema() -> serde_json::Value {
                #[allow(unused_mut)]
                let mut shape = $crate::incident::field::Shape::new(&[$($about),+]);
                $(shape.member::<$type>(
                    $crate::incident::field::plain(stringify!($field)),
                    &[$($doc),+],
                );)*
                shape.into_schema()
            }

            fn reword(&mut self, _to: &mut $crate::incident::field::Reword<'_>) {
                $($crate::incident::field::Field::reword(&mut self.$field, _to);)*
            }
        }
    };
}
pub(crate) use record;

/// The name of a member without the `r#` that Rust needs where it is a word of its own.
pub(crate) fn plain(name: &'static str) -> &'static str {
    name.strip_prefix("r#").unwrap_or(name)
}

/// The JSON Schema of a record, as it grows member by member.
pub struct Shape {
    description: String,
    properties: Map<String, Value>,
    required: Vec<&'static str>,
}

impl Shape {
    /// An object without members yet, described by its documentation.
    pub fn new(about: &[&str]) -> Shape {
        Shape { description: prose(about), properties: Map::new(), required: Vec::new() }
    }

    /// Adds a member, unless it is ours alone to give.
    pub fn member<T: Field>(&mut self, name: &'static str, doc: &[&str]) {
        if T::OURS {
            return;
        }
        let mut schema = T::schema();
        if let Some(schema) = schema.as_object_mut() {
            schema.insert("description".into(), prose(doc).into());
        }
        self.properties.insert(name.into(), schema);
        if T::when_absent().is_none() {
            self.required.push(name);
        }
    }

    /// The finished schema.
    pub fn into_schema(self) -> Value {
        let mut schema = json!({
            "type": "object",
            "description": self.description,
            "properties": self.properties,
            "additionalProperties": false,
        });
        if let (Some(schema), false) = (schema.as_object_mut(), self.required.is_empty()) {
            schema.insert("required".into(), json!(self.required));
        }
        schema
    }
}

fn prose(lines: &[&str]) -> String {
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}
