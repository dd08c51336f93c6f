//! The command line's grammar, and settings out of it: defaults, config file, environment, flags.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::builder::{BoolishValueParser, PossibleValuesParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

use scriptworthy::baseline::Baseline;
use scriptworthy::catalog::model::ModelTable;
use scriptworthy::config::{self, FailOn, Layer};
use scriptworthy::finding::{Lever, Severity};
use scriptworthy::report::{FORMATS, Format};
use scriptworthy::{Error, Settings};

/// Audits the code of LLM agents for model calls that a script should make.
#[derive(Parser)]
#[command(version, about, propagate_version = true, after_help = EXIT_CODES)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

const EXIT_CODES: &str = "Exit codes, in every format: 0 nothing at or above the threshold, 1 findings, 2 could not run.\n\
Nothing that is audited is run, no model is called, and nothing goes to the network.";

#[derive(Subcommand)]
pub(super) enum Command {
    /// Audit folders or files
    #[command(after_help = EXIT_CODES)]
    Audit(Box<AuditArgs>),
    /// List every model call: place, model, verdict, prompt
    Calls(CallsArgs),
    /// Explain a rule (SW106) or a call (app/x.py:42)
    Explain(ExplainArgs),
    /// Print the work list: what to do first, what it takes, saves and trades
    Plan(PlanArgs),
    /// Recompute what calls to one model would cost with another
    Whatif(WhatIfArgs),
    /// List the rules
    Rules(RulesArgs),
    /// Print a JSON Schema
    Schema {
        /// Which schema
        #[arg(value_enum, default_value_t = SchemaKind::Report)]
        what: SchemaKind,
    },
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum SchemaKind {
    /// The report of `--format json`
    Report,
    /// A config file
    Config,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Color {
    /// In a terminal
    Auto,
    /// Wherever the output goes
    Always,
    /// Not at all
    Never,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum View {
    /// A table for people
    Full,
    /// For programs
    Json,
}

/// What to audit, and how: shared by all commands that audit.
#[derive(Args)]
pub(super) struct Common {
    /// Rules to check: codes, names or prefixes (SW1, date-math)
    #[arg(long, value_delimiter = ',', env = "SCRIPTWORTHY_SELECT", help_heading = "Rules")]
    select: Vec<String>,
    /// Rules to check beside the selected ones
    #[arg(long, value_delimiter = ',', env = "SCRIPTWORTHY_EXTEND_SELECT", help_heading = "Rules")]
    extend_select: Vec<String>,
    /// Rules to leave out
    #[arg(long, value_delimiter = ',', env = "SCRIPTWORTHY_IGNORE", help_heading = "Rules")]
    ignore: Vec<String>,
    /// Check rules whose precision has not been measured yet
    #[arg(long, env = "SCRIPTWORTHY_PREVIEW", value_parser = BoolishValueParser::new(), help_heading = "Rules")]
    preview: bool,
    /// Leave out findings below this confidence, 0 to 1 [default: 0.5]
    #[arg(long, env = "SCRIPTWORTHY_MIN_CONFIDENCE", value_parser = confidence, help_heading = "Rules")]
    min_confidence: Option<f64>,
    /// Leave out findings below this severity [default: note]
    #[arg(long, value_enum, env = "SCRIPTWORTHY_MIN_SEVERITY", help_heading = "Rules")]
    min_severity: Option<Severity>,
    /// Report suppressed findings too: suppression comments do not count
    #[arg(long, env = "SCRIPTWORTHY_NO_IGNORES", value_parser = BoolishValueParser::new(), help_heading = "Rules")]
    no_ignores: bool,
    /// Paths to leave out (gitignore patterns)
    #[arg(long, value_delimiter = ',', env = "SCRIPTWORTHY_EXCLUDE", help_heading = "Files")]
    exclude: Vec<String>,
    /// Paths to leave out beside those of the config file
    #[arg(long, value_delimiter = ',', env = "SCRIPTWORTHY_EXTEND_EXCLUDE", help_heading = "Files")]
    extend_exclude: Vec<String>,
    /// Leave out excluded files even if they are named
    #[arg(long, env = "SCRIPTWORTHY_FORCE_EXCLUDE", value_parser = BoolishValueParser::new(), help_heading = "Files")]
    force_exclude: bool,
    /// Audit files that ignore files leave out
    #[arg(long, env = "SCRIPTWORTHY_NO_GITIGNORE", value_parser = BoolishValueParser::new(), help_heading = "Files")]
    no_gitignore: bool,
    /// Bytes of a file beyond which it is skipped
    #[arg(long, default_value_t = 1 << 20, env = "SCRIPTWORTHY_MAX_FILE_SIZE", help_heading = "Files")]
    max_file_size: u64,
    /// Calls a month of each call: gives monthly figures
    #[arg(long, value_name = "N", env = "SCRIPTWORTHY_CALLS_PER_MONTH", help_heading = "Money")]
    calls_per_month: Option<u64>,
    /// Prices that go before the built-in ones: the public JSON price table of gateways
    #[arg(long, value_name = "FILE", env = "SCRIPTWORTHY_PRICES", help_heading = "Money")]
    prices: Option<PathBuf>,
    /// Hours of work that levers take: script=2,batch=8
    #[arg(long, value_name = "LEVER=HOURS", value_delimiter = ',', value_parser = effort, env = "SCRIPTWORTHY_EFFORT", help_heading = "Money")]
    effort: Vec<(Lever, f64)>,
    /// A config file, or settings as `key = value`
    #[arg(long, value_name = "FILE|SETTINGS", env = "SCRIPTWORTHY_CONFIG", help_heading = "Config")]
    config: Vec<String>,
    /// Read no config file
    #[arg(long, env = "SCRIPTWORTHY_NO_CONFIG", value_parser = BoolishValueParser::new(), help_heading = "Config")]
    no_config: bool,
    /// Threads; 0 is one for each processor
    #[arg(long, default_value_t = 0, env = "SCRIPTWORTHY_THREADS", value_parser = threads, help_heading = "Run")]
    threads: usize,
    /// Colour
    #[arg(long, value_enum, default_value_t = Color::Auto, env = "SCRIPTWORTHY_COLOR", help_heading = "Run")]
    pub(super) color: Color,
}

#[derive(Args)]
pub(super) struct AuditArgs {
    /// Folders or files; `-` is standard input
    #[arg(default_value = ".")]
    pub(super) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) common: Common,
    /// The name of what stands on standard input
    #[arg(long, value_name = "PATH", help_heading = "Files")]
    pub(super) stdin_filename: Option<PathBuf>,
    /// List the files that would be audited
    #[arg(long, help_heading = "Files")]
    pub(super) show_files: bool,
    /// Output format
    #[arg(long, default_value = "full", env = "SCRIPTWORTHY_FORMAT", help_heading = "Output", value_parser = formats())]
    pub(super) format: String,
    /// Write the report to a file
    #[arg(long, value_name = "PATH", env = "SCRIPTWORTHY_OUTPUT", help_heading = "Output")]
    pub(super) output: Option<PathBuf>,
    /// Write a further report; may repeat
    #[arg(short = 'o', value_name = "FORMAT=PATH", value_parser = further, help_heading = "Output")]
    pub(super) also: Vec<(String, PathBuf)>,
    /// Count findings by rule
    #[arg(long, env = "SCRIPTWORTHY_STATISTICS", value_parser = BoolishValueParser::new(), help_heading = "Output")]
    pub(super) statistics: bool,
    /// Show only the first N findings
    #[arg(long, value_name = "N", env = "SCRIPTWORTHY_TOP", help_heading = "Output")]
    pub(super) top: Option<usize>,
    /// Lowest severity that gives exit code 1 [default: warning]
    #[arg(long, value_enum, env = "SCRIPTWORTHY_FAIL_ON", help_heading = "Verdict")]
    fail_on: Option<FailOn>,
    /// Exit with 0 whatever was found
    #[arg(long, env = "SCRIPTWORTHY_EXIT_ZERO", value_parser = BoolishValueParser::new(), help_heading = "Verdict")]
    pub(super) exit_zero: bool,
    /// Exit with 2 if some input was not fully read
    #[arg(long, env = "SCRIPTWORTHY_STRICT", value_parser = BoolishValueParser::new(), help_heading = "Verdict")]
    pub(super) strict: bool,
    /// Report only findings that this baseline does not hold
    #[arg(long, value_name = "FILE", env = "SCRIPTWORTHY_BASELINE", help_heading = "Verdict")]
    pub(super) baseline: Option<PathBuf>,
    /// Record the findings in a baseline; the run counts as clean
    #[arg(long, value_name = "FILE", help_heading = "Verdict")]
    pub(super) write_baseline: Option<PathBuf>,
    /// Print the settings and where each comes from
    #[arg(long, help_heading = "Config")]
    pub(super) show_settings: bool,
    /// Findings only; twice: nothing but the exit code
    #[arg(short, action = clap::ArgAction::Count, help_heading = "Run")]
    pub(super) quiet: u8,
    /// Say on stderr which files were not fully read, and why
    #[arg(short, long, help_heading = "Run")]
    pub(super) verbose: bool,
}

#[derive(Args)]
pub(super) struct CallsArgs {
    /// Folders or files
    #[arg(default_value = ".")]
    pub(super) paths: Vec<PathBuf>,
    /// Group the calls: which model runs where, and who chose it
    #[arg(long, value_enum)]
    pub(super) by: Option<Grouping>,
    #[command(flatten)]
    pub(super) common: Common,
    /// Output format
    #[arg(long, value_enum, default_value_t = View::Full)]
    pub(super) format: View,
}

#[derive(Args)]
pub(super) struct ExplainArgs {
    /// A rule, or PATH:LINE
    pub(super) what: String,
    /// The audited folder that the call belongs to
    #[arg(long, default_value = ".")]
    pub(super) root: PathBuf,
    /// Write the test of a cheaper model for an evaluator
    #[arg(long, value_enum)]
    pub(super) emit: Option<Evaluator>,
    /// How sure the test of a cheaper model must be, 0 to 1
    #[arg(long, value_parser = confidence, default_value_t = 0.95)]
    pub(super) test_confidence: f64,
    /// Share of answers that may be worse, 0 to 1
    #[arg(long, value_parser = confidence, default_value_t = 0.05)]
    pub(super) test_margin: f64,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Args)]
pub(super) struct PlanArgs {
    /// Folders or files
    #[arg(default_value = ".")]
    pub(super) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) common: Common,
    /// Output format
    #[arg(long, value_enum, default_value_t = View::Full)]
    pub(super) format: View,
}

