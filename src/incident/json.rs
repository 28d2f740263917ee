//! JSON as the outside sends it, read strictly: no duplicate keys, no NUL, nothing too deep or
//! too long. What passes here means the same to every reader.

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// How deeply objects and lists may stand in one another.
pub const DEPTH_MAX: usize = 32;

/// The longest string, in bytes.
pub const STRING_MAX: usize = 256 * 1024;

/// Reads one JSON text, or says where and why not.
pub fn parse(text: &[u8]) -> Result<Value, serde_json::Error> {
    let mut source = serde_json::Deserializer::from_slice(text);
    let value = Strict { depth: 0 }.deserialize(&mut source)?;
    source.end()?;
    Ok(value)
}

struct Strict {
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Value, D::Error> {
        source.deserialize_any(self)
    }
}

impl Strict {
    fn inside<E: serde::de::Error>(&self) -> Result<Strict, E> {
        if self.depth >= DEPTH_MAX {
            return Err(E::custom(format!("nested more than {DEPTH_MAX} deep")));
        }
        Ok(Strict { depth: self.depth + 1 })
    }
}

fn checked<E: serde::de::Error>(text: &str) -> Result<&str, E> {
    if text.len() > STRING_MAX {
        return Err(E::custom(format!("a string longer than {STRING_MAX} bytes")));
    }
    if text.contains('\0') {
        return Err(E::custom("a NUL character in a string"));
    }
    Ok(text)
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Value, E> {
        Ok(checked(value)?.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self.inside()?)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            let key = checked::<A::Error>(&key)?.to_owned();
            if object.contains_key(&key) {
                return Err(A::Error::custom(format!("the key {key:?} twice in one object")));
            }
            let value = members.next_value_seed(self.inside()?)?;
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}
