//! What is made of the streams: how they are configured, and what their copies hold.

use super::finding::{Check, Finding};
use super::seen::{Held, Observations, StreamSeen};
use crate::subject::{CHECKPOINTS_STREAM, EVENTS_STREAM};
use crate::topology::Difference;

/// Nothing ever leaves these, so what is not there was lost.
const DENSE: [&str; 2] = [EVENTS_STREAM, CHECKPOINTS_STREAM];

pub(super) fn judge(seen: &Observations, found: &mut Vec<Finding>) {
    for missing in &seen.survey.missing {
        let remedy = "let an operator run `ordertrace ops provision`";
        found.push(Check::Missing.critical(missing, "it is not there", remedy));
    }
    found.extend(seen.survey.differing.iter().map(differing));
    found.extend(seen.survey.tolerated.iter().map(tolerated));
    found.extend(seen.streams.iter().flat_map(of_stream));
    match &seen.held {
        Ok(held) => found.extend(held.iter().filter_map(gap)),
        Err(why) => found.push(Check::Unseen.warning(
            "the copies of the log",
            format!("could not be looked at: {why}"),
            "give the monitoring address of every server (--nats-monitor-url), or connect as an operator",
        )),
    }
}

/// What a setting that is not as declared means.
fn differing(difference: &Difference) -> Finding {
    let said = format!(
        "{} is {}, declared {}",
        difference.field, difference.found, difference.declared
    );
    let object = difference.object.as_str();
    let set = format!("set it back (`nats stream edit`); no role starts before: {said}");
    if object.starts_with("consumer ") {
        let remedy = "delete the consumer and run `ordertrace ops provision`; what it was acknowledged is worked through anew, without harm";
        return Check::Consumer.critical(object, said, remedy);
    }
    let (check, found) = match difference.field.as_str() {
        "num_replicas" => (Check::Replicas, "other servers hold it than were meant to"),
        "max_age"
        | "max_msgs"
        | "max_bytes"
        | "max_msgs_per_subject"
        | "retention"
        | "discard"
        | "storage" => (Check::Retention, "messages can leave it, or are refused"),
        "deny_delete" | "deny_purge" | "allow_rollup_hdrs" | "sealed" => (
            Check::DenyFlags,
            "messages can be deleted in it, or none can be added",
        ),
        "duplicate_window" => (
            Check::DedupWindow,
            "it remembers ids for another time than was meant",
        ),
        "max_msg_size" => (
            Check::MaxMessageSize,
            "it takes other messages than are read",
        ),
        _ => (Check::Stream, "it is not as declared"),
    };
    check.critical(object, format!("{found}: {said}"), set)
}

/// What a limit means that stops nobody.
fn tolerated(difference: &Difference) -> Finding {
    let Difference {
        object,
        field,
        found,
        declared,
    } = difference;
    if field == "max_bytes" {
        return Check::Retention.warning(
            object,
            format!("it may grow to another size than was meant: {field} is {found}, declared {declared}"),
            "change it (`nats stream edit --max-bytes`), or what every role and this command is told (--nats-events-max-bytes)",
        );
    }
    Check::MaxMessageSize.warning(
        object,
        format!("{field} is not set: it takes messages that are too large to be read"),
        format!("set it to {declared} (`nats stream edit`)"),
    )
}

fn of_stream(stream: &StreamSeen) -> Vec<Finding> {
    let lagging = stream.lagging.iter().map(|server| {
        Check::Lagging.warning(
            format!("stream {}", stream.name),
            format!("{server} is away or does not have all of it: fewer servers may be lost than it seems"),
            "look after that server",
        )
    });
    let later = stream.persists_later.then(|| {
        Check::SyncPolicy.critical(
            format!("stream {}", stream.name),
            "persist_mode is async: it acknowledges before it writes",
            "it can't be changed: back the log up, delete the stream and restore it",
        )
    });
    lagging.chain(later).collect()
}

