//! What the catalogue of the runbook knows of the incident's service.

use super::look::Look;
use crate::incident::runbook::Platform;
use schemars::JsonSchema;
use serde::Serialize;

/// A service, as far as the runbook knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ServiceOut {
    /// Its name, as announced.
    pub service: String,
    /// Whether it stands in the catalogue.
    pub known: bool,
    /// That it does not, and what follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Where it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
    /// Its namespace there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Where its health is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health_url: Option<String>,
    /// Where its incidents are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
}

impl ServiceOut {
    pub(super) fn of(look: &Look<'_>) -> ServiceOut {
        let service = &look.announced.service;
        let known = look.service();
        let note = || {
            format!(
                "{service} is not in the catalogue of the runbook: its commands are those of every platform, and keep in braces what is not known."
            )
        };
        ServiceOut {
            service: service.to_string(),
            known: known.is_some(),
            note: known.is_none().then(note),
            platform: known.and_then(|it| it.platform),
            namespace: known.and_then(|it| it.namespace.as_ref()).map(ToString::to_string),
            health_url: known.and_then(|it| it.health_url.as_ref()).map(ToString::to_string),
            channel: known.and_then(|it| it.channel.as_ref()).map(ToString::to_string),
        }
    }
}
