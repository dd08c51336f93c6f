//! Model calls without an SDK: command lines of programs that ask a model.

use std::rc::Rc;

use super::World;
use super::args::Args;
use super::callers::Step;
use super::choices::with_optional;
use super::index::last_name;
use super::locate::Hit;
use super::prompts::Draft;
use super::value::*;
use crate::catalog::sdk::Program;
use crate::syntax::facts::*;

/// Words of a command line that are looked at.
const WORDS: usize = 64;

/// A word of a command line.
#[derive(Clone, Debug)]
struct Word {
    /// Its text, with `{}` for what is not known.
    text: String,
    value: Value,
}

/// A program that asks a model.
pub(super) struct Run<'c> {
    program: &'c Program,
    /// The program's name and its arguments.
    words: Vec<Word>,
    /// The command line, where it is one text.
    whole: Option<Value>,
}

impl World<'_> {
    /// The program that a command line runs to ask a model, with its arguments.
    pub(super) fn program_run(&self, hit: &Hit, args: &Args<'_, '_>) -> Option<Run<'_>> {
        let operation = self.operation(hit.op);
        let first = operation.argv.iter().find_map(|path| args.get(path))?;
        let mut argv: Vec<Value> = match &first {
            Value::List(list) => list.items.clone(),
            Value::Text(_) | Value::Env(_) => vec![first.clone()],
            Value::OneOf(all) => all.iter().find_map(|one| match one {
                Value::List(list) => Some(list.items.clone()),
                Value::Text(_) => Some(vec![one.clone()]),
                _ => None,
            })?,
            _ => return None,
        };
        argv = with_optional(argv);
        if argv.len() == 1
            && let Some(Value::List(rest)) =
                ["#1", "#1.args"].iter().filter_map(|path| args.get(path)).find(|one| matches!(one, Value::List(_)))
        {
            argv.extend(rest.items.iter().cloned());
        }
        // `create_subprocess_exec("claude", "-p", prompt)`: the words are the arguments.
        if argv.len() == 1 {
            argv.extend((1..12).map_while(|index| args.get(&format!("#{index}"))));
        }
        let programs = &self.sdk(hit.op).programs;
        let named = |name: &str| programs.iter().find(|program| program.names.iter().any(|known| known == name));
        let mut words = self.command_words(&argv, hit.at, &named);
        // `sh.claude("-p", prompt)`: the function is named like the program.
        if let Expr::Call(call) = self.expr(hit.at)
            && let Some(name) = last_name(self.facts(hit.at.file), call.callee)
            && named(&name).is_some_and(|program| !program.runs)
        {
            words.insert(0, Word { value: Value::literal(&name, self.span(hit.at)), text: name.to_string() });
        }
        let (program, from) = program_in(&words, &named)?;
        let to = words[from..].iter().position(|word| is_separator(&word.text)).map_or(words.len(), |at| from + at);
        let words = words[from..to].to_vec();
        let whole = matches!(argv.as_slice(), [Value::Text(_)]).then(|| argv[0].clone());
        self.asks(program, &words).then_some(Run { program, words, whole })
    }

    /// The words of a command: of one text as a shell splits it, of a list one for each item.
    fn command_words<'p>(&self, argv: &[Value], at: ExprRef, named: &dyn Fn(&str) -> Option<&'p Program>) -> Vec<Word> {
        let text = |value: &Value| self.command_text(value);
        let split = |line: &str| {
            let literal = |text: String| Word { value: Value::literal(&text, self.span(at)), text };
            shell_words(line).into_iter().take(WORDS).map(literal).collect::<Vec<_>>()
        };
        let Some(first) = argv.first().map(text) else { return Vec::new() };
        if argv.len() == 1 {
            return split(&first);
        }
        let shell = named(base_name(&first)).is_some_and(|program| program.runs);
        let mut words = split(&first);
        let mut command = false;
        for value in &argv[1..] {
            let text = text(value);
            if std::mem::take(&mut command) {
                words.extend(split(&text));
                continue;
            }
            command = shell && text.starts_with('-') && text.ends_with('c') && text.len() < 5;
            words.push(Word { text, value: value.clone() });
        }
        words
    }

    /// A part of a command line as text, with `{}` for what is not known.
    fn command_text(&self, value: &Value) -> String {
        match value {
            Value::OneOf(all) => {
                let known = all.iter().map(|one| self.command_text(one)).find(|text| text != "{}");
                known.unwrap_or_else(|| "{}".to_owned())
            }
            other => self.url_text(other).unwrap_or_else(|| "{}".to_owned()),
        }
    }

    /// Whether a program, so called, asks a model.
    fn asks(&self, program: &Program, words: &[Word]) -> bool {
        let second = words.get(1).map_or("", |word| word.text.as_str());
        let flagged = words.iter().any(|word| program.prompt_flags.contains(&word.text));
        let sub = program.subcommands.iter().any(|sub| sub == second);
        let other = program.not_subcommands.iter().any(|sub| sub == second);
        let of_text = |word: &Word| word.text.contains(char::is_whitespace) || word.text.contains("{}");
        let bare = program.bare && !other && words.iter().skip(1).any(of_text);
        let sends = program.sends
            && words.iter().any(|word| {
                let known = |part: &String| word.text.contains(part.as_str());
                word.text.contains("://")
                    && self.catalog.endpoints().filter(|end| end.needs.is_empty()).any(|end| end.url.iter().any(known))
                    && self.is_provider(&word.text)
            });
        let plain = program.prompt_flags.is_empty()
            && program.subcommands.is_empty()
            && !program.bare
            && !program.sends
            && !program.runs
            && !second.is_empty()
            && !other;
        flagged || sub || bare || sends || plain
    }

    /// The command that a call runs, where callers hand it in whole: `run(cmd)`.
    pub(super) fn open_command(&self, hit: &Hit, args: &Args<'_, '_>) -> Option<Rc<HoleValue>> {
        match self.operation(hit.op).argv.iter().find_map(|path| args.get(path))? {
            Value::Hole(command) if command.param.is_some() => Some(command),
            _ => None,
        }
    }

    /// Whether a command that callers hand in asks a model by way of one of them.
    pub(super) fn callers_program(&self, hit: &Hit, args: &Args<'_, '_>) -> bool {
        const CALLERS: usize = 16;
        let Some((target, _)) = self.open_command(hit, args).and_then(|command| command.param) else { return false };
        let callers = self.callers(target);
        callers.iter().take(CALLERS).any(|caller| self.runs_program(hit, std::slice::from_ref(&caller.step)))
    }

    /// Whether a command asks a model, as it is run by way of `steps`.
    pub(super) fn runs_program(&self, hit: &Hit, steps: &[Step]) -> bool {
        self.drafted(hit, steps).is_some_and(|(_, args)| self.program_run(hit, &args).is_some())
    }

    /// The prompt of a command line: what follows the prompt flag, the last argument, or standard input.
    pub(super) fn command_prompt(&self, hit: &Hit, args: &Args<'_, '_>, draft: &mut Draft) {
        for input in args.get("input").into_iter().chain(self.written_to_input(hit, args)) {
            self.add_messages(&input, "user", draft, 0);
        }
        let Some(run) = self.program_run(hit, args) else {
            // What is run is what callers say.
            if let Some(command) = self.open_command(hit, args) {
                self.add_messages(&Value::Hole(command), "user", draft, 0);
            }
            return;
        };
        if run.program.sends {
            return;
        }
        if let Some(whole) = &run.whole {
            return self.add_messages(whole, "user", draft, 0);
        }
        let mut words = run.words.iter().enumerate().skip(1);
        while let Some((index, word)) = words.next() {
            let is = |flags: &[String]| flags.contains(&word.text);
            let text = word.text.as_str();
            if is(&run.program.system_flags) {
                if let Some((_, said)) = words.next() {
                    self.add_messages(&said.value, "system", draft, 0);
                }
            } else if is(&run.program.model_flags) || is(&run.program.value_flags) {
                words.next();
            } else if run.program.subcommands.iter().any(|sub| sub == text)
                || (text.starts_with('-') && text.len() < 30)
                || (run.program.model_after_subcommand && index == 2)
            {
            } else if self.has_words(&word.value) || word.value.is_hole() {
                self.add_messages(&word.value, "user", draft, 0);
            }
        }
    }

    /// What is written to the standard input of the program that a call starts: `child.stdin.write(prompt)`,
    /// `process.communicate(prompt)`.
    fn written_to_input(&self, hit: &Hit, args: &Args<'_, '_>) -> Vec<Value> {
        let facts = self.facts(hit.at.file);
        let mut root = hit.at.id;
        while let Some(parent) = facts.node(root).parent {
            root = parent;
        }
        let Some(&(function, place)) = self.index(hit.at.file).ways(facts).roots.get(&root) else { return Vec::new() };
        let stmt = &facts.function(function).body[place as usize];
        let StmtKind::Bind(Target::Name(name), _) = &stmt.kind else { return Vec::new() };
        let function = FnRef { file: hit.at.file, id: function };
        let uses = self.uses_after(name, function, stmt.start, Some(stmt.context));
        let written = uses.into_iter().filter_map(|used| {
            let member = |id: ExprId| match facts.expr(facts.node(id).parent?) {
                Expr::Attr(base, name) if *base == id => Some((facts.node(id).parent?, name.as_str())),
                _ => None,
            };
            let (mut method, mut name) = member(used.id)?;
            if name == "stdin" {
                (method, name) = member(method).filter(|(_, name)| matches!(*name, "write" | "end"))?;
            } else if name != "communicate" {
                return None;
            }
            let Expr::Call(call) = facts.expr(facts.node(method).parent?) else { return None };
            let given = call.args.first().filter(|arg| arg.name.as_ref().is_none_or(|name| name == "input"))?;
            let given = ExprRef { file: hit.at.file, id: given.value };
            let here = self.node(given).function == self.node(hit.at).function;
            let frame = if here { args.frame().clone() } else { self.frame_of(given) };
            let value = self.ask(given, &frame);
            (name == "communicate" || value.is_hole() || self.has_words(&value)).then_some(value)
        });
        written.collect()
    }

    /// The model that a command line names.
    pub(super) fn command_model(&self, hit: &Hit, args: &Args<'_, '_>) -> Option<Value> {
        let run = self.program_run(hit, args)?;
        let flag = run.words.iter().position(|word| run.program.model_flags.contains(&word.text));
        let place = flag.map(|at| at + 1).or_else(|| run.program.model_after_subcommand.then_some(2))?;
        run.words.get(place).map(|word| word.value.clone())
    }
}

