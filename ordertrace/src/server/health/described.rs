//! What the document says of health.

use axum::http::StatusCode;
use ordertrace_http::{
    Access,
    openapi::{Answer, Described, query, word},
};
use utoipa::openapi::{
    path::Parameter,
    schema::{ObjectBuilder, Type},
};

use crate::openapi::MACHINES;

pub(super) fn live() -> Described {
    text(
        "isAlive",
        "Whether the process is alive",
        "A restart helps when it is not.",
        (
            "It is.",
            "A line for each part that is stuck over its work.",
        ),
    )
}

pub(super) fn ready() -> Described {
    text(
        "isReady",
        "Whether every part can do its work",
        "It is the first to say no when the process is told to stop.",
        ("Each can.", "A line for each part that can't."),
    )
}

pub(super) fn actuator() -> Described {
    let summary = "Both, as the original's probes ask";
    actuated("getHealth", summary, "DOWN")
}

pub(super) fn actuator_liveness() -> Described {
    let summary = "Whether the process is alive, as the original's probes ask";
    actuated("getLiveness", summary, "DOWN")
}

pub(super) fn actuator_readiness() -> Described {
    let summary = "Whether every part can do its work, as the original's probes ask";
    actuated("getReadiness", summary, "OUT_OF_SERVICE")
}

fn text(id: &str, summary: &str, more: &str, (well, ill): (&str, &str)) -> Described {
    machines(id, summary)
        .explained(more)
        .takes([verbose()])
        .answers(|_| lines(StatusCode::OK, well))
        .answers(|_| lines(StatusCode::SERVICE_UNAVAILABLE, ill))
}

fn verbose() -> Parameter {
    let anything = ObjectBuilder::new().schema_type(Type::String);
    let description = "Its presence, with any value, asks for a line for each part.";
    query("verbose", anything.build(), description)
}

fn lines(status: StatusCode, description: &str) -> Answer {
    let text = ObjectBuilder::new().schema_type(Type::String).build();
    Answer::of_type(status, "text/plain; charset=utf-8", text, description)
}

fn actuated(id: &str, summary: &str, otherwise: &str) -> Described {
    let answer = |status, is: &str, description| {
        let object = ObjectBuilder::new().property("status", word(&[is]));
        Answer::json(status, object.required("status").build(), description)
    };
    machines(id, summary)
        .answers(|_| answer(StatusCode::OK, "UP", "It is so."))
        .answers(|_| {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            answer(status, otherwise, "It is not so.")
        })
}

fn machines(id: &str, summary: &str) -> Described {
    Described::new(id, MACHINES, Access::PUBLIC, summary)
}
