//! The marks by which a template says where values go, and the text between them.

/// How a template marks the places to fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::resolve) enum Marks {
    /// `{name}`, with `{{` for a brace.
    Brace,
    /// `{{ name }}`, and `{% %}` around what is not text.
    Mustache,
    /// `$name`, `${name}`.
    Dollar,
    /// `{{name}}`, `{{{name}}}`, `{{#if name}}`, `{{helper name}}`.
    Handlebars,
}

impl Marks {
    /// The marks that a table names: `brace`, `mustache`, `dollar`, `handlebars`.
    pub(in crate::resolve) fn named(name: &str) -> Self {
        match name {
            "mustache" => Self::Mustache,
            "dollar" => Self::Dollar,
            "handlebars" => Self::Handlebars,
            _ => Self::Brace,
        }
    }
}

/// A piece of a template between its marks, or one of them.
pub(super) enum Part<'t> {
    Text(String),
    Mark(&'t str),
    /// Another template in this place, by its name.
    Include(&'t str),
}

/// The template that a tag puts in its place: `include "parts/rules.j2" ignore missing`.
fn included_name(tag: &str) -> Option<&str> {
    let quoted = tag.trim_matches(['-', '+', ' ']).strip_prefix("include")?.trim_start();
    let quote = quoted.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    quoted[1..].split_once(quote).map(|(name, _)| name)
}

/// Splits a template at its marks.
pub(super) fn split_marks(text: &str, marks: Marks) -> Vec<Part<'_>> {
    match marks {
        Marks::Brace => split_braces(text),
        Marks::Mustache => split_mustache(text),
        Marks::Dollar => split_dollar(text),
        Marks::Handlebars => split_handlebars(text),
    }
}

fn split_braces(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        plain.push_str(&rest[..at]);
        let brace = rest.as_bytes()[at];
        let after = &rest[at + 1..];
        if after.as_bytes().first() == Some(&brace) {
            plain.push(brace as char);
            rest = &after[1..];
            continue;
        }
        match after.find(['}', '{', '\n', '"']) {
            Some(end) if brace == b'{' && after.as_bytes()[end] == b'}' && is_mark(&after[..end]) => {
                parts.push(Part::Text(std::mem::take(&mut plain)));
                parts.push(Part::Mark(after[..end].trim()));
                rest = &after[end + 1..];
            }
            _ => {
                plain.push(brace as char);
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    parts.push(Part::Text(plain));
    parts
}

fn is_mark(name: &str) -> bool {
    name.len() <= 60 && name.chars().all(|c| c.is_alphanumeric() || "_.[]!:- ,'%>%<".contains(c))
}

fn split_mustache(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = ["{{", "{%", "{#"].into_iter().filter_map(|open| rest.find(open)).min() {
        // `{#each x}` is a block of other languages than the one in which `{# x #}` is a comment.
        let close = match rest.as_bytes()[at + 1] {
            b'{' => "}}",
            b'%' => "%}",
            _ if rest[at + 2..].contains("#}") => "#}",
            _ => {
                parts.push(Part::Text(rest[..at + 2].to_owned()));
                rest = &rest[at + 2..];
                continue;
            }
        };
        parts.push(Part::Text(rest[..at].to_owned()));
        let after = &rest[at + 2..];
        let Some(end) = after.find(close) else {
            parts.push(Part::Text(rest[at..].to_owned()));
            return parts;
        };
        if let Some(name) = included_name(&after[..end]).filter(|_| close != "#}") {
            parts.push(Part::Include(name));
        } else if close == "}}" {
            let name = after[..end].trim_matches(['{', ' ', '#', '/', '^', '&', '-']);
            if !name.is_empty() {
                parts.push(Part::Mark(name.trim()));
            }
        }
        rest = &after[end + 2..];
        rest = rest.strip_prefix('}').unwrap_or(rest);
    }
    parts.push(Part::Text(rest.to_owned()));
    parts
}

fn split_handlebars(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((tag, behind)) = after.split_once("}}") else { break };
        parts.push(Part::Text(before.to_owned()));
        parts.extend(handlebars_value(tag).map(Part::Mark));
        rest = behind.strip_prefix('}').unwrap_or(behind);
    }
    parts.push(Part::Text(rest.to_owned()));
    parts
}

/// The value that a tag puts into the text. A condition and the end of a block put none, a loop its list, a helper what
/// it is handed: `media url=photo`.
fn handlebars_value(tag: &str) -> Option<&str> {
    let tag = tag.trim_matches(['{', '~', '&', ' ']);
    let (tag, is_loop) = tag.strip_prefix("#each").map_or((tag, false), |list| (list.trim(), true));
    let is_value = |word: &str| word.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '.') && word != "else";
    let mut words = tag.split_whitespace();
    let first = words.next().filter(|word| is_value(word))?;
    let last = if is_loop { first } else { words.next_back().unwrap_or(first) };
    let name = last.rsplit('=').next().unwrap_or(last);
    let own = name.split(['.', '/']).next().unwrap_or(name);
    (is_value(name) && own != "this").then_some(name)
}

fn split_dollar(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        plain.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let (name, used) = match after.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
            Some((name, _)) => (name, name.len() + 2),
            None => {
                let end = after.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(after.len());
                (&after[..end], end)
            }
        };
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            plain.push('$');
            rest = after.strip_prefix('$').unwrap_or(after);
            continue;
        }
        parts.push(Part::Text(std::mem::take(&mut plain)));
        parts.push(Part::Mark(name));
        rest = &after[used..];
    }
    plain.push_str(rest);
    parts.push(Part::Text(plain));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, marks: Marks) -> String {
        split_marks(text, marks)
            .into_iter()
            .map(|part| match part {
                Part::Text(text) => text,
                Part::Mark(name) => format!("<{name}>"),
                Part::Include(name) => format!("<include {name}>"),
            })
            .collect()
    }

    #[test]
    fn marks_are_found_and_doubled_braces_are_text() {
        assert_eq!(shown("a {x} {{\"k\": 1}} {y!r:>3}", Marks::Brace), "a <x> {\"k\": 1} <y!r:>3>");
        assert_eq!(shown("JSON {\"a\": 1} {0}", Marks::Brace), "JSON {\"a\": 1} <0>");
        assert_eq!(shown("Hi {{ name }}{% if x %}!{% endif %}", Marks::Mustache), "Hi <name>!");
        assert_eq!(shown("{# who #}Hi {{ name }} {#each", Marks::Mustache), "Hi <name> {#each");
        assert_eq!(
            shown("a {% include 'x/b.j2' %} c{{ include \"d.md\" }}", Marks::Mustache),
            "a <include x/b.j2> c<include d.md>"
        );
        assert_eq!(
            shown(
                "{{#if a.b}}{{{a.b}}}{{else}}-{{/if}}{{#each rows}}{{this.x}}{{/each}}{{media url=p}}",
                Marks::Handlebars
            ),
            "<a.b>-<rows><p>"
        );
        assert_eq!(shown("{{role \"system\"}}{{! note}}{{json q}} {{", Marks::Handlebars), "<q> {{");
        assert_eq!(shown("cost $5, $name and ${other}", Marks::Dollar), "cost $5, <name> and <other>");
    }
}
