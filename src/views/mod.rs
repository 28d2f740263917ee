//! views: what is told from events: an event as JSON, the timeline, the figures,
//! conformance, the post-mortem, the replay.
//!
//! Every view is a pure function of one walk over the events, a [`Story`](crate::log::Story): the
//! same events and names give the same bytes, on any machine and for ever. A document is judged at
//! a moment, the recorded time of the last event it walks, and prints it. Facts are told as
//! corrected; what was said first stays visible beside them.
//!
//! Nothing here decides, stores, waits, reads a clock or draws chance. What nobody recorded is said
//! to be unknown, with the reason, and never made up. Plain data come out, with users' words as
//! they were written; whoever renders them passes them through [`escape`].

pub mod acts;
pub mod assessment;
pub mod conformance;
pub mod escape;
pub mod event;
pub mod figures;
pub mod guide;
mod manner;
pub mod obligations;
pub mod page;
pub mod postmortem;
pub mod quotation;
pub mod replay;
pub mod schema;
pub mod sentence;
pub mod somebody;
pub mod suggestion;
pub mod summary;
pub mod timeline;
mod told;
mod when;

pub use acts::Acts;
pub use assessment::{Assessment, Grounds};
pub use conformance::Conformance;
pub use event::EventOut;
pub use figures::{Across, Figure, Figures, Sample};
pub use guide::Guide;
pub use manner::Manner;
pub use obligations::ObligationOut;
pub use postmortem::Postmortem;
pub use replay::Replay;
pub use somebody::{People, Somebody};
pub use suggestion::Suggestion;
pub use summary::{Summary, title};
pub use timeline::{Order, Timeline};
