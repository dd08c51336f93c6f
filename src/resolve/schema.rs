//! Schemas of structured output, read into field names and types: pydantic and other annotated classes, zod, JSON
//! schema as a record, and bare types.

use std::rc::Rc;

use super::World;
use super::args::Args;
use super::index::last_name;
use super::locate::Hit;
use super::templates::Marks;
use super::value::*;
use crate::catalog::answers::AnswerWords;
use crate::catalog::wrappers::split_words;
use crate::program::{Origin, Schema, Shape};
use crate::source::Span;
use crate::syntax::facts::*;

/// How deep schemas are looked through: wrappers, bases, methods on methods.
const DEPTH: u32 = 12;

/// The field that stands for the whole answer, where the schema is a bare type.
pub(super) const WHOLE: &str = "answer";

impl World<'_> {
    /// The schema that a call asks its answer to follow: an argument of the call, or a part of its chain.
    pub(super) fn asked_schema(&self, hit: &Hit, args: &Args<'_, '_>) -> Option<(Schema, Span)> {
        let given: Vec<(Value, ExprRef)> = self
            .operation(hit.op)
            .structured
            .iter()
            .filter_map(|path| args.get_at(path))
            .filter(|(value, _)| !matches!(value, Value::Null))
            .filter_map(|(value, place)| Some((value, place?)))
            .filter(|(_, place)| !self.is_plain_text(*place))
            .collect();
        if let Some((_, place)) = given.first() {
            let fields = given.iter().map(|(value, place)| self.schema_fields(value, *place, 0));
            // `output: "array"` beside a schema: the answer is a list of what the schema says.
            let listed = given.iter().any(|(value, _)| value.as_static().as_deref() == Some("array"));
            let fields = if listed {
                vec![(WHOLE.to_owned(), "list".to_owned())]
            } else {
                fields.into_iter().find(|fields| !fields.is_empty()).unwrap_or_default()
            };
            let schema = Schema { name: self.short(*place).to_string(), fields };
            return Some((schema, self.span(*place)));
        }
        let client = hit.receiver.as_ref()?;
        client.parts.iter().find_map(|part| match part {
            Value::Foreign(foreign) => self.chain_schema(foreign),
            _ => None,
        })
    }

    /// A declared text with its marks as holes, whose forms are those that a schema of the values to fill in says.
    pub(super) fn marked(
        &self,
        text: &Value,
        marks: Marks,
        args: &Args<'_, '_>,
        schema: &[String],
        at: ExprRef,
    ) -> Value {
        let given = schema.iter().find_map(|path| args.get_at(path));
        let place = given.as_ref().and_then(|(_, place)| *place).unwrap_or(at);
        let fields = given.map(|(value, _)| self.schema_fields(&value, place, 0)).unwrap_or_default();
        let value = |name: &str| {
            let (_, form) = fields.iter().find(|(field, _)| field == name)?;
            let shape = match form.as_str() {
                "number" => Shape::Number,
                "bool" => Shape::Bool,
                "enum" => Shape::Enum,
                "date" => Shape::Date,
                "list" => Shape::List,
                _ => return None,
            };
            let TextPiece::Hole(hole) = self.named_hole(name, at, self.span(at)) else { return None };
            let because = Some((Rc::from("the schema of its inputs"), self.span(place)));
            Some(Value::Hole(Rc::new(HoleValue { shape, because, ..(*hole).clone() })))
        };
        self.fill(text, marks, &value, at)
    }

    /// Whether what is given for the form of an answer is made by a call that says plain text: `Output.text()`.
    fn is_plain_text(&self, place: ExprRef) -> bool {
        let facts = self.facts(place.file);
        let Expr::Call(call) = facts.expr(place.id) else { return false };
        last_name(facts, call.callee).is_some_and(|name| split_words(&name).iter().any(|word| word == "text"))
    }

    /// The schema that a part of a chain gives: `with_structured_output(Order)`, a parser made for a class.
    fn chain_schema(&self, foreign: &Foreign) -> Option<(Schema, Span)> {
        let words = AnswerWords::embedded();
        let Expr::Call(call) = self.expr(foreign.at) else {
            return None;
        };
        let name = last_name(self.facts(foreign.at.file), call.callee)?;
        if !words.is_structured_by(&name) && words.of_parser(&name).is_none() && name != "fromZodSchema" {
            return None;
        }
        let arg = call.args.iter().find(|arg| {
            arg.name.as_ref().is_none_or(|name| matches!(name.as_str(), "schema" | "pydantic_object" | "output_cls"))
        })?;
        let place = ExprRef { file: foreign.at.file, id: arg.value };
        let value = self.ask(place, &self.frame_of(place));
        let fields = self.schema_fields(&value, place, 0);
        Some((Schema { name: self.short(place).to_string(), fields }, self.span(place)))
    }

    /// The fields that a schema names, each with its type.
    fn schema_fields(&self, value: &Value, place: ExprRef, depth: u32) -> Vec<(String, String)> {
        if depth > DEPTH {
            return Vec::new();
        }
        let whole = |form: &str| vec![(WHOLE.to_owned(), form.to_owned())];
        let fields = match value {
            Value::Class(class) if self.is_enum(*class) => whole("enum"),
            Value::Class(class) => self.class_fields(*class, depth),
            Value::Record(record) => self.record_fields(record, place, depth),
            Value::Foreign(foreign) => self.call_fields(foreign.at, depth),
            Value::Text(_) => match value.as_static().as_deref() {
                Some("enum") => whole("enum"),
                Some("array") => whole("list"),
                _ => Vec::new(),
            },
            Value::OneOf(all) => all
                .iter()
                .map(|one| self.schema_fields(one, place, depth + 1))
                .find(|fields| !fields.is_empty())
                .unwrap_or_default(),
            _ => Vec::new(),
        };
        if !fields.is_empty() {
            return fields;
        }
        match (self.annotation_type(place, depth + 1), self.expr(place)) {
            (_, Expr::Call(_) | Expr::Record(_)) | ("unknown" | "record" | "string", _) => Vec::new(),
            (form, _) => whole(form),
        }
    }

    /// Annotated fields of a class, those of its bases first.
    fn class_fields(&self, class: ClassRef, depth: u32) -> Vec<(String, String)> {
        let mut fields = Vec::new();
        if depth < DEPTH {
            for base in self.bases(class).into_iter().filter(|base| *base != class) {
                for field in self.own_fields(base) {
                    if !fields.iter().any(|(name, _)| *name == field.0) {
                        fields.push(field);
                    }
                }
            }
        }
        for field in self.own_fields(class) {
            fields.retain(|(name, _): &(String, String)| *name != field.0);
            fields.push(field);
        }
        fields
    }

    fn own_fields(&self, class: ClassRef) -> Vec<(String, String)> {
        let python = self.language(class.file).is_python();
        let own = self.class(class);
        own.fields
            .iter()
            .filter(|field| !python || (field.annotation.is_some() && field.name != "model_config"))
            .map(|field| {
                let form =
                    field.annotation.map_or("unknown", |id| self.annotation_type(ExprRef { file: class.file, id }, 0));
                (field.name.to_string(), form.to_owned())
            })
            .collect()
    }

    /// A JSON schema as a record, or a record of fields by their types.
    fn record_fields(&self, record: &RecordValue, place: ExprRef, depth: u32) -> Vec<(String, String)> {
        for inner in ["json_schema", "schema", "jsonSchema", "format", "parameters", "input_schema"] {
            if let Some(value) = record.get(inner)
                && !matches!(value, Value::Text(_))
            {
                return self.schema_fields(value, place, depth + 1);
            }
        }
        if let Some(Value::Record(properties)) = record.get("properties") {
            return properties
                .entries
                .iter()
                .map(|(key, value)| (key.to_string(), self.json_type(value).to_owned()))
                .collect();
        }
        if record.get("type").is_some() {
            let form = self.json_type(&Value::Record(std::rc::Rc::new(record.clone())));
            let bare = matches!(form, "list" | "enum" | "bool" | "number");
            return if bare { vec![(WHOLE.to_owned(), form.to_owned())] } else { Vec::new() };
        }
        let typed: Vec<(String, String)> = record
            .entries
            .iter()
            .filter_map(|(key, value)| match value {
                Value::Foreign(foreign) => Some((key.to_string(), self.call_type(foreign.at, depth + 1).to_owned())),
                _ => None,
            })
            .collect();
        if typed.len() == record.entries.len() { typed } else { Vec::new() }
    }

    /// The type that a property of a JSON schema has: `{type: "string", enum: […]}`, `{type: Type.NUMBER}`.
    fn json_type(&self, value: &Value) -> &'static str {
        let Value::Record(record) = value else {
            return "unknown";
        };
        if record.get("enum").is_some() || record.get("const").is_some() {
            return "enum";
        }
        let name = match record.get("type") {
            Some(Value::Foreign(foreign)) => foreign.path.rsplit(['.', '#']).next().unwrap_or("").to_lowercase(),
            Some(Value::External(path)) => path.rsplit(['.', '#']).next().unwrap_or("").to_lowercase(),
            Some(Value::List(list)) => list.items.iter().find_map(Value::as_static).unwrap_or_default(),
            Some(other) => other.as_static().unwrap_or_default().to_lowercase(),
            None => String::new(),
        };
        match name.as_str() {
            "string" => "string",
            "number" | "integer" => "number",
            "boolean" => "bool",
            "array" => "list",
            "object" => "record",
            _ => "unknown",
        }
    }

    /// The fields of a schema that a call builds: `z.object({…})`, `zodResponseFormat(Order, "order")`,
    /// `Order.model_json_schema()`.
    fn call_fields(&self, at: ExprRef, depth: u32) -> Vec<(String, String)> {
        let facts = self.facts(at.file);
        let Expr::Call(call) = facts.expr(at.id) else {
            return Vec::new();
        };
        if depth > DEPTH {
            return Vec::new();
        }
        let sub = |id: ExprId| ExprRef { file: at.file, id };
        let name = last_name(facts, call.callee).unwrap_or_default();
        let first = call.args.first().map(|arg| sub(arg.value));
        if let Some(first) = first
            && matches!(name.as_str(), "object" | "strictObject" | "looseObject" | "interface" | "Object")
            && let Expr::Record(entries) = self.expr(first)
            && !entries.iter().any(|entry| entry.key.as_ref().is_some_and(|key| key == "schema"))
        {
            let fields = entries.iter().filter_map(|entry| {
                let key = entry.key.as_ref()?;
                Some((key.to_string(), self.call_type(sub(entry.value), depth + 1).to_owned()))
            });
            return fields.collect();
        }
        let form = self.call_type(at, depth + 1);
        if matches!(form, "list" | "enum" | "bool" | "number") {
            return vec![(WHOLE.to_owned(), form.to_owned())];
        }
        let through = |place: ExprRef| {
            let value = self.ask(place, &self.frame_of(place));
            self.schema_fields(&value, place, depth + 1)
        };
        // What the schema is handed to, or what a method is called on.
        let of_args = first.map(through).unwrap_or_default();
        match facts.expr(call.callee) {
            _ if !of_args.is_empty() => of_args,
            Expr::Attr(base, _) => through(sub(*base)),
            _ => Vec::new(),
        }
    }

    /// What data that a schema has read holds, as far as the schema fills in what was left out: `z.string().default("gpt-5")`.
    pub(super) fn filled_in(&self, schema: ExprRef, at: ExprRef) -> Option<Value> {
        let sub = |id: ExprId| ExprRef { file: schema.file, id };
        let Expr::Call(call) = self.expr(schema) else { return None };
        let Expr::Attr(base, _) = self.expr(sub(call.callee)) else { return None };
        let entries = match call.args.first().map(|arg| self.expr(sub(arg.value))) {
            Some(Expr::Record(entries)) => entries,
            _ => return self.filled_in(sub(*base), at),
        };
        let filled = entries.iter().filter_map(|entry| {
            let (key, default) = (entry.key.clone()?, self.default_of(sub(entry.value))?);
            let Value::Hole(hole) = self.hole(at, Shape::Unknown, Origin::Field) else { return None };
            let name = Rc::from(key.as_str());
            Some((key, Value::Hole(Rc::new(HoleValue { name, default: Some(default), ..(*hole).clone() }))))
        });
        let entries: Vec<_> = filled.collect();
        let record = RecordValue { entries, open: true, rest: None, span: self.span(at) };
        (!record.entries.is_empty()).then(|| Value::Record(Rc::new(record)))
    }

    /// The text that a field of a schema has where none is given.
    fn default_of(&self, field: ExprRef) -> Option<Value> {
        let sub = |id: ExprId| ExprRef { file: field.file, id };
        let Expr::Call(call) = self.expr(field) else { return None };
        let Expr::Attr(base, name) = self.expr(sub(call.callee)) else { return None };
        match (name.as_str(), &call.args[..]) {
            ("default" | "prefault" | "catch", [given]) => {
                let given = sub(given.value);
                Some(self.eval(given, &self.frame_of(given))).filter(|value| value.as_static().is_some())
            }
            _ => self.default_of(sub(*base)),
        }
    }

    /// The type that a builder of schemas gives: `z.string().min(1)`, `z.array(Order)`.
    fn call_type(&self, at: ExprRef, depth: u32) -> &'static str {
        let facts = self.facts(at.file);
        if depth > DEPTH {
            return "unknown";
        }
        match facts.expr(at.id) {
            Expr::Call(call) => {
                let Expr::Attr(base, name) = facts.expr(call.callee) else {
                    return "unknown";
                };
                match name.as_str() {
                    "string" | "email" | "url" | "uuid" | "trim" | "toLowerCase" => "string",
                    "number" | "int" | "bigint" | "integer" => "number",
                    "boolean" => "bool",
                    "enum" | "nativeEnum" | "literal" | "picklist" => "enum",
                    "array" | "tuple" | "set" | "list" => "list",
                    "object" | "strictObject" | "record" | "map" | "extend" | "merge" => "record",
                    "date" => "date",
                    "union" | "discriminatedUnion" | "any" | "unknown" | "lazy" => "unknown",
                    _ => self.call_type(ExprRef { file: at.file, id: *base }, depth + 1),
                }
            }
            Expr::Name(_) => match self.ask(at, &self.frame_of(at)) {
                Value::Foreign(foreign) if foreign.at != at => self.call_type(foreign.at, depth + 1),
                Value::Class(class) if self.is_enum(class) => "enum",
                _ => "unknown",
            },
            _ => "unknown",
        }
    }

    /// The type that an annotation names.
    fn annotation_type(&self, at: ExprRef, depth: u32) -> &'static str {
        let facts = self.facts(at.file);
        if depth > DEPTH {
            return "unknown";
        }
        let sub = |id: ExprId| ExprRef { file: at.file, id };
        let first_of = |id: ExprId| match facts.expr(id) {
            Expr::List(items) => items.first().map(|item| sub(item.value)),
            _ => Some(sub(id)),
        };
        match facts.expr(at.id) {
            Expr::Name(name) | Expr::Attr(_, name) => match name.as_str() {
                "str" | "string" | "EmailStr" | "HttpUrl" | "AnyUrl" => return "string",
                "int" | "float" | "number" | "Decimal" | "PositiveInt" | "NonNegativeInt" => return "number",
                "bool" | "boolean" | "StrictBool" => return "bool",
                "date" | "datetime" | "time" | "Date" => return "date",
                "list" | "List" | "set" | "tuple" | "Array" => return "list",
                "dict" | "Dict" | "object" => return "record",
                _ => {}
            },
            Expr::Index(base, key) => match last_name(facts, *base).unwrap_or_default().as_str() {
                "Optional" | "Annotated" | "Required" | "NotRequired" | "Final" | "Promise" | "Readonly"
                | "Partial" | "Union" => {
                    return first_of(*key).map_or("unknown", |inner| self.annotation_type(inner, depth + 1));
                }
                "List" | "list" | "Sequence" | "Set" | "set" | "Tuple" | "tuple" | "Array" | "Iterable" => {
                    return "list";
                }
                "Dict" | "dict" | "Mapping" | "Record" => return "record",
                "Literal" => return "enum",
                _ => {}
            },
            Expr::Binary(operator, left, right) if operator == "|" => {
                let sides = [*left, *right].map(|side| match facts.expr(side) {
                    Expr::Null => "unknown",
                    _ => self.annotation_type(sub(side), depth + 1),
                });
                return sides.into_iter().find(|side| *side != "unknown").unwrap_or("unknown");
            }
            Expr::Str(_) => return if facts.language.is_python() { "unknown" } else { "enum" },
            Expr::Record(_) => return "record",
            _ => {}
        }
        match self.typed(at, at, Origin::Field) {
            Some(Value::Instance(_)) => "record",
            Some(Value::Hole(hole)) => match hole.shape.name() {
                "json" => "record",
                "free-text" | "identifier" => "string",
                other => other,
            },
            _ => "unknown",
        }
    }
}
