//! See `ordertrace_fuzz::message`.

#![cfg_attr(fuzzing, no_main)]

ordertrace_fuzz::target!(message);
