//! See `ordertrace_fuzz::idempotency_key`.

#![cfg_attr(fuzzing, no_main)]

ordertrace_fuzz::target!(idempotency_key);
