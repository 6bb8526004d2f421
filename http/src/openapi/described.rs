//! The description of one operation.

use utoipa::openapi::{
    Content, Ref, RefOr, Required, Schema, SecurityRequirement,
    path::{Operation, OperationBuilder, Parameter},
    request_body::RequestBodyBuilder,
};

use super::{
    Answer, Schemas,
    document::{API_KEY, Shared, TOKEN},
    problem,
};
use crate::{Access, ProblemKind, Roles};

/// What is answered to somebody who may not call an operation.
const NOT_ADMITTED: [ProblemKind; 3] = [
    ProblemKind::InvalidToken,
    ProblemKind::Forbidden,
    ProblemKind::NoKeys,
];

/// Whoever has one of the roles is let in, by a token or a key.
fn demand(operation: OperationBuilder, roles: Roles) -> OperationBuilder {
    let schemes = [TOKEN, API_KEY];
    let alternatives = roles.iter().flat_map(|role| schemes.map(|it| (it, role)));
    alternatives.fold(operation, |operation, (scheme, role)| {
        operation.security(SecurityRequirement::new(scheme, [role.name()]))
    })
}

/// What an operation takes and answers.
#[must_use = "a description belongs to a route"]
pub struct Described {
    id: String,
    access: Access,
    operation: OperationBuilder,
    answers: Vec<Answer>,
    problems: Vec<ProblemKind>,
    schemas: Schemas,
}

impl Described {
    /// An operation, by its name for programs, its group, who may call it, and what it does.
    pub fn new(id: &str, tag: &str, access: Access, summary: &str) -> Self {
        let operation = OperationBuilder::new()
            .operation_id(Some(id))
            .tag(tag)
            .summary(Some(summary));
        let (operation, problems) = match access.roles() {
            Some(roles) => (demand(operation, roles), NOT_ADMITTED.to_vec()),
            None => (operation, Vec::new()),
        };
        Self {
            id: id.to_owned(),
            access,
            operation,
            answers: Vec::new(),
            problems,
            schemas: Schemas::default(),
        }
    }

    /// Says more about it.
    pub fn explained(mut self, description: &str) -> Self {
        self.operation = self.operation.description(Some(description));
        self
    }

    /// It takes these parameters.
    pub fn takes(mut self, parameters: impl IntoIterator<Item = Parameter>) -> Self {
        let parameters = parameters.into_iter();
        self.operation = parameters.fold(self.operation, OperationBuilder::parameter);
        self
    }

    /// It takes a body of JSON.
    pub fn body(
        mut self,
        required: Required,
        schema: impl FnOnce(&mut Schemas) -> RefOr<Schema>,
        examples: &[(&str, serde_json::Value)],
    ) -> Self {
        let mut content = Content::new(Some(schema(&mut self.schemas)));
        for (name, value) in examples {
            let example = utoipa::openapi::example::ExampleBuilder::new();
            let example = example.value(Some(value.clone())).build();
            content
                .examples
                .insert((*name).to_owned(), RefOr::T(example));
        }
        let body = RequestBodyBuilder::new()
            .required(Some(required))
            .content("application/json", content);
        self.operation = self.operation.request_body(Some(body.build()));
        self
    }

    /// It answers this.
    pub fn answers(mut self, answer: impl FnOnce(&mut Schemas) -> Answer) -> Self {
        let answer = answer(&mut self.schemas);
        self.answers.push(answer);
        self
    }

    /// It has these problems.
    pub fn problems(mut self, kinds: impl IntoIterator<Item = ProblemKind>) -> Self {
        self.problems.extend(kinds);
        self
    }

    /// Who may call it.
    pub const fn access(&self) -> Access {
        self.access
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn build(self, shared: &mut Shared) -> Operation {
        shared.schemas.merge(self.schemas);
        let mut problems = problem::by_status(&self.problems);
        let mut operation = self.operation;
        for answer in self.answers {
            let status = answer.status;
            let mut response = answer.build(&shared.operations);
            // A status may come as an answer and as a problem: then it has both contents.
            if let Some(kinds) = problems.remove(&status) {
                let problem = problem::response(status, &kinds, &mut shared.schemas);
                response.description = format!("{} {}", response.description, problem.description);
                response.content.extend(problem.content);
                response.headers.extend(problem.headers);
            }
            operation = operation.response(status.as_str(), response);
        }
        for (status, kinds) in problems {
            let name = problem::name(&kinds);
            let response = problem::response(status, &kinds, &mut shared.schemas);
            operation = operation.response(status.as_str(), Ref::from_response_name(&name));
            shared.responses.insert(name, response);
        }
        operation.build()
    }
}
