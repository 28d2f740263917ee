//! How long there was impact: the sum of the union of its windows.

use super::end::{End, Missing, told};
use super::measure::{began, ended};
use super::value::Value;
use super::{Figure, FigureName};
use crate::incident::facts::Facts;

/// A span in microseconds.
type Span = (i64, i64);

/// The figure. Where windows of time leave it open, the shortest spans give the lower bound and
/// the longest ones the upper bound.
pub fn impact(facts: &Facts) -> Figure {
    let windows = facts.impact.iter();
    let ends = windows.flat_map(|window| [Ok(began(window)), ended(window)]);
    let ends: Vec<End> = ends.filter_map(Result::ok).collect();
    told(FigureName::Impact, measure(facts), &ends)
}

fn measure(facts: &Facts) -> Result<Value, Missing> {
    if facts.impact.is_empty() {
        return Err("nobody recorded any impact".into());
    }
    let (mut shortest, mut longest) = (Vec::new(), Vec::new());
    for window in &facts.impact {
        let (first, last) = began(window).bounds()?;
        let (soonest, latest) = ended(window)?.bounds()?;
        shortest.push((last, soonest));
        longest.push((first, latest));
    }
    Ok(Value::Known { min_us: covered(shortest), max_us: covered(longest) })
}

/// How much time the spans cover, overlaps once. One that ends before it begins covers nothing
/// and is not hidden either: it counts as the negative length that it is.
fn covered(mut spans: Vec<Span>) -> i64 {
    spans.sort_unstable();
    let mut sum = 0_i64;
    let mut reached = i64::MIN;
    for (from, till) in spans {
        if till < from {
            sum = sum.saturating_add(till.saturating_sub(from));
        } else if till > reached {
            sum = sum.saturating_add(till.saturating_sub(from.max(reached)));
            reached = till;
        }
    }
    sum
}
