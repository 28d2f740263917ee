//! The kinds of secret that are known without being told: published formats of credentials, and
//! the places where people and tools write secrets down.

use super::Kind;
use super::harmless::{is_assigned, is_given, is_opaque, is_telling, is_written};
use crate::access::Secret;
use regex::Regex;

/// A kind as the table has it: its name, what it looks like, what makes it one.
type Known = (&'static str, &'static str, fn(&str) -> bool);

/// Formats that nothing else has; those with the longer beginning first.
const FORMATS: &[Known] = &[
    ("allclear_token", r"alc_[a-z]{3,4}_[0-9A-Za-z]{38}", is_ours),
    (
        "private_key",
        r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?s:.*?)(?:-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|\z)",
        always,
    ),
    // The tail of a longer output may begin in the middle of a key.
    (
        "private_key",
        r"((?:[A-Za-z0-9+/]{20,}={0,2}\s+)*[A-Za-z0-9+/]+={0,2}\s+-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----)",
        always,
    ),
    ("jwt", r"\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+){2,4}", always),
    ("aws_key", r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b", always),
    ("gcp_key", r"\bAIza[0-9A-Za-z_-]{35}", always),
    ("gcp_key", r"\bya29\.[0-9A-Za-z_-]{20,}", always),
    ("gcp_key", r"\bGOCSPX-[0-9A-Za-z_-]{28,}", always),
    ("azure_key", r"[?&]sig=([A-Za-z0-9%+/=]{40,})", always),
    ("github_token", r"\bgh[pousr]_[A-Za-z0-9]{36,}", always),
    ("github_token", r"\bgithub_pat_[A-Za-z0-9_]{22,}", always),
    (
        "gitlab_token",
        r"\bgl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat|ffct)-[A-Za-z0-9_-]{20,}(?:\.[A-Za-z0-9_-]+)*",
        always,
    ),
    ("slack_token", r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}", always),
    ("slack_token", r"\bxapp-[0-9]-[A-Za-z0-9-]{10,}", always),
    (
        "slack_webhook",
        r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9/_-]{20,})",
        always,
    ),
    ("stripe_key", r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}", always),
    ("webhook_secret", r"\bwhsec_[A-Za-z0-9+/=]{24,}", always),
    ("npm_token", r"\bnpm_[A-Za-z0-9]{36,}", always),
    ("pypi_token", r"\bpypi-[A-Za-z0-9_-]{50,}", always),
    ("sendgrid_key", r"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}", always),
    ("vault_token", r"\bhv[sbr]\.[A-Za-z0-9_-]{24,}", always),
    ("digitalocean_token", r"\bdo[opr]_v1_[a-f0-9]{64}", always),
    ("api_key", r"\bsk-[A-Za-z0-9_-]{32,}", is_opaque),
];

/// Places where a secret is written down, whatever it looks like.
const PLACES: &[Known] = &[
    ("url_password", r#"\b[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#@:"'<>`]*:([^\s/"'<>`]+)@"#, is_given),
    (
        "authorization",
        r#"(?i)\bauthorization\\*["']?\s*[:=]\s*\\*["']?(?:digest|aws4-hmac-sha256)\s+([^\r\n"'`<>][^\r\n`<>]*)"#,
        is_opaque,
    ),
    (
        "authorization",
        r#"(?i)\bauthorization\\*["']?\s*[:=]\s*\\*["']?(?:basic|token|apikey|hmac|dpop|negotiate)\s+([^\s"'`<>,;\\]+)"#,
        is_opaque,
    ),
    (
        "authorization",
        r#"(?i)\bauthorization\\*["']?\s*[:=]\s*\\*["']?([^\s"'`<>,;\\]+)"#,
        is_written,
    ),
    ("bearer", r#"(?i)\bbearer[ \t=:]+\\*["']?([A-Za-z0-9._~+/=-]{6,})"#, is_opaque),
    ("cookie", r#"(?i)\b(?:set-)?cookie\\*["']?\s*:\s*([^\r\n"'`]+)"#, is_telling),
    ("password", assigned!("(?:=>|:=|=)", r#""((?:[^"\\\r\n]|\\.)+)""#), is_assigned),
    ("password", assigned!("(?:=>|:=|=)", r"'([^'\r\n]+)'"), is_assigned),
    ("password", assigned!("(?:=>|:=|=)", r#"\\*["'`]?([^\s"'`,;&|<>\\]+)"#), is_assigned),
    ("password", assigned!(":", r#""((?:[^"\\\r\n]|\\.)+)""#), is_assigned),
    ("password", assigned!(":", r"'([^'\r\n]+)'"), is_assigned),
    ("password", assigned!(":", r#"\\*"([^\s"\\]+)\\*""#), is_assigned),
    ("password", assigned!(":", r#"([^\s"'`,;&|<>\\]+)"#), is_written),
    (
        "password",
        r#"(?i)--(?:[a-z]+-)*(?:password|passwd|passphrase|token|api-key|access-key|secret-key)[ \t]+["']?([^\s"'`|;&<>-][^\s"'`|;&<>]*)"#,
        is_assigned,
    ),
    ("password", r#"\bcurl\b[^\r\n|;]*?\s(?:-u|--user)[ =]?["']?[^\s:"']+:([^\s"']+)"#, is_given),
];

/// The pattern of a value that is assigned to the name of a secret by `$by`.
macro_rules! assigned {
    ($by:literal, $value:literal) => {
        concat!(
            r"(?i)(?:pass(?:word|wd|phrase)|pwd|secret(?:[_-]?(?:access[_-]?)?key)?",
            r"|(?:api|access|account|private|signing|encryption|master)[_-]?key|token|credentials?)",
            r#"\\*["']?\s*"#,
            $by,
            r"\s*",
            $value
        )
    };
}
use assigned;

/// Every kind that is built in.
pub(super) fn built_in() -> Vec<Kind> {
    let known = FORMATS.iter().chain(PLACES);
    let kind = |&(name, pattern, is_secret): &Known| Kind {
        name: name.into(),
        pattern: Regex::new(pattern).expect("the table has patterns"),
        is_secret,
    };
    known.map(kind).collect()
}

/// Its check digits are right, so it was made by a server of ours.
fn is_ours(text: &str) -> bool {
    Secret::parse(text).is_some()
}

fn always(_: &str) -> bool {
    true
}
