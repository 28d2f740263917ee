//! What stands where a secret could stand and is none: variables, placeholders, words, paths.

/// The shortest value that is taken for a secret where only its place speaks for it.
const VALUE_MIN: usize = 4;

/// What people and tools write where a secret is missing, hidden or spoken of.
const WORDS: &[&str] = &[
    "true",
    "false",
    "null",
    "none",
    "nil",
    "undefined",
    "unset",
    "empty",
    "required",
    "optional",
    "missing",
    "invalid",
    "expired",
    "revoked",
    "rejected",
    "wrong",
    "changed",
    "rotated",
    "failed",
    "redacted",
    "hidden",
    "masked",
    "removed",
    "secret",
    "password",
    "token",
    "string",
    "prompt",
    "stdin",
    "file",
    "vault",
    "value",
    "example",
    "placeholder",
    "changeme",
];

/// How a look-up begins that says where the secret is, and not the secret.
const LOOK_UPS: &[&str] = &[
    "$",
    "{",
    "%(",
    "%{",
    "#{",
    "[masked",
    "[redacted",
    "@",
    "os.environ",
    "os.getenv",
    "process.env",
    "env.",
    "env:",
    "var.",
    "secrets.",
    "vault:",
    "file:",
    "ref+",
    "arn:",
    "getenv",
    "getpass",
];

/// A value in a place that is for nothing but a secret.
pub(super) fn is_given(value: &str) -> bool {
    !is_stand_in(value) && !value.bytes().all(|byte| byte.is_ascii_digit())
}

/// A value that is assigned to the name of a secret.
pub(super) fn is_assigned(value: &str) -> bool {
    let is_none =
        is_stand_in(value) || is_word(value) || is_path(value) || is_call(value) || is_id(value);
    value.chars().count() >= VALUE_MIN && !is_none
}

/// A value that is written behind the name of a secret, where prose may go on as well.
pub(super) fn is_written(value: &str) -> bool {
    let has = |of: fn(&u8) -> bool| value.as_bytes().iter().any(of);
    let named =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-._/".contains(&byte);
    let is_name = value.bytes().all(named) && has(|byte| b"-._/".contains(byte));
    is_assigned(value)
        && value.len() > 5
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_alphabetic)
        && !is_name
}

/// A value behind a word such as *Bearer*: no word of a language.
pub(super) fn is_opaque(value: &str) -> bool {
    let has_digit = value.bytes().any(|byte| byte.is_ascii_digit());
    let has_capital = value.bytes().skip(1).any(|byte| byte.is_ascii_uppercase());
    let is_long = value.len() >= 24 && value.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_assigned(value) && value.len() > 5 && (has_digit || has_capital || is_long)
}

/// The value of a header that has names and values.
pub(super) fn is_telling(value: &str) -> bool {
    value.split_once('=').is_some_and(|(_, value)| is_assigned(value))
}

fn is_stand_in(value: &str) -> bool {
    let is_filler =
        |character: char| matches!(character, '*' | 'x' | 'X' | '.' | '…' | '•' | '-' | '_' | '?');
    let is_variable = value.len() > 2 && value.starts_with('%') && value.ends_with('%');
    LOOK_UPS.iter().any(|start| value.starts_with(start))
        || is_variable
        || value.chars().all(is_filler)
}

fn is_word(value: &str) -> bool {
    let bare = value.trim_end_matches(['.', ':', '!', '?', ')', ']', '}']);
    bare.is_empty() || WORDS.iter().any(|word| bare.eq_ignore_ascii_case(word))
}

/// Where a secret lies is no secret.
fn is_path(value: &str) -> bool {
    let rest = value.strip_prefix(['.', '~']).unwrap_or(value);
    let plain =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"/._-".contains(&byte);
    rest.starts_with('/') && rest.bytes().all(plain)
}

/// What a program does to get at a secret.
fn is_call(value: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.:".contains(&byte);
    value.split_once('(').is_some_and(|(name, _)| {
        name.bytes().all(plain) && (name.contains('.') || name.contains("::"))
    })
}

/// What a token of ours is known by, which is no secret.
fn is_id(value: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    value.strip_prefix("k_").is_some_and(|rest| rest.len() <= 12 && rest.bytes().all(plain))
}
