//! Commands: what is asked of an order, and the fingerprint by which a repeat is told from another command.

use serde::{Deserialize, Serialize};

use crate::{DeliveryCommand, Hash, OrderCommand, PaymentCommand};

/// Any command, for the decider it is meant for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Command {
    /// For the order itself.
    Order(OrderCommand),
    /// For its payment.
    Payment(PaymentCommand),
    /// For its delivery.
    Delivery(DeliveryCommand),
}

impl Command {
    /// Its name, as the documentation has it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Order(command) => match command {
                OrderCommand::PlaceOrder(_) => "PlaceOrder",
                OrderCommand::RequestCancellation { .. } => "RequestCancellation",
                OrderCommand::CancelOrder => "CancelOrder",
                OrderCommand::RejectOrder => "RejectOrder",
                OrderCommand::CompleteOrder => "CompleteOrder",
            },
            Self::Payment(command) => match command {
                PaymentCommand::RequestPayment => "RequestPayment",
                PaymentCommand::SubmitPayment { .. } => "SubmitPayment",
                PaymentCommand::ApprovePayment { .. } => "ApprovePayment",
                PaymentCommand::DeclinePayment { .. } => "DeclinePayment",
                PaymentCommand::MarkPaymentUnknown { .. } => "MarkPaymentUnknown",
                PaymentCommand::ExpirePayment { .. } => "ExpirePayment",
                PaymentCommand::VoidPayment { .. } => "VoidPayment",
                PaymentCommand::RequestRefund => "RequestRefund",
                PaymentCommand::ConfirmRefund { .. } => "ConfirmRefund",
                PaymentCommand::FailRefund { .. } => "FailRefund",
            },
            Self::Delivery(command) => match command {
                DeliveryCommand::PrepareDelivery { .. } => "PrepareDelivery",
                DeliveryCommand::StartDelivery => "StartDelivery",
                DeliveryCommand::CompleteDelivery => "CompleteDelivery",
                DeliveryCommand::FailDelivery { .. } => "FailDelivery",
                DeliveryCommand::CancelDelivery { .. } => "CancelDelivery",
            },
        }
    }

    /// SHA-256 of the command's canonical form: its MessagePack with named fields, `{"PlaceOrder": {…}}`.
    ///
    /// It stands in every event, and a repeat years later is compared with it, so a command's form is as frozen as an
    /// event's: golden tests hold it. A field that is added later is optional and left out when it is not given, so
    /// that every earlier command keeps its hash.
    pub fn hash(&self) -> CommandHash {
        #[expect(
            clippy::expect_used,
            reason = "a command is plain data, and writing to memory does not fail"
        )]
        let canonical = rmp_serde::to_vec_named(self).expect("a command encodes");
        CommandHash(Hash::of(&canonical))
    }
}

/// The fingerprint of a command: same id and same hash is a repeat, same id and another hash is a mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CommandHash(Hash);

impl CommandHash {
    /// The digest inside.
    pub const fn digest(&self) -> &Hash {
        &self.0
    }
}

impl From<OrderCommand> for Command {
    fn from(command: OrderCommand) -> Self {
        Self::Order(command)
    }
}

impl From<PaymentCommand> for Command {
    fn from(command: PaymentCommand) -> Self {
        Self::Payment(command)
    }
}

impl From<DeliveryCommand> for Command {
    fn from(command: DeliveryCommand) -> Self {
        Self::Delivery(command)
    }
}
