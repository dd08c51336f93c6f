//! Findings with their source, and a summary: the format for people.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use comfy_table::{ContentArrangement, Table, presets};
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, SourceSpan, SpanContents};

use super::sanitize::{one_line, sanitize};
use super::summary::{count, range, saves, summary, title};
use super::{Evidence, Finding, Range, RenderOptions, Report, Sources, table_lines};
use crate::finding::Severity;
use crate::source::{Position, SourceFile};

/// Columns of a source line that are shown at most, on a terminal of any width.
const COLUMNS: usize = 120;

/// Columns that miette puts before a source line: the line number and its bar.
const GUTTER: usize = 10;

/// Evidence labels shown beside the call.
const LABELS: usize = 3;

/// Findings, then what was found and what was not read.
pub(super) fn render(report: &Report, sources: &Sources<'_>, options: &RenderOptions) -> String {
    let mut out = String::new();
    let theme = if options.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(options.width).with_links(false);
    for finding in report.standing().take(options.top.unwrap_or(usize::MAX)) {
        let shown = Shown::new(finding, sources, options);
        if handler.render_report(&mut out, &shown).is_err() {
            let _ = writeln!(out, "{}", one_line(&format!("{} {}", finding.rule, finding.message)));
        }
        more(finding, &shown, options, &mut out);
        out.push('\n');
    }
    let left_out = report.standing().count().saturating_sub(options.top.unwrap_or(usize::MAX));
    if left_out > 0 {
        let _ = writeln!(out, "{} left out by --top\n", count(left_out, "further finding"));
    }
    if options.statistics {
        statistics(report, &mut out);
    }
    if !options.quiet {
        levers(report, options, &mut out);
        out.push_str(&summary(report, options));
    }
    out
}

/// What miette does not lay out: evidence in other places, the code to use instead, and the money.
fn more(finding: &Finding, shown: &Shown<'_>, options: &RenderOptions, out: &mut String) {
    // The strongest piece of each place: the others there say the same in weaker words.
    let mut places: Vec<(&str, u32)> = Vec::new();
    for evidence in finding.evidence.iter().filter(|one| one.weight > 0.0 && !shown.holds(one)) {
        let at = (evidence.path.as_str(), evidence.start.line);
        if places.contains(&at) {
            continue;
        }
        places.push(at);
        if places.len() > LABELS {
            continue;
        }
        let place = format!("{}{}:{}", options.prefix, evidence.path, evidence.start.line);
        wrapped("why", &format!("{}: {}", one_line(&place), one_line(&evidence.text)), options, out);
    }
    if let Some(more) = places.len().checked_sub(LABELS).filter(|more| *more > 0) {
        wrapped("why", &format!("and {}", count(more, "more place")), options, out);
    }
    if let Some(replacement) = &finding.replacement {
        let _ = writeln!(out, "  instead ({}):", replacement.language);
        for line in sanitize(&replacement.code).lines() {
            let _ = writeln!(out, "{}", format!("    {line}").trim_end());
        }
        for note in &replacement.notes {
            wrapped("note", &one_line(note), options, out);
        }
    }
    wrapped("saves", &saves(finding), options, out);
    let last = format!(
        "confidence {:.2}, about {} h of work, fingerprint {}",
        finding.confidence, finding.effort_hours, finding.fingerprint
    );
    let _ = writeln!(out, "  {last}");
}

/// A named line under a finding, wrapped to the width with the text under itself.
fn wrapped(name: &str, text: &str, options: &RenderOptions, out: &mut String) {
    let mut line = format!("  {name}:");
    let indent = " ".repeat(line.len() + 1);
    let width = options.width.max(40);
    for word in text.split(' ') {
        if line.chars().count() + 1 + word.chars().count() > width && line.trim_end().len() > indent.len() {
            let _ = writeln!(out, "{}", line.trim_end());
            line = indent[1..].to_owned();
        }
        line.push(' ');
        line.push_str(word);
    }
    let _ = writeln!(out, "{line}");
}

fn levers(report: &Report, options: &RenderOptions, out: &mut String) {
    if report.totals.levers.is_empty() {
        return;
    }
    let money = |figure: Option<Range>| figure.map_or_else(|| "not counted in money".to_owned(), range);
    let monthly = report.assumptions.calls_per_month.is_some();
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(options.width.max(60) as u16);
    let mut header = vec!["lever", "findings", "saves per 1,000 calls"];
    header.extend(monthly.then_some("saves a month"));
    table.set_header(header);
    for lever in &report.totals.levers {
        let mut row = vec![title(lever.lever).to_owned(), lever.findings.to_string(), money(lever.usd_per_1k_calls)];
        row.extend(monthly.then(|| money(lever.usd_per_month)));
        table.add_row(row);
    }
    let _ = writeln!(out, "{}\n", table_lines(&table));
}

fn statistics(report: &Report, out: &mut String) {
    let mut rules: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for finding in report.standing() {
        *rules.entry((&finding.rule, &finding.name)).or_insert(0) += 1;
    }
    for ((rule, name), count) in &rules {
        let _ = writeln!(out, "{count:>5} {rule} {name}");
    }
    if !rules.is_empty() {
        out.push('\n');
    }
}