#[derive(Args)]
pub(super) struct WhatIfArgs {
    /// Folders or files
    #[arg(default_value = ".")]
    pub(super) paths: Vec<PathBuf>,
    /// The model that runs and the one to put in its place
    #[arg(long, value_name = "OLD=NEW", value_parser = swap)]
    pub(super) model: (String, String),
    #[command(flatten)]
    pub(super) common: Common,
}

fn swap(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((old, new)) if !old.trim().is_empty() && !new.trim().is_empty() => {
            Ok((old.trim().to_owned(), new.trim().to_owned()))
        }
        _ => Err("must be OLD=NEW".to_owned()),
    }
}

/// What calls are grouped by.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Grouping {
    /// By the model that runs, with who chose it
    Model,
    /// By file
    Module,
}

/// What to write a test for.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Evaluator {
    /// A configuration of the evaluator promptfoo
    Promptfoo,
}

#[derive(Args)]
pub(super) struct RulesArgs {
    /// Output format
    #[arg(long, value_enum, default_value_t = View::Full)]
    pub(super) format: View,
}

fn effort(text: &str) -> Result<(Lever, f64), String> {
    let (name, hours) = text.split_once('=').ok_or("must be LEVER=HOURS")?;
    let lever = Lever::ALL.into_iter().find(|lever| lever.name() == name).ok_or_else(|| {
        let names: Vec<&str> = Lever::ALL.iter().map(|lever| lever.name()).collect();
        format!("no lever is called `{name}`: one of {}", names.join(", "))
    })?;
    match hours.parse::<f64>() {
        Ok(hours) if hours > 0.0 && hours < 10_000.0 => Ok((lever, hours)),
        _ => Err("hours must be a number above 0".to_owned()),
    }
}

