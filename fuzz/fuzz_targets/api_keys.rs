//! See `ordertrace_fuzz::api_keys`.

#![cfg_attr(fuzzing, no_main)]

ordertrace_fuzz::target!(api_keys);
