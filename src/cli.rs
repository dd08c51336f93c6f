//! The command line: arguments in, exit code out.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use scriptworthy::finding::Severity;
use scriptworthy::report::sanitize::one_line;
use scriptworthy::report::{self, FORMATS, RenderOptions, Report, Sources};
use scriptworthy::{Audit, Error, Settings, audit, rules};

/// Audits the code of LLM agents for model calls that a script should make.
#[derive(Parser)]
#[command(version, about, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Audit a folder or file
    Audit(AuditArgs),
    /// List every model call: place, model, prompt, verdict
    Calls(CallsArgs),
    /// Explain a rule (SW106) or a call (app/x.py:42)
    Explain(ExplainArgs),
    /// List the rules
    Rules(RulesArgs),
    /// Print the JSON Schema of the report
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
enum SchemaKind {
    /// The report of `--format json`
    Report,
}

#[derive(Clone, Copy, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum FailOn {
    Error,
    Warning,
    Note,
    Never,
}

#[derive(Clone, Copy, ValueEnum)]
enum Level {
    Error,
    Warning,
    Note,
}

/// What to audit, and how: shared by all commands that audit.
#[derive(Args)]
struct Common {
    /// Rules to check: codes, names or prefixes (SW1, date-math)
    #[arg(long, value_delimiter = ',', env = "SCRIPTWORTHY_SELECT")]
    select: Vec<String>,
    /// Rules to check beside the selected ones
    #[arg(long, value_delimiter = ',', env = "SCRIPTWORTHY_EXTEND_SELECT")]
    extend_select: Vec<String>,
    /// Rules to leave out
    #[arg(long, value_delimiter = ',', env = "SCRIPTWORTHY_IGNORE")]
    ignore: Vec<String>,
    /// Check rules whose precision has not been measured yet
    #[arg(long, env = "SCRIPTWORTHY_PREVIEW")]
    preview: bool,
    /// Leave out findings below this confidence, 0 to 1
    #[arg(long, env = "SCRIPTWORTHY_MIN_CONFIDENCE", value_parser = confidence)]
    min_confidence: Option<f64>,
    /// Leave out findings below this severity
    #[arg(long, value_enum, env = "SCRIPTWORTHY_MIN_SEVERITY")]
    min_severity: Option<Level>,
    /// Paths to leave out (gitignore patterns)
    #[arg(long, visible_alias = "extend-exclude", value_delimiter = ',', env = "SCRIPTWORTHY_EXCLUDE")]
    exclude: Vec<String>,
    /// Audit files that ignore files leave out
    #[arg(long)]
    no_gitignore: bool,
    /// Bytes of a file beyond which it is skipped
    #[arg(long, default_value_t = 1 << 20)]
    max_file_size: u64,
    /// Calls a month of each call: gives monthly figures
    #[arg(long, env = "SCRIPTWORTHY_CALLS_PER_MONTH")]
    calls_per_month: Option<u64>,
    /// Threads; 0 is one for each processor
    #[arg(long, default_value_t = 0, env = "SCRIPTWORTHY_THREADS")]
    threads: usize,
    /// Colour
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    color: Color,
}

#[derive(Args)]
struct AuditArgs {
    /// Folders or files
    #[arg(default_value = ".")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    common: Common,
    /// Output format: full, concise, json, sarif, github
    #[arg(long, default_value = "full", env = "SCRIPTWORTHY_FORMAT")]
    format: String,
    /// Write the report to a file
    #[arg(long, env = "SCRIPTWORTHY_OUTPUT")]
    output: Option<PathBuf>,
    /// Write a further report: FORMAT=PATH, may repeat
    #[arg(short = 'o', value_name = "FORMAT=PATH")]
    also: Vec<String>,
    /// Lowest severity that gives exit code 1
    #[arg(long, value_enum, default_value_t = FailOn::Warning, env = "SCRIPTWORTHY_FAIL_ON")]
    fail_on: FailOn,
    /// Exit with 0 whatever was found
    #[arg(long)]
    exit_zero: bool,
    /// Exit with 2 if some input was not fully read
    #[arg(long)]
    strict: bool,
    /// List the files that would be audited
    #[arg(long)]
    show_files: bool,
    /// Count findings by rule
    #[arg(long)]
    statistics: bool,
    /// Show only the first N findings
    #[arg(long, value_name = "N")]
    top: Option<usize>,
    /// Findings only; twice: nothing but the exit code
    #[arg(short, action = clap::ArgAction::Count)]
    quiet: u8,
    /// Say on stderr what was read
    #[arg(short, long)]
    verbose: bool,
}

