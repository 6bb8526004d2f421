//! Something that is wrong, and where.

use std::fmt;

use ordertrace_domain::{Hash, Sequence};

use super::Wrong;

/// Something that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The position of the event, where it is one event that is wrong.
    pub position: Option<Sequence>,
    /// What is wrong.
    pub wrong: Wrong,
}

/// Which checkpoint is spoken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Note {
    /// The one that the file is proven by.
    OfFile,
    /// The one that somebody kept.
    Kept,
    /// The published one with this number.
    Published(Sequence),
}

/// Which root is spoken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// That of the tree over the log.
    Tree,
    /// That of the map of the orders.
    Map,
}

/// A root that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// This root.
    Root(Hash),
    /// Not the one that was expected; which one, is not known.
    Another,
}

impl Finding {
    /// Something that is wrong with one event.
    pub(super) const fn at(position: Sequence, wrong: Wrong) -> Self {
        Self {
            position: Some(position),
            wrong,
        }
    }

    /// A name that does not change, for programs.
    pub const fn code(&self) -> &'static str {
        self.wrong.code()
    }
}

impl From<Wrong> for Finding {
    fn from(wrong: Wrong) -> Self {
        Self {
            position: None,
            wrong,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            Some(position) => write!(f, "position {position}: {}", self.wrong),
            None => self.wrong.fmt(f),
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OfFile => f.write_str("the checkpoint"),
            Self::Kept => f.write_str("the checkpoint that was kept"),
            Self::Published(number) => write!(f, "checkpoint {number}"),
        }
    }
}

impl fmt::Display for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tree => "tree",
            Self::Map => "map",
        })
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root(root) => root.fmt(f),
            Self::Another => f.write_str("another one"),
        }
    }
}
