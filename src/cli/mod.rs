//! The command line: arguments in, exit code out.

mod args;
mod output;

use std::io::{IsTerminal, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use clap::{CommandFactory, Parser};

use args::{
    AuditArgs, CallsArgs, Cli, Command, Evaluator, ExplainArgs, Grouping, PlanArgs, Resolved, RulesArgs, SchemaKind,
    View, WhatIfArgs,
};
use output::{people_prefix, print, repo_prefix, say, write};
use scriptworthy::baseline::Baseline;
use scriptworthy::report::sanitize::one_line;
use scriptworthy::report::{self, Format, RenderOptions, Sources};
use scriptworthy::trial::Demands;
use scriptworthy::walk::{base_of, walk};
use scriptworthy::{Audit, Error, audit_bytes, audit_paths, config, rules, what_if};

/// Where the last panic was: said if it ends the run, else the report names the file that it cost.
static PANIC: Mutex<Option<String>> = Mutex::new(None);

/// Runs the command line and gives the exit code: 0 nothing found, 1 findings, 2 could not run.
pub fn run() -> u8 {
    std::panic::set_hook(Box::new(|info| {
        if let Ok(mut last) = PANIC.lock() {
            *last = Some(info.to_string());
        }
    }));
    let cli = Cli::parse();
    let result = catch_unwind(AssertUnwindSafe(|| dispatch(&cli.command))).unwrap_or_else(|_| {
        let place = PANIC.lock().ok().and_then(|last| last.clone()).unwrap_or_default();
        Err(Error::Internal(place))
    });
    result.unwrap_or_else(|error| {
        say(&format!("error: {}\nhelp: {}\n", one_line(&error.to_string()), one_line(&error.help())));
        2
    })
}

fn dispatch(command: &Command) -> Result<u8, Error> {
    match command {
        Command::Audit(args) => audit_command(args),
        Command::Calls(args) => calls_command(args),
        Command::Explain(args) => explain_command(args),
        Command::Plan(args) => plan_command(args),
        Command::Whatif(args) => whatif_command(args),
        Command::Rules(args) => rules_command(args),
        Command::Schema { what } => {
            let schema = match what {
                SchemaKind::Report => report::schema(),
                SchemaKind::Config => config::schema(),
            };
            print(&pretty(&schema))?;
            Ok(0)
        }
        Command::Completions { shell } => {
            let mut out = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "scriptworthy", &mut out);
            print(&String::from_utf8_lossy(&out))?;
            Ok(0)
        }
    }
}

fn pretty(value: &impl serde::Serialize) -> String {
    format!("{}\n", serde_json::to_string_pretty(value).expect("plain data has a JSON form"))
}

fn warn(text: &str) {
    say(&format!("warning: {}\n", one_line(text)));
}

/// Whether standard input is audited; alone, and with a name.
fn reads_stdin(args: &AuditArgs) -> Result<bool, Error> {
    let asked = args.paths.iter().any(|path| path.as_os_str() == "-");
    match (asked, args.paths.len(), &args.stdin_filename) {
        (false, ..) => Ok(false),
        (true, 1, Some(_)) => Ok(true),
        (true, 1, None) => Err(Error::Stdin("a name: --stdin-filename")),
        (true, ..) => Err(Error::Stdin("to stand alone, without other paths")),
    }
}

fn audit_command(args: &AuditArgs) -> Result<u8, Error> {
    let stdin = reads_stdin(args)?;
    let base = if stdin { PathBuf::new() } else { base_of(&args.paths) };
    let resolved = args.resolve(&base)?;
    if args.quiet < 2 {
        resolved.warnings.iter().for_each(|text| warn(text));
    }
    if args.show_settings {
        print(&resolved.show())?;
        return Ok(0);
    }
    if args.show_files {
        return show_files(args, &base, &resolved);
    }
    let done = if stdin {
        let mut bytes = Vec::new();
        let limit = resolved.settings.max_file_size + 1;
        let name = args.stdin_filename.clone().unwrap_or_default();
        std::io::stdin()
            .take(limit)
            .read_to_end(&mut bytes)
            .map_err(|error| Error::Unreadable(PathBuf::from("standard input"), error))?;
        audit_bytes(&name, &bytes, &resolved.settings)?
    } else {
        audit_paths(&args.paths, &resolved.settings)?
    };
    if done.report.files.seen + done.report.files.sessions == 0 && args.quiet < 2 {
        let named: Vec<_> = args.paths.iter().map(|path| path.to_string_lossy()).collect();
        warn(&format!("no Python, TypeScript or JavaScript files in {}", named.join(", ")));
    }
    if !done.report.calls.is_empty()
        && args.quiet < 2
        && let Some(text) = args::old_prices()
    {
        warn(&text);
    }
    if args.verbose {
        tell_files(&done);
    }
    write_reports(args, &base, &done)?;
    if let Some(target) = &args.write_baseline {
        write(target, &Baseline::of(&done.report).to_text(), &base, &done)?;
        return Ok(0);
    }
    exit_code(&done, args, &resolved)
}