#[derive(Args)]
struct CallsArgs {
    /// Folder or file
    #[arg(default_value = ".")]
    path: PathBuf,
    #[command(flatten)]
    common: Common,
    /// Output format: full, json
    #[arg(long, default_value = "full")]
    format: String,
}

#[derive(Args)]
struct ExplainArgs {
    /// A rule, or PATH:LINE
    what: String,
    /// The audited root that the call belongs to
    #[arg(long, default_value = ".")]
    root: PathBuf,
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
struct RulesArgs {
    /// Output format: full, json
    #[arg(long, default_value = "full")]
    format: String,
}

fn confidence(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (0.0..=1.0).contains(&value) => Ok(value),
        _ => Err("must be a number from 0 to 1".to_owned()),
    }
}

impl Common {
    fn settings(&self) -> Settings {
        let defaults = Settings::default();
        Settings {
            select: self.select.clone(),
            extend_select: self.extend_select.clone(),
            ignore: self.ignore.clone(),
            preview: self.preview,
            min_confidence: self.min_confidence.unwrap_or(defaults.min_confidence),
            min_severity: match self.min_severity {
                Some(Level::Error) => Severity::Error,
                Some(Level::Warning) => Severity::Warning,
                Some(Level::Note) | None => Severity::Note,
            },
            exclude: self.exclude.clone(),
            gitignore: !self.no_gitignore,
            max_file_size: self.max_file_size,
            calls_per_month: self.calls_per_month,
            threads: self.threads,
        }
    }

    fn render(&self, to_terminal: bool) -> RenderOptions {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let color = match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => set("FORCE_COLOR") || (to_terminal && !set("NO_COLOR")),
        };
        let width = std::env::var("COLUMNS")
            .ok()
            .and_then(|columns| columns.parse().ok())
            .filter(|_| to_terminal)
            .unwrap_or(if to_terminal { 100 } else { 80 });
        RenderOptions { color, width, ..RenderOptions::default() }
    }
}

/// Runs the command line and gives the exit code: 0 nothing found, 1 findings, 2 could not run.
pub fn run() -> u8 {
    let cli = Cli::parse();
    let result = match cli.command {
        Command::Audit(args) => audit_command(&args),
        Command::Calls(args) => calls_command(&args),
        Command::Explain(args) => explain_command(&args),
        Command::Rules(args) => rules_command(&args),
        Command::Schema { what: SchemaKind::Report } => {
            let schema = serde_json::to_string_pretty(&report::schema()).unwrap_or_default();
            print(&format!("{schema}\n"));
            Ok(0)
        }
        Command::Completions { shell } => {
            let mut out = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "scriptworthy", &mut out);
            print(&String::from_utf8_lossy(&out));
            Ok(0)
        }
    };
    result.unwrap_or_else(|error| {
        eprintln!("error: {}", one_line(&error.to_string()));
        eprintln!("help: {}", one_line(&error.help()));
        2
    })
}

/// Writes to stdout; a reader that went away is no error.
fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

fn audit_command(args: &AuditArgs) -> Result<u8, Error> {
    let settings = args.common.settings();
    if args.show_files {
        for path in &args.paths {
            let limits = scriptworthy::walk::Limits {
                max_file_size: settings.max_file_size,
                gitignore: settings.gitignore,
                exclude: settings.exclude.clone(),
            };
            if !path.exists() {
                return Err(Error::NotFound(path.clone()));
            }
            let found = scriptworthy::walk::walk(path, &limits).map_err(Error::Glob)?;
            found.entries.iter().for_each(|entry| print(&format!("{}\n", one_line(&entry.relative))));
        }
        return Ok(0);
    }
    let format = find_format(&args.format)?;
    let also = args.also.iter().map(|pair| split_output(pair)).collect::<Result<Vec<_>, _>>()?;
    let mut code = 0;
    for path in &args.paths {
        let done = audit(path, &settings)?;
        let report = &done.report;
        if report.files.seen == 0 {
            eprintln!("warning: no Python, TypeScript or JavaScript files in {}", one_line(&path.to_string_lossy()));
        }
        if args.verbose {
            let files = &report.files;
            eprintln!(
                "{}: {} files seen, {} parsed, {} with calls",
                one_line(&report.root),
                files.seen,
                files.parsed,
                files.with_calls
            );
            for note in files.skipped.iter().chain(&files.partly_read) {
                eprintln!("  {}: {}", one_line(&note.path), note.reason);
            }
        }
        let sources = Sources { files: &done.program.files };
        let mut options = args.common.render(args.output.is_none() && std::io::stdout().is_terminal());
        options.top = args.top;
        options.quiet = args.quiet > 0;
        options.statistics = args.statistics;
        let text = (format.render)(report, &sources, &options);
        match &args.output {
            Some(target) => write(target, &text, path, &done)?,
            None if args.quiet < 2 => print(&text),
            None => {}
        }
        for (format, target) in &also {
            options.color = false;
            write(target, &(format.render)(report, &sources, &options), path, &done)?;
        }
        code = code.max(exit_code(report, args)?);
    }
    Ok(code)
}

