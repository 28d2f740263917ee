//! The shapes of the answers, for the documentation: each from the type that is sent.

use super::events::{Appended, Page};
use super::incidents::IncidentOut;
use crate::views::schema::Shapes;
use crate::views::{Across, Assessment, Conformance, Figures, Postmortem, Replay, Timeline};
use crate::web::routes::Operation;
use serde_json::Value;

/// The shape of an operation's answer as JSON, where one is documented.
pub fn answer(operation: Operation, shapes: &mut Shapes) -> Option<Value> {
    match operation {
        Operation::Announce | Operation::GetIncident => Some(shapes.of::<IncidentOut>()),
        Operation::AppendEvents => Some(shapes.of::<Appended>()),
        Operation::ListEvents | Operation::ListLog => Some(shapes.of::<Page>()),
        Operation::Timeline => Some(shapes.of::<Timeline>()),
        Operation::Figures => Some(shapes.of::<Figures>()),
        Operation::FiguresAcross => Some(shapes.of::<Across>()),
        Operation::Conformance => Some(shapes.of::<Conformance>()),
        Operation::Postmortem => Some(shapes.of::<Postmortem>()),
        Operation::Replay => Some(shapes.of::<Replay>()),
        Operation::Assess => Some(shapes.of::<Assessment>()),
        _ => None,
    }
}
