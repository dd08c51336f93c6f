//! Secrets in prompts and defaults, masked in every format.

use std::sync::LazyLock;

use regex::Regex;

/// Shapes of secrets, by the issuers' published prefixes, with the name that the mask shows.
const SHAPES: &[(&str, &str)] = &[
    ("private-key", r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\z)"),
    ("anthropic-key", r"\bsk-ant-[A-Za-z0-9_-]{16,}"),
    ("openai-key", r"\bsk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{20,}"),
    ("google-key", r"\bAIza[0-9A-Za-z_-]{30,}"),
    ("aws-key", r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    ("github-token", r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{40,})"),
    ("slack-token", r"\bxox[abprs]-[A-Za-z0-9-]{10,}"),
    ("groq-key", r"\bgsk_[A-Za-z0-9]{30,}"),
    ("huggingface-token", r"\bhf_[A-Za-z0-9]{30,}"),
    ("jwt", r"\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,}"),
    ("connection-string", r"\b[a-z][a-z0-9+]{2,20}://[^\s:/@{}]+:[^\s@/{}]+@[^\s]+"),
    ("e-mail", r"\b[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}\b"),
];

static PATTERNS: LazyLock<Vec<(&str, Regex)>> = LazyLock::new(|| {
    SHAPES.iter().map(|(name, shape)| (*name, Regex::new(shape).expect("the shapes of secrets are valid"))).collect()
});

/// The text with its secrets masked, and whether there were any. Addresses at example domains are no secrets.
pub(super) fn mask(text: &str) -> (String, bool) {
    // Every shape holds one of these; most text holds none, and then no expression is compiled.
    let marks = ["sk-", "AIza", "AKIA", "ASIA", "gh", "xox", "gsk_", "hf_", "eyJ", "://", "@", "PRIVATE KEY"];
    if !marks.iter().any(|mark| text.contains(mark)) {
        return (text.to_owned(), false);
    }
    let mut out = text.to_owned();
    let mut hit = false;
    for (name, pattern) in PATTERNS.iter() {
        let masked = pattern.replace_all(&out, |found: &regex::Captures<'_>| {
            if *name == "e-mail" && found[0].contains("example") {
                return found[0].to_owned();
            }
            hit = true;
            format!("«secret:{name}»")
        });
        if let std::borrow::Cow::Owned(masked) = masked {
            out = masked;
        }
    }
    (out, hit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_and_examples_are_not() {
        let key = format!("key sk-ant-{} end", "a1b2".repeat(8));
        assert_eq!(mask(&key), ("key «secret:anthropic-key» end".to_owned(), true));
        assert_eq!(
            mask("write to a@example.com or see https://x.org"),
            ("write to a@example.com or see https://x.org".to_owned(), false)
        );
        assert!(mask("postgres://user:hunter2@db/prod").0.contains("«secret:connection-string»"));
    }
}