/// More threads than these only cost: a mistyped figure must not take the machine.
fn threads(text: &str) -> Result<usize, String> {
    match text.parse::<usize>() {
        Ok(threads) if threads <= 256 => Ok(threads),
        _ => Err("must be a whole number from 0 to 256".to_owned()),
    }
}

fn confidence(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (0.0..=1.0).contains(&value) => Ok(value),
        _ => Err("must be a number from 0 to 1".to_owned()),
    }
}

fn formats() -> PossibleValuesParser {
    let values = FORMATS.iter().map(|format| clap::builder::PossibleValue::new(format.name).help(format.about));
    PossibleValuesParser::new(values)
}

fn further(pair: &str) -> Result<(String, PathBuf), String> {
    let (format, path) = pair.split_once('=').ok_or("must be FORMAT=PATH")?;
    match find_format(format) {
        Some(_) if path.is_empty() => Err("names no file".to_owned()),
        Some(_) => Ok((format.to_owned(), PathBuf::from(path))),
        None => {
            let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
            Err(format!("no format is called `{format}`: one of {}", names.join(", ")))
        }
    }
}

/// The format of a name.
pub(super) fn find_format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

/// Settings with what the command line needs beside them.
pub(super) struct Resolved {
    /// For the audit.
    pub(super) settings: Settings,
    /// What gives exit code 1.
    pub(super) fail_on: FailOn,
    /// Each source of settings with its name, the last wins.
    layers: Vec<(String, Layer)>,
    /// What is worth a warning.
    pub(super) warnings: Vec<String>,
}

