//! See `ordertrace_fuzz::payload`.

#![cfg_attr(fuzzing, no_main)]

ordertrace_fuzz::target!(payload);
