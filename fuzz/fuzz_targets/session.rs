//! See `ordertrace_fuzz::session`.

#![cfg_attr(fuzzing, no_main)]

ordertrace_fuzz::target!(session);
