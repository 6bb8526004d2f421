//! An order's page, laid out: everything a template shows, ready to be written down.

use uuid::Uuid;

use super::{
    action::Action,
    look::Seen,
    model::{Quarantine, Trace},
    path_of,
    rewind::Rewind,
    timeline::{Happening, course, timeline, word},
};
use crate::{
    api::{ApiError, path_with},
    diagram::{Diagram, diagram},
    format::{Moment, Money, short_id},
    ops::reason_words,
    state::State,
    viewer::Viewer,
};

/// One order at one moment.
pub(super) struct OrderView<'a> {
    pub(super) trace: &'a Trace,
    pub(super) state: State<'a>,
    pub(super) title: String,
    pub(super) total: Money,
    pub(super) lines: Vec<LineView<'a>>,
    pub(super) placed: Moment,
    pub(super) changed: Moment,
    pub(super) payment: String,
    pub(super) delivery: String,
    pub(super) quarantined: Option<&'a Quarantine>,
    /// What an operator should do about it, where the order is stuck.
    pub(super) advice: Option<Advice<'a>>,
    pub(super) happenings: Vec<Happening<'a>>,
    /// Whether the log told what is in the events.
    pub(super) has_payloads: bool,
    pub(super) diagram: Diagram,
    pub(super) forms: Vec<Form>,
    /// What they send along.
    pub(super) csrf: Option<&'a str>,
    pub(super) rewind: Option<Rewind>,
    pub(super) is_past: bool,
    pub(super) is_behind: bool,
    /// Where the stream of what comes goes on.
    pub(super) position: &'a str,
    pub(super) refusal: Option<Refusal<'a>>,
}

/// A line of the order.
pub(super) struct LineView<'a> {
    pub(super) product: &'a str,
    pub(super) product_id: u64,
    pub(super) qty: u64,
    pub(super) cost: Money,
}

/// What an operator should know.
pub(super) struct Advice<'a> {
    pub(super) reason: &'a str,
    pub(super) advice: &'a str,
}

/// A form of an action.
pub(super) struct Form {
    pub(super) action: Action,
    pub(super) path: String,
    pub(super) version: u64,
    /// Sent twice it is one command.
    pub(super) key: String,
    /// Whether it is what is most likely wanted.
    pub(super) is_first: bool,
}

/// Why an action was not carried out.
pub(super) struct Refusal<'a> {
    pub(super) title: &'a str,
    pub(super) detail: &'a str,
    pub(super) code: Option<&'a str>,
}

impl<'a> OrderView<'a> {
    /// The page of what was seen, for somebody.
    pub(super) fn of(seen: &'a Seen, viewer: &'a Viewer) -> Self {
        let trace = &seen.trace;
        let events = seen.events.as_deref().unwrap_or_default();
        let is_past = seen.as_of.is_some();
        Self {
            trace,
            state: State::of(&trace.state),
            title: title(trace),
            total: Money::new(trace.cost, &trace.currency),
            lines: lines(trace),
            placed: Moment::of(&trace.placed_at),
            changed: Moment::of(&trace.changed_at),
            payment: word("payment", &trace.payment_state),
            delivery: word("delivery", &trace.delivery_state),
            quarantined: trace.quarantined.as_ref(),
            advice: advice(seen),
            happenings: timeline(&path_of(&trace.order_id), &trace.timeline, events),
            has_payloads: seen.events.is_some(),
            diagram: diagram(&course(&trace.timeline), &trace.state),
            forms: if is_past {
                vec![]
            } else {
                forms(trace, viewer)
            },
            csrf: viewer.csrf(),
            rewind: Rewind::of(seen),
            is_past,
            is_behind: seen.is_behind,
            position: seen.position.as_deref().unwrap_or_default(),
            refusal: None,
        }
    }

    /// The same page, with what the API said to an action.
    pub(super) fn refused(self, error: &'a ApiError) -> Self {
        Self {
            refusal: Some(Refusal::of(error)),
            ..self
        }
    }

    /// The beginning of its id.
    pub(super) fn short_id(&self) -> &str {
        short_id(&self.trace.order_id)
    }

    /// The page of this order as it is now.
    pub(super) fn path(&self) -> String {
        path_of(&self.trace.order_id)
    }

    /// The page of the order as it stood at this version.
    pub(super) fn at(&self, version: &u64) -> String {
        path_with(&self.path(), [("version", version.to_string().as_str())])
    }
}

impl<'a> Refusal<'a> {
    fn of(error: &'a ApiError) -> Self {
        let Some(problem) = error.problem() else {
            return Self {
                title: "The API did not answer",
                detail: "Whether it was carried out shows in the timeline; sending the form again does no harm.",
                code: None,
            };
        };
        if problem.kind == "precondition-failed" {
            return Self {
                title: "The order changed meanwhile",
                detail: "Nothing was done. Have a look at what is new, and decide again.",
                code: None,
            };
        }
        Self {
            title: &problem.title,
            detail: &problem.detail,
            code: problem.code.as_deref(),
        }
    }
}

/// The products: the first, and how many others.
fn title(trace: &Trace) -> String {
    match trace.lines.as_slice() {
        [] => "Order".to_owned(),
        [one] => one.product_name.clone(),
        [first, others @ ..] => format!("{} and {} more", first.product_name, others.len()),
    }
}

fn lines(trace: &Trace) -> Vec<LineView<'_>> {
    let lines = trace.lines.iter().map(|line| LineView {
        product: &line.product_name,
        product_id: line.product_id,
        qty: line.qty,
        cost: Money::new(line.cost, &trace.currency),
    });
    lines.collect()
}

fn advice(seen: &Seen) -> Option<Advice<'_>> {
    let case = seen.case.as_ref().filter(|case| case.stuck)?;
    Some(Advice {
        reason: reason_words(case.reason.as_deref().unwrap_or("idle")),
        advice: &case.advice,
    })
}

/// What can be done by them. An order whose history is damaged takes nothing.
fn forms(trace: &Trace, viewer: &Viewer) -> Vec<Form> {
    if trace.quarantined.is_some() {
        return vec![];
    }
    let offered = Action::offered(&trace.state, &trace.payment_type).into_iter();
    let theirs = offered.filter(|action| viewer.may(action.access()));
    let forms = theirs.enumerate().map(|(index, action)| Form {
        action,
        path: format!("{}/actions/{}", path_of(&trace.order_id), action.name()),
        version: trace.version,
        key: Uuid::now_v7().to_string(),
        is_first: index == 0 && !action.is_destructive(),
    });
    forms.collect()
}
