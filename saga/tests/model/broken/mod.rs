//! Broken rules, one at a time: each is found, and by the property that is there for it.
//!
//! A model in which a broken rule goes unnoticed would prove nothing. What the deciders guard by themselves, such as that
//! no goods leave unpaid, no rule of the saga can break.

mod provider;
mod steps;
