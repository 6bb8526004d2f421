//! As whom to connect, and how the way to the servers is kept from others.
//!
//! Invariant: only paths are held here, so that nothing secret can be shown; what is in the files goes to the client alone,
//! and no error repeats it. Whatever is wrong with them is told before a server is asked.

use std::path::{Path, PathBuf};

use super::error::ConnectError;

/// Credentials and TLS.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// As whom.
    pub identity: Identity,
    /// Refuse a server that does not speak TLS.
    pub tls_required: bool,
    /// The authority to trust, as PEM, in place of those of this machine.
    pub tls_ca: Option<PathBuf>,
    /// Who this process is to the servers.
    pub tls_client: Option<ClientCertificate>,
}

/// As whom to connect.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Identity {
    /// As whoever the address names, or nobody.
    #[default]
    FromAddress,
    /// As the user whose nkey seed is in this file.
    Nkey(PathBuf),
    /// As the user of this credentials file: a JWT and its seed.
    Creds(PathBuf),
}

/// A certificate for this process, as PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    /// The certificate, with those between it and the authority.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

impl Access {
    /// Adds them to the client's options.
    pub(super) fn apply(
        &self,
        options: async_nats::ConnectOptions,
    ) -> Result<async_nats::ConnectOptions, ConnectError> {
        let mut options = match &self.identity {
            Identity::FromAddress => options,
            Identity::Nkey(path) => options.nkey(seed(path)?),
            Identity::Creds(path) => {
                let creds = read(path)?;
                let with_creds = options.credentials(&creds);
                with_creds.map_err(|_| bad(path, "a credentials file"))?
            }
        };
        if let Some(ca) = &self.tls_ca {
            options = options.add_root_certificates(pem(ca)?);
        }
        if let Some(ClientCertificate { certificate, key }) = &self.tls_client {
            options = options.add_client_certificate(pem(certificate)?, pem(key)?);
        }
        Ok(options.require_tls(self.requires_tls()))
    }

    /// Who names an authority or a certificate means it.
    pub(super) fn requires_tls(&self) -> bool {
        self.tls_required || self.tls_ca.is_some() || self.tls_client.is_some()
    }
}

/// The seed in a file: alone, or between the lines of comment that tools write.
fn seed(path: &Path) -> Result<String, ConnectError> {
    let text = read(path)?;
    let seed = text
        .lines()
        .map(str::trim)
        .find(|line| line.starts_with("SU"));
    let seed = seed.filter(|seed| nkeys::KeyPair::from_seed(seed).is_ok());
    seed.map(str::to_owned)
        .ok_or_else(|| bad(path, "the seed of a user's nkey"))
}

/// The client reads these itself, but tells what is wrong with them to nobody.
fn pem(path: &Path) -> Result<PathBuf, ConnectError> {
    match read(path)?.contains("-----BEGIN ") {
        true => Ok(path.to_owned()),
        false => Err(bad(path, "PEM")),
    }
}

fn read(path: &Path) -> Result<String, ConnectError> {
    std::fs::read_to_string(path).map_err(|source| ConnectError::UnreadableFile {
        path: path.to_owned(),
        source,
    })
}

fn bad(path: &Path, expected: &'static str) -> ConnectError {
    ConnectError::BadFile {
        path: path.to_owned(),
        expected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        file
    }

    fn refused(access: &Access) -> String {
        let applied = access.apply(async_nats::ConnectOptions::new());
        applied.err().unwrap().to_string()
    }

    #[test]
    fn a_seed_is_found_between_comments_and_a_bad_one_is_not_repeated() {
        let secret = nkeys::KeyPair::new_user().seed().unwrap();
        let good = file(&format!("# of the saga\n {secret} \n"));
        assert_eq!(seed(good.path()).unwrap(), secret);
        let spoilt = secret.replace('U', "V");
        for text in [spoilt.as_str(), &secret[..20], ""] {
            let bad = file(text);
            let access = Access {
                identity: Identity::Nkey(bad.path().to_owned()),
                ..Access::default()
            };
            let told = refused(&access);
            assert!(told.contains("seed of a user's nkey"), "{told}");
            assert!(text.is_empty() || !told.contains(text), "{told}");
        }
    }

    #[test]
    fn files_that_are_none_are_told_before_any_server_is_asked() {
        let empty = file("nothing");
        let path = empty.path().to_owned();
        for access in [
            Access {
                tls_ca: Some(path.clone()),
                ..Access::default()
            },
            Access {
                identity: Identity::Creds(path.clone()),
                ..Access::default()
            },
            Access {
                tls_ca: Some(path.join("nowhere")),
                ..Access::default()
            },
        ] {
            assert!(refused(&access).contains(&*path.to_string_lossy()));
        }
    }

    #[test]
    fn who_names_an_authority_means_tls() {
        let named = Access {
            tls_ca: Some("ca.pem".into()),
            ..Access::default()
        };
        assert!(named.requires_tls());
        assert!(!Access::default().requires_tls());
    }
}
