//! The form of an answer behind a call: of a method on it, or of a function that is handed it.

use super::*;

impl World<'_> {
    /// What a method called on the answer makes of it.
    pub(super) fn method_form(
        &self,
        call: &Call,
        at: ExprRef,
        form: Form,
        trace: &mut Trace,
        depth: u32,
    ) -> Option<Form> {
        let facts = self.facts(at.file);
        let name = last_name(facts, call.callee).unwrap_or_default();
        let first = call.args.first().map(|arg| ExprRef { file: at.file, id: arg.value });
        let literal = first.and_then(|first| match self.expr(first) {
            Expr::Str(text) => Some(text.to_string()),
            _ => None,
        });
        if name == "then"
            && let Some(first) = first
        {
            let frame = self.frame_of(first);
            let Some(function) = self.function_of(&self.ask(first, &frame)) else {
                return Some(form);
            };
            return self.flow_into(function, 0, None, form, trace, depth);
        }
        if form == Form::Raw
            && literal.as_ref().is_some_and(|event| trace.words.is_listener(&name, event))
            && let Some(listener) = call.args.get(1).map(|arg| ExprRef { file: at.file, id: arg.value })
            && let Some(function) = self.function_of(&self.ask(listener, &self.frame_of(listener)))
        {
            self.flow_into(function, 0, None, form.clone(), trace, depth);
            self.flow_kept(function, &form, trace, depth);
            return Some(form);
        }
        // Members of SDK results that happen to be called like parsers are through.
        if trace.words.is_parsed_member(&name) {
            return self.member_form(&name, form, at, trace);
        }
        // `choice.get("finish_reason")` reads what `choice["finish_reason"]` reads.
        if name == "get"
            && let Some(first) = first.filter(|_| literal.is_some())
            && matches!(form, Form::Raw | Form::Parsed | Form::Body)
        {
            return self.item_form(first, form, at, trace);
        }
        match &form {
            Form::Body => match self.used_as(trace, &name, at) {
                Some(AnswerUse::Json) => Some(Form::Raw),
                _ => Some(form),
            },
            Form::Raw => {
                if trace.words.is_contains(&name) {
                    if let Some(literal) = literal {
                        let how = format!(".{name}(\"{literal}\")");
                        self.says(trace, at, &how, Says::Literal { text: literal, equal: false });
                    }
                    return None;
                }
                if trace.words.is_pattern(&name) {
                    return self.searched(&name, first, at, form, trace);
                }
                let callback = first.filter(|_| trace.words.is_items(&name)).and_then(|first| {
                    matches!(self.expr(first), Expr::Func(_))
                        .then(|| self.function_of(&self.ask(first, &self.frame_of(first))))?
                });
                if let Some(function) = callback {
                    let given = self.flow_into(function, 0, None, form.clone(), trace, depth);
                    return if name.ends_with("ap") { given } else { Some(form) };
                }
                if trace.words.is_entries(&name) || trace.words.is_through_method(&name) {
                    return Some(form);
                }
                match self.used_as(trace, &name, at) {
                    // Cutting at a fence takes the text out of it.
                    Some(AnswerUse::List) if literal.as_ref().is_some_and(|text| text.contains("```")) => {
                        Some(Form::Raw)
                    }
                    Some(AnswerUse::List) => Some(Form::Pieces),
                    // `response.json()`, `stream.parse()`: a parser of its own.
                    Some(AnswerUse::Json) if call.args.is_empty() => {
                        self.used(trace, at, &format!(".{name}()"), &form, AnswerUse::Json);
                        Some(Form::Parsed)
                    }
                    _ => Some(form),
                }
            }
            Form::Pieces => match name.as_str() {
                "join" | "pop" | "shift" | "at" => Some(Form::Raw),
                _ => Some(form),
            },
            Form::Parsed => {
                if trace.words.is_entries(&name) {
                    self.used(trace, at, &name, &form, AnswerUse::Text);
                    return None;
                }
                if trace.words.is_items(&name) {
                    self.used(trace, at, &format!(".{name}()"), &form, AnswerUse::List);
                    return None;
                }
                Some(form)
            }
            Form::Field(_) => {
                if trace.words.is_entries(&name) {
                    self.used(trace, at, &name, &form, AnswerUse::Json);
                    return None;
                }
                if trace.words.is_items(&name) || name == "join" {
                    self.used(trace, at, &format!(".{name}()"), &form, AnswerUse::List);
                    return None;
                }
                if trace.words.is_contains(&name) {
                    let yes_no = literal.is_some_and(|text| trace.words.is_yes_no(&text));
                    let usage = if yes_no { AnswerUse::Bool } else { AnswerUse::Text };
                    self.used(trace, at, &format!(".{name}()"), &form, usage);
                    return None;
                }
                Some(form)
            }
            Form::Item | Form::Made(_) => Some(form),
        }
    }

    /// What a callee uses an answer as. What Python evaluates is most often data that is written like code.
    fn used_as(&self, trace: &Trace, name: &str, at: ExprRef) -> Option<AnswerUse> {
        match trace.words.of_callee(name) {
            Some(AnswerUse::Code) if name == "eval" && self.language(at.file).is_python() => Some(AnswerUse::Json),
            usage => usage,
        }
    }

    /// A search by a pattern says what is looked for.
    pub(super) fn searched(
        &self,
        name: &str,
        pattern: Option<ExprRef>,
        at: ExprRef,
        form: Form,
        trace: &mut Trace,
    ) -> Option<Form> {
        let text = pattern.and_then(|pattern| match self.expr(pattern) {
            Expr::Regex(text) => Some(text.to_string()),
            Expr::Str(text) => Some(text.to_string()),
            _ => match self.ask(pattern, &self.frame_of(pattern)) {
                Value::Hole(hole) => match self.expr(hole.at) {
                    Expr::Regex(text) => Some(text.to_string()),
                    _ => None,
                },
                // Tried one after the other: the first says what is looked for.
                value => value.alternatives().iter().find_map(Value::as_static),
            },
        });
        let text = text.unwrap_or_default();
        let all = matches!(name, "findall" | "finditer" | "matchAll") || text.ends_with("/g") || text.ends_with("/gi");
        match wanted(&text) {
            Some(usage) => {
                self.used(trace, at, &format!("{name}({text})"), &form, usage);
                (name != "test").then_some(form)
            }
            None if name == "test" => None,
            // One block in the text, however often it may stand there.
            None if all && !is_block(&text) => Some(Form::Pieces),
            None => Some(form),
        }
    }

    /// What becomes of the answer as an argument of a call.
    pub(super) fn argument_form(
        &self,
        call: &Call,
        at: ExprRef,
        arg: ExprId,
        form: Form,
        trace: &mut Trace,
        depth: u32,
    ) -> Option<Form> {
        let facts = self.facts(at.file);
        let sub = |id: ExprId| ExprRef { file: at.file, id };
        let name = last_name(facts, call.callee).unwrap_or_default();
        let base = match facts.expr(call.callee) {
            Expr::Attr(base, _) => Some(sub(*base)),
            _ => None,
        };
        let how = format!("{name}()");
        if name == "isinstance" || name == "isArray" {
            let of = call.args.get(1).map(|arg| sub(arg.value));
            let list =
                name == "isArray" || of.is_some_and(|of| matches!(self.expr(of), Expr::Name(name) if name == "list"));
            if list && matches!(form, Form::Parsed | Form::Field(_)) {
                self.used(trace, at, &how, &form, AnswerUse::List);
            }
            return None;
        }
        if matches!(name.as_str(), "len" | "type" | "hasattr" | "getattr") && matches!(form, Form::Raw | Form::Pieces) {
            return (name == "getattr").then_some(form);
        }
        let given = call.args.iter().position(|given| given.value == arg)?;
        // `Order(**answer)`: it was a record.
        if call.args[given].spread == Spread::Keys && form == Form::Raw {
            self.used(trace, at, &how, &form, AnswerUse::Json);
            return Some(Form::Parsed);
        }
        // `/\d+/.test(answer)`, `re.search(r"\d+", answer)`, `PATTERN.match(answer)`.
        if trace.words.is_pattern(&name) && matches!(form, Form::Raw) && base.is_some() {
            let first = call.args.first().filter(|first| first.value != arg).map(|first| sub(first.value));
            return self.searched(&name, first.or(base), at, form, trace);
        }
        // `VALID.includes(answer)`, `LABELS.get(answer)`: the set is closed.
        if let Some(base) = base
            && (trace.words.is_contains(&name) || name == "get")
            && call.args.first().is_some_and(|first| first.value == arg)
        {
            let known = self.ask(base, &self.frame_of(base));
            if matches!(known, Value::List(_) | Value::Record(_))
                || (trace.words.is_contains(&name) && form == Form::Raw)
            {
                self.used(trace, at, &how, &form, AnswerUse::Enum);
                return None;
            }
        }
        // `asyncio.run(ask())` gives what it is handed; `chain.run(answer)` asks anew.
        if name == "run" && base.is_some_and(|base| matches!(self.expr(base), Expr::Name(name) if name == "asyncio")) {
            return Some(form);
        }
        match self.used_as(trace, &name, at) {
            Some(AnswerUse::Json) if form == Form::Body => return Some(Form::Raw),
            Some(AnswerUse::Json) => {
                if matches!(form, Form::Raw | Form::Pieces) {
                    self.used(trace, at, &how, &Form::Raw, AnswerUse::Json);
                    return Some(Form::Parsed);
                }
                return Some(form);
            }
            Some(AnswerUse::Text) if trace.words.is_shown(&name) => {
                self.says(trace, at, &how, Says::Shown);
                return None;
            }
            Some(AnswerUse::Text) => {
                let file = self.file_written(call, arg, at, trace.words);
                let usage = file.unwrap_or(AnswerUse::Text);
                self.used(trace, at, &how, &form, usage);
                // What a function gathers it gives back.
                if !trace.scopes.is_empty()
                    && let Some(base) = base
                {
                    self.flow_gathered(base, at, form, trace, depth);
                }
                return None;
            }
            Some(AnswerUse::Bool) => {
                self.tested(at, &form, trace);
                return None;
            }
            Some(AnswerUse::List) if name != "split" => return self.searched(&name, None, at, form, trace),
            Some(usage @ (AnswerUse::Number | AnswerUse::Date)) if form == Form::Raw => {
                self.used(trace, at, &how, &form, usage);
                return Some(Form::Made(usage));
            }
            Some(usage) => {
                self.used(trace, at, &how, &form, usage);
                return None;
            }
            None => {}
        }
        if trace.words.is_through(&name) {
            return Some(form);
        }
        if name == "join" && form == Form::Pieces {
            return Some(Form::Raw);
        }
        if trace.words.is_entries(&name) || trace.words.is_items(&name) && form == Form::Parsed {
            let usage = if trace.words.is_items(&name) { AnswerUse::List } else { AnswerUse::Text };
            self.used(trace, at, &how, &form, usage);
            return None;
        }
        let callee = sub(call.callee);
        let frame = self.frame_for(at, trace);
        let value = self.ask(callee, &frame);
        if let Some(Value::Class(class)) = value.alternatives().iter().find(|one| matches!(one, Value::Class(_)))
            && self.is_enum(*class)
        {
            self.used(trace, at, &how, &form, AnswerUse::Enum);
            return None;
        }
        let Some(function) = self.function_of(&value) else {
            let lower = name.to_lowercase();
            // A parser that was handed in: `ask(prompt, json.loads)`.
            let handed = value.alternatives().iter().any(|one| match one {
                Value::External(path) => {
                    let last = path.rsplit(['.', '#']).next().unwrap_or(path);
                    trace.words.of_callee(last) == Some(AnswerUse::Json)
                }
                _ => false,
            });
            if (handed || lower.contains("json")) && form == Form::Raw {
                self.used(trace, at, &how, &form, AnswerUse::Json);
                return Some(Form::Parsed);
            }
            self.used(trace, at, &how, &form, AnswerUse::Text);
            return None;
        };
        let params = &self.function(function).params;
        let index = match &call.args[given].name {
            Some(keyword) => params.iter().position(|param| param.name == *keyword),
            None => Some(given),
        };
        let Some(index) = index else {
            self.used(trace, at, &how, &form, AnswerUse::Text);
            return None;
        };
        let bound = self.frame_bound(function, call, at, &frame);
        let text = form == Form::Raw;
        let given = self.flow_into(function, index, Some(bound), form, trace, depth);
        // `_extract_json(answer)` may read it letter by letter: its name says what it gives.
        if text && given != Some(Form::Parsed) && trace.words.reads_json(&name) {
            self.says(trace, at, &how, Says::Use(AnswerUse::Json));
            return Some(Form::Parsed);
        }
        given
    }

    /// The file that a call writes the answer to, as far as its ending says what it holds.
    pub(super) fn file_written(&self, call: &Call, arg: ExprId, at: ExprRef, words: &AnswerWords) -> Option<AnswerUse> {
        let facts = self.facts(at.file);
        let mut places: Vec<ExprRef> = Vec::new();
        let others = |call: &Call, file| -> Vec<ExprRef> {
            call.args.iter().filter(|given| given.value != arg).map(|given| ExprRef { file, id: given.value }).collect()
        };
        let name = last_name(facts, call.callee).unwrap_or_default();
        if !name.starts_with("write") {
            return None;
        }
        places.extend(others(call, at.file));
        if let Expr::Attr(base, _) = facts.expr(call.callee) {
            let base = ExprRef { file: at.file, id: *base };
            let made = match self.ask(base, &self.frame_of(base)) {
                Value::Foreign(foreign) => foreign.at,
                Value::Hole(hole) => hole.at,
                _ => base,
            };
            if let Expr::Call(opened) = self.expr(made) {
                places.extend(others(opened, made.file));
            }
        }
        places.into_iter().find_map(|place| {
            let tail = match self.expr(place) {
                Expr::Str(text) => text.to_string(),
                Expr::Template(parts) => match parts.last()? {
                    TemplatePart::Text(text, ..) => text.to_string(),
                    TemplatePart::Hole(_) => return None,
                },
                _ => match self.ask(place, &self.frame_of(place)) {
                    Value::Text(pieces) => match pieces.last()? {
                        TextPiece::Lit(text, _) => text.to_string(),
                        TextPiece::Hole(_) | TextPiece::Choice(_) => return None,
                    },
                    _ => return None,
                },
            };
            words.of_file(tail.trim())
        })
    }
}
