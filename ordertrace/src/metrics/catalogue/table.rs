//! The list itself, in the order in which the documentation shows it.

use super::{
    Kind::{Counter, Gauge, Histogram},
    Metric,
};

/// One line for a metric's name, kind, labels and roles, and one for what it means.
macro_rules! catalogue {
    ($($name:literal $kind:ident [$($label:literal)*] in $roles:literal $help:literal)*) => {
        &[$(Metric {
            name: $name,
            kind: $kind,
            help: $help,
            labels: &[$($label),*],
            roles: $roles,
        }),*]
    };
}

/// Every metric there is.
pub(in crate::metrics) const CATALOGUE: &[Metric] = catalogue! {
    // Requests.
    "ordertrace_http_requests_total" Counter ["method" "route" "status"] in "all"
        "Requests that were answered, by the pattern of their route (`none` where there is no route) and the class of their status"
    "ordertrace_http_request_seconds" Histogram ["method" "route"] in "all"
        "How long a request took until its answer began"
    "ordertrace_http_requests_in_flight" Gauge [] in "all"
        "Requests whose answer has not begun"
    "ordertrace_sse_streams" Gauge [] in "projections"
        "Live streams that clients have open"

    // Commands and appends.
    "ordertrace_commands_total" Counter ["by" "command" "outcome"] in "command-api, saga"
        "Commands by their end, those of clients (`api`) and those of the saga"
    "ordertrace_appends_total" Counter ["outcome"] in "command-api, saga"
        "Appends to the log by their end; a `conflict` is decided anew and is no failure"
    "ordertrace_append_seconds" Histogram ["outcome"] in "command-api, saga"
        "How long an append took, with the wait for its turn and all tries"
    "ordertrace_append_tries_total" Counter ["answer"] in "command-api, saga"
        "Tries to append, lone ones and batches, by what the server's answer means"
    "ordertrace_append_batch_decisions" Histogram [] in "command-api, saga"
        "How many decisions went out together in one try"

    // The log.
    "ordertrace_log_bytes" Gauge [] in "command-api, saga, projections, audit"
        "How large the log is, on each of its servers"
    "ordertrace_log_bytes_max" Gauge [] in "command-api, saga, projections, audit"
        "How large it may grow before appends are refused; 0 for as large as the disk"

    // The saga.
    "ordertrace_saga_work_total" Counter ["outcome"] in "saga"
        "Pieces of work by their end: done, parked for an operator, or left on the queue to come again"
    "ordertrace_saga_work_seconds" Histogram [] in "saga"
        "How long a piece of work was in hand"
    "ordertrace_saga_waiting" Gauge ["kind" "shard"] in "saga"
        "Messages that wait for the saga, by queue: events or timers, and the shard"
    "ordertrace_saga_in_hand" Gauge ["kind" "shard"] in "saga"
        "Messages that were handed out to a saga and not acknowledged yet"
    "ordertrace_saga_consumer_active" Gauge ["kind" "shard"] in "saga"
        "1 if some saga asks for the messages of the queue"
    "ordertrace_saga_asked_at_seconds" Gauge [] in "saga"
        "When the queues were last asked for the figures above, in seconds since 1970"
    "ordertrace_dead_letters" Gauge [] in "saga"
        "Parked messages that no operator has settled; counting ends at 2,000"
    "ordertrace_payment_provider_calls_total" Counter ["call" "outcome"] in "saga"
        "Calls to the payment provider by kind and outcome, those the guard turned away included"
    "ordertrace_payment_provider_call_seconds" Histogram ["call"] in "saga"
        "How long calls that reached the payment provider took"
    "ordertrace_payment_provider_calls_in_flight" Gauge [] in "saga"
        "Calls to the payment provider that are under way"
    "ordertrace_payment_provider_bulkhead_rejections_total" Counter [] in "saga"
        "Calls turned away because too many others were under way"
    "ordertrace_payment_provider_breaker_state" Gauge [] in "saga"
        "The payment provider's circuit breaker: 0 closed, 1 half-open, 2 open"

    // The views.
    "ordertrace_log_head" Gauge [] in "projections"
        "Where the log ends"
    "ordertrace_projection_position" Gauge [] in "projections"
        "How far in the log the view is"
    "ordertrace_projection_lag_events" Gauge [] in "projections"
        "How many events the view is behind the log"
    "ordertrace_projection_commit_seconds" Histogram [] in "projections"
        "How long a batch took into the view"
    "ordertrace_projection_batch_events" Histogram [] in "projections"
        "How many events went into the view together"
    "ordertrace_projection_halted" Gauge [] in "projections"
        "1 if the view has stopped for good; `/readyz` says why"
    "ordertrace_projection_quarantined_orders" Gauge [] in "projections"
        "Orders whose history is damaged"
    "ordertrace_projection_strays" Gauge [] in "projections"
        "Messages of the log that could not be read nor given to an order"
    "ordertrace_rebuild_state" Gauge ["state"] in "projections"
        "1 for the state of the last rebuild since the start of the process"
    "ordertrace_stuck_orders" Gauge ["reason"] in "projections"
        "Orders that may not go on by themselves, among the oldest 10,000 that have not ended"

    // The audit.
    "ordertrace_audit_position" Gauge [] in "audit"
        "How many events the audit has folded"
    "ordertrace_audit_checkpoint_size" Gauge [] in "audit"
        "How many events the last checkpoint covers"
    "ordertrace_audit_checkpoint_age_seconds" Gauge [] in "audit"
        "How long ago the last checkpoint was recorded"
    "ordertrace_audit_faults_total" Counter [] in "audit"
        "Records that were not their order's next event, as this process came upon them"
    "ordertrace_audit_maps_not_compared_total" Counter [] in "audit"
        "Checkpoints of which only the tree was compared with the log"
    "ordertrace_audit_halted" Gauge [] in "audit"
        "1 if the audit has stopped for good, because the log or its checkpoints are not as they were"
    "ordertrace_audit_witness_answers_total" Counter ["outcome"] in "audit"
        "Checkpoints that a witness was asked to cosign, by whether it did"
    "ordertrace_witness_requests_total" Counter ["outcome"] in "witness"
        "Checkpoints that were to be cosigned, by what became of them"

    // The process.
    "ordertrace_ready" Gauge ["part"] in "all"
        "1 if the part can do its work; a process that stops has the part `process`, at 0"
    "ordertrace_build_info" Gauge ["version"] in "all"
        "1, with the version of the program"
    "ordertrace_trace_exports_total" Counter ["outcome"] in "all"
        "Batches of spans, by whether the collector has taken them"
    "ordertrace_tokio_workers" Gauge [] in "all"
        "Threads of the runtime"
    "ordertrace_tokio_alive_tasks" Gauge [] in "all"
        "Tasks that have not ended"
    "ordertrace_tokio_global_queue_depth" Gauge [] in "all"
        "Tasks that wait for a thread of the runtime"
    "ordertrace_tokio_busy_seconds" Gauge [] in "all"
        "How long the runtime's threads have worked in all; its rate is how many are busy"
    "ordertrace_tokio_parks_total" Counter [] in "all"
        "How often the runtime's threads had nothing to do"
    "process_cpu_seconds_total" Gauge [] in "all"
        "Processor time in seconds"
    "process_open_fds" Gauge [] in "all"
        "Open file descriptors"
    "process_max_fds" Gauge [] in "all"
        "The most file descriptors there may be"
    "process_resident_memory_bytes" Gauge [] in "all"
        "Memory in use"
    "process_virtual_memory_bytes" Gauge [] in "all"
        "Memory that is mapped"
    "process_virtual_memory_max_bytes" Gauge [] in "all"
        "The most memory that may be mapped"
    "process_start_time_seconds" Gauge [] in "all"
        "When the process started, in seconds since 1970"
    "process_threads" Gauge [] in "all"
        "Threads of the process"
};
