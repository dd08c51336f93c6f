//! What one source of settings says: a config file, or the flags. Keys that it leaves out stay as they were.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use std::collections::BTreeMap;

use crate::finding::{Lever, Severity};

/// The keys of a config file. Limits on resources are no keys: the audited tree may be a stranger's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Layer {
    /// A config file to start from, relative to this one and inside the same repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extend: Option<String>,
    /// Rules to check: codes, names or prefixes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub select: Option<Vec<String>>,
    /// Rules to check beside the selected ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extend_select: Option<Vec<String>>,
    /// Rules to leave out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignore: Option<Vec<String>>,
    /// Check rules whose precision has not been measured yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preview: Option<bool>,
    /// Leave out findings below this confidence, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub min_confidence: Option<f64>,
    /// Leave out findings below this severity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_severity: Option<Severity>,
    /// Paths to leave out: gitignore patterns, relative to the audited folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exclude: Option<Vec<String>>,
    /// Paths to leave out beside these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extend_exclude: Option<Vec<String>>,
    /// Whether ignore files count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gitignore: Option<bool>,
    /// Calls a month of each call: gives monthly figures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls_per_month: Option<u64>,
    /// Hours of work that a lever takes: `{ script = 2, batch = 8 }`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effort: Option<BTreeMap<Lever, f64>>,
    /// Lowest severity that gives exit code 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fail_on: Option<FailOn>,
    /// Whether a suppression comment without a reason suppresses nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_reasons: Option<bool>,
    /// Settings for some paths; the last that matches a path wins.
    #[serde(rename = "override", skip_serializing_if = "Option::is_none")]
    pub overrides: Option<Vec<Override>>,
}

/// Settings for some paths.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Override {
    /// gitignore patterns, relative to the audited folder.
    pub paths: Vec<String>,
    /// Rules to leave out there.
    pub ignore: Vec<String>,
}

/// Lowest severity that gives exit code 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum FailOn {
    /// Errors.
    Error,
    /// Warnings and errors.
    #[default]
    Warning,
    /// Everything.
    Note,
    /// Nothing.
    Never,
}

impl FailOn {
    /// The severity from which on findings count; none for `never`.
    pub fn threshold(self) -> Option<Severity> {
        match self {
            Self::Error => Some(Severity::Error),
            Self::Warning => Some(Severity::Warning),
            Self::Note => Some(Severity::Note),
            Self::Never => None,
        }
    }
}

impl Layer {
    /// This layer with another over it: what the other sets wins, lists that extend are joined.
    #[must_use]
    pub fn under(self, over: Self) -> Self {
        let join = |below: Option<Vec<String>>, above: Option<Vec<String>>| match (below, above) {
            (Some(mut below), Some(above)) => {
                below.extend(above);
                Some(below)
            }
            (below, above) => above.or(below),
        };
        Self {
            extend: None,
            select: over.select.or(self.select),
            extend_select: join(self.extend_select, over.extend_select),
            ignore: over.ignore.or(self.ignore),
            preview: over.preview.or(self.preview),
            min_confidence: over.min_confidence.or(self.min_confidence),
            min_severity: over.min_severity.or(self.min_severity),
            exclude: over.exclude.or(self.exclude),
            extend_exclude: join(self.extend_exclude, over.extend_exclude),
            gitignore: over.gitignore.or(self.gitignore),
            calls_per_month: over.calls_per_month.or(self.calls_per_month),
            effort: match (self.effort, over.effort) {
                (Some(mut below), Some(above)) => {
                    below.extend(above);
                    Some(below)
                }
                (below, above) => above.or(below),
            },
            fail_on: over.fail_on.or(self.fail_on),
            require_reasons: over.require_reasons.or(self.require_reasons),
            overrides: match (self.overrides, over.overrides) {
                (Some(mut below), Some(above)) => {
                    below.extend(above);
                    Some(below)
                }
                (below, above) => above.or(below),
            },
        }
    }

    /// What is wrong with values that the types let through.
    pub(super) fn problem(&self) -> Option<&'static str> {
        let confidence = self.min_confidence.is_some_and(|value| !(0.0..=1.0).contains(&value));
        let hours = self.effort.iter().flat_map(BTreeMap::values).any(|hours| !(*hours > 0.0 && hours.is_finite()));
        if hours {
            return Some("hours of `effort` must be numbers above 0");
        }
        confidence.then_some("`min-confidence` must be a number from 0 to 1")
    }
}
