//! See `ordertrace_fuzz::query`.

#![cfg_attr(fuzzing, no_main)]

ordertrace_fuzz::target!(query);
