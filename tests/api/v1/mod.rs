mod events;
mod incidents;
mod runbook;
