//! `allclear token`: makes tokens through the running server, so that each is an event of its log.

use super::args::{CreateArgs, TokenArgs, TokenCommand};
use super::client::Client;
use super::{Failed, print};
use serde_json::json;

/// Does what the arguments say with tokens.
pub fn run(args: TokenArgs) -> Result<(), Failed> {
    match args.command {
        TokenCommand::Create(args) => create(args),
    }
}

fn create(args: CreateArgs) -> Result<(), Failed> {
    let client = Client::new(&args.server, &secret(&args)?)?;
    let mut claim = json!({ "name": args.name });
    let asked = [
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
    let runtime = tokio::runtime::Runtime::new().map_err(Failed::undone)?;
    let made = runtime.block_on(async { client.post("/v1/tokens", &claim).await?.done() })?;
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    eprintln!("{} for {}, until {}", text(&made["token"]), args.name, text(&made["expires"]));
    print(&format!("{}\n", text(&made["secret"])))
}

/// The token that asks: from the environment, else the first admin's from the data directory.
fn secret(args: &CreateArgs) -> Result<String, Failed> {
    if let Ok(token) = std::env::var("ALLCLEAR_TOKEN") {
        return Ok(token);
    }
    let file = args.data.join("admin-token");
    std::fs::read_to_string(&file).map_err(|error| {
        let file = file.display();
        Failed::undone(format!(
            "no admin's token: set ALLCLEAR_TOKEN, or give --data ({file}: {error})"
        ))
    })
}
