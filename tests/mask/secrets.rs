//! What is masked. The secrets are put together here, so that no scanner finds one in this file.

use allclear::access::{Secret, SecretKind};
use allclear::mask::Masks;

/// A text with a secret in it: what stands before, the secret, what stands after, and its kind.
pub struct Planted {
    pub before: &'static str,
    pub secret: String,
    pub after: &'static str,
    pub kind: &'static str,
}

impl Planted {
    pub fn text(&self) -> String {
        format!("{}{}{}", self.before, self.secret, self.after)
    }

    fn masked(&self) -> String {
        let length = self.secret.chars().count();
        format!("{}[masked {} {length}]{}", self.before, self.kind, self.after)
    }
}

/// Letters and digits that stand for nothing.
fn random(length: usize) -> String {
    "q7Rt2mXc9Lw4Zp6Kd1Vb8Ns3Hg5Yf0Ja".chars().cycle().take(length).collect()
}

pub fn planted() -> Vec<Planted> {
    let token = Secret::draw(SecretKind::Personal, &[7; 64]).reveal().to_owned();
    let tool = Secret::draw(SecretKind::Service, &[9; 64]).reveal().to_owned();
    let jwt = format!("eyJ{}.eyJ{}.{}", random(20), random(30), random(43));
    let pem = format!(
        "-----BEGIN RSA PRIVATE KEY-----\n{0}\n{0}\n-----END RSA PRIVATE KEY-----",
        random(64)
    );
    let of = |before, secret: String, after, kind| Planted { before, secret, after, kind };
    vec![
        of("the token ", token.clone(), " was pasted", "allclear_token"),
        of("TOKEN is", tool, "", "allclear_token"),
        of("", pem.clone(), "\n", "private_key"),
        of("cut: ", pem[..90].to_owned(), "", "private_key"),
        of("", pem.split_once('\n').unwrap().1.to_owned(), " done", "private_key"),
        of("id_token ", jwt.clone(), " expired", "jwt"),
        of("export AWS_ACCESS_KEY_ID=", format!("AKIA{}", "Q7RT2MXC3LW4ZP6K"), "", "aws_key"),
        of("AWS_SECRET_ACCESS_KEY=", format!("{}/{}", random(20), random(19)), "", "password"),
        of("?key=", format!("AIza{}", random(35)), "&q=1", "gcp_key"),
        of("x ", format!("ya29.{}", random(40)), "", "gcp_key"),
        of("https://x.example/c?sv=1&sig=", format!("{}%3D", random(43)), "&se=2", "azure_key"),
        of("git clone https://", format!("ghp_{}", random(36)), "@github.com/a/b", "github_token"),
        of("", format!("github_pat_{}", random(60)), "", "github_token"),
        of("", format!("glpat-{}", random(20)), "", "gitlab_token"),
        of("SLACK ", format!("xoxb-{}-{}", "1234567890", random(24)), "", "slack_token"),
        of(
            "https://hooks.slack.com/services/",
            format!("T0/B0/{}", random(24)),
            "",
            "slack_webhook",
        ),
        of("", format!("sk_live_{}", random(24)), "", "stripe_key"),
        of("", format!("whsec_{}", random(32)), "", "webhook_secret"),
        of("", format!("npm_{}", random(36)), "", "npm_token"),
        of("", format!("hvs.{}", random(24)), "", "vault_token"),
        of("", format!("sk-proj-{}", random(48)), "", "api_key"),
        of(
            "postgres://app:",
            "p4ss#w?rd".replace(['#', '?'], "-"),
            "@db.internal/app",
            "url_password",
        ),
        of("redis://:", "s3cr3t".into(), "@cache:6379", "url_password"),
        of("curl -H \"Authorization: Bearer ", random(40), "\" https://x", "bearer"),
        of("Authorization: Basic ", "YW5hOmh1bnRlcjI=".into(), "", "authorization"),
        of("authorization: ", random(30), ", retrying", "authorization"),
        of("sent bearer ", random(20), " twice", "bearer"),
        of("Cookie: ", "session=8f3a9c0d1e".into(), "\r\nHost: x", "cookie"),
        of("PGPASSWORD=", "hunter2".into(), " psql", "password"),
        of("DB_PASSWORD='", "correct horse battery".into(), "' ./run", "password"),
        of("{\"password\": \"", "correct horse".into(), "\"}", "password"),
        of("{\\\"api_key\\\":\\\"", "abcdefgh1".into(), "\\\"}", "password"),
        of("password: ", "hunter22".into(), "\nuser: ana", "password"),
        of("mysql --password=", "hunter2!".into(), " -e 'select 1'", "password"),
        of("login --user ana --password ", "hunter2!".into(), " --verbose", "password"),
        of("--from-literal=token=", "v3ryS3cret".into(), "", "password"),
        of("Server=db;Uid=app;Pwd=", "Zx9-kkd".into(), ";", "password"),
        of("curl -u admin:", "hunter2".into(), " https://x", "password"),
        of("PRIVATE_TOKEN => \"", "abcdef12".into(), "\"", "password"),
    ]
}

