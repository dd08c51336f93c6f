//! Markdown, for comments on changes and summaries of jobs.

use std::fmt::Write as _;

use super::sanitize::one_line;
use super::summary::{range, summary};
use super::{RenderOptions, Report, Sources};

/// Characters of a comment that hosts take; the rest is cut, and said.
const MOST: usize = 60_000;

/// A line by which a bot finds its last comment.
const MARK: &str = "<!-- scriptworthy:audit -->";

/// A table of findings, and the summary.
pub(super) fn render(report: &Report, _: &Sources<'_>, options: &RenderOptions) -> String {
    let mut out = format!("{MARK}\n");
    let standing: Vec<_> = report.standing().take(options.top.unwrap_or(usize::MAX)).collect();
    let quiet = RenderOptions { prefix: options.repo_prefix.clone(), ..options.clone() };
    let end: String = match options.quiet {
        true => String::new(),
        false => summary(report, &quiet).lines().map(|line| format!("- {}\n", inert(line.trim()))).collect(),
    };
    if !standing.is_empty() {
        out.push_str("| place | rule | what | saves |\n|---|---|---|---|\n");
    }
    for (shown, finding) in standing.iter().enumerate() {
        let money = match (finding.savings.usd_per_month, finding.savings.usd_per_1k_calls) {
            (Some(month), _) => format!("{} a month, {}", range(month), finding.savings.basis),
            (None, Some(thousand)) => format!("{} per 1,000 calls", range(thousand)),
            (None, None) => "price unknown".to_owned(),
        };
        let place = format!("{}{}:{}", options.repo_prefix, finding.path, finding.start.line);
        let mut row = String::new();
        let _ = writeln!(
            row,
            "| {} | {} {} | {} | {money} |",
            inert(&place),
            finding.rule,
            finding.name,
            inert(&finding.message)
        );
        if out.chars().count() + row.chars().count() + end.chars().count() + 100 > MOST {
            let _ = writeln!(
                out,
                "\n{} further findings are cut: a comment is too short for them.",
                standing.len() - shown
            );
            break;
        }
        out.push_str(&row);
    }
    if !standing.is_empty() && !end.is_empty() {
        out.push('\n');
    }
    out.push_str(&end);
    out
}

/// Text that a host shows and obeys nothing of: no markup, mention, link, image, row or comment can come of it.
fn inert(text: &str) -> String {
    let mut out = String::new();
    let text = one_line(text);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // A mention or reference needs its sign next to a word.
            '@' | '#' => {
                out.push(c);
                out.push_str("<!-- -->");
            }
            // Addresses are linked by themselves where they are whole.
            ':' if chars.peek() == Some(&'/') => out.push_str("&#58;"),
            '.' if out.len() >= 3 && out.as_bytes()[out.len() - 3..].eq_ignore_ascii_case(b"www") => {
                out.push_str("&#46;")
            }
            '|' | '`' | '*' | '_' | '[' | ']' | '(' | ')' | '!' | '\\' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audited_text_is_obeyed_by_nobody() {
        let hostile = "a | b `c` @team ![x](http://y) <!-- scriptworthy:audit --> <script>\n| row";
        let safe = inert(hostile);
        assert!(
            !safe.contains("@team") && !safe.contains("![") && !safe.contains("](") && !safe.contains("http:"),
            "{safe}"
        );
        assert!(!safe.contains("<!-- scriptworthy") && !safe.contains("<script") && !safe.contains('\n'), "{safe}");
        assert!(!safe.contains(" | ") && !safe.contains(" `"), "{safe}");
    }
}
