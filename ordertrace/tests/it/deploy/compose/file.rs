//! `deploy/compose.yaml`, as far as a test has to read it: what each service runs, with which settings, on which volumes.
//!
//! It reads the way in which that file is written and no other YAML; what it does not find it fails on, rather than go on
//! without. Whether the file as a whole is sound is `.ci/check_deploy.py`'s to say.

const TEXT: &str = include_str!("../../../../../deploy/compose.yaml");

/// A service.
pub(super) struct Service {
    pub(super) name: &'static str,
    lines: Vec<&'static str>,
}

impl Service {
    pub(super) fn named(name: &'static str) -> Self {
        let services = below(TEXT.lines(), |line| line == "services:");
        Self {
            name,
            lines: below(services.into_iter(), |line| {
                line.trim() == format!("{name}:")
            }),
        }
    }

    /// Its arguments.
    pub(super) fn command(&self) -> Vec<&'static str> {
        self.list("command")
    }

    /// What it runs instead of the image's own program.
    pub(super) fn entrypoint(&self) -> Vec<&'static str> {
        self.list("entrypoint")
    }

    /// Its settings. Those that it shares with others come first, so that its own count.
    pub(super) fn environment(&self) -> Vec<(&'static str, &'static str)> {
        let header = self.line("environment").unwrap();
        let own = below(self.lines.iter().copied(), |line| line == header);
        let shared = own.iter().chain([&header]).find_map(|line| {
            let (_, names) = line.split_once('*')?;
            Some(names.split([',', '*', ']', ' ']))
        });
        let shared = shared.into_iter().flatten().filter(|name| !name.is_empty());
        let shared = shared
            .flat_map(|name| below(TEXT.lines(), |line| line.ends_with(&format!(": &{name}"))));
        let lines = shared.chain(own);
        lines.filter_map(pair).collect()
    }

    /// Its volumes: the name of each, and where it has it.
    pub(super) fn volumes(&self) -> Vec<(&'static str, &'static str)> {
        let parts = self.list("volumes").into_iter().map(|volume| {
            let mut parts = volume.split(':');
            (parts.next().unwrap(), parts.next().unwrap())
        });
        parts.collect()
    }

    fn line(&self, key: &str) -> Option<&'static str> {
        let mut lines = self.lines.iter().copied();
        lines.find(|line| line.trim_start().starts_with(&format!("{key}:")))
    }

    /// `key: [a, b]`, or an item a line; nothing where there is no such key.
    fn list(&self, key: &str) -> Vec<&'static str> {
        let Some(header) = self.line(key) else {
            return Vec::new();
        };
        match header.split_once('[') {
            Some((_, items)) => {
                let items = items.trim_end().trim_end_matches(']').split(", ");
                items.map(|item| item.trim_matches('"')).collect()
            }
            None => {
                let lines = below(self.lines.iter().copied(), |line| line == header);
                let items = lines
                    .into_iter()
                    .filter_map(|line| line.trim().strip_prefix("- "));
                items.collect()
            }
        }
    }
}

/// The lines that are further in than the first one of this kind, up to the next that is not.
fn below(
    lines: impl Iterator<Item = &'static str>,
    is_header: impl Fn(&str) -> bool,
) -> Vec<&'static str> {
    let depth = |line: &str| line.len() - line.trim_start().len();
    let mut lines = lines.skip_while(|line| !is_header(line));
    let Some(header) = lines.next() else {
        panic!("compose.yaml is written in another way than this reads");
    };
    let is_below = |line: &&str| line.trim().is_empty() || depth(line) > depth(header);
    let told = lines.take_while(is_below);
    told.filter(|line| !line.trim().is_empty() && !line.trim().starts_with('#'))
        .collect()
}

/// A setting; one that is left to whoever starts it is empty.
fn pair(line: &'static str) -> Option<(&'static str, &'static str)> {
    let (name, value) = line.trim().split_once(": ")?;
    let value = value.trim_matches('"');
    let value = if value.starts_with("${") { "" } else { value };
    (name != "<<").then_some((name, value))
}
