//! What the places where an answer is read say together of its use.

use smol_str::SmolStr;

use super::super::schema::WHOLE;
use super::{Read, Says};
use crate::catalog::answers::AnswerWords;
use crate::program::{AnswerUse, Schema};

/// Returns and functions between a call and a place that what is done to its answer there still counts for.
const NEAR: u32 = 1;

/// Whether a place tells of the answer's own form. Far from the call a value may be made of the answer, and be counted
/// or compared as what it is by then (`search(query)` gives scores): only what parses or shows it is heard there.
pub(in crate::resolve) fn is_of_answer(read: &Read) -> bool {
    use AnswerUse::*;
    let form = matches!(read.says, Says::Use(Json | ToolLoop | Text | Code | Ignored) | Says::Shown | Says::Whole);
    read.distance <= NEAR || form
}

/// Whether a use says nothing of the answer's form.
pub(in crate::resolve) fn is_open(usage: AnswerUse) -> bool {
    matches!(usage, AnswerUse::Text | AnswerUse::Ignored | AnswerUse::Unknown)
}

fn of_type(form: &str) -> AnswerUse {
    match form {
        "bool" => AnswerUse::Bool,
        "number" => AnswerUse::Number,
        "enum" => AnswerUse::Enum,
        "list" => AnswerUse::List,
        "date" => AnswerUse::Date,
        "string" => AnswerUse::Text,
        _ => AnswerUse::Json,
    }
}

/// The most telling use of a field.
fn of_field(reads: &[Read], field: &str) -> Option<AnswerUse> {
    use AnswerUse::*;
    let uses = |usage| {
        reads.iter().any(|read| matches!(&read.says, Says::Field(name, said) if name == field && *said == usage))
    };
    [Number, Date, Enum, Bool, List, Code].into_iter().find(|&usage| uses(usage))
}

/// A schema says what the answer is; of several fields the one that is decided by does.
pub(in crate::resolve) fn by_schema(schema: &Schema, reads: &[Read], words: &AnswerWords) -> AnswerUse {
    let mut data: Vec<&(String, String)> = schema.fields.iter().filter(|(name, _)| !words.explains(name)).collect();
    if data.is_empty() {
        data = schema.fields.iter().collect();
    }
    if let [(name, form)] = data[..] {
        let usage = of_type(form);
        if name == WHOLE || usage != AnswerUse::Text {
            return usage;
        }
        return of_field(reads, name)
            .filter(|usage| matches!(usage, AnswerUse::Bool | AnswerUse::Enum))
            .unwrap_or(usage);
    }
    let is_tested = |name: &str| reads.iter().any(|read| matches!(&read.says, Says::Tested(field) if field == name));
    let deciding: Vec<_> = data.iter().filter(|(_, form)| matches!(form.as_str(), "bool" | "enum")).collect();
    if let [(name, form)] = deciding[..]
        && (is_tested(name) || matches!(of_field(reads, name), Some(AnswerUse::Bool | AnswerUse::Enum)))
    {
        return of_type(form);
    }
    AnswerUse::Json
}

/// An answer that is parsed as JSON, without a schema: a list, one field that decides, or a record.
pub(in crate::resolve) fn parsed(reads: &[Read], words: &AnswerWords) -> AnswerUse {
    let says = |usage| reads.iter().any(|read| read.says == Says::Use(usage));
    if says(AnswerUse::List) {
        return AnswerUse::List;
    }
    let mut fields: Vec<&SmolStr> = reads
        .iter()
        .filter_map(|read| match &read.says {
            Says::Field(name, _) | Says::Tested(name) => Some(name),
            _ => None,
        })
        .collect();
    fields.sort();
    fields.dedup();
    let whole = reads.iter().any(|read| read.says == Says::Whole);
    fields.retain(|name| !words.explains(name));
    if let [field] = fields[..]
        && !whole
    {
        if let Some(usage) = of_field(reads, field) {
            return usage;
        }
        // Only asked whether it is true.
        if !reads.iter().any(|read| matches!(&read.says, Says::Field(name, _) if name == field)) {
            return AnswerUse::Bool;
        }
    }
    AnswerUse::Json
}