impl Common {
    /// Settings for an audit of `folder`.
    ///
    /// # Errors
    /// A config file or inline setting is not valid.
    pub(super) fn resolve(&self, folder: &Path, fail_on: Option<FailOn>) -> Result<Resolved, Error> {
        let mut layers = Vec::new();
        let mut warnings = Vec::new();
        let (inline, files): (Vec<&String>, Vec<&String>) = self.config.iter().partition(|text| text.contains('='));
        for path in &files {
            layers.push(((*path).clone(), config::read(Path::new(path))?));
        }
        if files.is_empty()
            && !self.no_config
            && let Some(found) = config::find(folder)?
        {
            for other in &found.passed_over {
                warnings.push(format!("{} holds settings too; {} counts alone", other.display(), found.path.display()));
            }
            layers.push((found.path.display().to_string(), found.layer));
        }
        for text in inline {
            layers.push(("--config".to_owned(), text.parse()?));
        }
        layers.push(("flag or environment".to_owned(), self.layer(fail_on)));
        let mut settings = Settings {
            force_exclude: self.force_exclude,
            max_file_size: self.max_file_size,
            suppressions: !self.no_ignores,
            threads: self.threads,
            today: Some(today(0)),
            prices: self.prices.clone(),
            ..Settings::default()
        };
        let mut fail_on = FailOn::default();
        for (_, layer) in &layers {
            settings.apply(layer);
            fail_on = layer.fail_on.unwrap_or(fail_on);
        }
        Ok(Resolved { settings, fail_on, layers, warnings })
    }

