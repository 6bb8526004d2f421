//! `ordertrace audit serve`: folds the log, signs checkpoints over it, and answers with proofs.

use std::{env, fs, path::Path, sync::Arc};

use anyhow::{Context as _, ensure};
use ordertrace_audit::{KeyUse, SecretKey, SignedCheckpoint};
use ordertrace_auditor::{Audit, AuditRoutes, Auditor, Settings, Witnesses, api};
use ordertrace_domain::{Checkpoints as _, Records};
use ordertrace_http::openapi::ApiRouter;
use ordertrace_nats::{JetStreamCheckpoints, JetStreamRecords};
use tokio_util::sync::CancellationToken;

use super::{
    Attached, Parts, announce, attach::attach_without_orders, keys::can_others_read,
    pulsed::Pulsed, unless_stopped,
};
use crate::{
    audit::public_keys,
    cli::{self, AuditKeyArgs, AuditServeArgs, CheckpointArgs},
    clock::SystemClock,
    metrics::Metrics,
    openapi,
    server::{Check, Health, Listener, Pulse, hosts_for, login_for},
    shutdown, telemetry,
};

/// The folder of the trees, in the data folder.
const AUDIT_FOLDER: &str = "audit";

/// Holds the secret key, unless a file does.
const KEY_VARIABLE: &str = "ORDERTRACE_AUDIT_KEY";

/// Runs the role until it is told to stop.
pub(crate) async fn run(args: AuditServeArgs) -> anyhow::Result<()> {
    telemetry::init(&args.process.logs, "audit")?;
    let login = login_for(args.listen, &args.exposure)?;
    let settings = settings(&args.keys, &args.checkpoints)?;
    let listener = Listener::bind(args.listen)?;
    let stop = shutdown::on_signal_with(args.server.drain())?;
    let metrics = Metrics::install()?;
    let attaching = attach_without_orders(&args.process, "audit");
    let Some(attached) = unless_stopped(&stop.leaving, attaching).await? else {
        return Ok(());
    };
    let folder = args
        .audit_dir
        .unwrap_or_else(|| args.process.data.data_dir.join(AUDIT_FOLDER));
    let audited = Audited::open(&attached, &folder, settings).await?;
    let checks = vec![attached.check(), audited.check(), login.check()];
    let health = Health::new(checks, args.server.wedged_after, stop.leaving.clone())
        .and_pulses([audited.pulse()]);
    let api = audited
        .routes(stop.closing.clone())
        .merge(metrics.api(&health))
        .merge(health.api());
    let routes = openapi::served(api);
    let hosts = hosts_for(listener.addr(), &args.exposure.hosts);
    announce("audit serve", listener.addr());
    let mut parts = Parts::new(stop.clone());
    attached.watch(&mut parts, stop.ending.clone());
    audited.start(&mut parts, stop.ending.clone());
    login.start(&mut parts, stop.ending.clone());
    metrics.start(&mut parts, stop.ending.clone());
    parts.serve(listener.serve(routes, hosts, login, args.server, stop));
    let result = parts.run().await;
    attached.connection.drain().await;
    result
}

/// The audit of this process.
pub(super) struct Audited {
    audit: Audit,
    auditor: Auditor,
    records: Arc<dyn Records>,
    settings: Settings,
    pulse: Pulse,
}

impl Audited {
    /// Opens the audit in its folder within the data folder.
    pub(super) async fn open_in(
        attached: &Attached,
        data_dir: &Path,
        settings: Settings,
    ) -> anyhow::Result<Self> {
        Self::open(attached, &data_dir.join(AUDIT_FOLDER), settings).await
    }

    async fn open(attached: &Attached, folder: &Path, settings: Settings) -> anyhow::Result<Self> {
        let (connection, identity) = (&attached.connection, &attached.identity);
        let records: Arc<dyn Records> =
            Arc::new(JetStreamRecords::new(connection, identity.clone()));
        let checkpoints = Arc::new(JetStreamCheckpoints::new(connection, identity.clone()));
        let pulse = Pulse::default();
        let opened = {
            let (folder, settings) = (folder.to_owned(), settings.clone());
            let records = Pulsed::new(records.clone(), &pulse);
            let clock = Arc::new(SystemClock);
            let open = move || Auditor::open(&folder, records, checkpoints, clock, settings);
            tokio::task::spawn_blocking(open).await?
        };
        let (audit, auditor) = opened.with_context(|| {
            format!(
                "could not open the audit in {} (each instance has its own: --audit-dir)",
                folder.display()
            )
        })?;
        Ok(Self {
            audit,
            auditor,
            records,
            settings,
            pulse,
        })
    }

    /// The log, readable and verifiable, the last checkpoint, proofs, and how the audit is doing.
    pub(super) fn routes(&self, shutdown: CancellationToken) -> ApiRouter {
        let (audit, records) = (self.audit.clone(), self.records.clone());
        api(AuditRoutes::new(audit, records, &self.settings, shutdown))
    }

