//! The page, in a real Chromium, as people use it: what they see without a reload, when their connection breaks, without
//! scripts, with a keyboard alone, on a telephone.
//!
//! A machine without chromedriver skips these and says so; CI does not. What a page says in which case, and how the
//! browser's calls become calls of the API, is tested in `web/`.

mod chromium;

mod axe;
mod stage;

mod access;
mod list;
mod login;
mod no_scripts;
mod story;

mod pictures;
