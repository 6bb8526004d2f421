//! See `ordertrace_fuzz::command`.

#![cfg_attr(fuzzing, no_main)]

ordertrace_fuzz::target!(command);
