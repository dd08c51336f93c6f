//! Where a substitution ends, past all that may stand in it.

/// The line that ends a text behind a command, as it stands behind `<<`; whether it is quoted, so that no values are put
/// in; and the bytes that it takes.
pub(super) fn marker(rest: &str) -> (String, bool, usize) {
    let word = rest.trim_start_matches('-').trim_start_matches([' ', '\t']);
    let skipped = rest.len() - word.len();
    let end = word.find(|c: char| c.is_whitespace() || matches!(c, ';' | '|' | '&' | ')' | '<' | '>'));
    let word = &word[..end.unwrap_or(word.len())];
    let ends: String = word.chars().filter(|c| !matches!(c, '"' | '\'' | '\\')).collect();
    let literal = ends.len() != word.len();
    (ends, literal, skipped + word.len())
}

/// Where the parenthesis of a `$(` at the start closes, past quotes, further parentheses and texts that follow a line.
pub(super) fn closing(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut depth = 0u32;
    let mut quote: Option<u8> = None;
    let mut ends: Vec<String> = Vec::new();
    let mut at = 1;
    while at < bytes.len() {
        let byte = bytes[at];
        match (quote, byte) {
            (None | Some(b'"'), b'\\') => at += 1,
            (Some(b'"'), b'$') if bytes.get(at + 1) == Some(&b'(') => {
                // A substitution within quotes has quotes of its own: it is passed over as a whole.
                let inner = simple_closing(&text[at..])?;
                at += inner;
            }
            (Some(open), _) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'\'' | b'"' | b'`') => quote = Some(byte),
            (None, b'(') => depth += 1,
            (None, b')') => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            (None, b'<') if text[at..].starts_with("<<") && !text[at..].starts_with("<<<") => {
                let (word, _, length) = marker(&text[at + 2..]);
                at += 2 + length;
                if !word.is_empty() {
                    ends.push(word);
                }
                continue;
            }
            (None, b'\n') if !ends.is_empty() => {
                for end in std::mem::take(&mut ends) {
                    let mut line_at = at + 1;
                    let found = text[line_at..].split_inclusive('\n').any(|line| {
                        line_at += line.len();
                        line.trim() == end
                    });
                    if !found {
                        return None;
                    }
                    at = line_at - 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// Where a `$(` within quotes closes, by its parentheses alone.
fn simple_closing(text: &str) -> Option<usize> {
    let mut depth = 0u32;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            b'(' => depth += 1,
            b')' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}
