//! See `ordertrace_fuzz::letter`.

#![cfg_attr(fuzzing, no_main)]

ordertrace_fuzz::target!(letter);
