//! What must hold of every audit, whatever was audited: asserted by the property tests and by the fuzz targets.

use comrak::nodes::NodeValue;
use scriptworthy::Audit;
use scriptworthy::program::{CallSite, Piece, Program};
use scriptworthy::report::sanitize::{is_hidden, one_line};
use scriptworthy::report::{FORMATS, RenderOptions, Report, Sources};
use scriptworthy::source::Span;
use serde_json::Value;

/// Everything that must hold; `what` names the input in a failure.
pub fn check(audit: &Audit, what: &str) {
    let internal = audit.report.files.skipped.iter().find(|note| note.reason == "internal-error");
    assert_eq!(internal, None, "{what}");
    check_spans(&audit.program, what);
    check_places(audit, what);
    let sources = Sources { files: &audit.program.files };
    for format in FORMATS {
        let out = (format.render)(&audit.report, &sources, &RenderOptions::default());
        check_format(format.name, &out, &audit.report, what);
    }
}

/// Every span that a call carries.
pub fn spans(call: &CallSite) -> Vec<Span> {
    let mut all = vec![call.span, call.callee_span, call.function];
    all.extend(call.model.place);
    all.extend(call.repeats.place);
    all.extend(call.via.iter().map(|via| via.span));
    all.extend(call.answer.reads.iter().map(|(span, _)| *span));
    all.extend(call.params.places.iter().map(|(_, span)| *span));
    all.extend(call.params.schema.iter().map(|(_, span)| *span));
    all.extend(call.surroundings.handler);
    all.extend(call.surroundings.after_check);
    for piece in call.prompt.messages.iter().flat_map(|message| &message.pieces) {
        match piece {
            Piece::Text(_, span) => all.push(*span),
            Piece::Hole(hole) => all.extend([hole.span].into_iter().chain(hole.because.iter().map(|(_, span)| *span))),
        }
    }
    all
}

/// Every span lies in its file and on character borders.
fn check_spans(program: &Program, what: &str) {
    for call in &program.calls {
        for span in spans(call) {
            let text = &program.file(span).text;
            assert!(text.get(span.start as usize..span.end as usize).is_some(), "{what}: {span:?} of {}", call.callee);
        }
    }
}

/// Every reported place lies in its file, and ends behind its start.
fn check_places(audit: &Audit, what: &str) {
    let calls = audit.report.calls.iter().map(|call| (&call.path, call.start, call.end));
    let findings = audit.report.findings.iter().map(|finding| (&finding.path, finding.start, finding.end));
    for (path, start, end) in calls.chain(findings) {
        let file = audit.program.files.iter().find(|file| *file.path == **path);
        let file = file.unwrap_or_else(|| panic!("{what}: {path} was not read"));
        let last = file.position(file.text.len() as u32);
        assert!(start <= end, "{what}: {path}: {start:?} to {end:?}");
        assert!(start.line >= 1 && start.column >= 1 && (file.is_mapped() || end <= last), "{what}: {path}: {end:?}");
    }
}

/// One output parses as its format and holds the findings that it should.
pub fn check_format(name: &str, out: &str, report: &Report, what: &str) {
    let standing = report.standing().count();
    let json = || serde_json::from_str::<Value>(out).unwrap_or_else(|error| panic!("{what}: {name}: {error}"));
    match name {
        "json" => assert_eq!(json()["findings"].as_array().map(Vec::len), Some(report.findings.len()), "{what}"),
        "sarif" => assert_eq!(json()["runs"][0]["results"].as_array().map(Vec::len), Some(standing), "{what}"),
        "gitlab" => assert_eq!(json().as_array().map(Vec::len), Some(standing), "{what}"),
        "junit" => {
            let parsed = roxmltree::Document::parse(out).unwrap_or_else(|error| panic!("{what}: {error}"));
            let failed = parsed.descendants().filter(|node| node.has_tag_name("failure")).count();
            let files: std::collections::BTreeSet<_> = report.standing().map(|finding| &finding.path).collect();
            assert_eq!(failed, files.len(), "{what}");
        }
        "github" => {
            for line in out.lines() {
                let ours = ["::error file=", "::warning file=", "::notice file=", "::notice title=scriptworthy::"];
                assert!(ours.iter().any(|start| line.starts_with(start)), "{what}: {line}");
                assert!(line.contains("title="), "{what}: {line}");
            }
        }
        "markdown" => check_markdown(out, standing, what),
        "full" => {}
        "concise" => {
            let rows =
                out.lines().filter(|line| report.standing().any(|one| line.starts_with(&one_line(&one.path)))).count();
            assert!(rows >= standing, "{what}: {out}");
        }
        other => panic!("no check for the format {other}"),
    }
    // JSON escapes control characters itself, and programs are to get the text as it is.
    let raw = out.chars().find(|&c| c != '\n' && (c.is_control() || (is_hidden(c) && !is_for_programs(name))));
    assert_eq!(raw, None, "{what}: a character that is obeyed or unseen in {name}");
}

fn is_for_programs(name: &str) -> bool {
    ["json", "sarif", "gitlab"].contains(&name)
}

/// Read by the rules of the host, nothing in a comment is markup but what is ours: our mark, a table with a row for each
/// finding, a list.
fn check_markdown(out: &str, standing: usize, what: &str) {
    let arena = comrak::Arena::new();
    let mut options = comrak::Options::default();
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.strikethrough = true;
    options.extension.footnotes = true;
    options.extension.tasklist = true;
    options.extension.math_dollars = true;
    options.extension.math_code = true;
    let root = comrak::parse_document(&arena, out, &options);
    let (mut rows, mut marks) = (0, 0);
    for node in root.descendants() {
        match &node.data().value {
            NodeValue::TableRow(header) => rows += usize::from(!header),
            NodeValue::HtmlBlock(block) => {
                assert_eq!(block.literal.trim(), "<!-- scriptworthy:audit -->", "{what}");
                marks += 1;
            }
            // Parts a sign from the word behind it.
            NodeValue::HtmlInline(text) => assert_eq!(text, "<!-- -->", "{what}: {out}"),
            NodeValue::Document
            | NodeValue::Paragraph
            | NodeValue::Table(_)
            | NodeValue::TableCell
            | NodeValue::List(_)
            | NodeValue::Item(_)
            | NodeValue::Text(_)
            | NodeValue::Escaped
            | NodeValue::SoftBreak => {}
            other => panic!("{what}: markup of audited text: {other:?} in {out}"),
        }
    }
    assert_eq!(marks, 1, "{what}: {out}");
    let cut = out.contains("further findings are cut");
    assert!(rows == standing || (cut && rows < standing), "{what}: {rows} rows of {standing}: {out}");
}
