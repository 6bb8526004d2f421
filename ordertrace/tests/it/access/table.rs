//! The table: what each operation is to everybody.

use std::collections::BTreeSet;

/// `ok`: carried out, or refused for a reason of its own. `401`: log in first. `403`: known, but not allowed to. `404`: as if
/// there were no such order. `-`: it is about no single order.
const TABLE: &str = "
    operation            nobody own another's courier operator auditor
    placeOrder           401    ok  -         403     ok       403
    cancelOrder          401    ok  404       403     ok       403
    listOrders           401    ok  -         403     ok       ok
    getOrder             401    ok  404       403     ok       ok
    listPayments         401    ok  -         403     ok       ok
    getPayment           401    ok  404       403     ok       ok
    listOrderTraces      401    ok  -         403     ok       ok
    getOrderTrace        401    ok  404       403     ok       ok
    listEvents           401    ok  404       403     ok       ok
    findByOrderId        401    ok  404       403     ok       ok
    streamOrderTraces    401    ok  -         403     ok       ok
    streamOrderTrace     401    ok  404       403     ok       ok
    listDeliveries       401    ok  -         ok      ok       ok
    getDelivery          401    ok  404       ok      ok       ok
    setDeliveryStatus    401    403 403       ok      ok       403
    patchDeliveryStatus  401    403 403       ok      ok       403
    startDelivery        401    403 403       ok      ok       403
    completeDelivery     401    403 403       ok      ok       403
    failDelivery         401    403 403       ok      ok       403
    setPaymentStatus     401    403 403       403     ok       403
    patchPaymentStatus   401    403 403       403     ok       403
    approvePayment       401    403 403       403     ok       403
    declinePayment       401    403 403       403     ok       403
    refundPayment        401    403 403       403     ok       403
    countOrderTraces     401    403 -         403     ok       ok
    listStuckOrders      401    403 -         403     ok       ok
    getStuckOrder        401    403 403       403     ok       403
    resumeStuckOrder     401    403 403       403     ok       403
    listDeadLetters      401    403 -         403     ok       403
    getDeadLetter        401    403 -         403     ok       403
    retryDeadLetter      401    403 -         403     ok       403
    discardDeadLetter    401    403 -         403     ok       403
    listConsumers        401    403 -         403     ok       403
    getViews             401    403 -         403     ok       403
    getRebuild           401    403 -         403     ok       403
    beginRebuild         401    403 -         403     ok       403
    getProvider          401    403 -         403     ok       403
    listLogEvents        401    403 -         403     403      ok
    exportEvents         401    403 -         403     403      ok
    getCheckpoint        401    403 -         403     403      ok
    proveEvent           401    403 -         403     403      ok
    proveConsistency     401    403 -         403     403      ok
    proveOrder           401    403 403       403     403      ok
    getAuditStatus       401    403 -         403     403      ok
    isAlive              ok     ok  -         ok      ok       ok
    isReady              ok     ok  -         ok      ok       ok
    getHealth            ok     ok  -         ok      ok       ok
    getLiveness          ok     ok  -         ok      ok       ok
    getReadiness         ok     ok  -         ok      ok       ok
    getMetrics           ok     ok  -         ok      ok       ok
    getDocument          ok     ok  -         ok      ok       ok
";

/// Who asks, in the order of the columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Asker {
    Nobody,
    /// A customer, about an order of theirs, or about none.
    Owner,
    /// A customer, about another's order.
    Stranger,
    Courier,
    Operator,
    Auditor,
}

impl Asker {
    pub(super) const ALL: [Self; 6] = [
        Self::Nobody,
        Self::Owner,
        Self::Stranger,
        Self::Courier,
        Self::Operator,
        Self::Auditor,
    ];
}

/// What an operation is to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cell {
    Admitted,
    LogInFirst,
    NotAllowed,
    LikeMissing,
    NotApplicable,
}

/// An operation, and what it is to each.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) operation: &'static str,
    pub(super) cells: [Cell; 6],
}

impl Row {
    pub(super) fn cell(&self, asker: Asker) -> Cell {
        self.cells[asker as usize]
    }

    /// Whether everybody may call it.
    pub(super) fn is_public(&self) -> bool {
        self.cell(Asker::Nobody) == Cell::Admitted
    }

    /// The roles that get anywhere by it, by their names; none if nobody has to log in.
    pub(super) fn roles(&self) -> BTreeSet<String> {
        let columns = [
            (Asker::Owner, "customer"),
            (Asker::Courier, "courier"),
            (Asker::Operator, "operator"),
            (Asker::Auditor, "auditor"),
        ];
        let admitted = columns
            .into_iter()
            .filter(|(asker, _)| !self.is_public() && self.cell(*asker) == Cell::Admitted);
        admitted.map(|(_, name)| name.to_owned()).collect()
    }
}

/// The table, row by row.
pub(super) fn rows() -> Vec<Row> {
    let lines = TABLE.lines().filter(|line| !line.trim().is_empty());
    lines.skip(1).map(row).collect()
}

fn row(line: &'static str) -> Row {
    let mut words = line.split_whitespace();
    let operation = words.next().unwrap();
    let cells: Vec<_> = words.map(cell).collect();
    Row {
        operation,
        cells: cells.try_into().unwrap(),
    }
}

fn cell(word: &str) -> Cell {
    match word {
        "ok" => Cell::Admitted,
        "401" => Cell::LogInFirst,
        "403" => Cell::NotAllowed,
        "404" => Cell::LikeMissing,
        "-" => Cell::NotApplicable,
        _ => panic!("{word} is no cell"),
    }
}