/// An answer that stays text: what it is turned into, or compared with.
pub(in crate::resolve) fn plain(reads: &[Read], words: &AnswerWords) -> AnswerUse {
    use AnswerUse::*;
    let says = |usage| reads.iter().any(|read| read.says == Says::Use(usage));
    let mut literals: Vec<(String, bool)> = reads
        .iter()
        .filter_map(|read| match &read.says {
            Says::Literal { text, equal } => Some((text.trim().to_owned(), *equal)),
            _ => None,
        })
        .filter(|(text, _)| text.chars().any(char::is_alphanumeric) && !words.is_sentinel(text))
        .collect();
    literals.sort();
    literals.dedup_by(|a, b| a.0.eq_ignore_ascii_case(&b.0));
    if let Some(usage) = [ToolLoop, Date, Number].into_iter().find(|&usage| says(usage)) {
        return usage;
    }
    let yes_no = !literals.is_empty() && literals.iter().all(|(text, _)| words.is_yes_no(text));
    // A third way beside yes and no.
    let third = reads.iter().any(|read| {
        matches!(&read.says, Says::Literal { text, equal: true }
            if text.eq_ignore_ascii_case("unclear") || text.eq_ignore_ascii_case("unknown"))
    });
    if third && literals.iter().any(|(_, equal)| *equal) {
        return Enum;
    }
    if says(Bool) || yes_no {
        return Bool;
    }
    let handed_on = says(Text) || says(List) || says(Code);
    // `== "spam"` chooses; `== "UNCLEAR"` beside the text itself asks whether there is any.
    let chooses = |(text, equal): &(String, bool)| *equal && text.chars().any(char::is_lowercase);
    match &literals[..] {
        [] => {}
        [one] if handed_on && chooses(one) => return Enum,
        [_] if handed_on => {}
        // One of several that are asked for in turn: `== "fire"`, `in ("theft", "water")`.
        [_] if says(Enum) => return Enum,
        [_] => return Bool,
        several if several.iter().any(|(_, equal)| *equal) || !handed_on => return Enum,
        _ => {}
    }
    if let Some(usage) = [Enum, Code, List, Text].into_iter().find(|&usage| says(usage)) {
        return usage;
    }
    if reads.iter().any(|read| read.says == Says::Shown) {
        return Text;
    }
    if says(Ignored) { Ignored } else { Unknown }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Span};

    fn read(says: Says) -> Read {
        let span = Span { file: FileId(0), start: 0, end: 0 };
        Read { span, how: String::new(), says, distance: 0 }
    }

    fn equals(text: &str) -> Read {
        read(Says::Literal { text: text.to_owned(), equal: true })
    }

    #[test]
    fn comparing_with_what_stands_for_nothing_chooses_nothing() {
        let words = AnswerWords::embedded();
        let returned = read(Says::Use(AnswerUse::Text));
        assert_eq!(plain(&[equals("NONE"), returned.clone()], words), AnswerUse::Text);
        assert_eq!(plain(&[equals("NO_NUMBER"), returned], words), AnswerUse::Text);
        assert_eq!(plain(&[equals("billing"), equals("support")], words), AnswerUse::Enum);
        assert_eq!(plain(&[equals("yes")], words), AnswerUse::Bool);
    }

    #[test]
    fn of_a_schema_the_field_that_decides_says_what_the_answer_is() {
        let words = AnswerWords::embedded();
        let schema = |fields: &[(&str, &str)]| Schema {
            name: "S".to_owned(),
            fields: fields.iter().map(|(name, form)| ((*name).to_owned(), (*form).to_owned())).collect(),
        };
        assert_eq!(by_schema(&schema(&[("relevant", "bool"), ("reason", "string")]), &[], words), AnswerUse::Bool);
        assert_eq!(by_schema(&schema(&[("tags", "list")]), &[], words), AnswerUse::List);
        assert_eq!(by_schema(&schema(&[("name", "string"), ("age", "number")]), &[], words), AnswerUse::Json);
    }
}
