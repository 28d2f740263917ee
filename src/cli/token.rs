//! `allclear token`: makes, lists and revokes tokens through the running server, so that whatever
//! changes is an event of its log.

use super::args::{CreateArgs, RevokeArgs, ServerArgs, TokenArgs, TokenCommand};
use super::client::{Answer, Client};
use super::{Failed, print};
use crate::views::escape;
use serde_json::{Value, json};

/// Does what the arguments say with tokens.
pub fn run(args: TokenArgs) -> Result<(), Failed> {
    match args.command {
        TokenCommand::Create(args) => create(args),
        TokenCommand::List(asked) => list(&asked),
        TokenCommand::Revoke(args) => revoke(&args),
    }
}

fn create(args: CreateArgs) -> Result<(), Failed> {
    let mut claim = json!({});
    let asked = [
        ("name", args.name.map(|name| json!(name))),
        ("kind", args.kind.map(|kind| json!(kind))),
        ("role", args.role.map(|role| json!(role))),
        ("scopes", (!args.scope.is_empty()).then(|| json!(args.scope))),
        ("expires", args.expires.map(|expires| json!(expires))),
    ];
    for (name, value) in asked {
        if let Some(value) = value {
            claim[name] = value;
        }
    }
    let made = ask(&args.asked, async |client| client.post("/v1/tokens", &claim).await)?;
    eprintln!(
        "{} for {}, until {}",
        text(&made["token"]),
        text(&made["principal"]["name"]),
        text(&made["expires"])
    );
    print(&format!("{}\n", text(&made["secret"])))
}

/// One token a line: id, whose, until when, how it stands, and the scopes of a tool's.
fn list(asked: &ServerArgs) -> Result<(), Failed> {
    let listed = ask(asked, async |client| client.get("/v1/tokens").await)?;
    let line = |token: &Value| {
        let scopes = token["scopes"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut cells = vec![
            text(&token["token"]),
            text(&token["principal"]["name"]),
            text(&token["expires"]),
            text(&token["standing"]),
        ];
        cells.extend(scopes.iter().map(text));
        cells.join("  ") + "\n"
    };
    let lines = listed["tokens"].as_array().map(Vec::as_slice).unwrap_or_default();
    print(&lines.iter().map(line).collect::<String>())
}

fn revoke(args: &RevokeArgs) -> Result<(), Failed> {
    let is_id = args.token.starts_with("k_")
        && args.token.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !is_id {
        // What was given may be a secret, and is not repeated.
        return Err(Failed::undone("give the token's id, k_…, as allclear token list shows it"));
    }
    let path = format!("/v1/tokens/{}", args.token);
    let revoked = ask(&args.asked, async |client| client.delete(&path).await)?;
    eprintln!("{} of {} is revoked", text(&revoked["token"]), text(&revoked["principal"]["name"]));
    Ok(())
}

fn text(value: &Value) -> String {
    escape::terminal(value.as_str().unwrap_or_default())
}

/// What the server answers, when it does what it was asked.
fn ask(
    asked: &ServerArgs,
    request: impl AsyncFnOnce(&Client) -> Result<Answer, Failed>,
) -> Result<Value, Failed> {
    let client = Client::new(&asked.server, asked.ca.as_deref(), &secret(asked)?)?;
    let runtime = tokio::runtime::Runtime::new().map_err(Failed::undone)?;
    runtime.block_on(async { request(&client).await?.done() })
}

/// The token that asks: from the environment, else the first admin's from the data directory.
fn secret(asked: &ServerArgs) -> Result<String, Failed> {
    if let Ok(token) = std::env::var("ALLCLEAR_TOKEN") {
        return Ok(token);
    }
    let file = asked.data.join("admin-token");
    std::fs::read_to_string(&file).map_err(|error| {
        let file = file.display();
        Failed::undone(format!(
            "no admin's token: set ALLCLEAR_TOKEN, or give --data ({file}: {error})"
        ))
    })
}
