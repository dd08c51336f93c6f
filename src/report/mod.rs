//! The report: one document that every format is a view of.
//!
//! Its types are the JSON contract, see [`Report`]. Formats read a report and never compute.

mod build;
mod calls;
mod concise;
mod contract;
mod explain;
mod github;
mod gitlab;
mod govern;
mod json;
mod junit;
mod line_hash;
mod markdown;
mod plan;
pub mod sanitize;
mod sarif;
mod secrets;
mod summary;
mod terminal;
mod trial;

use crate::source::SourceFile;

pub use build::{FilesSummary, Input, build};
pub use contract::*;
pub use explain::{call_page, rule_page, rules_table};
pub use govern::{By, governance};
pub use plan::{Plan, Step, plan, plan_page};
pub use summary::{reason, summary};
pub use trial::{promptfoo, trial_page};

/// What formats may ask for beside the report.
#[derive(Debug, Clone)]
pub struct RenderOptions {
    /// Whether to colour.
    pub color: bool,
    /// Columns of the output.
    pub width: usize,
    /// Show only this many findings.
    pub top: Option<usize>,
    /// Leave out all but findings.
    pub quiet: bool,
    /// Findings by rule at the end.
    pub statistics: bool,
    /// What paths begin with for people: the audited folder as seen from the current one, with a slash.
    pub prefix: String,
    /// What paths begin with for hosts: the audited folder as seen from the repository root, with a slash.
    pub repo_prefix: String,
}

impl Default for RenderOptions {
    fn default() -> Self {
        Self {
            color: false,
            width: 80,
            top: None,
            quiet: false,
            statistics: false,
            prefix: String::new(),
            repo_prefix: String::new(),
        }
    }
}

/// The text of audited files, for formats that show source.
#[derive(Debug, Default)]
pub struct Sources<'a> {
    /// The files of the program.
    pub files: &'a [SourceFile],
}

impl Sources<'_> {
    /// The file at a relative path.
    pub fn at(&self, path: &str) -> Option<&SourceFile> {
        self.files.iter().find(|file| *file.path == *path)
    }
}

/// An output format.
pub struct Format {
    /// Its name on the command line.
    pub name: &'static str,
    /// One line on what it is for.
    pub about: &'static str,
    /// Whether it is for people, and ends with the summary itself.
    pub for_people: bool,
    /// Writes it.
    pub render: fn(&Report, &Sources<'_>, &RenderOptions) -> String,
}

/// Every output format. To add one: a file beside this, and an entry here.
pub const FORMATS: &[Format] = &[
    Format {
        name: "full",
        about: "findings with their source, for people",
        for_people: true,
        render: terminal::render,
    },
    Format { name: "concise", about: "one finding a line", for_people: true, render: concise::render },
    Format { name: "json", about: "the whole report, for programs", for_people: false, render: json::render },
    Format { name: "sarif", about: "SARIF 2.1.0, for code scanning", for_people: false, render: sarif::render },
    Format { name: "github", about: "annotations of a workflow run", for_people: false, render: github::render },
    Format { name: "gitlab", about: "code quality of a merge request", for_people: false, render: gitlab::render },
    Format {
        name: "junit",
        about: "test results, for the tabs of CI servers",
        for_people: false,
        render: junit::render,
    },
    Format { name: "markdown", about: "a comment or a job summary", for_people: true, render: markdown::render },
];

/// The inventory of calls as a table.
pub fn inventory(report: &Report, options: &RenderOptions) -> String {
    calls::render(report, options)
}

/// The JSON Schema of the report.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Report).to_value()
}

/// Dollars as people read them: two digits that matter, never more than the range deserves.
pub fn dollars(value: f64) -> String {
    if value == 0.0 {
        "$0".to_owned()
    } else if value < 0.01 {
        format!("${value:.4}")
    } else if value < 100.0 {
        format!("${value:.2}")
    } else {
        format!("${value:.0}")
    }
}

/// A table as lines, without the blanks that pad the last column.
fn table_lines(table: &comfy_table::Table) -> String {
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}