    fn layer(&self, fail_on: Option<FailOn>) -> Layer {
        let list = |values: &Vec<String>| (!values.is_empty()).then(|| values.clone());
        Layer {
            select: list(&self.select),
            extend_select: list(&self.extend_select),
            ignore: list(&self.ignore),
            preview: self.preview.then_some(true),
            min_confidence: self.min_confidence,
            min_severity: self.min_severity,
            exclude: list(&self.exclude),
            extend_exclude: list(&self.extend_exclude),
            gitignore: self.no_gitignore.then_some(false),
            calls_per_month: self.calls_per_month,
            effort: (!self.effort.is_empty()).then(|| self.effort.iter().copied().collect()),
            fail_on,
            ..Layer::default()
        }
    }
}

impl AuditArgs {
    /// Settings for an audit of `folder`.
    ///
    /// # Errors
    /// As [`Common::resolve`].
    pub(super) fn resolve(&self, folder: &Path) -> Result<Resolved, Error> {
        let mut resolved = self.common.resolve(folder, self.fail_on)?;
        resolved.settings.baseline = self.baseline.as_deref().map(Baseline::read).transpose()?;
        Ok(resolved)
    }
}

impl Resolved {
    /// Every key that some source sets, as the lines of a config file, each with its source.
    pub(super) fn show(&self) -> String {
        let mut lines = Vec::new();
        for (source, layer) in &self.layers {
            let text = toml::to_string(layer).unwrap_or_default();
            for line in text.lines().filter(|line| !line.is_empty()) {
                lines.push(format!("{line}  # {source}"));
            }
        }
        let settings = &self.settings;
        let defaults = Settings::default();
        lines.push(format!("# what holds, defaults of {} included:", env!("CARGO_PKG_VERSION")));
        let rules = if settings.select.is_empty() { "stable".to_owned() } else { settings.select.join(", ") };
        lines.push(format!("# rules: {rules}{}", if settings.preview { " and preview" } else { "" }));
        lines.push(format!("# min-confidence: {}", settings.min_confidence));
        let same = settings.max_file_size == defaults.max_file_size;
        lines.push(format!("# max-file-size: {}{}", settings.max_file_size, if same { "" } else { " (by a flag)" }));
        lines.push(format!("# ignore files count: {}", if settings.gitignore { "yes" } else { "no" }));
        let volume = settings.calls_per_month.map_or("none, so no monthly figure".to_owned(), |n| n.to_string());
        lines.push(format!("# calls-per-month: {volume}"));
        format!("{}\n", lines.join("\n"))
    }
}

/// Today in UTC or some days before, `2027-03-31`: the only clock that is read, for the dates of suppression comments and
/// of prices.
/// `SOURCE_DATE_EPOCH` takes its place where runs must be repeatable.
fn today(days_ago: u64) -> String {
    let epoch = std::env::var_os("SOURCE_DATE_EPOCH").and_then(|text: OsString| text.to_str()?.parse::<u64>().ok());
    let now = || std::time::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs());
    date((epoch.unwrap_or_else(now) / 86_400).saturating_sub(days_ago))
}

/// Says that prices are old, if they are. On the stream for people alone: the report must not depend on the clock.
pub(super) fn old_prices() -> Option<String> {
    const DAYS: u64 = 120;
    let checked = ModelTable::embedded().checked();
    (checked < today(DAYS).as_str()).then(|| {
        format!("prices are of {checked}, over {DAYS} days old: a newer release or --prices FILE has newer ones")
    })
}

/// The day that lies `days` after 1970-01-01, by the Gregorian calendar.
fn date(days: u64) -> String {
    let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let (mut year, mut left) = (1970, days);
    while left >= 365 + u64::from(leap(year)) {
        left -= 365 + u64::from(leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while left >= lengths[month] {
        left -= lengths[month];
        month += 1;
    }
    format!("{year:04}-{:02}-{:02}", month + 1, left + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_grammar_of_the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn days_are_dates() {
        for (days, text) in [(0, "1970-01-01"), (59, "1970-03-01"), (11_016, "2000-02-29"), (20_543, "2026-03-31")] {
            assert_eq!(date(days), text);
        }
    }
}
