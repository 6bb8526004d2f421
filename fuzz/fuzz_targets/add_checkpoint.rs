//! See `ordertrace_fuzz::add_checkpoint`.

#![cfg_attr(fuzzing, no_main)]

ordertrace_fuzz::target!(add_checkpoint);
