//! The body of a request: events, as their client gives them.

use allclear::incident::field::{Faults, Field, List, Pointer};
use allclear::incident::{Claim, Event, json};
use allclear::mask::Masks;
use std::sync::LazyLock;

static MASKS: LazyLock<Masks> = LazyLock::new(Masks::default);

/// A request is read or has its faults; what was read is masked, stored, and read back the same.
pub fn check(input: &[u8]) {
    let Ok(value) = json::parse(input) else { return };
    let mut faults = Faults::default();
    let claims = List::<Claim>::read(value, &Pointer::Root, &mut faults);
    assert!(claims.is_some() || !faults.is_empty(), "neither read nor at fault");
    for mut claim in claims.into_iter().flat_map(|claims| claims.0) {
        claim.reword(&mut |text| MASKS.mask(text));
        let stored = serde_json::to_string(&claim.event).expect("an event is plain data");
        // A bare version is no stored form yet: its component is named when it is judged.
        if let Ok(back) = Event::stored(claim.event.kind(), &stored) {
            let again = serde_json::to_string(&back).expect("an event is plain data");
            assert_eq!(again, stored);
        }
    }
}
