//! Rules: what is reported, and when they keep quiet.

mod script;

use crate::config::Settings;
use crate::error::Error;
use crate::finding::{Finding, RuleMeta, Status, Verdict};
use crate::program::Program;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// Every rule, by code.
pub const RULES: &[&RuleMeta] = script::RULES;

/// The rule that a code or name means.
pub fn by_code_or_name(name: &str) -> Option<&'static RuleMeta> {
    RULES.iter().copied().find(|rule| rule.code.eq_ignore_ascii_case(name) || rule.name == name)
}

/// Which rules may speak.
#[derive(Debug)]
pub struct Selection {
    rules: Vec<&'static str>,
    /// Paths with the rules that keep quiet there.
    quiet: Vec<(Gitignore, Vec<&'static str>)>,
}

impl Selection {
    /// Resolves selectors: codes, names, prefixes of codes.
    ///
    /// # Errors
    /// A selector means no rule, or a pattern of an override is malformed.
    pub fn new(settings: &Settings) -> Result<Self, Error> {
        let matching = |selectors: &[String]| -> Result<Vec<&'static str>, Error> {
            let mut found = Vec::new();
            for selector in selectors {
                let before = found.len();
                found.extend(
                    RULES
                        .iter()
                        .filter(|rule| rule.name == selector || rule.code.starts_with(&selector.to_ascii_uppercase()))
                        .map(|rule| rule.code),
                );
                if found.len() == before || selector.is_empty() {
                    return Err(Error::Rule(selector.clone()));
                }
            }
            Ok(found)
        };
        let selected = matching(&settings.select)?;
        let extended = matching(&settings.extend_select)?;
        let ignored = matching(&settings.ignore)?;
        let rules = RULES
            .iter()
            .filter(|rule| {
                let by_default = selected.is_empty() && (settings.preview || rule.status == Status::Stable);
                (by_default || selected.contains(&rule.code) || extended.contains(&rule.code))
                    && !ignored.contains(&rule.code)
            })
            .map(|rule| rule.code)
            .collect();
        let mut quiet = Vec::new();
        for one in &settings.overrides {
            let mut globs = GitignoreBuilder::new("");
            for glob in &one.paths {
                globs.add_line(None, glob).map_err(|error| Error::Glob(format!("{glob}: {error}")))?;
            }
            let globs = globs.build().map_err(|error| Error::Glob(error.to_string()))?;
            quiet.push((globs, matching(&one.ignore)?));
        }
        Ok(Self { rules, quiet })
    }

    /// Codes of the rules that may speak.
    pub fn codes(&self) -> &[&'static str] {
        &self.rules
    }

    /// Whether an override keeps a rule quiet in a file: the last one whose paths match it decides.
    fn is_quiet_at(&self, rule: &RuleMeta, path: &str) -> bool {
        let last =
            self.quiet.iter().rev().find(|(globs, _)| globs.matched_path_or_any_parents(path, false).is_ignore());
        last.is_some_and(|(_, codes)| codes.contains(&rule.code))
    }

    /// Whether a rule may speak.
    pub fn has(&self, rule: &RuleMeta) -> bool {
        self.rules.contains(&rule.code)
    }
}

/// All findings of the selected rules, above the thresholds.
pub(crate) fn check(
    program: &Program,
    verdicts: &[Verdict],
    selection: &Selection,
    settings: &Settings,
) -> Vec<Finding> {
    let mut findings = script::check(program, verdicts);
    findings.retain(|finding| {
        selection.has(finding.rule)
            && !selection.is_quiet_at(finding.rule, &program.file(finding.span).path)
            && finding.confidence >= settings.min_confidence
            && finding.rule.severity >= settings.min_severity
    });
    findings
}
