//! Allclear: the flight recorder and the rule-keeper of an incident.

pub mod access;
pub mod cli;
pub mod engine;
pub mod incident;
pub mod ledger;
pub mod log;
pub mod mask;
pub mod views;
pub mod web;
