//! See `ordertrace_fuzz::export`.

#![cfg_attr(fuzzing, no_main)]

ordertrace_fuzz::target!(export);
