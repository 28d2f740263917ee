mod events;
mod runbook;