#[test]
fn every_planted_secret_is_masked_and_nothing_beside_it() {
    let masks = Masks::default();
    for planted in planted() {
        let masked = masks.mask(&planted.text());
        assert_eq!(masked.as_deref(), Some(planted.masked().as_str()), "{}", planted.text());
    }
}

#[test]
fn many_secrets_in_one_text_are_each_masked_in_their_place() {
    let masks = Masks::default();
    let text: Vec<String> = planted().iter().map(Planted::text).collect();
    let masked: Vec<String> = planted().iter().map(Planted::masked).collect();
    // The one that is cut off before its end would take what follows.
    let (text, masked) = ([&text[..3], &text[4..]].concat(), [&masked[..3], &masked[4..]].concat());
    assert_eq!(masks.mask(&text.join("\n\n")).unwrap(), masked.join("\n\n"));
}

#[test]
fn the_name_of_a_secret_where_its_value_was_expected_hides_nothing() {
    let masks = Masks::default();
    let planted = planted();
    for planted in planted.iter().filter(|it| it.before.contains("uthorization")) {
        for name in ["Authorization: ", "Authorization: \n"] {
            let masked = masks.mask(&format!("{name}{}", planted.text()));
            assert_eq!(masked, Some(format!("{name}{}", planted.masked())));
        }
    }
}

#[test]
fn a_look_alike_of_our_own_token_is_none() {
    let token = Secret::draw(SecretKind::Personal, &[7; 64]).reveal().to_owned();
    let look_alike = token.replacen("alc_pat_1", "alc_pat_2", 1);
    assert_ne!(token, look_alike);
    assert_eq!(Masks::default().mask(&look_alike), None);
}

#[test]
fn a_token_behind_the_beginning_of_a_look_alike_is_masked() {
    let token = Secret::draw(SecretKind::Personal, &[7; 64]).reveal().to_owned();
    // As long as a token only together with the first letters of the real one.
    for digits in 33..46 {
        let text = format!("alc_pat_{}{token}", "1".repeat(digits - 8));
        let masked = Masks::default().mask(&text).unwrap();
        assert!(!masked.contains(&token), "{masked}");
    }
}

#[test]
fn what_overlaps_is_one_mask_and_none_of_it_stays() {
    let masked = Masks::default()
        .mask(&format!("password=abc{}xyz", format_args!("AKIA{}", "Q7RT2MXC3LW4ZP6K")));
    assert_eq!(masked.as_deref(), Some("password=[masked password 26]"));
}

#[test]
fn an_operator_says_what_else_is_a_secret() {
    let file = "[[mask]]\nkind = \"customer\"\npattern = 'CUST-([0-9]{8})'\n";
    let masks = Masks::with(file).unwrap();
    assert_eq!(
        masks.mask("for CUST-12345678, again").unwrap(),
        "for CUST-[masked customer 8], again"
    );
    assert_eq!(masks.mask("PGPASSWORD=hunter2").unwrap(), "PGPASSWORD=[masked password 7]");
}

#[test]
fn a_file_of_masks_that_cannot_be_used_is_refused_with_the_mask_that_is_wrong() {
    let mask =
        |kind: &str, pattern: &str| format!("[[mask]]\nkind = '{kind}'\npattern = '{pattern}'\n");
    let wrong = |file: &str| Masks::with(file).unwrap_err().to_string();
    assert!(wrong(&mask("Customer", "x")).contains("small letters"));
    assert!(wrong(&mask("customer", "(")).contains("\"customer\" has no usable pattern"));
    assert!(wrong(&mask("customer", "x*")).contains("match everywhere"));
    assert!(wrong(&mask("customer", "(a{1000}){1000}")).contains("no usable pattern"));
    assert!(wrong(&mask("customer", &"x".repeat(1_001))).contains("1001 bytes"));
    assert!(wrong(&mask("customer", "x").repeat(101)).contains("101 masks"));
    assert!(wrong("[[masks]]\n").contains("unknown field"));
}
