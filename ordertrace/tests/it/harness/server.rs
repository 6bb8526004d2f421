//! Servers: `dev`, and single roles.

use std::path::{Path, PathBuf};

use ordertrace_nats::managed::Endpoint;

use super::{Api, Program};

/// A running `ordertrace dev`.
pub(crate) struct Dev {
    pub(crate) program: Program,
    pub(crate) api: Api,
    pub(crate) addr: String,
    data_dir: PathBuf,
}

/// A running role.
pub(crate) struct Role {
    pub(crate) program: Program,
    pub(crate) api: Api,
    pub(crate) addr: String,
}

impl Dev {
    /// Starts `dev` on a data folder and a free port, and waits until it is ready.
    pub(crate) async fn start(data_dir: &Path, more: &[&str]) -> Self {
        let data = data_dir.to_str().unwrap();
        let args = ["dev", "--listen", "127.0.0.1:0", "--data-dir", data];
        let mut program = Program::start(args.iter().chain(more));
        let addr = program.said("where its API is", |stdout, _| {
            let rest = stdout.split_once("API      http://")?.1;
            Some(rest.split_once('\n')?.0.to_owned())
        });
        let addr = addr.await;
        let api = Api::at(&addr);
        api.ready().await;
        Self {
            program,
            api,
            addr,
            data_dir: data_dir.to_owned(),
        }
    }

    /// Where its nats-server is.
    pub(crate) fn nats(&self) -> Endpoint {
        self.find_nats().unwrap()
    }

    /// Where its nats-server is; `None` while there is none.
    pub(crate) fn find_nats(&self) -> Option<Endpoint> {
        Endpoint::read(&self.data_dir)
    }
}

impl Role {
    /// Starts a role on a free port, and waits until it is ready.
    pub(crate) async fn start(role: &str, more: &[&str]) -> Self {
        let (role, _) = Self::start_unready(role, more).await;
        role.api.ready().await;
        role
    }

    /// Starts a role on a free port, and waits until it says where it listens.
    pub(crate) async fn start_unready(role: &str, more: &[&str]) -> (Self, String) {
        let listen = ["--listen", "127.0.0.1:0"];
        let mut program = Program::start_with_env(
            role.split(' ').chain(listen).chain(more.iter().copied()),
            // Its address is in its log, which is to be read without colours.
            [("NO_COLOR", "1".to_owned())],
        );
        let addr = program.said("where it listens", |_, stderr| {
            let rest = stderr.split_once("http.addr=")?.1;
            Some(rest.split_whitespace().next()?.to_owned())
        });
        let addr = addr.await;
        let role = Self {
            program,
            api: Api::at(&addr),
            addr: addr.clone(),
        };
        (role, addr)
    }
}
