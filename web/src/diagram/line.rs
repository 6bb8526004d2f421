//! From the corners of a line to the path that is drawn: round corners, an arrowhead, and a mark half-way.

use std::fmt::Write as _;

/// How round a corner is, at most.
const ROUND_MAX: i32 = 7;

/// How long an arrowhead is, and half its width.
const HEAD: (i32, i32) = (7, 4);

type Point = (i32, i32);

/// The `d` of the line. It ends within its arrowhead, so that the head is sharp.
pub(super) fn path(way: &[Point]) -> String {
    let mut path = String::new();
    let Some((&first, &last)) = way.first().zip(way.last()) else {
        return path;
    };
    let _ = write!(path, "M{} {}", first.0, first.1);
    for corner in way.windows(3) {
        let &[before, at, after] = corner else {
            continue;
        };
        let round = ROUND_MAX
            .min(length(before, at) / 2)
            .min(length(at, after) / 2);
        let (start, end) = (towards(at, before, round), towards(at, after, round));
        let _ = write!(
            path,
            "L{} {}Q{} {} {} {}",
            start.0, start.1, at.0, at.1, end.0, end.1
        );
    }
    let before = way.iter().rev().nth(1).copied().unwrap_or(first);
    let end = towards(last, before, HEAD.0 / 2);
    let _ = write!(path, "L{} {}", end.0, end.1);
    path
}

/// The `d` of the arrowhead.
pub(super) fn head(way: &[Point]) -> String {
    let [.., before, tip] = way else {
        return String::new();
    };
    let base = towards(*tip, *before, HEAD.0);
    let (across, along) = (
        (tip.1 - base.1).signum() * HEAD.1,
        (tip.0 - base.0).signum() * HEAD.1,
    );
    format!(
        "M{} {}L{} {}L{} {}Z",
        tip.0,
        tip.1,
        base.0 + across,
        base.1 + along,
        base.0 - across,
        base.1 - along
    )
}

/// The point half-way.
pub(super) fn middle(way: &[Point]) -> Point {
    let total: i32 = way.windows(2).map(|ends| length(ends[0], ends[1])).sum();
    let mut left = total / 2;
    for ends in way.windows(2) {
        let long = length(ends[0], ends[1]);
        if left <= long {
            return towards(ends[0], ends[1], left);
        }
        left -= long;
    }
    way.last().copied().unwrap_or_default()
}

/// Lines run along the axes.
fn length(from: Point, to: Point) -> i32 {
    (to.0 - from.0).abs() + (to.1 - from.1).abs()
}

fn towards(from: Point, to: Point, by: i32) -> Point {
    (
        from.0 + (to.0 - from.0).signum() * by,
        from.1 + (to.1 - from.1).signum() * by,
    )
}
