//! The command line's grammar.

mod settings;
mod values;

use std::path::PathBuf;

use clap::builder::BoolishValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};

use scriptworthy::config::FailOn;
use scriptworthy::finding::{Lever, Severity};

pub(super) use settings::{Resolved, old_prices};
pub(super) use values::find_format;
use values::{confidence, effort, formats, further, swap, threads};

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
    /// Count tokens of text exactly where the model's vocabulary is public; others are estimated
    #[arg(long, env = "SCRIPTWORTHY_EXACT_TOKENS", value_parser = BoolishValueParser::new(), help_heading = "Money")]
    exact_tokens: bool,
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
    /// A folder to keep results in, so that a later run reads only what changed
    #[arg(long, value_name = "DIR", env = "SCRIPTWORTHY_CACHE_DIR", help_heading = "Run")]
    cache_dir: Option<PathBuf>,
    /// Keep and take over no results
    #[arg(long, env = "SCRIPTWORTHY_NO_CACHE", value_parser = BoolishValueParser::new(), help_heading = "Run")]
    no_cache: bool,
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

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_grammar_of_the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
