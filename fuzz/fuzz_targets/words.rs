//! See `ordertrace_fuzz::words`.

#![cfg_attr(fuzzing, no_main)]

ordertrace_fuzz::target!(words);
