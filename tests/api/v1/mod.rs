mod events;
mod figures;
mod incidents;
mod log;
mod runbook;
mod tokens;
