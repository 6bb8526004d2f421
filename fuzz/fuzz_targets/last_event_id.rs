//! See `ordertrace_fuzz::last_event_id`.

#![cfg_attr(fuzzing, no_main)]

ordertrace_fuzz::target!(last_event_id);
