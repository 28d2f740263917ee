//! The arguments of `token`.

use super::instant;
use crate::incident::scope::{self, Scope};
use crate::incident::system::{PrincipalKind, PrincipalRole};
use crate::incident::time::Instant;
use clap::Subcommand;
use std::path::PathBuf;

/// Arguments of `token`.
#[derive(Debug, clap::Args)]
pub struct TokenArgs {
    /// What to do with tokens.
    #[command(subcommand)]
    pub command: TokenCommand,
}

/// What to do with tokens.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token for somebody or something; its secret is printed once, on stdout
    Create(CreateArgs),
    /// List one's own tokens; an admin's or auditor's token lists everybody's
    List(ServerArgs),
    /// Take a token back; it stops working at once
    Revoke(RevokeArgs),
}

/// Which server is asked, and with which token.
#[derive(Debug, clap::Args)]
pub struct ServerArgs {
    /// The running server
    #[arg(long, env = "ALLCLEAR_SERVER", default_value = "http://127.0.0.1:7373")]
    pub server: String,
    /// The authorities that may have signed the certificate of a server of https, in PEM; no others
    /// are believed
    #[arg(long, env = "ALLCLEAR_CA", value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// The data directory whose admin-token is used when ALLCLEAR_TOKEN is not set
    #[arg(long, env = "ALLCLEAR_DATA", default_value = "./allclear-data", value_name = "DIR")]
    pub data: PathBuf,
}

/// Arguments of `token revoke`.
#[derive(Debug, clap::Args)]
pub struct RevokeArgs {
    /// The token's id, k_…, as list shows it; never its secret
    pub token: String,
    /// Which server is asked.
    #[command(flatten)]
    pub asked: ServerArgs,
}

/// Arguments of `token create`.
#[derive(Debug, clap::Args)]
pub struct CreateArgs {
    /// The name of the person or tool [default: whoever asks]
    #[arg(long)]
    pub name: Option<String>,
    /// What a new person may do: viewer, responder, auditor or admin [default: responder]
    #[arg(long, value_parser = role)]
    pub role: Option<PrincipalRole>,
    /// What somebody or something new is: person or tool [default: person]
    #[arg(long, value_parser = kind)]
    pub kind: Option<PrincipalKind>,
    /// What a tool may do: read, append, act_as, export; may be repeated. append may be narrowed to
    /// types of events and services, as in append:detected,alert_attached@checkout
    #[arg(long, value_parser = scope)]
    pub scope: Vec<Scope>,
    /// When it ends (RFC 3339) [default: in 90 days]
    #[arg(long, value_parser = instant)]
    pub expires: Option<Instant>,
    /// Which server is asked.
    #[command(flatten)]
    pub asked: ServerArgs,
}

fn role(word: &str) -> Result<PrincipalRole, String> {
    PrincipalRole::parse(word).ok_or_else(|| expected(PrincipalRole::ALL))
}

fn kind(word: &str) -> Result<PrincipalKind, String> {
    PrincipalKind::parse(word).ok_or_else(|| expected(PrincipalKind::ALL))
}

fn scope(word: &str) -> Result<Scope, String> {
    Scope::parse(word).ok_or_else(|| scope::EXPECTED.into())
}

fn expected(words: &[impl ToString]) -> String {
    let words: Vec<String> = words.iter().map(ToString::to_string).collect();
    format!("one of {} is expected", words.join(", "))
}
