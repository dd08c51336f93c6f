//! Findings with their source, and a summary: the format for people.

use std::fmt::Write as _;

use comfy_table::{ContentArrangement, Table, presets};
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, SourceSpan, SpanContents};

use super::sanitize::{one_line, sanitize};
use super::{Finding, RenderOptions, Report, Sources, dollars};
use crate::finding::Severity;
use crate::source::SourceFile;

/// Columns shown on each side of a label: lines of generated code have millions.
const AROUND: usize = 60;

/// Evidence labels shown beside the call.
const LABELS: usize = 3;

/// Findings, then what was found and what was not read.
pub(super) fn render(report: &Report, sources: &Sources<'_>, options: &RenderOptions) -> String {
    let mut out = String::new();
    let theme = if options.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(options.width).with_links(false);
    for finding in report.findings.iter().take(options.top.unwrap_or(usize::MAX)) {
        let shown = Shown::new(finding, sources);
        if handler.render_report(&mut out, &shown).is_err() {
            let _ = writeln!(out, "{}", one_line(&format!("{} {}", finding.rule, finding.message)));
        }
        more(finding, &mut out);
        out.push('\n');
    }
    if let Some(top) = options.top
        && report.findings.len() > top
    {
        let _ = writeln!(out, "{} more findings are left out by --top\n", report.findings.len() - top);
    }
    if !options.quiet {
        summary(report, options, &mut out);
    }
    out
}

/// What miette does not lay out: the code to use instead, and the money.
fn more(finding: &Finding, out: &mut String) {
    if let Some(replacement) = &finding.replacement {
        let _ = writeln!(out, "  instead ({}):", replacement.language);
        for line in sanitize(&replacement.code).lines() {
            let _ = writeln!(out, "    {line}");
        }
        for note in &replacement.notes {
            let _ = writeln!(out, "    note: {}", one_line(note));
        }
    }
    let saves = match (finding.savings.usd_per_month, finding.savings.usd_per_1k_calls) {
        (Some(month), _) => {
            format!("{} to {} a month ({})", dollars(month.low), dollars(month.high), finding.savings.basis)
        }
        (None, Some(range)) => format!("{} to {} per 1,000 calls", dollars(range.low), dollars(range.high)),
        (None, None) => "unknown, as the model or its price is".to_owned(),
    };
    let _ = writeln!(out, "  saves: {saves}: {}", finding.savings.explanation);
    let _ = writeln!(
        out,
        "  confidence {:.2}, about {} h of work, fingerprint {}",
        finding.confidence, finding.effort_hours, finding.fingerprint
    );
}

fn summary(report: &Report, options: &RenderOptions, out: &mut String) {
    let totals = &report.totals;
    let _ = writeln!(
        out,
        "{} model calls found in {} of {} files: {} judged, {} open (too little is known to judge)",
        totals.calls, report.files.with_calls, report.files.parsed, totals.judged, totals.open
    );
    if !totals.levers.is_empty() {
        let mut table = Table::new();
        table
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(options.width.max(60) as u16);
        table.set_header(["lever", "findings", "saves per 1,000 runs of each call", "a month"]);
        for lever in &totals.levers {
            let range = |range: Option<super::Range>| {
                range.map_or_else(
                    || "unknown".to_owned(),
                    |range| format!("{} to {}", dollars(range.low), dollars(range.high)),
                )
            };
            let month = if report.assumptions.calls_per_month.is_some() {
                range(lever.usd_per_month)
            } else {
                "needs --calls-per-month".to_owned()
            };
            let name = serde_json::to_value(lever.lever)
                .ok()
                .and_then(|name| name.as_str().map(str::to_owned))
                .unwrap_or_default();
            table.add_row([name, lever.findings.to_string(), range(lever.usd_per_1k_calls), month]);
        }
        let _ = writeln!(out, "{table}");
    }
    if options.statistics {
        let mut rules: Vec<(&str, usize)> = Vec::new();
        for finding in &report.findings {
            match rules.iter_mut().find(|(rule, _)| *rule == finding.rule) {
                Some((_, count)) => *count += 1,
                None => rules.push((&finding.rule, 1)),
            }
        }
        rules.sort_unstable();
        for (rule, count) in rules {
            let _ = writeln!(out, "{count:>5} {rule}");
        }
    }
    let notes: Vec<_> = report.files.skipped.iter().chain(&report.files.partly_read).collect();
    if notes.is_empty() {
        let _ = writeln!(out, "every file was read to its end");
    } else {
        let mut reasons: Vec<(&str, usize)> = Vec::new();
        for note in notes {
            match reasons.iter_mut().find(|(reason, _)| *reason == note.reason) {
                Some((_, count)) => *count += 1,
                None => reasons.push((&note.reason, 1)),
            }
        }
        reasons.sort_unstable();
        let parts: Vec<String> = reasons.into_iter().map(|(reason, count)| format!("{count} {reason}")).collect();
        let _ = writeln!(out, "not fully read: {} (the JSON report names each file)", parts.join(", "));
    }
}

