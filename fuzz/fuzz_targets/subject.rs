//! See `ordertrace_fuzz::subject`.

#![cfg_attr(fuzzing, no_main)]

ordertrace_fuzz::target!(subject);
