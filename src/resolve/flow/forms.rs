//! The form of an answer behind a member, an item, an operator.

use super::*;

impl World<'_> {
    /// A truth test: of text it asks only whether there is any, of a field it decides.
    pub(super) fn tested(&self, at: ExprRef, form: &Form, trace: &mut Trace) {
        match form {
            Form::Field(name) => self.says(trace, at, "a condition", Says::Tested(name.clone())),
            Form::Made(_) => self.used(trace, at, "a condition", form, AnswerUse::Bool),
            _ => {}
        }
    }

    pub(super) fn member_form(&self, name: &SmolStr, form: Form, at: ExprRef, trace: &mut Trace) -> Option<Form> {
        if name == "length" || trace.words.is_aside(name) && !trace.is_field(name) && !matches!(form, Form::Parsed) {
            if name == "length" && form == Form::Parsed {
                self.used(trace, at, name, &form, AnswerUse::List);
            }
            return None;
        }
        if form == Form::Body {
            return Some(self.body_part(name, at, trace));
        }
        if matches!(form, Form::Raw) && trace.words.is_tool_member(name) {
            self.says(trace, at, name, Says::Use(AnswerUse::ToolLoop));
            return None;
        }
        if matches!(form, Form::Raw | Form::Parsed) && trace.words.is_parsed_member(name) && !trace.is_field(name) {
            self.says(trace, at, name, Says::Use(AnswerUse::Json));
            return Some(Form::Parsed);
        }
        match form {
            Form::Raw if trace.is_field(name) && !matches!(name.as_str(), "text" | "content" | "message") => {
                Some(Form::Field(name.clone()))
            }
            Form::Raw if trace.opaque && !trace.words.is_envelope(name) => {
                self.says(trace, at, name, Says::Use(AnswerUse::Json));
                Some(Form::Field(name.clone()))
            }
            Form::Parsed if self.is_envelope(name, at, trace) => Some(Form::Raw),
            Form::Parsed => Some(Form::Field(name.clone())),
            other => Some(other),
        }
    }

    /// A part of what a server sent: `response.data` is still that, `response.data.choices` holds the answer.
    fn body_part(&self, name: &str, at: ExprRef, trace: &Trace) -> Form {
        let holds = trace.words.is_holder(name) || trace.words.is_transport(name) && self.is_indexed(at);
        if holds { Form::Raw } else { Form::Body }
    }

    /// Whether of what stands at a place one item is taken, by its number.
    fn is_indexed(&self, at: ExprRef) -> bool {
        self.node(at).parent.is_some_and(|parent| {
            let at = ExprRef { file: at.file, id: parent };
            matches!(self.expr(at), Expr::Index(_, key) if matches!(self.facts(at.file).expr(*key), Expr::Num(_)))
        })
    }

    /// Whether a member of a parsed value is that of a provider's envelope: what was parsed was the transport, not the
    /// answer.
    pub(super) fn is_envelope(&self, name: &str, at: ExprRef, trace: &mut Trace) -> bool {
        let envelope = trace.words.is_transport(name) && self.is_indexed(at);
        if envelope {
            trace.reads.retain(|read| read.says != Says::Use(AnswerUse::Json));
        }
        envelope
    }

    pub(super) fn item_form(&self, key: ExprRef, form: Form, at: ExprRef, trace: &mut Trace) -> Option<Form> {
        let name = match self.expr(key) {
            Expr::Str(text) => Some(SmolStr::new(text)),
            _ => None,
        };
        match (form, name) {
            (Form::Raw | Form::Body, Some(name)) if trace.words.is_aside(&name) && !trace.is_field(&name) => None,
            (Form::Body, Some(name)) => Some(self.body_part(&name, at, trace)),
            // `file["code"]`: what stands there is code by its name.
            (form @ (Form::Raw | Form::Item), Some(name)) if name == "code" => {
                self.says(trace, at, &name, Says::Use(AnswerUse::Code));
                Some(form)
            }
            (Form::Raw, Some(name)) if trace.words.is_tool_member(&name) || trace.words.is_parsed_member(&name) => {
                self.member_form(&name, Form::Raw, at, trace)
            }
            (Form::Raw, Some(name)) if trace.is_field(&name) => Some(Form::Field(name)),
            (Form::Parsed, Some(name)) if self.is_envelope(&name, at, trace) => Some(Form::Raw),
            (Form::Parsed, Some(name)) => Some(Form::Field(name)),
            (Form::Parsed, None) => {
                let number = match self.expr(key) {
                    Expr::Num(_) | Expr::Unary(..) | Expr::Other(_) => true,
                    Expr::Name(name) => trace.words.is_counter(name),
                    _ => false,
                };
                let usage = if number { AnswerUse::List } else { AnswerUse::Text };
                self.used(trace, at, "an item", &Form::Parsed, usage);
                None
            }
            (Form::Pieces, _) if matches!(self.expr(key), Expr::Num(_) | Expr::Unary(..)) => Some(Form::Raw),
            (form, _) => Some(form),
        }
    }

    pub(super) fn operator_form(
        &self,
        operator: &str,
        is_left: bool,
        other: ExprRef,
        form: Form,
        at: ExprRef,
        trace: &mut Trace,
    ) -> Option<Form> {
        match operator {
            "==" | "===" | "!=" | "!==" => {
                self.compared(operator, other, &form, at, trace);
                None
            }
            "in" | "not in" if is_left => {
                let usage = if self.is_closed(other, trace.words) { AnswerUse::Enum } else { AnswerUse::Text };
                if !matches!(form, Form::Parsed | Form::Item) {
                    self.used(trace, at, &format!("{operator} {}", self.short(other)), &form, usage);
                }
                None
            }
            "in" | "not in" => {
                match (&form, self.expr(other)) {
                    (Form::Raw, Expr::Str(text)) => {
                        let how = format!("{} {operator} …", self.short(other));
                        self.says(trace, at, &how, Says::Literal { text: text.to_string(), equal: false });
                    }
                    (Form::Field(_), Expr::Str(text)) if trace.words.is_yes_no(text) => {
                        self.used(trace, at, &format!("{} {operator} …", self.short(other)), &form, AnswerUse::Bool);
                    }
                    _ => {}
                }
                None
            }
            "<" | ">" | "<=" | ">=" | "-" | "*" | "/" | "//" | "**" => {
                // `folder / answer` joins paths, `a > b` may sort texts: a number beside it is telling.
                if matches!(self.expr(other), Expr::Num(_)) || matches!(form, Form::Made(_)) {
                    self.used(trace, at, operator, &form, AnswerUse::Number);
                }
                None
            }
            "is" | "is not" | "instanceof" => None,
            _ => Some(form),
        }
    }

    pub(super) fn compared(&self, operator: &str, other: ExprRef, form: &Form, at: ExprRef, trace: &mut Trace) {
        let how = format!("{operator} {}", self.short(other));
        let text = match self.expr(other) {
            Expr::Str(text) => Some(text.to_string()),
            Expr::Null => return,
            Expr::Bool(_) => return self.used(trace, at, &how, form, AnswerUse::Bool),
            Expr::Num(_) => return self.used(trace, at, &how, form, AnswerUse::Number),
            _ => self.ask(other, &self.frame_of(other)).as_static(),
        };
        match (text, form) {
            (Some(text), Form::Raw) => self.says(trace, at, &how, Says::Literal { text, equal: true }),
            (Some(text), Form::Field(_)) if trace.words.is_yes_no(&text) => {
                self.used(trace, at, &how, form, AnswerUse::Bool);
            }
            (Some(text), Form::Field(_)) if !trace.words.is_sentinel(&text) => {
                self.used(trace, at, &how, form, AnswerUse::Enum);
            }
            // Compared with another value: that says nothing of its form.
            _ => {}
        }
    }
}
