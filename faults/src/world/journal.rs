//! The journal: every step of a simulation, hashed in turn, so that two runs are the same if their hashes are.

use std::{
    fmt::{self, Write},
    time::Duration,
};

use super::Coverage;
use crate::oracle::{Check, Violation};

/// The parameters of FNV-1a, 64 bit (RFC 9923).
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

pub(crate) struct Journal {
    pub(crate) coverage: Coverage,
    pub(crate) violation: Option<Violation>,
    pub(crate) steps: u64,
    pub(crate) lines: Option<Vec<String>>,
    hash: Hasher,
}

struct Hasher(u64);

impl Write for Hasher {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(FNV_PRIME);
        }
        Ok(())
    }
}

impl Journal {
    pub(crate) fn new(is_told: bool) -> Self {
        Self {
            coverage: Coverage::default(),
            violation: None,
            steps: 0,
            lines: is_told.then(Vec::new),
            hash: Hasher(FNV_OFFSET),
        }
    }

    pub(crate) fn note(&mut self, at: Duration, what: fmt::Arguments<'_>) {
        self.steps += 1;
        // Writing to memory does not fail.
        let _ = writeln!(self.hash, "{} {what}", at.as_micros());
        if let Some(lines) = &mut self.lines {
            let number = self.steps;
            lines.push(format!("{number:>6} {:>11.6} s  {what}", at.as_secs_f64()));
        }
    }

    pub(crate) fn broken(&mut self, check: Check, what: String) {
        let step = self.steps;
        self.violation
            .get_or_insert(Violation { check, what, step });
    }

    pub(crate) const fn trace_hash(&self) -> u64 {
        self.hash.0
    }
}
