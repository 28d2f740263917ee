mod events;
mod export;
mod figures;
mod incidents;
mod log;
mod principals;
mod runbook;
mod tokens;
