//! What is wrong with a body's fields, collected.

use std::fmt::Display;

use ordertrace_domain::{InvalidMoney, InvalidOrder, InvalidText};

use crate::{FieldError, Problem, ProblemKind};

/// The most faults that are listed. A body has room for thousands of unknown fields, and nobody fixes them one by one.
const FAULTS_LISTED_MAX: usize = 20;

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    is_money: bool,
    detail: String,
}

impl Fault {
    /// A field that is not valid, and why; read after the field's name.
    pub fn validation(detail: impl Display) -> Self {
        Self {
            is_money: false,
            detail: detail.to_string(),
        }
    }

    /// An amount or a currency that is not valid, and why.
    pub fn money(detail: impl Display) -> Self {
        Self {
            is_money: true,
            ..Self::validation(detail)
        }
    }

    /// The same fault, as one of an amount.
    #[must_use]
    pub(super) fn of_money(self) -> Self {
        Self {
            is_money: true,
            ..self
        }
    }
}

impl From<InvalidText> for Fault {
    fn from(invalid: InvalidText) -> Self {
        Self::validation(invalid)
    }
}

impl From<InvalidMoney> for Fault {
    fn from(invalid: InvalidMoney) -> Self {
        Self::money(invalid)
    }
}

impl From<InvalidOrder> for Fault {
    fn from(invalid: InvalidOrder) -> Self {
        match invalid {
            InvalidOrder::ProductId | InvalidOrder::Quantity | InvalidOrder::LineCount => {
                Self::validation(invalid)
            }
            InvalidOrder::TotalMismatch(_) | InvalidOrder::Money(_) => Self::money(invalid),
        }
    }
}

/// All faults of one body.
#[derive(Debug, Default)]
pub(super) struct Faults {
    listed: Vec<FieldError>,
    count: usize,
    /// Whether a fault is about anything but money: then the whole body is called invalid, not just its money.
    has_other: bool,
}

impl Faults {
    pub(super) const fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(super) fn add(&mut self, pointer: String, fault: Fault) {
        self.count += 1;
        self.has_other |= !fault.is_money;
        if self.listed.len() < FAULTS_LISTED_MAX {
            self.listed.push(FieldError {
                pointer,
                detail: fault.detail,
            });
        }
    }

    pub(super) fn into_problem(self) -> Problem {
        let kind = if self.has_other {
            ProblemKind::Validation
        } else {
            ProblemKind::InvalidMoney
        };
        let unlisted = self.count - self.listed.len();
        let problem = Problem::fields(kind, self.listed);
        if unlisted > 0 {
            problem.with_detail(format!(
                "{} fields are not valid; the first {FAULTS_LISTED_MAX} are listed",
                self.count
            ))
        } else {
            problem
        }
    }
}
