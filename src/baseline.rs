//! Baselines: findings that were there before, recorded so that only new ones fail a run.
//!
//! The file is sorted JSON with one entry a finding, so that its diff can be read in a review. A finding matches by its
//! fingerprint; failing that, by the same without path and symbol: a call that was moved is not new.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, named_text};
use crate::report::{Finding, Report};

/// The version of the file.
const SCHEMA: &str = "scriptworthy.baseline/1";

/// Bytes of a baseline beyond which it is not read.
const SIZE: u64 = 64 << 20;

/// Recorded findings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    schema: String,
    findings: Vec<Entry>,
}

/// A recorded finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    path: String,
    symbol: String,
    rule: String,
    fingerprint: String,
    /// The fingerprint without path and symbol.
    moved: String,
}

impl Baseline {
    /// Records the findings that no comment suppresses, those of an older baseline included.
    pub fn of(report: &Report) -> Self {
        let symbols: BTreeMap<&str, &str> =
            report.calls.iter().map(|call| (call.id.as_str(), call.symbol.as_str())).collect();
        let entry = |finding: &Finding| Entry {
            path: finding.path.clone(),
            symbol: symbols.get(finding.call.as_str()).copied().unwrap_or("").to_owned(),
            rule: finding.rule.clone(),
            fingerprint: finding.fingerprint.clone(),
            moved: finding.moved_fingerprint.clone(),
        };
        let mut findings: Vec<Entry> =
            report.findings.iter().filter(|finding| finding.suppressed.is_none()).map(entry).collect();
        findings.sort();
        Self { schema: SCHEMA.to_owned(), findings }
    }

    /// Reads a baseline.
    ///
    /// # Errors
    /// It cannot be read or is none.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = named_text(path, SIZE)?;
        let invalid = |why: String| Error::Baseline(path.to_owned(), why);
        let read: Self = serde_json::from_str(&text).map_err(|error| invalid(error.to_string()))?;
        match read.schema == SCHEMA {
            true => Ok(read),
            false => Err(invalid(format!("its schema is `{}`, not `{SCHEMA}`", read.schema))),
        }
    }

    /// The file as it is written.
    pub fn to_text(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("plain data has a JSON form");
        text.push('\n');
        text
    }

    /// Marks the findings that are recorded, and gives the number of entries that match none.
    pub(crate) fn apply(&self, findings: &mut [Finding]) -> usize {
        // An entry speaks for one finding: first by fingerprint, then what is left by the moved one.
        let mut left: Vec<&Entry> = self.findings.iter().collect();
        for exact in [true, false] {
            for finding in findings.iter_mut().filter(|finding| finding.suppressed.is_none() && !finding.known) {
                let at = left.iter().position(|entry| match exact {
                    true => entry.fingerprint == finding.fingerprint,
                    false => entry.rule == finding.rule && entry.moved == finding.moved_fingerprint,
                });
                if let Some(at) = at {
                    left.remove(at);
                    finding.known = true;
                }
            }
        }
        left.len()
    }
}
