//! One person and one order: what he asks for, again and again, in his own time.

use std::{sync::Arc, time::Duration};

use ordertrace_domain::{
    Actor, ActorId, ActorKind, CancellationCause, Command, CommandId, CommandRequest, CustomerId,
    Delivery, DeliveryCommand, Order, OrderCommand, Payment, PaymentCommand, Reason, Version,
    stuck,
};
use tokio::time::sleep;

use super::{
    api::{Answer, Api},
    order::{Place, id},
};
use crate::{
    view::{Disk, Reader},
    world::{Fault, World, lock},
};

/// What somebody has to do with an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Customer,
    Courier,
    Operator,
}

/// How often somebody does something at most.
const DEEDS_MAX: u64 = 9;

/// How long he waits before it at most.
const WAIT_MS_MAX: u64 = 10_000;

/// How often a command without an answer is given again.
const TRIES_MAX: u32 = 6;

pub(crate) struct Person {
    pub(crate) api: Arc<Api>,
    pub(crate) role: Role,
    pub(crate) place: Place,
    pub(crate) views: Vec<Arc<Disk>>,
}

impl Person {
    /// Does what he does, and then no more.
    pub(crate) async fn live(self) {
        let world = &self.api.world;
        if self.role == Role::Customer {
            sleep(world.between_ms(0, 3_000)).await;
            self.give(self.place.command.clone().into(), None).await;
        }
        for _ in 0..world.below(DEEDS_MAX + 1) {
            sleep(world.between_ms(0, WAIT_MS_MAX)).await;
            let state = lock(&self.api.server.truth).state(self.place.order);
            if self.role == Role::Operator && self.resumes(state.order()).await {
                continue;
            }
            let Some(command) = self.choose(state.order()) else {
                continue;
            };
            let expected = (world.below(10) == 0).then(|| {
                let behind = world.below(2);
                Version::new(state.version().get().saturating_sub(behind))
            });
            self.give(command, expected).await;
        }
    }

    async fn resumes(&self, order: Option<&Order>) -> bool {
        let patience = self.api.world.terms.policy.patience();
        let stuck = order.and_then(|order| stuck(order, Duration::ZERO, &patience));
        let (Some(_), Some(order)) = (stuck, order) else {
            return false;
        };
        self.api.resume(self.place.order, order.version).await;
        true
    }

    /// What fits the order as it is; now and then anything at all; or nothing.
    fn choose(&self, order: Option<&Order>) -> Option<Command> {
        let world = &self.api.world;
        if world.below(4) == 0 {
            return Some(anything(world, self.role, &self.place));
        }
        order.and_then(|order| fitting(world, self.role, order))
    }

    /// Gives a command until there is an answer that settles it.
    async fn give(&self, command: Command, expected_version: Option<Version>) {
        let world = &self.api.world;
        let request = self.request(command, expected_version);
        for _ in 0..TRIES_MAX {
            let answer = self.give_once(&request).await;
            if let Some(Ok(answer)) = answer {
                if let Ok(outcome) = answer {
                    self.look(outcome.position.sequence, outcome.version())
                        .await;
                    self.again(&request).await;
                }
                return;
            }
            sleep(world.between_ms(100, 3_000)).await;
        }
    }

    async fn give_once(&self, request: &CommandRequest) -> Option<Answer> {
        if self.api.world.strikes(Fault::CommandDoubled) {
            let both = futures::future::join(self.api.give(request), self.api.give(request));
            return both.await.0;
        }
        self.api.give(request).await
    }

    /// A client that is not sure gives the same again; a bad one gives something else under the same id.
    async fn again(&self, request: &CommandRequest) {
        let world = &self.api.world;
        if world.below(8) == 0 {
            self.api.give(request).await;
        }
        if world.strikes(Fault::KeyReused)
            && let Some(command) = self.other(&request.command)
        {
            let mut other = request.clone();
            other.command = command;
            self.api.give(&other).await;
        }
    }

