//! Text of audited files made safe to show to people.

/// Replaces what a terminal or a reader's eye would obey or miss: control characters, bidirectional marks, invisible
/// characters. Tabs become blanks; line ends stay.
pub fn sanitize(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push(c),
            '\t' => out.push(' '),
            '\u{0}'..='\u{1F}' => out.push(char::from_u32(0x2400 + c as u32).unwrap_or('\u{FFFD}')),
            '\u{7F}' => out.push('\u{2421}'),
            c if is_hidden(c) => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
    out
}

/// As [`sanitize`], on one line.
pub fn one_line(text: &str) -> String {
    sanitize(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// As [`one_line`], with a capital at the start: messages are clauses, hosts show them as sentences.
pub(super) fn capital(text: &str) -> String {
    let line = one_line(text);
    let mut chars = line.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// Whether a character is obeyed or cannot be seen: C1 controls, bidirectional and zero-width marks, tags, fillers.
pub fn is_hidden(c: char) -> bool {
    matches!(c as u32,
        0x80..=0x9F | 0xAD | 0x034F | 0x061C | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F
        | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0
        | 0xFFF9..=0xFFFB | 0xE0000..=0xE0FFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_obeyed_or_invisible_is_left() {
        let hostile = "a\u{1b}[2J\u{9b}31m\u{202e}b\u{200b}\u{e0041}\r\u{7f}";
        let safe = sanitize(hostile);
        assert!(safe.chars().all(|c| !c.is_control() && !is_hidden(c)), "{safe:?}");
        assert!(safe.starts_with('a') && safe.contains('b'));
    }

    #[test]
    fn ordinary_text_is_left_alone() {
        assert_eq!(sanitize("naïve 日本 🎉\nline"), "naïve 日本 🎉\nline");
    }
}
