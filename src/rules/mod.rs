//! Rules: what is reported, and when they keep quiet.
//!
//! SW1 follows from the verdict alone (`script`). Every other rule is one file in the folder of its lever: it looks at
//! one call ([`Rule::check_call`]) or at the program ([`Rule::check`]) and decides an [`Advice`]; the engine makes the
//! finding. To add one: its file, its page in `pages/`, its entry in the `RULES` of its lever, a case in
//! `fixtures/rules/`.

#[macro_use]
mod common;
mod batch;
mod caching;
mod context;
mod decomposition;
mod dispatcher;
mod evidence;
mod guard;
mod pinning;
mod scratchpad;
mod script;

use std::sync::LazyLock;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::catalog::model::ModelTable;
use crate::config::Settings;
use crate::error::{Error, glob_message};
use crate::finding::{Advice, Effect, Finding, RuleMeta, Status, Verdict};
use crate::mistakes::Mistakes;
use crate::program::{CallId, Program};
pub use common::{Context, Rule};

/// The rules that are no verdict's, in the levers' order.
const LEVERS: &[&[&dyn Rule]] = &[
    pinning::RULES,
    dispatcher::RULES,
    decomposition::RULES,
    scratchpad::RULES,
    context::RULES,
    caching::RULES,
    batch::RULES,
    guard::RULES,
];

/// Stands for the whole program where a report names a file.
const WHOLE: &str = ".";

/// Every rule, by code.
pub static RULES: LazyLock<Vec<&'static RuleMeta>> = LazyLock::new(|| {
    let others = LEVERS.iter().flat_map(|rules| rules.iter()).map(|rule| rule.meta());
    script::RULES.iter().copied().chain(others).collect()
});

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
                globs.add_line(None, glob).map_err(|error| Error::Glob(glob_message(glob, &error)))?;
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
    prices: &ModelTable,
    selection: &Selection,
    settings: &Settings,
    mistakes: &Mistakes,
) -> Vec<Finding> {
    let mut findings = script::check(program, verdicts, mistakes);
    let wanted = |rule: &RuleMeta| selection.has(rule) && rule.severity >= settings.min_severity;
    let heard = |rule: &RuleMeta, span| !selection.is_quiet_at(rule, &program.file(span).path);
    findings.retain(|finding| {
        wanted(finding.rule) && heard(finding.rule, finding.span) && finding.confidence >= settings.min_confidence
    });
    let cx = Context { program, verdicts, prices, mistakes };
    let mut others = Vec::new();
    for rule in LEVERS.iter().flat_map(|rules| rules.iter()).filter(|rule| wanted(rule.meta())) {
        for (calls, advice) in asked(*rule, &cx) {
            // A call that goes away needs no other model, cache or batch.
            let gone = |id| findings.iter().any(|own| own.effect == Effect::RemoveCall && own.calls.contains(id));
            let Some(first) = calls.first() else { continue };
            let span = program.calls[first.0 as usize].callee_span;
            if advice.confidence < settings.min_confidence || calls.iter().all(gone) || !heard(rule.meta(), span) {
                continue;
            }
            others.push(Finding {
                rule: rule.meta(),
                span,
                calls,
                message: advice.message,
                evidence: advice.because.into_iter().map(|line| evidence::pointed(line, program)).collect(),
                help: advice.help,
                replacement: None,
                effect: advice.effect,
                confidence: advice.confidence,
            });
        }
    }
    pinning::one_each(&mut others, program);
    findings.extend(others);
    findings
}

/// What a rule says of the program; of one that looks at more than a call at a time nobody knows which file it was at
/// when it panicked.
fn asked(rule: &dyn Rule, cx: &Context<'_>) -> Vec<(Vec<CallId>, Advice)> {
    cx.mistakes.guarded(WHOLE, || rule.check(cx)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::model::ModelTable;
    use crate::program::CallSite;
    use crate::report::FilesSummary;

    /// A rule with a mistake: about one file, or about the program.
    struct Wrong {
        whole: bool,
    }

    impl Rule for Wrong {
        fn meta(&self) -> &'static RuleMeta {
            LEVERS[0][0].meta()
        }

        fn check_call(&self, call: &CallSite, cx: &Context<'_>) -> Option<Advice> {
            assert_ne!(&*cx.program.file(call.span).path, "b.py", "a mistake");
            Some(Advice {
                message: String::new(),
                because: Vec::new(),
                help: String::new(),
                effect: Effect::RemoveCall,
                confidence: 1.0,
            })
        }

        fn check(&self, cx: &Context<'_>) -> Vec<(Vec<CallId>, Advice)> {
            assert!(!self.whole, "a mistake");
            cx.each_asked(|call| self.check_call(call, cx))
        }
    }

    #[test]
    fn a_panic_in_a_rule_costs_what_it_would_have_said_and_no_more() {
        let call = "import openai\nopenai.OpenAI().responses.create(model='gpt-4o', input='Name a city')\n";
        let found = |name: &str| crate::audit_bytes(std::path::Path::new(name), call.as_bytes(), &Settings::default());
        let mut program = found("a.py").expect("readable").program;
        let mut second = found("b.py").expect("readable").program;
        second.calls[0].each_span(&mut |span| span.file = crate::source::FileId(1));
        program.files.append(&mut second.files);
        program.calls.append(&mut second.calls);
        let said = |rule: &Wrong| {
            let mistakes = Mistakes::default();
            let cx = Context { program: &program, verdicts: &[], prices: ModelTable::embedded(), mistakes: &mistakes };
            let calls: Vec<CallId> = asked(rule, &cx).into_iter().flat_map(|(calls, _)| calls).collect();
            let mut files = FilesSummary::default();
            mistakes.tell(&mut files);
            (calls, files.partly_read.into_iter().map(|note| note.path).collect::<Vec<_>>())
        };
        assert_eq!(said(&Wrong { whole: false }), (vec![CallId(0)], vec!["b.py".to_owned()]));
        assert_eq!(said(&Wrong { whole: true }), (vec![], vec![".".to_owned()]));
    }

    #[test]
    fn rules_stand_by_code_and_each_page_says_what_a_page_must() {
        assert!(RULES.windows(2).all(|pair| pair[0].code < pair[1].code));
        for rule in RULES.iter() {
            for heading in ["## What it finds", "## Why it matters", "## Example", "## What to do", "## Limits"] {
                assert!(rule.page.contains(heading), "{} lacks {heading}", rule.code);
            }
        }
    }
}