/// A finding as miette sees it.
#[derive(Debug)]
struct Shown<'a> {
    finding: &'a Finding,
    code: Option<Cutout>,
    labels: Vec<LabeledSpan>,
}

impl std::fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&one_line(&self.finding.message))
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        Some(Box::new(format!("{} {}", self.finding.rule, self.finding.name)))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.finding.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        Some(Box::new(one_line(&self.finding.help)))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.code.as_ref().map(|code| code as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

impl<'a> Shown<'a> {
    fn new(finding: &'a Finding, sources: &Sources<'_>) -> Self {
        let Some(file) = sources.at(&finding.path) else {
            return Self { finding, code: None, labels: Vec::new() };
        };
        let mut marks = vec![(
            finding.start.line,
            finding.start.column,
            finding.end.line,
            finding.end.column,
            "the call".to_owned(),
        )];
        for evidence in
            finding.evidence.iter().filter(|evidence| evidence.path == finding.path && evidence.weight > 0.0)
        {
            let overlaps = marks.iter().any(|mark| mark.0 == evidence.start.line);
            let far = evidence.start.line.abs_diff(finding.start.line) > 40;
            if marks.len() <= LABELS && !overlaps && !far {
                let mark = (
                    evidence.start.line,
                    evidence.start.column,
                    evidence.end.line,
                    evidence.end.column,
                    one_line(&evidence.text),
                );
                marks.push(mark);
            }
        }
        marks.sort();
        let code = Cutout::new(file, &finding.path, &marks);
        let labels = code.labels.clone();
        Self { finding, code: Some(code), labels }
    }
}

/// The lines around the labels, each cut to what is near a label, with the true line numbers.
#[derive(Debug)]
struct Cutout {
    name: String,
    text: String,
    first_line: usize,
    column: usize,
    labels: Vec<LabeledSpan>,
}

impl Cutout {
    fn new(file: &SourceFile, path: &str, marks: &[(u32, u32, u32, u32, String)]) -> Self {
        let first = marks.first().map_or(1, |mark| mark.0);
        let last = marks.last().map_or(1, |mark| mark.0);
        let mut text = String::new();
        let mut labels = Vec::new();
        for line in first..=last {
            let (start, end) = file.line_range(line);
            let chars: Vec<char> = file.slice(start, end).chars().collect();
            let mark = marks.iter().find(|mark| mark.0 == line);
            let (from, to) = match mark {
                Some(mark) => {
                    let at = mark.1.saturating_sub(1) as usize;
                    let until = if mark.2 == line { mark.3.saturating_sub(1) as usize } else { chars.len() };
                    let shown = until.clamp(at, at + AROUND).min(chars.len());
                    (at.saturating_sub(AROUND), (shown + AROUND).min(chars.len()))
                }
                None => (0, chars.len().min(2 * AROUND)),
            };
            let from = from.min(chars.len());
            let before = text.len();
            if from > 0 {
                text.push('…');
            }
            // Sanitizing keeps one character for one, so that columns still meet.
            text.push_str(&sanitize(&chars[from..to.max(from)].iter().collect::<String>()));
            if to < chars.len() {
                text.push('…');
            }
            if let Some(mark) = mark {
                let lead = usize::from(from > 0);
                let offset = |column: usize| {
                    let shown: String = text[before..].chars().take(column.saturating_sub(from) + lead).collect();
                    before + shown.len()
                };
                let at = mark.1.saturating_sub(1) as usize;
                let until = if mark.2 == line { mark.3.saturating_sub(1) as usize } else { chars.len() };
                let start = offset(at);
                let end = offset(until.clamp(at + 1, at + AROUND)).min(text.len()).max(start);
                labels.push(LabeledSpan::new(
                    Some(mark.4.clone()),
                    start,
                    (end - start).max(1).min(text.len() - start),
                ));
            }
            text.push('\n');
        }
        let column = marks.iter().find(|mark| mark.4 == "the call").map_or(1, |mark| mark.1) as usize;
        Self { name: one_line(path), text, first_line: first as usize, column, labels }
    }
}

impl SourceCode for Cutout {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, miette::MietteError> {
        let inner = self.text.as_str().read_span(span, before, after)?;
        let contents = miette::MietteSpanContents::new_named(
            self.name.clone(),
            inner.data(),
            *inner.span(),
            inner.line() + self.first_line.saturating_sub(1),
            if inner.line() == 0 { self.column.saturating_sub(1) } else { inner.column() },
            inner.line_count(),
        );
        Ok(Box::new(contents))
    }
}
