//! Values that are not shown again when they are wrong: an address may have a password in it.

use std::ffi::OsStr;

use clap::{Arg, Command, Error, builder::TypedValueParser, error::ErrorKind};

/// Reads a value with a function; what is wrong is told in that one's words, and not with the value.
#[derive(Clone)]
pub(super) struct Quiet<F>(pub(super) F);

impl<T, F> TypedValueParser for Quiet<F>
where
    F: Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static,
    T: Clone + Send + Sync + 'static,
{
    type Value = T;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<T, Error> {
        let read = value.to_str().map(&self.0);
        read.unwrap_or_else(|| Err("not text".to_owned()))
            .map_err(|why| {
                let name = argument.map(Arg::to_string).unwrap_or_default();
                let told = format!("invalid value for '{name}': {why}\n");
                Error::raw(ErrorKind::ValueValidation, told).with_cmd(command)
            })
    }
}