fn show_files(args: &AuditArgs, base: &Path, resolved: &Resolved) -> Result<u8, Error> {
    if let Some(missing) = args.paths.iter().find(|path| !path.exists()) {
        return Err(Error::NotFound(missing.clone()));
    }
    let found = walk(&args.paths, base, &resolved.settings.limits()).map_err(Error::Glob)?;
    let prefix = people_prefix(base);
    let lines: String =
        found.entries.iter().map(|entry| format!("{}\n", one_line(&format!("{prefix}{}", entry.relative)))).collect();
    print(&lines)?;
    Ok(0)
}

fn tell_files(done: &Audit) {
    let files = &done.report.files;
    let mut text = format!(
        "{}: {} files seen, {} parsed, {} with calls\n",
        one_line(&done.report.root),
        files.seen,
        files.parsed,
        files.with_calls
    );
    for note in files.skipped.iter().chain(&files.partly_read) {
        text.push_str(&format!("  {}: {}\n", one_line(&note.path), report::reason(&note.reason)));
    }
    say(&text);
}

/// Writes the report to its stream or file, further ones to theirs, and the summary where the report holds none.
fn write_reports(args: &AuditArgs, base: &Path, done: &Audit) -> Result<(), Error> {
    let sources = Sources { files: &done.program.files };
    let fill = |options: RenderOptions| RenderOptions {
        top: args.top,
        quiet: args.quiet > 0,
        statistics: args.statistics,
        prefix: people_prefix(base),
        repo_prefix: repo_prefix(base),
        ..options
    };
    let render = |format: &Format, options: &RenderOptions| (format.render)(&done.report, &sources, options);
    let format = |name: &str| args::find_format(name).ok_or_else(|| Error::Format(name.to_owned()));
    let in_file = fill(output::options(args.common.color, false));
    for (name, target) in &args.also {
        write(target, &render(format(name)?, &in_file), base, done)?;
    }
    let main = format(&args.format)?;
    match &args.output {
        Some(target) => write(target, &render(main, &in_file), base, done)?,
        None if args.quiet < 2 => print(&render(main, &fill(output::options(args.common.color, true))))?,
        None => {}
    }
    if args.quiet == 0 && (args.output.is_some() || !main.for_people) {
        say(&report::summary(&done.report, &in_file));
    }
    Ok(())
}

fn exit_code(done: &Audit, args: &AuditArgs, resolved: &Resolved) -> Result<u8, Error> {
    let unread = done.report.files.skipped.len() + done.report.files.partly_read.len();
    if args.strict && unread > 0 {
        return Err(Error::Strict(unread));
    }
    let Some(threshold) = resolved.fail_on.threshold() else {
        return Ok(0);
    };
    let found = done.report.standing().any(|finding| finding.severity >= threshold);
    Ok(u8::from(found && !args.exit_zero))
}

fn calls_command(args: &CallsArgs) -> Result<u8, Error> {
    let base = base_of(&args.paths);
    let resolved = args.common.resolve(&base, None)?;
    resolved.warnings.iter().for_each(|text| warn(text));
    let done = audit_paths(&args.paths, &resolved.settings)?;
    if args.format == View::Json {
        print(&pretty(&done.report.calls))?;
        return Ok(0);
    }
    let mut options = RenderOptions { prefix: people_prefix(&base), ..output::options(args.common.color, true) };
    if let Some(by) = args.by {
        let by = match by {
            Grouping::Model => report::By::Model,
            Grouping::Module => report::By::Module,
        };
        print(&report::governance(&done.report, by, &options))?;
        return Ok(0);
    }
    if !std::io::stdout().is_terminal() {
        // Piped to a search: a call must stay on one line.
        options.width = usize::from(u16::MAX);
    }
    print(&report::inventory(&done.report, &options))?;
    Ok(0)
}

