mod events;
mod incidents;
mod runbook;
mod tokens;
