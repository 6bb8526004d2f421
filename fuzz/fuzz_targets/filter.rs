//! See `ordertrace_fuzz::filter`.

#![cfg_attr(fuzzing, no_main)]

ordertrace_fuzz::target!(filter);
