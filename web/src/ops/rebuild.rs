//! The rebuild of the views: how it stands, what it found, and how another one is begun.

use askama::Template;
use chrono::TimeDelta;

use super::{
    model::{Difference, Rebuild},
    section::{Content, Mark},
    views::short_digest,
};
use crate::{
    api::{Api, ApiError, Caller},
    format::{Moment, counted, number, span},
};

/// How many differences are shown: enough to see of what kind they are. `ordertrace ops rebuild` prints more.
const DIFFERENCES_SHOWN: usize = 10;

#[derive(Template)]
#[template(path = "ops/rebuild.html")]
struct RebuildSection<'a> {
    /// What its forms send along.
    csrf: Option<String>,
    progress: Option<Progress>,
    story: String,
    started: Option<Moment>,
    ended: Option<Moment>,
    failure: Option<&'a str>,
    comparison: Option<Compared<'a>>,
    is_under_way: bool,
    /// Whether the rebuilt view was kept back because it differs.
    was_kept_back: bool,
}

/// How far it has come.
struct Progress {
    done: u64,
    total: u64,
    percent: u64,
    words: String,
}

/// What the comparison found.
struct Compared<'a> {
    position: &'a str,
    is_equal: bool,
    found: String,
    sides: [SideRow<'a>; 2],
    differences: Vec<DifferenceRow<'a>>,
}

struct SideRow<'a> {
    name: &'static str,
    revision: u64,
    orders: String,
    entries: String,
    digest: &'a str,
    short: &'a str,
}

struct DifferenceRow<'a> {
    key: &'a str,
    order_id: Option<&'a str>,
    live: &'a str,
    rebuilt: &'a str,
}

pub(super) async fn draw(api: &Api, caller: &Caller) -> Result<Content, ApiError> {
    let rebuild: Rebuild = api.get(caller, "/ops/rebuild").await?.body;
    let section = RebuildSection::of(&rebuild, caller.viewer.csrf());
    Ok(Content::of(mark(&rebuild), &section))
}

fn mark(rebuild: &Rebuild) -> Mark {
    match rebuild.state.as_str() {
        "reading" => Mark::Word("flow", "Reading"),
        "comparing" => Mark::Word("flow", "Comparing"),
        "switched" => Mark::Word("done", "Switched"),
        "compared" => Mark::Word("done", "Compared"),
        "kept" => Mark::Word("trouble", "Not switched"),
        "failed" => Mark::Word("danger", "Failed"),
        _ => Mark::None,
    }
}

impl<'a> RebuildSection<'a> {
    fn of(rebuild: &'a Rebuild, csrf: Option<&str>) -> Self {
        let is_under_way = matches!(rebuild.state.as_str(), "reading" | "comparing");
        let comparison = rebuild.comparison.as_ref();
        let is_equal = comparison.is_none_or(|comparison| comparison.is_equal);
        Self {
            csrf: csrf.map(str::to_owned),
            progress: is_under_way.then(|| Progress::of(rebuild)),
            story: story(rebuild),
            started: rebuild.started_at.as_deref().map(Moment::of),
            ended: rebuild.ended_at.as_deref().map(Moment::of),
            failure: rebuild.failure.as_deref(),
            comparison: Compared::of(rebuild),
            is_under_way,
            was_kept_back: rebuild.state == "kept" && !is_equal,
        }
    }
}

fn story(rebuild: &Rebuild) -> String {
    let why = match rebuild.reason.as_deref() {
        Some("new_revision") => "This version of the program builds the views in another way.",
        _ => "",
    };
    let what = match (rebuild.state.as_str(), rebuild.dry_run) {
        ("none", _) => "No rebuild since the start of this process.",
        ("reading", _) => "A second view is being built from the log, beside the one that answers.",
        ("comparing", _) => "Both views are being compared at one position.",
        ("switched", _) => "The rebuilt view answers now.",
        ("compared", _) => "Both views were compared; the one that answers was left as it is.",
        ("kept", _) => "The rebuilt view differs, so the one that answers was left as it is.",
        ("failed", _) => "It did not come to its end; the view that answers was left as it is.",
        (_, true) => "A comparison.",
        (_, false) => "A rebuild.",
    };
    format!("{why} {what}").trim().to_owned()
}

impl Progress {
    fn of(rebuild: &Rebuild) -> Self {
        let done = rebuild.events_done.unwrap_or_default();
        let total = rebuild.events_total.unwrap_or_default().max(1);
        Self {
            done,
            total,
            percent: done
                .saturating_mul(100)
                .checked_div(total)
                .unwrap_or(0)
                .min(100),
            words: pace(rebuild, done, total),
        }
    }
}

fn pace(rebuild: &Rebuild, done: u64, total: u64) -> String {
    let mut words = format!("{} of {}", number(done), counted(total, "event", "events"));
    if let Some(rate) = rebuild.events_per_second.filter(|rate| *rate >= 1.0) {
        words += &format!(" · {rate:.0} a second");
    }
    if let Some(left) = rebuild
        .eta_seconds
        .and_then(|secs| i64::try_from(secs).ok())
    {
        let left = TimeDelta::try_seconds(left).unwrap_or_default();
        words += &format!(" · about {} left", span(left));
    }
    if rebuild.entries_compared > 0 {
        let compared = counted(rebuild.entries_compared, "entry", "entries");
        words += &format!(" · {compared} compared");
    }
    words
}

impl<'a> Compared<'a> {
    fn of(rebuild: &'a Rebuild) -> Option<Self> {
        let comparison = rebuild.comparison.as_ref()?;
        let side = |name, side: &'a super::model::Side| SideRow {
            name,
            revision: side.revision,
            orders: number(side.orders),
            entries: number(side.entries),
            digest: &side.digest,
            short: short_digest(&side.digest),
        };
        let shown = comparison.differences.iter().take(DIFFERENCES_SHOWN);
        Some(Self {
            position: &comparison.position,
            is_equal: comparison.is_equal,
            found: counted(comparison.differences_found, "difference", "differences"),
            sides: [
                side("Live", &comparison.live),
                side("Rebuilt", &comparison.rebuilt),
            ],
            differences: shown.map(DifferenceRow::of).collect(),
        })
    }
}

impl<'a> DifferenceRow<'a> {
    fn of(difference: &'a Difference) -> Self {
        Self {
            key: &difference.key,
            order_id: difference.order_id.as_deref(),
            live: difference.live.as_deref().unwrap_or("not there"),
            rebuilt: difference.rebuilt.as_deref().unwrap_or("not there"),
        }
    }
}
