//! What lasted as a picture: four lanes over one axis of time, drawn in whole units, so that the
//! same spans give the same bytes. All that it shows stands beside it in a table.
//!
//! ```text
//!              12:00      12:10      12:20
//!  States      │announced│ mitigating │ …
//!  Remedies         ▐R1 rollback▌
//!  Impact      ▐ partial ──────▌
//!  Obligations ▐ announcement: met   ▐ assessment: met
//! ```

use super::{Lane, LaneName, Span};
use crate::incident::time::Moment;
use crate::views::escape;
use std::fmt::Write;

/// How many spans of a lane are drawn; the table has them all.
const SPANS_MAX: usize = 60;

/// The picture's width, where the axis begins and ends in it, and how high a row is.
const WIDTH: i64 = 1000;
const LEFT: i64 = 110;
const RIGHT: i64 = 990;
const ROW: i64 = 22;

/// How wide a letter is at most, in tenths.
const LETTER_TENTHS: i64 = 65;

/// How far apart marks on the axis may be, in seconds.
const STEPS_S: [i64; 15] = [
    10, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400, 172_800, 604_800,
    2_592_000,
];

/// How many marks the axis has at most.
const MARKS_MAX: i64 = 8;

/// The stretch of time that is drawn.
#[derive(Clone, Copy)]
struct Axis {
    from: i64,
    till: i64,
}

/// A span where it is drawn.
struct Placed<'a> {
    span: &'a Span,
    from: i64,
    till: i64,
    row: i64,
    label_at: i64,
}

/// The picture; none when no time is known.
pub fn picture(lanes: &[Lane]) -> Option<String> {
    let axis = axis(lanes)?;
    let mut body = String::new();
    let mut top = 34;
    for lane in lanes {
        let placed = place(lane, axis);
        let rows = placed.iter().map(|it| it.row + 1).max().unwrap_or(1);
        body.push_str(&draw(lane, &placed, top));
        top += rows * ROW + 10;
    }
    Some(format!(
        "<svg viewBox=\"0 0 {WIDTH} {top}\" role=\"img\" aria-labelledby=\"picture-title \
         picture-desc\">\n<title id=\"picture-title\">What lasted, over time</title>\n\
         <desc id=\"picture-desc\">Lanes for states, remedies, impact and obligations, times in UTC. \
         The table that follows says the same in words, and has what falls outside of the \
         picture.</desc>\n{}{body}</svg>\n",
        marks(axis, top)
    ))
}

/// From the first to the last moment of states, remedies and impact. Promises that fall due later
/// would press all else together: they stand in the table alone.
fn axis(lanes: &[Lane]) -> Option<Axis> {
    let drawn = lanes.iter().filter(|lane| lane.lane != LaneName::Obligations);
    let ends = drawn.flat_map(|lane| &lane.spans).flat_map(|span| {
        let till = span.till.and_then(|till| till.latest().or(till.earliest()));
        [span.from.earliest().or(span.from.latest()), till]
    });
    let moments: Vec<i64> = ends.flatten().map(|Moment(at)| at).collect();
    let (from, till) = (*moments.iter().min()?, *moments.iter().max()?);
    Some(Axis { from, till: till.max(from.saturating_add(60_000_000)) })
}

impl Axis {
    fn x(self, at: i64) -> i64 {
        let at = i128::from(at.clamp(self.from, self.till) - self.from);
        let length = i128::from(self.till - self.from);
        let x = at * i128::from(RIGHT - LEFT) / length;
        LEFT + i64::try_from(x).unwrap_or(0)
    }

    fn has(self, at: i64) -> bool {
        (self.from..=self.till).contains(&at)
    }
}

/// Where each span of a lane is drawn: in the first row where it and its words have room.
fn place(lane: &Lane, axis: Axis) -> Vec<Placed<'_>> {
    let mut rows: Vec<i64> = Vec::new();
    let mut placed = Vec::new();
    for span in lane.spans.iter().take(SPANS_MAX) {
        let Some(Moment(begin)) = span.from.earliest().or(span.from.latest()) else { continue };
        if !axis.has(begin) {
            continue;
        }
        let end = match span.till {
            Some(till) => till.latest().or(till.earliest()).map_or(begin, |Moment(at)| at),
            None => axis.till,
        };
        let (from, till) = (axis.x(begin), axis.x(end.max(begin)).max(axis.x(begin) + 3));
        let (label_at, first, last) = label(from, till, &span.what);
        let row = rows.iter().position(|taken| *taken < first).unwrap_or(rows.len());
        rows.resize(rows.len().max(row + 1), 0);
        rows[row] = last + 6;
        placed.push(Placed { span, from, till, row: row as i64, label_at });
    }
    placed
}

/// Where the words stand, and all that span and words take up: right of the span, else left of it.
fn label(from: i64, till: i64, what: &str) -> (i64, i64, i64) {
    let width = what.chars().count().min(60) as i64 * LETTER_TENTHS / 10;
    match till + 5 + width <= RIGHT {
        true => (till + 5, from, till + 5 + width),
        false => {
            let at = (from - 5 - width).max(LEFT);
            (at, at, till)
        }
    }
}

fn draw(lane: &Lane, placed: &[Placed<'_>], top: i64) -> String {
    let mut drawn = format!("<text x=\"8\" y=\"{}\">{}</text>\n", top + 14, lane.title);
    for it in placed {
        let y = top + it.row * ROW;
        let short: String = it.span.what.chars().take(60).collect();
        writeln!(
            drawn,
            "<g><title>{}: {}</title><rect class=\"{}\" x=\"{}\" y=\"{y}\" width=\"{}\" \
             height=\"16\" rx=\"2\"/><text x=\"{}\" y=\"{}\">{}</text></g>",
            escape::html(&it.span.what),
            escape::html(&it.span.when),
            class(lane.lane),
            it.from,
            it.till - it.from,
            it.label_at,
            y + 12,
            escape::html(&short),
        )
        .expect("a string takes everything");
    }
    drawn
}

const fn class(lane: LaneName) -> &'static str {
    match lane {
        LaneName::States => "states",
        LaneName::Remedies => "remedies",
        LaneName::Impact => "impact",
        LaneName::Obligations => "obligations",
    }
}

/// The marks of the axis: lines over all lanes at round times of UTC.
fn marks(axis: Axis, bottom: i64) -> String {
    let step = step(axis);
    let mut drawn = String::new();
    let mut at = axis.from.div_euclid(step) * step;
    while at <= axis.till {
        if axis.has(at) {
            let (x, time) = (axis.x(at), time(at, step));
            writeln!(
                drawn,
                "<line x1=\"{x}\" y1=\"24\" x2=\"{x}\" y2=\"{bottom}\"/>\
                 <text class=\"axis\" x=\"{x}\" y=\"18\">{time}</text>"
            )
            .expect("a string takes everything");
        }
        at = at.saturating_add(step);
    }
    drawn
}

fn step(axis: Axis) -> i64 {
    let length = axis.till - axis.from;
    let fits = |step: &i64| length / (step * 1_000_000) < MARKS_MAX;
    let listed = STEPS_S.into_iter().find(fits).map(|step| step * 1_000_000);
    listed.unwrap_or(length / MARKS_MAX + 1)
}

fn time(at: i64, step: i64) -> String {
    let utc = Moment(at).instant().utc();
    let part = match step {
        ..60_000_000 => utc.get(11..19),
        60_000_000..14_400_000_000 => utc.get(11..16),
        14_400_000_000..86_400_000_000 => utc.get(5..16),
        _ => utc.get(..10),
    };
    part.unwrap_or(&utc).to_owned()
}
