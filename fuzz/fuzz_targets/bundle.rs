//! See `ordertrace_fuzz::bundle`.

#![cfg_attr(fuzzing, no_main)]

ordertrace_fuzz::target!(bundle);
