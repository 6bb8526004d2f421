//! See `ordertrace_fuzz::position`.

#![cfg_attr(fuzzing, no_main)]

ordertrace_fuzz::target!(position);
