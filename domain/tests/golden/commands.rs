//! Every command's hash: a repeat is told from another command by it, years later as on the same day.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    sync::LazyLock,
};

use ordertrace_domain::{
    CancellationCause, Command, DeliveryCancellationCause, DeliveryCommand, OrderCommand,
    PaymentCommand,
    testing::fixtures::{
        self, cash,
        commands::{
            approve_payment, decline_payment, expire_payment, one_of_each, place_order,
            void_payment,
        },
    },
};

use crate::{every, golden, is_updating};

const FILE: &str = "commands.txt";

const HEADER: &str = "\
# SHA-256 of every command's canonical form. Never edit a line: repeats are compared with these for as long as a log is
# kept. A line that is missing is added by UPDATE_GOLDEN=1.
";

/// The commands with a name each: no two forms of a command hash alike.
fn samples() -> BTreeMap<String, Command> {
    let mut samples = BTreeMap::new();
    let mut add = |variant: &str, command: Command| {
        let name = format!("{}{variant}", name(&command));
        assert!(
            samples.insert(name, command).is_none(),
            "{variant} is twice"
        );
    };
    for command in one_of_each() {
        // This one is below, with every cause it may have.
        if name(&command) != "CancelDelivery" {
            add("", command);
        }
    }
    let two = vec![
        fixtures::line(1, "Coffee", 2, 1_000),
        fixtures::line(2, "카푸치노", 1, 600),
    ];
    add(
        ".lines",
        OrderCommand::PlaceOrder(fixtures::order_of(two, cash())).into(),
    );
    add(".cash", place_order(cash()));
    add(".cash", approve_payment(None));
    add(".unsubmitted", decline_payment(None));
    add(".unsubmitted", expire_payment(None));
    add(".unsubmitted", void_payment(None));
    add(
        ".cash",
        PaymentCommand::ConfirmRefund { refund_ref: None }.into(),
    );
    for cause in every![CancellationCause: Requested, PaymentOverdue, Undeliverable, Refunded] {
        let reason = None;
        let command = OrderCommand::RequestCancellation { cause, reason };
        add(&format!(".{cause:?}"), command.into());
    }
    for cause in every![DeliveryCancellationCause: OrderCancelled, AttemptsExhausted, Overdue] {
        let command = DeliveryCommand::CancelDelivery { cause };
        add(&format!(".{cause:?}"), command.into());
    }
    samples
}

/// Names the commands, in a way that does not compile when one is left out.
macro_rules! every_command {
    ($($group:ident($commands:ident): $($name:ident),+;)+) => {
        const NAMES: &[&str] = &[$($(stringify!($name),)+)+];

        fn name(command: &Command) -> &'static str {
            match command {
                $($(Command::$group($commands::$name { .. }) => stringify!($name),)+)+
            }
        }
    };
}

every_command! {
    Order(OrderCommand): PlaceOrder, RequestCancellation, CancelOrder, RejectOrder, CompleteOrder;
    Payment(PaymentCommand): RequestPayment, SubmitPayment, ApprovePayment, DeclinePayment,
        MarkPaymentUnknown, ExpirePayment, VoidPayment, RequestRefund, ConfirmRefund, FailRefund;
    Delivery(DeliveryCommand): PrepareDelivery, StartDelivery, CompleteDelivery, FailDelivery,
        CancelDelivery;
}

/// The golden lines, name and hash, after what is missing was added where that is wanted.
static LINES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let mut lines = read_lines();
    if is_updating() {
        for (name, command) in samples() {
            lines.entry(name).or_insert_with(|| hash(&command));
        }
        write_lines(&lines);
    }
    lines
});

fn hash(command: &Command) -> String {
    command.hash().digest().to_string()
}

fn read_lines() -> BTreeMap<String, String> {
    let text = fs::read_to_string(golden().join(FILE)).unwrap_or_default();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let pairs = lines.map(|line| {
        let (hash, name) = line.split_once("  ").expect("a hash, then a name");
        (name.to_owned(), hash.to_owned())
    });
    pairs.collect()
}

fn write_lines(lines: &BTreeMap<String, String>) {
    let text = lines.iter().map(|(name, hash)| format!("{hash}  {name}\n"));
    let text: String = text.collect();
    fs::write(golden().join(FILE), format!("{HEADER}{text}")).expect("a written file");
}

#[test]
fn every_command_hashes_as_it_always_did() {
    let samples = samples().into_iter();
    let hashes: BTreeMap<_, _> = samples
        .map(|(name, command)| (name, hash(&command)))
        .collect();
    assert_eq!(
        hashes, *LINES,
        "UPDATE_GOLDEN=1 adds what is missing, and only that"
    );
}

#[test]
fn every_command_has_a_golden_hash() {
    let commands: BTreeSet<_> = samples().values().map(name).collect();
    assert_eq!(commands, NAMES.iter().copied().collect());
}

#[test]
fn no_two_commands_hash_alike() {
    let samples = samples();
    let hashes: BTreeSet<_> = samples.values().map(hash).collect();
    assert_eq!(hashes.len(), samples.len());
}
