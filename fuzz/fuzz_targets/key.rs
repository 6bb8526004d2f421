//! See `ordertrace_fuzz::key`.

#![cfg_attr(fuzzing, no_main)]

ordertrace_fuzz::target!(key);
