//! Every step from one state to another there is, and the way its line takes.
//!
//! Invariant: these are exactly the steps that the domain's deciders allow; a test walks them all. Lines that share a
//! lane come from states each of which has a step to every state the lane leads to, so that no line can be misread.

mod cancelling;
mod payment;
mod undoing;

use super::place::{LEFT, MAIN, RIGHT, row};

/// A step, and the corners of its line, from the border of one box to that of the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) from: &'static str,
    pub(super) to: &'static str,
    pub(super) way: &'static [(i32, i32)],
}

/// All steps.
pub(super) fn all() -> impl Iterator<Item = &'static Step> {
    let groups: [&[Step]; 3] = [&payment::STEPS, &cancelling::STEPS, &undoing::STEPS];
    groups.into_iter().flatten()
}

const fn step(from: &'static str, to: &'static str, way: &'static [(i32, i32)]) -> Step {
    Step { from, to, way }
}

/// Where the boxes of a column begin and end.
const L0: i32 = LEFT - 66;
const L1: i32 = LEFT + 66;
const M0: i32 = MAIN - 66;
const M1: i32 = MAIN + 66;
const R0: i32 = RIGHT - 66;
const R1: i32 = RIGHT + 66;

/// The lanes, from left to right: lines run up and down in them.
const OUTER_CANCEL: i32 = 8;
const OUTER_REJECT: i32 = 20;
const REFUSE: i32 = 184;
const APPROVE: i32 = 208;
const CANCEL: i32 = 378;
const CALL_BACK: i32 = 394;
const REFUNDED: i32 = 406;
const OUTER_NEAR: i32 = 566;
const OUTER_MIDDLE: i32 = 578;
const OUTER_FAR: i32 = 590;

/// The top and the bottom of the boxes of a row.
const fn top(number: i32) -> i32 {
    row(number) - 18
}
const fn bottom(number: i32) -> i32 {
    row(number) + 18
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagram::place::{BOX, PLACES};

    /// Whether a point is on the border of the state's box.
    fn is_on_border(point: (i32, i32), state: &str) -> bool {
        let place = PLACES.iter().find(|place| place.state == state).unwrap();
        let (across, along) = (point.0 - place.at.0, point.1 - place.at.1);
        let (half_width, half_height) = (BOX.0 / 2, BOX.1 / 2);
        across.abs() <= half_width
            && along.abs() <= half_height
            && (across.abs() == half_width || along.abs() == half_height)
    }

    #[test]
    fn every_line_runs_along_the_axes_from_the_border_of_one_box_to_that_of_the_other() {
        for step in all() {
            let name = format!("{} to {}", step.from, step.to);
            let (first, last) = (step.way[0], step.way[step.way.len() - 1]);
            assert!(is_on_border(first, step.from), "{name} begins at {first:?}");
            assert!(is_on_border(last, step.to), "{name} ends at {last:?}");
            for ends in step.way.windows(2) {
                let is_straight = (ends[0].0 == ends[1].0) != (ends[0].1 == ends[1].1);
                assert!(is_straight, "{name} at {ends:?}");
            }
        }
    }
}
