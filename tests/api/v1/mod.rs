mod events;
mod export;
mod figures;
mod incidents;
mod log;
mod runbook;
mod tokens;
