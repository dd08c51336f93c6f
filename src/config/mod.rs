//! Settings of one audit, resolved once: defaults, then the config file, then the environment, then flags.

mod file;
mod layer;

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::baseline::Baseline;
use crate::finding::{Lever, Severity};
use crate::walk::Limits;

pub use file::{Found, find, read, schema};
pub use layer::{FailOn, Layer, Override};

/// What an audit is asked to do.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Rules that may speak: codes, names or prefixes; empty means all that are stable.
    pub select: Vec<String>,
    /// Rules that may speak beside the selected ones.
    pub extend_select: Vec<String>,
    /// Rules that keep quiet.
    pub ignore: Vec<String>,
    /// Whether rules speak whose precision has not been measured yet.
    pub preview: bool,
    /// Findings below this confidence are left out, 0 to 1.
    pub min_confidence: f64,
    /// Findings below this severity are left out.
    pub min_severity: Severity,
    /// Globs of paths to leave out.
    pub exclude: Vec<String>,
    /// Whether these also hold for files that are named.
    pub force_exclude: bool,
    /// Whether ignore files count.
    pub gitignore: bool,
    /// Bytes of a source file beyond which it is skipped.
    pub max_file_size: u64,
    /// Calls a month of each call; no monthly figure without it.
    pub calls_per_month: Option<u64>,
    /// A file of prices that goes before the built-in tables. No key of a config file: it may lie anywhere.
    pub prices: Option<PathBuf>,
    /// Whether text is counted exactly for models whose vocabulary is public, and not estimated.
    pub exact_tokens: bool,
    /// Hours of work by lever, where they are not the built-in ones.
    pub effort: BTreeMap<Lever, f64>,
    /// Rules that keep quiet in some paths only; the last match of a path wins.
    pub overrides: Vec<Override>,
    /// Whether suppression comments count.
    pub suppressions: bool,
    /// Whether a suppression comment without a reason suppresses nothing.
    pub require_reasons: bool,
    /// The day of the audit, `2027-03-31`, that dates of suppression comments are held against. Without it no comment
    /// is past its date: the library reads no clock.
    pub today: Option<String>,
    /// Findings that were there before, and are not reported again.
    pub baseline: Option<Baseline>,
    /// Threads; 0 is one for each processor.
    pub threads: usize,
    /// A folder in which results are kept for later runs. No key of a config file, and never one that lies in the audited
    /// tree by itself: a stranger's tree could bring results that are not true.
    pub cache_dir: Option<PathBuf>,
}

/// The confidence below which findings are not shown by default: chosen from the calibration table in the README.
pub const MIN_CONFIDENCE: f64 = 0.5;

impl Default for Settings {
    fn default() -> Self {
        Self {
            select: Vec::new(),
            extend_select: Vec::new(),
            ignore: Vec::new(),
            preview: false,
            min_confidence: MIN_CONFIDENCE,
            min_severity: Severity::Note,
            exclude: Vec::new(),
            force_exclude: false,
            gitignore: true,
            max_file_size: 1 << 20,
            calls_per_month: None,
            prices: None,
            exact_tokens: false,
            effort: BTreeMap::new(),
            overrides: Vec::new(),
            suppressions: true,
            require_reasons: false,
            today: None,
            baseline: None,
            threads: 0,
            cache_dir: None,
        }
    }
}

impl Settings {
    /// What limits the walk.
    pub fn limits(&self) -> Limits {
        Limits {
            max_file_size: self.max_file_size,
            gitignore: self.gitignore,
            exclude: self.exclude.clone(),
            force_exclude: self.force_exclude,
        }
    }

    /// Takes over what a layer sets; the rest stays as it is.
    pub fn apply(&mut self, layer: &Layer) {
        let Layer {
            extend: _,
            select,
            extend_select,
            ignore,
            preview,
            min_confidence,
            min_severity,
            exclude,
            extend_exclude,
            gitignore,
            calls_per_month,
            effort,
            fail_on: _,
            require_reasons,
            overrides,
        } = layer.clone();
        replace(&mut self.select, select);
        self.extend_select.extend(extend_select.into_iter().flatten());
        replace(&mut self.ignore, ignore);
        replace(&mut self.preview, preview);
        replace(&mut self.min_confidence, min_confidence);
        replace(&mut self.min_severity, min_severity);
        replace(&mut self.exclude, exclude);
        self.exclude.extend(extend_exclude.into_iter().flatten());
        replace(&mut self.gitignore, gitignore);
        self.calls_per_month = calls_per_month.or(self.calls_per_month);
        self.effort.extend(effort.into_iter().flatten());
        replace(&mut self.require_reasons, require_reasons);
        self.overrides.extend(overrides.into_iter().flatten());
    }
}

fn replace<T>(target: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *target = value;
    }
}
