//! Tokens of a text, estimated.
//!
//! Counts by kind of character run, with rates that were fitted once against the public `o200k_base` vocabulary on the
//! prompts of `fixtures/labelled/labels.jsonl`; `cargo run --example tokens` measures the error again.

/// Mean absolute error of [`estimate`] on whole prompts, in percent of the exact count.
pub const ERROR_PERCENT: f64 = 8.0;

/// Estimated tokens of a text.
pub fn estimate(text: &str) -> f64 {
    let mut tokens = 0.0;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_ascii_alphabetic() || (c.is_alphabetic() && (c as u32) < 0x0250) {
            let mut length = 1usize;
            let mut foreign = !c.is_ascii();
            let mut humps = 0usize;
            let mut before = c;
            while let Some(&next) = chars.peek() {
                if !next.is_alphabetic() || (next as u32) >= 0x0250 {
                    break;
                }
                if next.is_uppercase() && before.is_lowercase() {
                    humps += 1;
                }
                foreign |= !next.is_ascii();
                length += 1;
                before = next;
                chars.next();
            }
            // Common words are one token; long ones and words of other languages split.
            let pieces = match length {
                0..=8 => 1.0,
                9..=12 => 1.25,
                _ => length as f64 / 6.5,
            };
            tokens += pieces + humps as f64 * 0.8 + if foreign { 0.9 } else { 0.0 };
        } else if c.is_ascii_digit() {
            let mut length = 1usize;
            while chars.next_if(char::is_ascii_digit).is_some() {
                length += 1;
            }
            // Digits go by threes.
            tokens += length.div_ceil(3) as f64;
        } else if c == '\n' {
            while chars.next_if(|&next| next == '\n' || next == ' ').is_some() {}
            tokens += 0.85;
        } else if c.is_whitespace() {
            // One blank belongs to the word after it; a run is a token of its own.
            let mut run = 1usize;
            while chars.next_if(|&next| next == ' ' || next == '\t').is_some() {
                run += 1;
            }
            if run > 1 {
                tokens += 1.0;
            }
        } else if c.is_alphabetic() {
            tokens += match c as u32 {
                0x0370..=0x052F => 0.4,
                0x3040..=0x30FF => 0.75,
                0x4E00..=0x9FFF => 0.85,
                0xAC00..=0xD7AF => 0.7,
                _ => 0.8,
            };
        } else {
            // Runs of one mark are one token; mixed marks pair up half of the time.
            while chars.next_if(|&next| next == c).is_some() {}
            tokens += if c.is_ascii() { 0.75 } else { 1.3 };
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_grows_with_the_text_and_is_near_for_plain_english() {
        let text = "Return the date in ISO format and nothing else.";
        let once = estimate(text);
        assert!((8.0..14.0).contains(&once), "{once}");
        assert!(estimate(&format!("{text} {text}")) > 1.9 * once);
        assert!(estimate("").abs() < f64::EPSILON);
    }
}
