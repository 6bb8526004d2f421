//! `ordertrace page` before the roles that it calls, all of them processes of their own: who logs in, what they then see and
//! do, and what becomes of it when a session ends or a role is away.
//!
//! What each page shows and which calls it makes is tested in `web/`.

mod browser;
pub(crate) mod town;

mod away;
mod orders;
mod sessions;
mod start;