/// A finding as miette sees it.
#[derive(Debug)]
struct Shown<'a> {
    finding: &'a Finding,
    code: Option<Cutout>,
    labels: Vec<LabeledSpan>,
    lines: Vec<u32>,
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
    fn new(finding: &'a Finding, sources: &Sources<'_>, options: &RenderOptions) -> Self {
        let Some(file) = sources.at(&finding.path) else {
            return Self { finding, code: None, labels: Vec::new(), lines: Vec::new() };
        };
        let call = Mark {
            line: finding.start.line,
            from: finding.start.column,
            to: (finding.end.line == finding.start.line).then_some(finding.end.column),
            text: "the call".to_owned(),
        };
        let mut marks = vec![call];
        for evidence in
            finding.evidence.iter().filter(|evidence| evidence.path == finding.path && evidence.weight > 0.0)
        {
            let overlaps = marks.iter().any(|mark| mark.line == evidence.start.line);
            let far = evidence.start.line.abs_diff(finding.start.line) > NEAR;
            if marks.len() <= LABELS && !overlaps && !far {
                marks.push(Mark {
                    line: evidence.start.line,
                    from: evidence.start.column,
                    to: (evidence.end.line == evidence.start.line).then_some(evidence.end.column),
                    text: one_line(&evidence.text),
                });
            }
        }
        marks.sort();
        let width = options.width.saturating_sub(GUTTER).clamp(40, COLUMNS);
        let code = Cutout::new(file, &format!("{}{}", options.prefix, finding.path), finding, &marks, width);
        let labels = code.labels.clone();
        let lines = marks.iter().map(|mark| mark.line).filter(|line| !code.cut_labels.contains(line)).collect();
        Self { finding, code: Some(code), labels, lines }
    }

    /// Whether the source that is shown holds a piece of evidence, in full.
    fn holds(&self, evidence: &Evidence) -> bool {
        evidence.path == self.finding.path && self.lines.contains(&evidence.start.line)
    }
}

/// Lines between the call and evidence that is shown with it: more would show more code than reasons.
const NEAR: u32 = 12;

/// A piece of a line with what is said of it. Columns from 1; no end means the end of the line.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Mark {
    line: u32,
    from: u32,
    to: Option<u32>,
    text: String,
}

/// The lines around the labels, each cut to what is near a label, with the true line numbers.
#[derive(Debug)]
struct Cutout {
    name: String,
    text: String,
    first_line: usize,
    call: Position,
    labels: Vec<LabeledSpan>,
    /// Lines whose label did not fit.
    cut_labels: Vec<u32>,
}

impl Cutout {
    fn new(file: &SourceFile, name: &str, finding: &Finding, marks: &[Mark], width: usize) -> Self {
        let first = marks.first().map_or(1, |mark| mark.line);
        let last = marks.last().map_or(1, |mark| mark.line);
        let mut text = String::new();
        let (mut labels, mut cut_labels) = (Vec::new(), Vec::new());
        for line in first..=last {
            let (start, end) = file.line_range(file.text_line_of(line));
            let chars: Vec<char> = file.slice(start, end).chars().collect();
            let mark = marks.iter().find(|mark| mark.line == line);
            let at = mark.map_or(0, |mark| mark.from.saturating_sub(1) as usize).min(chars.len());
            // A line that fits is shown whole; of another, what begins a little before the mark.
            let from = if chars.len() <= width || at < width / 2 { 0 } else { at - width / 4 };
            let to = (from + width).min(chars.len());
            let before = text.len();
            if from > 0 {
                text.push('…');
            }
            // Sanitizing keeps one character for one, so that columns still meet.
            text.push_str(&sanitize(&chars[from..to].iter().collect::<String>()));
            if to < chars.len() {
                text.push('…');
            }
            if let Some(mark) = mark {
                let lead = usize::from(from > 0);
                let offset = |column: usize| {
                    let shown: String = text[before..].chars().take(column.saturating_sub(from) + lead).collect();
                    before + shown.len()
                };
                let until = mark.to.map_or(chars.len(), |to| to.saturating_sub(1) as usize).clamp(at, to.max(at));
                let start = offset(at);
                let end = offset(until).min(text.len()).max(start);
                // miette writes a label behind the middle of its span and does not wrap it.
                let middle = at.saturating_sub(from) + (until - at) / 2;
                let room = width.saturating_sub(middle + 4).max(30);
                let length = (end - start).max(1).min(text.len() - start);
                if mark.text.chars().count() > room {
                    cut_labels.push(line);
                }
                let text = Some(cut(&mark.text, room));
                labels.push(match mark.line == finding.start.line {
                    true => LabeledSpan::new_primary_with_span(text, (start, length)),
                    false => LabeledSpan::new_with_span(text, (start, length)),
                });
            }
            text.push('\n');
        }
        Self { name: one_line(name), text, first_line: first as usize, call: finding.start, labels, cut_labels }
    }
}

/// The first `most` characters of a text, the last of them a mark of what is left out.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut out: String = text.chars().take(most - 1).collect();
    out.push('…');
    out
}

impl SourceCode for Cutout {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, miette::MietteError> {
        let inner = self.text.as_str().read_span(span, before, after)?;
        // The place in the head is the call's true one, however its line was cut.
        let line = inner.line() + self.first_line.saturating_sub(1);
        let at_call = line + 1 == self.call.line as usize;
        let contents = miette::MietteSpanContents::new_named(
            self.name.clone(),
            inner.data(),
            *inner.span(),
            line,
            if at_call { self.call.column as usize - 1 } else { inner.column() },
            inner.line_count(),
        );
        Ok(Box::new(contents))
    }
}
