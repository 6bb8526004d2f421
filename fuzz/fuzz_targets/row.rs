//! See `ordertrace_fuzz::row`.

#![cfg_attr(fuzzing, no_main)]

ordertrace_fuzz::target!(row);
