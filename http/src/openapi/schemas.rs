//! Schemas with a name, which others refer to.

use std::collections::BTreeMap;

use utoipa::{
    ToSchema,
    openapi::{Ref, RefOr, Schema},
};

/// Named schemas.
///
/// Invariant: a name stands for one schema. Two that differ can't both be described, so the second is a mistake.
#[derive(Clone, Default)]
pub struct Schemas(BTreeMap<String, RefOr<Schema>>);

impl Schemas {
    /// Takes a type's schema and those it refers to; returns what refers to it.
    pub fn of<T: ToSchema>(&mut self) -> RefOr<Schema> {
        let mut others = Vec::new();
        T::schemas(&mut others);
        for (name, schema) in others {
            self.insert(name, schema);
        }
        self.named(T::name(), T::schema())
    }

    /// Takes a schema under a name; returns what refers to it.
    pub fn named(
        &mut self,
        name: impl Into<String>,
        schema: impl Into<RefOr<Schema>>,
    ) -> RefOr<Schema> {
        let name = name.into();
        let reference = RefOr::Ref(Ref::from_schema_name(&name));
        self.insert(name, schema.into());
        reference
    }

    /// Takes all of the others'.
    pub fn merge(&mut self, others: Self) {
        for (name, schema) in others.0 {
            self.insert(name, schema);
        }
    }

    /// All of them.
    pub fn into_inner(self) -> BTreeMap<String, RefOr<Schema>> {
        self.0
    }

    fn insert(&mut self, name: String, schema: RefOr<Schema>) {
        let known = self.0.entry(name.clone()).or_insert_with(|| schema.clone());
        assert!(
            *known == schema,
            "two different schemas have the name {name}"
        );
    }
}
