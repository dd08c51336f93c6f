//! Settings out of the command line: defaults, config file, environment, flags.

use std::ffi::OsString;
use std::path::Path;

use scriptworthy::baseline::Baseline;
use scriptworthy::catalog::model::ModelTable;
use scriptworthy::config::{self, FailOn, Layer};
use scriptworthy::{Error, Settings};

use super::{AuditArgs, Common};

/// Settings with what the command line needs beside them.
pub(in crate::cli) struct Resolved {
    /// For the audit.
    pub(in crate::cli) settings: Settings,
    /// What gives exit code 1.
    pub(in crate::cli) fail_on: FailOn,
    /// Each source of settings with its name, the last wins.
    layers: Vec<(String, Layer)>,
    /// What is worth a warning.
    pub(in crate::cli) warnings: Vec<String>,
}

impl Common {
    /// Settings for an audit of `folder`.
    ///
    /// # Errors
    /// A config file or inline setting is not valid.
    pub(in crate::cli) fn resolve(&self, folder: &Path, fail_on: Option<FailOn>) -> Result<Resolved, Error> {
        let mut layers = Vec::new();
        let mut warnings = Vec::new();
        let (inline, files): (Vec<&String>, Vec<&String>) = self.config.iter().partition(|text| text.contains('='));
        for path in &files {
            layers.push(((*path).clone(), config::read(Path::new(path))?));
        }
        if files.is_empty()
            && !self.no_config
            && let Some(found) = config::find(folder)?
        {
            for other in &found.passed_over {
                warnings.push(format!("{} holds settings too; {} counts alone", other.display(), found.path.display()));
            }
            layers.push((found.path.display().to_string(), found.layer));
        }
        for text in inline {
            layers.push(("--config".to_owned(), text.parse()?));
        }
        layers.push(("flag or environment".to_owned(), self.layer(fail_on)));
        let mut settings = Settings {
            force_exclude: self.force_exclude,
            max_file_size: self.max_file_size,
            suppressions: !self.no_ignores,
            threads: self.threads,
            cache_dir: self.cache_dir.clone().filter(|_| !self.no_cache),
            today: Some(today(0)),
            prices: self.prices.clone(),
            exact_tokens: self.exact_tokens,
            ..Settings::default()
        };
        let mut fail_on = FailOn::default();
        for (_, layer) in &layers {
            settings.apply(layer);
            fail_on = layer.fail_on.unwrap_or(fail_on);
        }
        Ok(Resolved { settings, fail_on, layers, warnings })
    }

    fn layer(&self, fail_on: Option<FailOn>) -> Layer {
        let list = |values: &Vec<String>| (!values.is_empty()).then(|| values.clone());
        Layer {
            select: list(&self.select),
            extend_select: list(&self.extend_select),
            ignore: list(&self.ignore),
            preview: self.preview.then_some(true),
            min_confidence: self.min_confidence,
            min_severity: self.min_severity,
            exclude: list(&self.exclude),
            extend_exclude: list(&self.extend_exclude),
            gitignore: self.no_gitignore.then_some(false),
            calls_per_month: self.calls_per_month,
            effort: (!self.effort.is_empty()).then(|| self.effort.iter().copied().collect()),
            fail_on,
            ..Layer::default()
        }
    }
}

impl AuditArgs {
    /// Settings for an audit of `folder`.
    ///
    /// # Errors
    /// As [`Common::resolve`].
    pub(in crate::cli) fn resolve(&self, folder: &Path) -> Result<Resolved, Error> {
        let mut resolved = self.common.resolve(folder, self.fail_on)?;
        resolved.settings.baseline = self.baseline.as_deref().map(Baseline::read).transpose()?;
        Ok(resolved)
    }
}

impl Resolved {
    /// Every key that some source sets, as the lines of a config file, each with its source.
    pub(in crate::cli) fn show(&self) -> String {
        let mut lines = Vec::new();
        for (source, layer) in &self.layers {
            let text = toml::to_string(layer).unwrap_or_default();
            for line in text.lines().filter(|line| !line.is_empty()) {
                lines.push(format!("{line}  # {source}"));
            }
        }
        let settings = &self.settings;
        let defaults = Settings::default();
        lines.push(format!("# what holds, defaults of {} included:", env!("CARGO_PKG_VERSION")));
        let rules = if settings.select.is_empty() { "stable".to_owned() } else { settings.select.join(", ") };
        lines.push(format!("# rules: {rules}{}", if settings.preview { " and preview" } else { "" }));
        lines.push(format!("# min-confidence: {}", settings.min_confidence));
        let same = settings.max_file_size == defaults.max_file_size;
        lines.push(format!("# max-file-size: {}{}", settings.max_file_size, if same { "" } else { " (by a flag)" }));
        lines.push(format!("# ignore files count: {}", if settings.gitignore { "yes" } else { "no" }));
        let volume = settings.calls_per_month.map_or("none, so no monthly figure".to_owned(), |n| n.to_string());
        lines.push(format!("# calls-per-month: {volume}"));
        format!("{}\n", lines.join("\n"))
    }
}

/// Today in UTC or some days before, `2027-03-31`: the only clock that is read, for the dates of suppression comments and
/// of prices.
/// `SOURCE_DATE_EPOCH` takes its place where runs must be repeatable.
fn today(days_ago: u64) -> String {
    let epoch = std::env::var_os("SOURCE_DATE_EPOCH").and_then(|text: OsString| text.to_str()?.parse::<u64>().ok());
    let now = || std::time::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs());
    date((epoch.unwrap_or_else(now) / 86_400).saturating_sub(days_ago))
}

/// Says that prices are old, if they are. On the stream for people alone: the report must not depend on the clock.
pub(in crate::cli) fn old_prices() -> Option<String> {
    const DAYS: u64 = 120;
    let checked = ModelTable::embedded().checked();
    (checked < today(DAYS).as_str()).then(|| {
        format!("prices are of {checked}, over {DAYS} days old: a newer release or --prices FILE has newer ones")
    })
}

/// The day that lies `days` after 1970-01-01, by the Gregorian calendar.
fn date(days: u64) -> String {
    let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let (mut year, mut left) = (1970, days);
    while left >= 365 + u64::from(leap(year)) {
        left -= 365 + u64::from(leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while left >= lengths[month] {
        left -= lengths[month];
        month += 1;
    }
    format!("{year:04}-{:02}-{:02}", month + 1, left + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_dates() {
        for (days, text) in [(0, "1970-01-01"), (59, "1970-03-01"), (11_016, "2000-02-29"), (20_543, "2026-03-31")] {
            assert_eq!(date(days), text);
        }
    }
}
