//! Values from data files that code reads, and attributes that a framework gives to the classes it decorates.

use std::rc::Rc;

use smol_str::SmolStr;

use super::World;
use super::value::*;
use crate::catalog::files::PromptFiles;
use crate::catalog::sdk::Project;
use crate::data::{self, Data, DataKind, Notation};
use crate::program::{Origin, Shape};
use crate::source::{FileId, Span};
use crate::syntax::facts::*;

/// Length of each part of an address of a text in a data file at most, in bytes.
const ADDRESS: usize = 120;

impl World<'_> {
    /// What parsing the text of a data file gives: `yaml.safe_load(open("prompts.yaml"))`. `None` where the text is not
    /// that of one whole file.
    pub(super) fn parsed(&self, text: &Value, notation: Notation) -> Option<Value> {
        match text {
            Value::OneOf(all) => Value::one_of(all.iter().filter_map(|one| self.parsed(one, notation))),
            Value::Text(pieces) => match &pieces[..] {
                [TextPiece::Lit(text, span)] if self.is_text_file(span.file) => {
                    self.file_data(span.file, text, notation)
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether a number is that of a text file rather than of a source.
    pub(super) fn is_text_file(&self, file: FileId) -> bool {
        file.0 as usize >= self.sources.len()
    }

    fn file_data(&self, file: FileId, text: &str, notation: Notation) -> Option<Value> {
        if let Some(known) = self.parsed_files.borrow().get(&file) {
            return known.clone();
        }
        let value = data::read(text, notation).map(|data| to_value(&data, file));
        self.parsed_files.borrow_mut().insert(file, value.clone());
        value
    }

    /// The data in the file that a path value names.
    pub(super) fn data_at(&self, path: &Value, at: ExprRef) -> Option<Value> {
        let notation = path.as_static().as_deref().and_then(Notation::of_path)?;
        self.parsed(&self.file_text(path, at), notation)
    }

    /// The text that an address names, by a data file and the keys within it: `".prompts:judge.system"` is `judge`,
    /// `system` of `prompts.yaml` beside the code that says so. Where a function looks it up is not followed: that there
    /// is such a text in such a file says enough.
    pub(super) fn addressed_text(&self, address: &Value) -> Option<Value> {
        let Value::Text(pieces) = address else { return None };
        let [TextPiece::Lit(text, span)] = &pieces[..] else { return None };
        let (file, keys) = text.split_once(':')?;
        let is_path = |part: &str, marks: &str| {
            let plain = |c: char| c.is_alphanumeric() || c == '_' || marks.contains(c);
            !part.is_empty() && part.len() < ADDRESS && part.chars().all(plain) && !part.contains("//")
        };
        if !is_path(file, "-./") || !is_path(keys, "-.") || self.is_text_file(span.file) {
            return None;
        }
        let at = ExprRef { file: span.file, id: ExprId(0) };
        let path = file.trim_start_matches(['.', '/']).replace('.', "/");
        ["yaml", "yml", "json", "toml"].iter().find_map(|ending| {
            let data = self.data_at(&Value::literal(&format!("{path}.{ending}"), *span), at)?;
            let entry = keys.split('.').try_fold(data, |data, key| match data {
                Value::Record(record) => record.get(key).cloned(),
                _ => None,
            });
            entry.filter(|entry| matches!(entry, Value::Text(_)))
        })
    }

    /// The data of all files that the arguments of a call name, alone or in lists: settings that are read from several
    /// files. A record inside another is merged, of all else the last file has its say.
    pub(super) fn data_of_files(&self, call: &Call, at: ExprRef, frame: &Rc<Frame>) -> Option<Value> {
        const FILES: usize = 64;
        let mut merged: Option<Value> = None;
        for arg in &call.args {
            let given = match self.eval(ExprRef { file: at.file, id: arg.value }, frame) {
                Value::List(list) => list.items.clone(),
                one @ Value::Text(_) => vec![one],
                _ => Vec::new(),
            };
            for data in given.iter().take(FILES).filter_map(|path| self.data_at(path, at)) {
                let data = in_either_case(data);
                merged = Some(match &merged {
                    Some(before) => merge(before, &data, 0),
                    None => data,
                });
            }
        }
        merged
    }

    /// `dict(base, model=x, **more)`, `Object.assign({}, base)`: one record of all that is handed in.
    pub(super) fn merged_record(&self, call: &Call, at: ExprRef, frame: &Rc<Frame>) -> Value {
        let mut entries = Vec::new();
        let mut open = false;
        let mut unknown = None;
        let mut rest = None;
        for arg in &call.args {
            let value = self.eval(ExprRef { file: at.file, id: arg.value }, frame);
            if arg.name.is_none() {
                rest = RecordValue::rest_of(&value).or(rest);
            }
            match (&arg.name, value) {
                (Some(name), value) => entries.push((name.clone(), value)),
                (None, Value::Record(record)) => {
                    entries.extend(record.entries.iter().cloned());
                    open |= record.open;
                }
                (None, value) => {
                    open = true;
                    unknown.get_or_insert(value);
                }
            }
        }
        match unknown {
            // Of one thing alone that is not known: it is a record of it.
            Some(value) if call.args.len() == 1 => match value {
                Value::Hole(_) | Value::OneOf(_) => value,
                value => self.hole_because(at, Shape::Json, self.origin_of(&value), "dict"),
            },
            _ => Value::Record(Rc::new(RecordValue { entries, open, rest, span: self.span(at) })),
        }
    }

    /// `new Map([["a", first], ["b", second]])`: a record of the pairs.
    pub(super) fn record_of_pairs(&self, pairs: Option<Value>, at: ExprRef) -> Value {
        let mut entries = Vec::new();
        let mut open = pairs.is_none();
        match &pairs {
            Some(Value::List(list)) => {
                open |= list.open;
                for item in &list.items {
                    match item {
                        Value::List(pair) if pair.items.len() == 2 && pair.items[0].as_static().is_some() => {
                            entries.push((pair.items[0].as_static().unwrap_or_default().into(), pair.items[1].clone()));
                        }
                        _ => open = true,
                    }
                }
            }
            _ => open = true,
        }
        if entries.is_empty() {
            return self.hole_because(at, Shape::Json, Origin::Computed, "Map");
        }
        Value::Record(Rc::new(RecordValue { entries, open, rest: None, span: self.span(at) }))
    }

    /// What importing a file that is no source gives: its data, or its text.
    pub(super) fn imported_file(&self, module: &str, name: Option<&SmolStr>, file: FileId) -> Option<Value> {
        let path = module.split('?').next().unwrap_or(module);
        if !PromptFiles::embedded().may_hold_text(path) || !path.starts_with(['.', '@', '~']) {
            return None;
        }
        let at = ExprRef { file, id: ExprId(0) };
        let path = Value::literal(path.trim_start_matches(['@', '~']), Span { file, start: 0, end: 0 });
        let value = match self.data_at(&path, at) {
            Some(data) => data,
            None => Some(self.file_text(&path, at)).filter(|text| matches!(text, Value::Text(_)))?,
        };
        match (name.map(SmolStr::as_str), &value) {
            (None | Some("default" | "*"), _) => Some(value),
            (Some(name), Value::Record(record)) => record.get(name).cloned(),
            _ => None,
        }
    }

    /// An attribute that a decorator of the class gives it: settings read from a file that an attribute names, or what
    /// all its methods with a certain decorator make.
    pub(super) fn project_attribute(
        &self,
        instance: &Rc<Instance>,
        name: &str,
        own: Option<&Value>,
        at: ExprRef,
    ) -> Option<Value> {
        let class = self.class(instance.class);
        if class.decorators.is_empty() {
            return None;
        }
        let project = self.project(instance.class)?;
        if let Some(data) = project.data.iter().find(|data| data.attribute == name) {
            let path = match own {
                Some(path @ Value::Text(_)) => path.clone(),
                _ => Value::literal(&data.default, Span { file: instance.class.file, start: 0, end: 0 }),
            };
            return self.data_at(&path, ExprRef { file: instance.class.file, id: ExprId(0) });
        }
        if own.is_some_and(|own| !own.is_hole()) {
            return None;
        }
        let collect = project.collect.iter().find(|collect| collect.attribute == name)?;
        let facts = self.facts(instance.class.file);
        let frame = self.frame_of(at);
        let items: Vec<Value> = class
            .methods
            .iter()
            .filter(|&&id| {
                facts.function(id).decorators.iter().any(|&decorator| {
                    self.is_external(ExprRef { file: instance.class.file, id: decorator }, &collect.decorator)
                })
            })
            .map(|&id| {
                let function = FnRef { file: instance.class.file, id };
                let receiver = Some(Value::Instance(instance.clone()));
                self.run(&FuncValue { function, receiver, outer: None, given: None }, &[], at, &frame)
            })
            .collect();
        (!items.is_empty()).then(|| {
            let span = Span { file: instance.class.file, start: class.start, end: class.end };
            Value::List(Rc::new(ListValue { items, open: false, span }))
        })
    }

    fn project(&self, class: ClassRef) -> Option<&Project> {
        let decorators = &self.class(class).decorators;
        self.catalog.sdks().iter().flat_map(|sdk| &sdk.projects).find(|project| {
            decorators.iter().any(|&id| self.is_external(ExprRef { file: class.file, id }, &project.decorator))
        })
    }

    /// Whether a decorator, called or not, is a name of something outside.
    fn is_external(&self, decorator: ExprRef, name: &str) -> bool {
        let id = match self.expr(decorator) {
            Expr::Call(call) => call.callee,
            _ => decorator.id,
        };
        let at = ExprRef { file: decorator.file, id };
        matches!(self.eval(at, &self.frame_of(at)), Value::External(path) if path == name)
    }
}

/// Settings whose keys are found as they are written and in small letters, two levels down.
fn in_either_case(data: Value) -> Value {
    fn with_small(record: &RecordValue, depth: u32) -> Value {
        let mut entries = Vec::new();
        for (key, value) in &record.entries {
            let value = match value {
                Value::Record(inner) if depth < 2 => with_small(inner, depth + 1),
                other => other.clone(),
            };
            let small = key.to_lowercase();
            if small != *key && record.get(&small).is_none() {
                entries.push((small.into(), value.clone()));
            }
            entries.push((key.clone(), value));
        }
        Value::Record(Rc::new(RecordValue { entries, ..record.clone() }))
    }
    match &data {
        Value::Record(record) => with_small(record, 0),
        _ => data,
    }
}

/// One record over another.
fn merge(below: &Value, above: &Value, depth: u32) -> Value {
    let (Value::Record(old), Value::Record(new)) = (below, above) else {
        return above.clone();
    };
    let mut entries = old.entries.clone();
    for (key, value) in &new.entries {
        match entries.iter_mut().find(|(known, _)| known == key) {
            Some((_, known)) if depth < 8 => *known = merge(known, value, depth + 1),
            Some((_, known)) => *known = value.clone(),
            None => entries.push((key.clone(), value.clone())),
        }
    }
    Value::Record(Rc::new(RecordValue { entries, open: old.open || new.open, rest: None, span: old.span }))
}

fn to_value(data: &Data, file: FileId) -> Value {
    let span = Span { file, start: data.start, end: data.end };
    match &data.kind {
        DataKind::Text(text) => Value::Text(Rc::new(vec![TextPiece::Lit(text.clone(), span)])),
        DataKind::Number(text) => Value::Num(SmolStr::new(text), span),
        DataKind::Bool(value) => Value::Bool(*value),
        DataKind::Null => Value::Null,
        DataKind::List(items) => {
            let items = items.iter().map(|item| to_value(item, file)).collect();
            Value::List(Rc::new(ListValue { items, open: false, span }))
        }
        DataKind::Record(entries) => {
            let entries = entries.iter().map(|(key, value)| (SmolStr::new(key), to_value(value, file))).collect();
            Value::Record(Rc::new(RecordValue { entries, open: false, rest: None, span }))
        }
    }
}
