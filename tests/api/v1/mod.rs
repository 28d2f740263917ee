mod events;
mod incidents;
mod log;
mod runbook;
mod tokens;
