//! Turns: at most one decision of an order is on its way at a time; the others of that order wait behind it.
//!
//! Invariants: of the decisions let through, no two are of one order, so any of them may share a batch; and a decision
//! that can no longer win is never sent, so it can't spoil a batch. It deliberately knows nothing of lanes or batches.

use std::collections::{HashMap, VecDeque};

use ordertrace_domain::{OrderId, Sequence};

/// Something that belongs to an order and expects its last event at a sequence.
pub(super) trait Turn {
    /// Whose turn it is.
    fn order(&self) -> OrderId;
    /// Where it expects the order's last event.
    fn expected(&self) -> Sequence;
}

/// The orders that have a decision on its way, each with those that wait for their turn.
#[derive(Debug)]
pub(super) struct Turns<T> {
    waiting: HashMap<OrderId, VecDeque<T>>,
}

/// Who is next when a decision has left.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Next<T> {
    /// These expect a state that is no more: their conflict is certain.
    pub(super) lost: Vec<T>,
    /// Its turn has come.
    pub(super) ready: Option<T>,
}

impl<T: Turn> Turns<T> {
    pub(super) fn new() -> Self {
        Self {
            waiting: HashMap::new(),
        }
    }

    /// Gives it back if it is its turn; keeps it otherwise.
    pub(super) fn enter(&mut self, turn: T) -> Option<T> {
        match self.waiting.get_mut(&turn.order()) {
            Some(waiting) => {
                waiting.push_back(turn);
                None
            }
            None => {
                self.waiting.insert(turn.order(), VecDeque::new());
                Some(turn)
            }
        }
    }

    /// Ends an order's turn, whose decision was stored at this sequence, if it was.
    pub(super) fn leave(&mut self, order: OrderId, stored: Option<Sequence>) -> Next<T> {
        let mut lost = Vec::new();
        let waiting = self.waiting.entry(order).or_default();
        while let Some(next) = waiting.pop_front() {
            if stored.is_some_and(|stored| next.expected() < stored) {
                lost.push(next);
            } else {
                let ready = Some(next);
                return Next { lost, ready };
            }
        }
        self.waiting.remove(&order);
        Next { lost, ready: None }
    }

    /// Whether nothing is on its way.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Eq, Clone, Copy)]
    struct Expects(OrderId, u64);

    impl Turn for Expects {
        fn order(&self) -> OrderId {
            self.0
        }

        fn expected(&self) -> Sequence {
            Sequence::new(self.1)
        }
    }

    fn order(digit: char) -> OrderId {
        OrderId::parse(&format!("01890a5d-ac96-774b-bcce-b302099a805{digit}")).unwrap()
    }

    #[test]
    fn orders_do_not_wait_for_one_another() {
        let mut turns = Turns::new();
        assert!(turns.enter(Expects(order('1'), 0)).is_some());
        assert!(turns.enter(Expects(order('2'), 0)).is_some());
    }

    #[test]
    fn decisions_of_one_order_go_one_after_another() {
        let mut turns = Turns::new();
        let (first, second) = (Expects(order('1'), 3), Expects(order('1'), 3));
        assert_eq!(turns.enter(first), Some(first));
        assert_eq!(turns.enter(second), None);
        let next = turns.leave(order('1'), None);
        assert_eq!(
            next,
            Next {
                lost: vec![],
                ready: Some(second)
            }
        );
        assert!(turns.leave(order('1'), None).ready.is_none());
        assert!(turns.is_empty());
    }

    #[test]
    fn one_that_can_no_longer_win_is_not_let_through() {
        let mut turns = Turns::new();
        let beaten = Expects(order('1'), 3);
        let informed = Expects(order('1'), 9);
        turns.enter(beaten);
        turns.enter(beaten);
        turns.enter(informed);
        let next = turns.leave(order('1'), Some(Sequence::new(9)));
        assert_eq!(
            next,
            Next {
                lost: vec![beaten],
                ready: Some(informed)
            }
        );
    }
}
