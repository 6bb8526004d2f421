//! An object's fields, read one by one; each fault is noted with a pointer to its place, and reading goes on.
//!
//! Invariant: whoever holds a [`Faulty`] knows that a fault is noted, so an object is never refused without a reason.

use std::collections::BTreeMap;

use super::{
    Fault,
    fault::Faults,
    value::{Json, Node},
};

/// The longest unknown field that is named in an answer; a longer one is the sender's accident, or a prank.
const NAME_CHARS_MAX: usize = 64;

/// What can be read from a JSON object.
pub trait FromJson: Sized {
    /// Takes the fields it wants. What it leaves is an unknown field, unless it calls [`Fields::ignore_others`].
    ///
    /// # Errors
    /// [`Faulty`] when a field that it needs is not valid; other faults are noted all the same.
    fn from_json(fields: &mut Fields<'_>) -> Result<Self, Faulty>;
}

/// Proof that a fault was noted.
#[derive(Debug)]
#[non_exhaustive]
pub struct Faulty {}

/// The fields of one object. One that is `null` counts as left out, if it is one that there is.
#[derive(Debug)]
pub struct Fields<'f> {
    object: BTreeMap<String, Node>,
    pointer: String,
    faults: &'f mut Faults,
    ignores_others: bool,
}

/// Reads a value that has to be an object.
pub(super) fn read_object<T: FromJson>(
    value: Json,
    pointer: String,
    faults: &mut Faults,
) -> Result<T, Faulty> {
    let Node::Object(object) = value.0 else {
        faults.add(pointer, Fault::validation("must be a JSON object"));
        return Err(Faulty {});
    };
    let mut fields = Fields {
        object,
        pointer,
        faults,
        ignores_others: false,
    };
    let read = T::from_json(&mut fields);
    fields.refuse_others();
    read
}

impl Fields<'_> {
    /// A field that has to be there.
    ///
    /// # Errors
    /// The field is missing, or `read` does not take its value.
    pub fn required<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(Json) -> Result<T, Fault>,
    ) -> Result<T, Faulty> {
        let found = self.optional(name, read)?;
        found.ok_or_else(|| self.fault(name, Fault::validation("is missing")))
    }

    /// A field that may be left out.
    ///
    /// # Errors
    /// `read` does not take its value.
    pub fn optional<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(Json) -> Result<T, Fault>,
    ) -> Result<Option<T>, Faulty> {
        match self.take(name) {
            None => Ok(None),
            Some(value) => read(value)
                .map(Some)
                .map_err(|fault| self.fault(name, fault)),
        }
    }

    /// A field that has to be a list of objects.
    ///
    /// # Errors
    /// It is missing, no list, or one of its objects is not valid.
    pub fn list<T: FromJson>(&mut self, name: &str) -> Result<Vec<T>, Faulty> {
        let elements = self.required(name, |value| match value.0 {
            Node::List(elements) => Ok(elements),
            _ => Err(Fault::validation("must be a list")),
        })?;
        let list = self.pointer_to(name);
        let read: Vec<Result<T, Faulty>> = elements
            .into_iter()
            .enumerate()
            .map(|(index, node)| read_object(Json(node), format!("{list}/{index}"), self.faults))
            .collect();
        read.into_iter().collect()
    }

    /// Whether a field is there. Asked for so, it is one that there is: `null` is taken for it.
    pub fn has(&mut self, name: &str) -> bool {
        if self.object.get(name) == Some(&Node::Null) {
            self.object.remove(name);
        }
        self.object.contains_key(name)
    }

    /// Refuses a field that may not be there beside others, if it is there.
    ///
    /// # Errors
    /// It is.
    pub fn forbidden(&mut self, name: &str, why: &str) -> Result<(), Faulty> {
        match self.take(name) {
            None => Ok(()),
            Some(_) => Err(self.fault(name, Fault::validation(why))),
        }
    }

    /// Notes what is wrong with a field that was read before.
    #[must_use = "reading goes on without the field, unless this is returned"]
    pub fn fault(&mut self, name: &str, fault: Fault) -> Faulty {
        let pointer = self.pointer_to(name);
        self.faults.add(pointer, fault);
        Faulty {}
    }

    /// Lets fields that nobody reads pass.
    pub const fn ignore_others(&mut self) {
        self.ignores_others = true;
    }

    fn take(&mut self, name: &str) -> Option<Json> {
        let node = self.object.remove(name)?;
        (node != Node::Null).then_some(Json(node))
    }

    fn pointer_to(&self, name: &str) -> String {
        // RFC 6901, section 3.
        let token = name.replace('~', "~0").replace('/', "~1");
        format!("{}/{token}", self.pointer)
    }

    fn refuse_others(&mut self) {
        if self.ignores_others {
            return;
        }
        for name in std::mem::take(&mut self.object).into_keys() {
            let (pointer, detail) = if is_fit_to_show(&name) {
                (self.pointer_to(&name), "is not a field of this request")
            } else {
                let detail = "has a field that is not one of this request";
                (self.pointer.clone(), detail)
            };
            self.faults.add(pointer, Fault::validation(detail));
        }
    }
}

fn is_fit_to_show(name: &str) -> bool {
    name.len() <= NAME_CHARS_MAX && name.bytes().all(|byte| byte.is_ascii_graphic())
}
