//! See `ordertrace_fuzz::issuer_keys`.

#![cfg_attr(fuzzing, no_main)]

ordertrace_fuzz::target!(issuer_keys);