/// A copy that lacks what others may still have: it must not come to lead.
fn gap(held: &Held) -> Option<Finding> {
    if !DENSE.contains(&held.stream.as_str()) {
        return None;
    }
    let between = held.last.saturating_sub(held.first).saturating_add(1);
    let should_be = if held.messages == 0 { 0 } else { between };
    let missing = held.deleted.max(should_be.saturating_sub(held.messages));
    let begins_late = held.messages > 0 && held.first > 1;
    let emptied = held.messages == 0 && held.last > 0;
    (missing > 0 || begins_late || emptied).then(|| {
        Check::Gap.critical(
            format!("{} on {}", held.stream, held.server),
            format!(
                "of the messages up to {} it has {}, the first at {}: the others are lost there",
                held.last, held.messages, held.first
            ),
            "stop that server, delete its copy and let it catch up; with a single server restore a backup",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topology::Survey;
    use rstest::rstest;

    fn difference(object: &str, field: &str) -> Difference {
        Difference {
            object: object.to_owned(),
            field: field.to_owned(),
            found: "1".to_owned(),
            declared: "2".to_owned(),
        }
    }

    fn judged(seen: &Observations) -> Vec<Check> {
        let mut found = Vec::new();
        judge(seen, &mut found);
        found.into_iter().map(|finding| finding.check).collect()
    }

    fn good() -> Observations {
        Observations {
            held: Ok(vec![held(3, 1, 3, 0)]),
            ..Observations::default()
        }
    }

    fn held(messages: u64, first: u64, last: u64, deleted: u64) -> Held {
        Held {
            server: "n1".to_owned(),
            stream: EVENTS_STREAM.to_owned(),
            messages,
            first,
            last,
            deleted,
        }
    }

    #[rstest]
    #[case("stream S", "num_replicas", Check::Replicas)]
    #[case("stream S", "max_age", Check::Retention)]
    #[case("stream S", "deny_purge", Check::DenyFlags)]
    #[case("stream S", "duplicate_window", Check::DedupWindow)]
    #[case("stream S", "max_msg_size", Check::MaxMessageSize)]
    #[case("stream S", "subjects", Check::Stream)]
    #[case("consumer c of S", "ack_wait", Check::Consumer)]
    fn each_difference_is_told_by_what_it_means(
        #[case] object: &str,
        #[case] field: &str,
        #[case] check: Check,
    ) {
        let survey = Survey {
            differing: vec![difference(object, field)],
            ..Survey::default()
        };
        assert_eq!(judged(&Observations { survey, ..good() }), [check]);
    }

    #[test]
    fn what_is_missing_or_has_no_limit_is_told() {
        let survey = Survey {
            missing: vec!["stream S".to_owned()],
            tolerated: vec![
                difference("stream S", "max_msg_size"),
                difference("stream S", "max_bytes"),
            ],
            ..Survey::default()
        };
        let told = judged(&Observations { survey, ..good() });
        assert_eq!(
            told,
            [Check::Missing, Check::MaxMessageSize, Check::Retention]
        );
    }

    #[rstest]
    #[case(held(3, 1, 3, 0), false)]
    #[case(held(0, 0, 0, 0), false)]
    #[case(held(0, 1, 0, 0), false)]
    #[case(held(2, 1, 3, 1), true)]
    #[case(held(2, 1, 3, 0), true)]
    #[case(held(2, 2, 3, 0), true)]
    #[case(held(0, 4, 3, 0), true)]
    fn a_copy_with_a_gap_is_found(#[case] held: Held, #[case] is_found: bool) {
        let seen = Observations {
            held: Ok(vec![held]),
            ..good()
        };
        assert_eq!(judged(&seen) == [Check::Gap], is_found);
    }

    #[test]
    fn a_stream_that_writes_later_or_lags_is_found() {
        let stream = StreamSeen {
            name: EVENTS_STREAM.to_owned(),
            persists_later: true,
            lagging: vec!["n3".to_owned()],
        };
        let seen = Observations {
            streams: vec![stream],
            ..good()
        };
        assert_eq!(judged(&seen), [Check::Lagging, Check::SyncPolicy]);
    }
}
