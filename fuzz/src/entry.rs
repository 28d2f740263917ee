//! A stored event: the line of its header, and behind it the line that stands beside it.

use allclear::incident::id::{IncidentId, Position, Version};
use allclear::incident::{Event, EventType};
use allclear::log::{Data, Entry, Logged, Row, Said};

/// A stored row is damage, or is written again as one that reads the same.
pub fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let (header, data) = text.split_once('\n').unwrap_or((text, ""));
    if let Ok(entry) = Entry::from_line(header) {
        let line = entry.to_line();
        let again = Entry::from_line(&line).expect("what was written is read");
        assert_eq!(again.to_line(), line);
    }
    if let Ok(beside) = Data::from_line(data) {
        let line = beside.to_line().expect("what was read is written");
        assert_eq!(Data::from_line(&line).expect("what was written is read"), beside);
    }
    row(header, data);
}

fn row(header: &str, data: &str) {
    let row = Row {
        position: Position(1),
        incident: IncidentId::SYSTEM,
        version: Version(1),
        entry: header.into(),
        salt: None,
        data: (!data.is_empty()).then(|| data.into()),
    };
    let Ok(logged) = Logged::read(&row) else { return };
    let _ = logged.recorded();
    if let Said::Event(event) = logged.said {
        let stored = serde_json::to_string(&event).expect("an event is plain data");
        let kind = EventType::parse(&logged.entry.r#type).expect("its event was read");
        let back = Event::stored(kind, &stored).expect("what was written is read");
        assert_eq!(back, event);
    }
}