    fn other(&self, command: &Command) -> Option<Command> {
        match command {
            Command::Order(OrderCommand::PlaceOrder(_)) => {
                self.place.other(&self.api.world).map(Command::from)
            }
            Command::Order(_) | Command::Payment(_) | Command::Delivery(_) => {
                Some(cancellation("something else"))
            }
        }
    }

    /// Looks at the order in one of the views.
    async fn look(&self, after: ordertrace_domain::Sequence, known: Version) {
        let world = &self.api.world;
        let view = &self.views[world.pick(self.views.len())];
        let order = self.place.order;
        Reader::of(view).read(world, order, after, known).await;
    }

    fn request(&self, command: Command, expected_version: Option<Version>) -> CommandRequest {
        let world = &self.api.world;
        let command_id = CommandId::from_uuid(id(world));
        let is_placing = matches!(command, Command::Order(OrderCommand::PlaceOrder(_)));
        CommandRequest {
            order_id: self.place.order,
            command,
            command_id,
            actor: actor(self.role),
            causation_id: None,
            correlation_id: command_id.into(),
            traceparent: None,
            expected_version,
            within: self.within(world).filter(|_| !is_placing),
        }
    }

    /// A customer reaches his own orders; now and then he tries another's.
    fn within(&self, world: &World) -> Option<CustomerId> {
        if self.role != Role::Customer {
            return None;
        }
        match world.below(12) {
            0 => CustomerId::parse("somebody-else").ok(),
            _ => Some(self.place.customer.clone()),
        }
    }
}

fn actor(role: Role) -> Actor {
    let kind = match role {
        Role::Customer => ActorKind::Customer,
        Role::Courier => ActorKind::Courier,
        Role::Operator => ActorKind::Operator,
    };
    let id = ActorId::parse(kind.name());
    id.map_or_else(|_| Actor::anonymous(), |id| Actor { kind, id })
}

fn cancellation(reason: &str) -> Command {
    OrderCommand::RequestCancellation {
        cause: CancellationCause::Requested,
        reason: Some(Reason::lossy(reason)),
    }
    .into()
}

fn fail_delivery() -> Command {
    let reason = Reason::lossy("nobody home");
    DeliveryCommand::FailDelivery { reason }.into()
}

fn fitting(world: &World, role: Role, order: &Order) -> Option<Command> {
    let is_cash = !order.placed.payment_method.is_card();
    match (role, &order.payment, &order.delivery) {
        (Role::Operator, Payment::Requested { .. }, _) if is_cash => {
            Some(PaymentCommand::ApprovePayment { provider_ref: None }.into())
        }
        (Role::Courier, _, Delivery::Started { .. }) => Some(match world.below(3) {
            0 => fail_delivery(),
            _ => DeliveryCommand::CompleteDelivery.into(),
        }),
        (Role::Courier, _, Delivery::Failed { .. }) => Some(DeliveryCommand::StartDelivery.into()),
        (Role::Customer | Role::Courier | Role::Operator, _, _) => None,
    }
}

fn anything(world: &World, role: Role, place: &Place) -> Command {
    match (role, world.below(3)) {
        (Role::Customer, 0) => cancellation("changed my mind"),
        (Role::Customer, _) => place.command.clone().into(),
        (Role::Courier, 0) => fail_delivery(),
        (Role::Courier, 1) => DeliveryCommand::StartDelivery.into(),
        (Role::Courier, _) => DeliveryCommand::CompleteDelivery.into(),
        (Role::Operator, 0) => PaymentCommand::RequestRefund.into(),
        (Role::Operator, 1) => PaymentCommand::ApprovePayment { provider_ref: None }.into(),
        (Role::Operator, _) => PaymentCommand::DeclinePayment {
            provider_ref: None,
            reason: Reason::lossy("not paid"),
        }
        .into(),
    }
}
