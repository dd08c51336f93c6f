//! Paths that code writes, and the text files and variables of the environment that they name.

use std::rc::Rc;

use smol_str::SmolStr;

use super::World;
use super::value::*;
use crate::catalog::files::PromptFiles;
use crate::program::{Origin, Shape};
use crate::source::{FileId, Span};
use crate::syntax::facts::*;

/// Stands before paths that are known from the root of the audited folder on.
pub(super) const ROOT: &str = "/@root/";

/// Stands before the end of a path where it is asked which files of prompts have a path that ends so.
pub const ENDING: &str = "*/";

impl World<'_> {
    /// A dotted path of names as written: `process.env`, `self.client`.
    pub(super) fn dotted(&self, at: ExprRef) -> Option<String> {
        self.opened(at.file).dotted(at.id)
    }

    /// `__file__`, `__dirname`: the path of the file that it stands in, below [`ROOT`].
    pub(super) fn own_path(&self, at: ExprRef, written: &str) -> Option<Value> {
        let is_file = self.stdlib.is_own_file(self.language(at.file).is_python(), written)?;
        let path = &self.sources[at.file.0 as usize].path;
        let path = if is_file { path } else { super::modules::parent(path) };
        Some(Value::literal(&format!("{ROOT}{path}"), self.span(at)))
    }

    /// The folder of a path: exactly where all of it is known, without the last name where the rest is a hole.
    pub(super) fn parent_of(&self, path: &Value) -> Option<Value> {
        let Value::Text(pieces) = path else { return None };
        let [before @ .., TextPiece::Lit(last, span)] = &pieces[..] else { return None };
        let (folder, _) = last.trim_end_matches('/').rsplit_once('/')?;
        let mut pieces = before.to_vec();
        pieces.push(TextPiece::Lit(if folder.is_empty() { "/" } else { folder }.into(), *span));
        Some(Value::Text(Rc::new(pieces)))
    }

    /// The name of a path of the project with its ending or without.
    pub(super) fn path_name(&self, path: &Value, member: &str) -> Option<Value> {
        let Value::Text(pieces) = path else { return None };
        let [TextPiece::Lit(text, span)] = &pieces[..] else { return None };
        let name = text.strip_prefix(ROOT)?.rsplit('/').next()?;
        let stem = || name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        Some(Value::literal(if member == "stem" { stem() } else { name }, *span))
    }

    /// `process.env.NAME`, `os.environ["NAME"]`.
    pub(super) fn environment(&self, at: ExprRef) -> Option<Value> {
        let facts = self.facts(at.file);
        let (base, name) = match facts.expr(at.id) {
            Expr::Attr(base, name) => (*base, name.clone()),
            Expr::Index(base, key) => match facts.expr(*key) {
                Expr::Str(name) => (*base, SmolStr::new(name)),
                _ => return None,
            },
            _ => return None,
        };
        let (Expr::Attr(_, last) | Expr::Name(last)) = facts.expr(base) else {
            return None;
        };
        let python = facts.language.is_python();
        if !self.stdlib.may_be_environment(python, last) {
            return None;
        }
        let path = self.dotted(ExprRef { file: at.file, id: base })?;
        // A bare `env` is the environment only where its members are written like variables.
        let shouting = name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        (self.stdlib.is_environment(python, &path) && (shouting || path.contains('.')) && name != "get")
            .then(|| Value::Env(Rc::new(EnvValue { name, default: None, span: self.span(at) })))
    }

    /// The parts of a path joined: `os.path.join(here, "prompts", "a.txt")`.
    pub(super) fn path_text(&self, call: &Call, at: ExprRef, frame: &Rc<Frame>) -> Value {
        let mut pieces = Vec::new();
        for (index, arg) in call.args.iter().enumerate() {
            if index > 0 {
                pieces.push(TextPiece::Lit("/".into(), self.span(at)));
            }
            let place = ExprRef { file: at.file, id: arg.value };
            let value = self.eval(place, frame);
            let parts = match arg.spread {
                Spread::Items => value.alternatives().iter().find_map(|one| match one {
                    Value::List(parts) => Some(parts.items.clone()),
                    _ => None,
                }),
                _ => None,
            };
            for (number, part) in parts.unwrap_or_else(|| vec![value]).iter().enumerate() {
                if number > 0 {
                    pieces.push(TextPiece::Lit("/".into(), self.span(at)));
                }
                self.to_pieces(part, place, &mut pieces);
            }
        }
        Value::Text(Rc::new(pieces))
    }

    /// `open(path)`, `readFileSync(path)`: the text of a prompt file of the project. Anything else is `Null`.
    pub(super) fn prompt_file(&self, path: &str, call: &Call, at: ExprRef, frame: &Rc<Frame>) -> Value {
        let last = path.rsplit(['.', '#']).next().unwrap_or(path);
        let python = self.language(at.file).is_python();
        let reads = if python { last == "open" } else { matches!(last, "readFileSync" | "readFile") };
        if !reads {
            return Value::Null;
        }
        match call.args.first() {
            Some(arg) => self.file_or_theirs(&self.eval(ExprRef { file: at.file, id: arg.value }, frame), at),
            None => Value::Null,
        }
    }

    /// The text of the file that a path value names, or of one of prompts whose name callers hand in.
    pub(super) fn file_or_theirs(&self, path: &Value, at: ExprRef) -> Value {
        let text = self.file_text(path, at);
        let (Value::Null, Value::Text(pieces)) = (&text, path) else { return text };
        let written: String = pieces
            .iter()
            .map(|piece| match piece {
                TextPiece::Lit(text, _) => text,
                TextPiece::Hole(_) | TextPiece::Choice(_) => "x",
            })
            .collect();
        match PromptFiles::embedded().is_for_prompts(&written) {
            true => self.handed_name(path, at).unwrap_or(text),
            false => text,
        }
    }

    /// The text of the file that a path value names, if it lies in the project.
    pub(super) fn file_text(&self, path: &Value, at: ExprRef) -> Value {
        let path = match &path.expanded() {
            Value::OneOf(all) => {
                return Value::one_of(
                    all.iter().map(|one| self.file_text(one, at)).filter(|text| matches!(text, Value::Text(_))),
                )
                .unwrap_or(Value::Null);
            }
            Value::Env(env) => match &env.default {
                Some(default) => default.clone(),
                None => return Value::Null,
            },
            // An option of the command line: the file that it names when it is left out.
            Value::Hole(hole) if hole.param.is_none() => match &hole.default {
                Some(default) => default.clone(),
                None => return Value::Null,
            },
            other => other.clone(),
        };
        let Value::Text(pieces) = &path else {
            return Value::Null;
        };
        // What stands behind the last hole is known; before it is the folder of the code, most likely. A parameter that
        // is left out is its default.
        let mut tail = String::new();
        let mut behind_hole = false;
        for piece in pieces.iter() {
            match piece {
                TextPiece::Lit(text, _) => tail.push_str(text),
                TextPiece::Hole(hole) => match self.default_text(&Value::Hole(hole.clone())) {
                    Some(default) => tail.push_str(&default),
                    None => {
                        tail.clear();
                        behind_hole = true;
                    }
                },
                TextPiece::Choice(_) => {
                    tail.clear();
                    behind_hole = true;
                }
            }
        }
        if let Some(known) = tail.strip_prefix(ROOT) {
            let path = super::modules::join("", known);
            let text = if PromptFiles::embedded().may_hold_text(&path) { self.text_of_file(&path) } else { None };
            return text.unwrap_or(Value::Null);
        }
        // By its name alone a file is found only if all of that is known.
        let whole = !behind_hole || tail.contains('/');
        let tail = tail.trim_start_matches(['/', '.']).trim_start_matches("./").to_owned();
        let files = PromptFiles::embedded();
        if tail.is_empty() || !files.may_hold_text(&tail) || (behind_hole && files.is_about_project(&tail)) {
            return Value::Null;
        }
        let own = &self.sources[at.file.0 as usize].path;
        let mut folder = super::modules::parent(own);
        loop {
            for below in ["", "src"] {
                let path = super::modules::join(&super::modules::join(folder, below), &tail);
                if let Some(text) = self.text_of_file(&path) {
                    return text;
                }
            }
            if folder.is_empty() {
                break;
            }
            folder = super::modules::parent(folder);
        }
        let named = if whole { self.named_file(&tail, own) } else { None };
        named.and_then(|path| self.text_of_file(&path)).unwrap_or(Value::Null)
    }

    pub(super) fn text_of_file(&self, path: &str) -> Option<Value> {
        let (file, text) = self.text_file(path)?;
        Some(Value::literal(&text, Span { file, start: 0, end: text.len() as u32 }))
    }

    /// The one file of prompts whose path ends in what is known of a path, wherever it lies: the folder before that is
    /// found out only when the program runs. Of several it is the one beside the code, if one lies nearer than all others.
    pub(super) fn named_file(&self, tail: &str, own: &str) -> Option<String> {
        let found = (self.texts)(&format!("{ENDING}{tail}"))?;
        let own: Vec<&str> = own.split('/').collect();
        let near = |path: &str| path.split('/').zip(&own).take_while(|(a, b)| a == *b).count();
        let nearest = found.lines().map(near).max()?;
        let nearest = || found.lines().filter(|path| near(path) == nearest);
        // Of several as near, the one that lies least deep: variants lie in folders of their own beside it.
        let deep = |path: &str| path.matches('/').count();
        let least = nearest().map(deep).min()?;
        let mut least = nearest().filter(|path| deep(path) == least);
        match (least.next(), least.next()) {
            (Some(path), None) => Some(path.to_owned()),
            _ => None,
        }
    }

    /// The text of a template that an environment of templates loads by its name, from the folders that its loader was
    /// given, or else from where the name alone leads.
    pub(super) fn loaded_template(&self, environment: Option<ExprRef>, name: &Value, at: ExprRef) -> Option<Value> {
        let mut folders = Vec::new();
        if let Some(environment) = environment {
            self.template_folders(environment, &mut folders, 0);
        }
        let slash = Value::literal("/", self.span(at));
        let below =
            folders.into_iter().map(|folder| self.concat(&[(folder, at), (slash.clone(), at), (name.clone(), at)], at));
        let texts = below.chain([name.clone()]).map(|path| self.file_text(&path, at));
        texts.into_iter().find(|text| !matches!(text, Value::Null)).or_else(|| self.handed_name(name, at))
    }

    /// The text of a file whose name callers hand in: theirs, as long as it is not known who calls.
    pub(super) fn handed_name(&self, name: &Value, at: ExprRef) -> Option<Value> {
        let param = match name {
            Value::Hole(hole) => hole.param,
            Value::Text(pieces) => pieces.iter().find_map(|piece| match piece {
                TextPiece::Hole(hole) => hole.param,
                TextPiece::Lit(..) | TextPiece::Choice(_) => None,
            }),
            _ => None,
        };
        let Value::Hole(hole) = self.hole(at, Shape::FreeText, Origin::Document) else { return None };
        param.map(|_| Value::Hole(Rc::new(HoleValue { param, ..(*hole).clone() })))
    }

    /// A text of a table under a key that is a parameter, where callers write keys of the table: each caller's own.
    pub(super) fn chosen_by_callers(&self, table: &RecordValue, key: &Value, at: ExprRef) -> Option<Value> {
        let Value::Hole(hole) = key else { return None };
        let (function, _) = hole.param?;
        // Of one text there is nothing to choose.
        if table.entries.len() < 2 || !holds_texts(table) {
            return None;
        }
        let name = &self.function(function).name;
        let calls = self.calls.get(name).into_iter().flatten().copied();
        let handed = self.handed.get(name).into_iter().flatten();
        let handed = handed.filter_map(|at| Some(ExprRef { file: at.file, id: self.node(*at).parent? }));
        let names_one = |at: ExprRef| {
            match self.expr(at) {
                Expr::Call(call) => call.args.iter().any(|arg| {
                    let arg = ExprRef { file: at.file, id: arg.value };
                    match self.expr(arg) {
                        Expr::Str(text) => table.get(text).is_some(),
                        // A member of an enum.
                        Expr::Attr(..) => {
                            let key = self.eval(arg, &self.frame_of(arg)).as_static();
                            key.is_some_and(|key| table.get(&key).is_some())
                        }
                        _ => false,
                    }
                }),
                _ => false,
            }
        };
        calls.chain(handed).any(names_one).then(|| self.handed_name(key, at)).flatten()
    }

    /// The folders that an environment of templates, or a loader of one, was given.
    fn template_folders(&self, made: ExprRef, folders: &mut Vec<Value>, depth: u32) {
        const FOLDERS: usize = 8;
        let Expr::Call(call) = self.expr(made) else { return };
        let args = super::args::Args::of_call(self, call, made, &self.frame_of(made), 0);
        let given = match super::index::last_name(self.facts(made.file), call.callee).as_deref() {
            Some("FileSystemLoader") => args.get("#0").or_else(|| args.get("searchpath")),
            Some("PackageLoader") => {
                let folder = args.get("#1").or_else(|| args.get("package_path"));
                Some(folder.unwrap_or_else(|| Value::literal("templates", self.span(made))))
            }
            _ => ["loader", "#0"].iter().find_map(|path| args.get(path)),
        };
        for one in given.iter().flat_map(Value::alternatives) {
            let several = match one {
                Value::List(list) => list.items.as_slice(),
                one => std::slice::from_ref(one),
            };
            for one in several.iter().take(FOLDERS) {
                match one {
                    Value::Text(_) => folders.push(one.clone()),
                    // The loader of an environment, or those that another tries in turn.
                    Value::Foreign(loader) if depth < 3 => self.template_folders(loader.at, folders, depth + 1),
                    _ => {}
                }
            }
        }
    }

    /// The path of a text file that has been read.
    pub(super) fn path_of_text(&self, file: FileId) -> Option<String> {
        let index = (file.0 as usize).checked_sub(self.sources.len())?;
        self.extra.borrow().get(index).map(|(path, _)| path.clone())
    }

    /// A text file that code names, by a path relative to the root.
    pub(super) fn text_file(&self, path: &str) -> Option<(FileId, Rc<str>)> {
        let mut extra = self.extra.borrow_mut();
        if let Some(at) = extra.iter().position(|(known, _)| known == path) {
            let file = FileId((self.sources.len() + at) as u32);
            return extra[at].1.clone().map(|text| (file, text));
        }
        let text = (self.texts)(path);
        extra.push((path.to_owned(), text.clone()));
        let file = FileId((self.sources.len() + extra.len() - 1) as u32);
        text.map(|text| (file, text))
    }
}

/// Whether a table holds texts that may be tasks, under its keys or one level below.
pub(super) fn holds_texts(table: &RecordValue) -> bool {
    let is_text = |value: &Value| super::text::static_words(value) >= super::wrappers::TASK;
    table.entries.iter().any(|(_, value)| match value {
        Value::Record(inner) => inner.entries.iter().any(|(_, value)| is_text(value)),
        value => is_text(value),
    })
}
