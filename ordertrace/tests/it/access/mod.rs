//! Who may call what, and whose orders they reach by it: every operation of the API, asked by everybody.
//!
//! The routes of all roles run in this process on one log in memory, behind a layer that says who asks; how somebody comes to
//! be known is tested where tokens and keys are. Another's order is compared with a missing one byte for byte.

mod documented;
mod matrix;
mod operations;
mod own;
mod scene;
mod table;
mod unlike;
