//! See `ordertrace_fuzz::credential`.

#![cfg_attr(fuzzing, no_main)]

ordertrace_fuzz::target!(credential);