fn exit_code(report: &Report, args: &AuditArgs) -> Result<u8, Error> {
    let unread = report.files.skipped.len() + report.files.partly_read.len();
    if args.strict && unread > 0 {
        return Err(Error::Strict(unread));
    }
    let threshold = match args.fail_on {
        FailOn::Error => Severity::Error,
        FailOn::Warning => Severity::Warning,
        FailOn::Note => Severity::Note,
        FailOn::Never => return Ok(0),
    };
    let found = report.findings.iter().any(|finding| finding.severity >= threshold);
    Ok(u8::from(found && !args.exit_zero))
}

fn find_format(name: &str) -> Result<&'static report::Format, Error> {
    FORMATS.iter().find(|format| format.name == name).ok_or_else(|| Error::Format(name.to_owned()))
}

fn split_output(pair: &str) -> Result<(&'static report::Format, PathBuf), Error> {
    let (format, path) = pair.split_once('=').ok_or_else(|| Error::Format(pair.to_owned()))?;
    Ok((find_format(format)?, PathBuf::from(path)))
}

/// Writes beside the target and renames, so that a failure leaves the old file whole.
fn write(target: &Path, text: &str, root: &Path, done: &Audit) -> Result<(), Error> {
    let fail = |error| Error::Output(target.to_owned(), error);
    if let (Ok(target), Ok(root)) = (target.canonicalize(), root.canonicalize()) {
        let audited = done.program.files.iter().any(|file| {
            let path = if root.is_file() { root.clone() } else { root.join(&*file.path) };
            path == target
        });
        if audited {
            return Err(Error::Overwrites(target));
        }
        if target.is_dir() {
            return Err(fail(std::io::ErrorKind::IsADirectory.into()));
        }
    }
    let name = target.file_name().ok_or_else(|| fail(std::io::ErrorKind::InvalidInput.into()))?;
    let beside = target.with_file_name(format!(".{}.{}.tmp", name.to_string_lossy(), std::process::id()));
    let written = std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, target));
    written.map_err(|error| {
        let _ = std::fs::remove_file(&beside);
        fail(error)
    })
}

fn calls_command(args: &CallsArgs) -> Result<u8, Error> {
    let done = audit(&args.path, &args.common.settings())?;
    let mut options = args.common.render(std::io::stdout().is_terminal());
    if !std::io::stdout().is_terminal() {
        // Piped to a search: a place must stay on one line.
        options.width = 240;
    }
    match args.format.as_str() {
        "full" => print(&report::inventory(&done.report, &options)),
        "json" => print(&format!("{}\n", serde_json::to_string_pretty(&done.report.calls).unwrap_or_default())),
        other => return Err(Error::Format(other.to_owned())),
    }
    Ok(0)
}

fn explain_command(args: &ExplainArgs) -> Result<u8, Error> {
    if let Some(rule) = rules::by_code_or_name(&args.what) {
        print(&report::rule_page(rule));
        return Ok(0);
    }
    let Some((path, line)) =
        args.what.rsplit_once(':').and_then(|(path, line)| Some((path, line.parse::<u32>().ok()?)))
    else {
        return Err(Error::Rule(args.what.clone()));
    };
    // A path as the shell completes it, or as the report prints it.
    let direct = Path::new(path);
    let root = if direct.exists() && !args.root.join(path).exists() { direct.to_owned() } else { args.root.clone() };
    let done = audit(&root, &args.common.settings())?;
    let wanted = path.trim_start_matches("./");
    let call = done.report.calls.iter().find(|call| {
        let same = call.path == wanted || (root.is_file() && wanted.ends_with(&call.path));
        same && (call.start.line..=call.end.line).contains(&line)
    });
    let call = call.ok_or_else(|| Error::NoCall(args.what.clone()))?;
    print(&report::call_page(&done.report, call));
    Ok(0)
}

fn rules_command(args: &RulesArgs) -> Result<u8, Error> {
    match args.format.as_str() {
        "full" => print(&report::rules_table(rules::RULES, 100)),
        "json" => {
            let all: Vec<_> = rules::RULES
                .iter()
                .map(|rule| serde_json::json!({"code": rule.code, "name": rule.name, "lever": rule.lever, "status": rule.status, "severity": rule.severity, "summary": rule.summary}))
                .collect();
            print(&format!("{}\n", serde_json::to_string_pretty(&all).unwrap_or_default()));
        }
        other => return Err(Error::Format(other.to_owned())),
    }
    Ok(0)
}
