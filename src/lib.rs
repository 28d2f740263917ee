//! Allclear: the flight recorder and the rule-keeper of an incident.

pub mod incident;
pub mod log;
pub mod views;
