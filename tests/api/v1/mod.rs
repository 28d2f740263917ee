mod events;
mod figures;
mod incidents;
mod runbook;
mod tokens;
