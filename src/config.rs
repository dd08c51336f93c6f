//! Settings of one audit, resolved once.

use crate::finding::Severity;

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
    /// Whether ignore files count.
    pub gitignore: bool,
    /// Bytes of a source file beyond which it is skipped.
    pub max_file_size: u64,
    /// Calls a month of each call; no monthly figure without it.
    pub calls_per_month: Option<u64>,
    /// Threads; 0 is one for each processor.
    pub threads: usize,
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
            gitignore: true,
            max_file_size: 1 << 20,
            calls_per_month: None,
            threads: 0,
        }
    }
}
