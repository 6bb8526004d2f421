//! See `ordertrace_fuzz::verify`.

#![cfg_attr(fuzzing, no_main)]

ordertrace_fuzz::target!(verify);