    /// Whether the audit is level with the log, and goes on.
    pub(super) fn check(&self) -> (&'static str, Check) {
        let audit = self.audit.clone();
        let check = move || {
            let status = audit.status();
            match status.halted {
                Some(halt) => Err(halt.to_string()),
                None if let Some(trouble) = status.trouble => {
                    Err(format!("the audit's folder can't be used: {trouble}"))
                }
                None if status.is_log_silent => Err("the log does not answer".to_owned()),
                None if status.head_at_start_reached => Ok(()),
                None => Err(format!("catching up, at {}", status.position)),
            }
        };
        ("audit", Arc::new(check))
    }

    /// Whether the audit comes for what the log has.
    pub(super) fn pulse(&self) -> (&'static str, Pulse) {
        ("audit", self.pulse.clone())
    }

    /// Starts to follow the log and its checkpoints.
    pub(super) fn start(self, parts: &mut Parts, shutdown: CancellationToken) {
        parts.start("the audit", self.auditor.run(shutdown));
    }
}

/// Under which name the log was signed for last, if it was.
pub(super) async fn signed_for_as(attached: &Attached) -> anyhow::Result<Option<String>> {
    let checkpoints = JetStreamCheckpoints::new(&attached.connection, attached.identity.clone());
    let last = checkpoints.last().await?;
    let signed = last.and_then(|last| SignedCheckpoint::parse(&last.note).ok());
    Ok(signed.map(|signed| signed.checkpoint().origin.clone()))
}

/// An audit that signs with this key.
pub(super) fn signing(key: SecretKey, checkpoints: &CheckpointArgs) -> anyhow::Result<Settings> {
    told(Settings::signer(key), checkpoints)
}

fn told(settings: Settings, checkpoints: &CheckpointArgs) -> anyhow::Result<Settings> {
    let witnesses = Witnesses::new(checkpoints.witnesses.witnesses.clone())?;
    Ok(settings.signing(checkpoints.policy()).asking(witnesses))
}

fn settings(keys: &AuditKeyArgs, checkpoints: &CheckpointArgs) -> anyhow::Result<Settings> {
    let accepted = public_keys("--audit-log-key", &keys.audit_log_key, KeyUse::Log)?;
    let settings = match secret_key(keys)? {
        Some(key) => Settings::signer(key).accepting(accepted),
        None => Settings::monitor(accepted),
    };
    if settings.accepted_keys().is_empty() {
        return Err(cli::wrong(&format!(
            "whose signatures count? Give the key to sign with (--audit-key-file, or {KEY_VARIABLE}), or the public key of \
             who signs (--audit-log-key); `ordertrace audit keygen` makes both"
        ))
        .into());
    }
    told(settings, checkpoints)
}

/// From the variable or from the file; one of them, or none.
fn secret_key(args: &AuditKeyArgs) -> Result<Option<SecretKey>, clap::Error> {
    let variable = env::var(KEY_VARIABLE).ok().filter(|key| !key.is_empty());
    let key = match (variable, &args.audit_key_file) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            return Err(cli::wrong(&format!(
                "{KEY_VARIABLE} and --audit-key-file both name a secret key: which is it?"
            )));
        }
        (Some(text), None) => parse_key(&text, KeyUse::Log, KEY_VARIABLE)
            .map_err(|error| cli::wrong(&format!("{error:#}"))),
        (None, Some(path)) => given_key("--audit-key-file", path, KeyUse::Log),
    };
    key.map(Some)
}

/// The secret key in a file that a flag names; what is wrong with it is a mistake in the call.
pub(super) fn given_key(
    flag: &str,
    path: &Path,
    key_use: KeyUse,
) -> Result<SecretKey, clap::Error> {
    read_key(path, key_use).map_err(|error| cli::wrong(&format!("{flag}: {error:#}")))
}

/// Reads a secret key from its file.
pub(super) fn read_key(path: &Path, key_use: KeyUse) -> anyhow::Result<SecretKey> {
    let place = path.display().to_string();
    let text = fs::read_to_string(path);
    let text = text.with_context(|| format!("could not read the secret key in {place}"))?;
    // A secret that an orchestrator mounts belongs to a group as a rule, so this is a word and no refusal.
    if fs::metadata(path).is_ok_and(|metadata| can_others_read(&metadata)) {
        tracing::warn!(audit.file = %place, "others on this machine can read the secret key: whoever has it can sign in its name");
    }
    parse_key(&text, key_use, &place)
}

/// What was given is not repeated: it is a secret.
fn parse_key(text: &str, key_use: KeyUse, place: &str) -> anyhow::Result<SecretKey> {
    let key = SecretKey::parse(text.trim());
    let key = key.with_context(|| format!("{place} has no secret key"))?;
    ensure!(
        key.public().key_use() == key_use,
        "the key in {place} is for another use: a log signs with its own key, and a witness with one made by `audit keygen --witness`"
    );
    Ok(key)
}
