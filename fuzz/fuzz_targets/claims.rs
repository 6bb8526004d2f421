//! See `ordertrace_fuzz::claims`.

#![cfg_attr(fuzzing, no_main)]

ordertrace_fuzz::target!(claims);
