//! See `ordertrace_fuzz::checkpoint`.

#![cfg_attr(fuzzing, no_main)]

ordertrace_fuzz::target!(checkpoint);