/// The program that words of a command line run, and its place among them: behind what is piped into it, behind
/// variables and what runs it.
fn program_in<'p>(words: &[Word], named: &dyn Fn(&str) -> Option<&'p Program>) -> Option<(&'p Program, usize)> {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += 1;
        let is_variable = word.text.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        });
        if is_separator(&word.text) || is_variable {
            continue;
        }
        match named(base_name(&word.text)) {
            Some(program) if program.runs => {
                let is_setting = |word: &Word| word.text.starts_with(|c: char| c == '-' || c.is_ascii_digit());
                at += words[at..].iter().take_while(|word| is_setting(word)).count();
            }
            Some(program) => return Some((program, at - 1)),
            None => at += words[at..].iter().take_while(|word| !is_separator(&word.text)).count(),
        }
    }
    None
}

fn is_separator(word: &str) -> bool {
    matches!(word, "|" | "||" | "&&" | ";" | "&")
}

/// The name of a program without its folder.
fn base_name(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

/// A command line as a shell splits it: at white space and between commands, but not within quotes.
fn shell_words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, c) if c.is_whitespace() => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            (None, ';') => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                words.push(";".to_owned());
            }
            (_, c) => word.push(c),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_is_split_outside_of_quotes() {
        assert_eq!(shell_words("cat a.txt | claude -p 'x | y; z'"), ["cat", "a.txt", "|", "claude", "-p", "x | y; z"]);
        assert_eq!(shell_words("cd a; b \"c d\""), ["cd", "a", ";", "b", "c d"]);
    }
}