fn explain_command(args: &ExplainArgs) -> Result<u8, Error> {
    if let Some(rule) = rules::by_code_or_name(&args.what) {
        print(&report::rule_page(rule))?;
        return Ok(0);
    }
    let place = args.what.rsplit_once(':').and_then(|(path, line)| Some((path, line.parse::<u32>().ok()?)));
    let Some((path, line)) = place else {
        return Err(Error::Rule(args.what.clone()));
    };
    // `path:line:column` is what reports print.
    let (path, line) = match path.rsplit_once(':').and_then(|(path, line)| Some((path, line.parse::<u32>().ok()?))) {
        Some(inner) => inner,
        None => (path, line),
    };
    let root = root_of(args, Path::new(path));
    let base = base_of(std::slice::from_ref(&root));
    let mut resolved = args.common.resolve(&base, None)?;
    // Whoever asks about one call wants to hear of it from the rules in preview too.
    resolved.settings.preview = true;
    let done = audit_paths(std::slice::from_ref(&root), &resolved.settings)?;
    // A path as the report prints it, or as the shell completes it.
    let prefix = people_prefix(&base);
    let written = path.trim_start_matches("./");
    let real = Path::new(path).canonicalize().ok();
    let same = |of: &str| {
        of == written
            || written.strip_prefix(&prefix) == Some(of)
            || (real.is_some() && base.join(of).canonicalize().ok() == real)
    };
    let in_file: Vec<_> = done.report.calls.iter().filter(|call| same(&call.path)).collect();
    let mut here: Vec<_> = in_file.iter().copied().filter(|call| call.start.line == line).collect();
    if here.is_empty() {
        // A line inside a call: the innermost one.
        let around = in_file.iter().copied().filter(|call| (call.start.line..=call.end.line).contains(&line));
        here.extend(around.min_by_key(|call| call.end.line - call.start.line));
    }
    if here.is_empty() {
        let lines = in_file.iter().map(|call| call.start.line).collect();
        return Err(Error::NoCall(args.what.clone(), lines));
    }
    let options = RenderOptions { prefix, ..output::options(args.common.color, true) };
    let demands = Demands { confidence: args.test_confidence, margin: args.test_margin };
    if args.emit == Some(Evaluator::Promptfoo) {
        let Some(text) = here.iter().find_map(|call| report::promptfoo(&done.report, call, demands)) else {
            return Err(Error::NoTrial(args.what.clone()));
        };
        print(&text)?;
        return Ok(0);
    }
    let page = |call| {
        let trial = report::trial_page(&done.report, call, demands).unwrap_or_default();
        format!("{}{trial}", report::call_page(&done.report, call, &options))
    };
    let pages: Vec<String> = here.into_iter().map(page).collect();
    print(&pages.join("\n"))?;
    Ok(0)
}

fn plan_command(args: &PlanArgs) -> Result<u8, Error> {
    let base = base_of(&args.paths);
    let resolved = args.common.resolve(&base, None)?;
    resolved.warnings.iter().for_each(|text| warn(text));
    let done = audit_paths(&args.paths, &resolved.settings)?;
    if args.format == View::Json {
        print(&pretty(&report::plan(&done.report)))?;
        return Ok(0);
    }
    let options = RenderOptions { prefix: people_prefix(&base), ..output::options(args.common.color, true) };
    print(&report::plan_page(&done.report, &options))?;
    Ok(0)
}

fn whatif_command(args: &WhatIfArgs) -> Result<u8, Error> {
    let base = base_of(&args.paths);
    let resolved = args.common.resolve(&base, None)?;
    resolved.warnings.iter().for_each(|text| warn(text));
    let done = audit_paths(&args.paths, &resolved.settings)?;
    let (from, to) = &args.model;
    let changed = what_if(&done, &resolved.settings, from, to)?;
    let prefix = people_prefix(&base);
    let dollars = |(low, high): (f64, f64)| format!("{} to {}", report::dollars(low), report::dollars(high));
    let (mut before, mut after) = ((0.0, 0.0), (0.0, 0.0));
    let mut out = String::new();
    for one in &changed {
        let call = &done.report.calls[one.call.0 as usize];
        let place = format!("{prefix}{}:{} {}", call.path, call.start.line, call.symbol);
        out.push_str(&format!("{}: {} become {}\n", one_line(&place), dollars(one.before), dollars(one.after)));
        before = (before.0 + one.before.0, before.1 + one.before.1);
        after = (after.0 + one.after.0, after.1 + one.after.1);
    }
    let total = format!("{} of {from}", changed.len());
    out.push_str(&one_line(&format!("{total}: {} become {} per 1,000 runs of each", dollars(before), dollars(after))));
    out.push_str(
        "\nthe same tokens at other prices: answers of another model differ in length; test before a change\n",
    );
    print(&out)?;
    Ok(0)
}

/// The folder to audit for an explanation: as given, or that of a file which lies outside it.
fn root_of(args: &ExplainArgs, path: &Path) -> PathBuf {
    let inside = match (path.canonicalize(), args.root.canonicalize()) {
        (Ok(path), Ok(root)) => path.starts_with(root),
        _ => true,
    };
    if inside || args.root.join(path).exists() { args.root.clone() } else { path.to_owned() }
}

fn rules_command(args: &RulesArgs) -> Result<u8, Error> {
    if args.format == View::Json {
        let all: Vec<_> = rules::RULES
            .iter()
            .map(|rule| {
                serde_json::json!({
                    "code": rule.code,
                    "name": rule.name,
                    "lever": rule.lever,
                    "status": rule.status,
                    "severity": rule.severity,
                    "summary": rule.summary,
                    "since": rule.since,
                })
            })
            .collect();
        print(&pretty(&all))?;
        return Ok(0);
    }
    let width = output::options(args::Color::Never, true).width;
    print(&report::rules_table(&rules::RULES, width))?;
    Ok(0)
}
