//! Whether those who say who they are get in, and nobody else does: through the layer, as a server has it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod api_keys;
mod forged;
mod forgeries;
mod issuer;
mod logs;
mod sessions;
mod shop;
mod standing;
mod tokens;
