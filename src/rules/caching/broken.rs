//! SW702: a value that changes, in front of a long text that does not.

use super::{minimum, start};
use crate::catalog::levers::LeverWords;
use crate::catalog::model::Caching;
use crate::finding::{Advice, Effect, RuleMeta};
use crate::program::{CallId, CallSite, Hole, Origin};
use crate::rules::common::*;
use crate::rules::context::talk::talk;
use crate::source::SourceFile;

declare_rule! {
    /// A value that changes stands in front of a long text that does not: no request shares a prefix.
    BrokenPrefix, "SW702", "broken-prefix", Caching, Warning,
    "a value that changes stands in front of a long text that does not"
}

impl Rule for BrokenPrefix {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, cx: &Context<'_>) -> Vec<(Vec<CallId>, Advice)> {
        together(cx.each_asked(|call| self.check_call(call, cx)))
    }

    fn check_call(&self, call: &CallSite, cx: &Context<'_>) -> Option<Advice> {
        let model = cx.model(call)?;
        if cx.prices.provider(model).caching == Caching::Unknown || model.cached.is_none() {
            return None;
        }
        let start = start(call);
        let again = often(call)?;
        // The talk so far stands behind the system message: what changes there costs the cache of all of it.
        let clock = start.values.iter().find(|hole| ticks(hole) && !is_kept(hole, cx));
        if let Some(clock) = clock
            && let Some((talk, place)) = talk(call, cx)
            && static_tokens(call) >= MINIMUM / 4.0
        {
            let name = short(&clock.name);
            return Some(Advice {
                message: format!(
                    "{{{name}}} changes with every request and stands before the talk so far: none of it is read from the cache"
                ),
                because: vec![
                    seen("the value that changes", clock.span),
                    seen(format!("`{talk}`, sent again with every turn"), place),
                    again,
                ],
                help: "put the time into the last message, behind what stays the same".to_owned(),
                effect: Effect::CachePrefix((start.tokens + start.after).round() as u64),
                confidence: 0.75,
            });
        }
        let answers = start.values.iter().find(|hole| is_looked_up(hole));
        if let Some(found) = answers
            && let Some((talk, place)) = talk(call, cx)
        {
            let name = short(&found.name);
            return Some(Advice {
                message: format!(
                    "{{{name}}} stands before the talk so far: when another question brings another, none of the talk is read from the cache"
                ),
                because: vec![
                    seen("what is looked up for the question", found.span),
                    seen(format!("`{talk}`, sent again with every turn"), place),
                    again,
                ],
                help: "put what was looked up into the last message, behind what stays the same".to_owned(),
                effect: Effect::CachePrefix((start.tokens + start.after).round() as u64),
                confidence: 0.6,
            });
        }
        let (hole, largest) = (start.hole?, start.largest?);
        let changes = match hole.origin {
            _ if is_kept(hole, cx) => false,
            Origin::Clock => ticks(hole),
            Origin::User | Origin::Document | Origin::Answer | Origin::Record | Origin::Parameter | Origin::Field => {
                true
            }
            _ => false,
        };
        let least = minimum(model);
        // A prefix that is long enough as it stands is cached up to the value.
        if !changes || start.after < least || start.tokens >= least {
            return None;
        }
        let name = short(&hole.name);
        Some(Advice {
            message: format!(
                "{{{name}}} stands before {:.0} static tokens: no two requests share a prefix",
                start.after
            ),
            because: vec![seen("the value that changes", hole.span), seen("the static text after it", largest), again],
            help: "move the value behind the static text".to_owned(),
            effect: Effect::CachePrefix((start.tokens + start.after).round() as u64),
            confidence: if hole.origin == Origin::Clock { 0.8 } else { 0.65 },
        })
    }
}

/// Tokens of static text from which on a start is looked at, where a talk stands behind it.
const MINIMUM: f64 = 1_024.0;

/// Words in the name of a value that is the time of the day.
const TIMES: &[&str] = &["time", "datetime", "timestamp", "now", "clock"];

/// What makes only the day of a time, or the time of the day as well.
const DAYS: &[&str] = &[".date()", "date.today", "todatestring", "tolocaledatestring", "split(\"t\")", "split('t')"];
const HOURS: &[&str] =
    &["%h", "%i:", "%x", "%c", "isoformat", "toisostring", "toutcstring", "timestamp", "hh:", "datetime.today"];

/// Whether a value is another with every request, as the time is: a day is the same all day, and so is what is cached.
fn ticks(hole: &Hole) -> bool {
    let text = hole.name.to_lowercase();
    if DAYS.iter().any(|mark| text.contains(mark)) {
        return false;
    }
    if HOURS.iter().any(|mark| text.contains(mark)) {
        return true;
    }
    if hole.name.contains("strftime") || hole.name.contains("format(") {
        return false;
    }
    words_of(&hole.name).iter().any(|word| TIMES.contains(&word.as_str()))
}

/// Whether a value is looked up for each question, as passages of a search are.
fn is_looked_up(hole: &Hole) -> bool {
    let comes = matches!(
        hole.origin,
        Origin::User | Origin::Document | Origin::Record | Origin::Parameter | Origin::Field | Origin::Answer
    );
    let name: String = hole.name.chars().take_while(|c| c.is_alphanumeric() || "_.".contains(*c)).collect();
    let last = name.rsplit('.').next().unwrap_or(&name);
    comes && words_of(last).iter().any(|word| LeverWords::embedded().looked_up.contains(word))
}

/// Whether a value is made once and kept, as a screen keeps what it worked out: `const now = useMemo(() => …)`.
fn is_kept(hole: &Hole, cx: &Context<'_>) -> bool {
    let name: String = hole.name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let kept = |line: &str| LeverWords::embedded().memos.iter().any(|word| line.contains(word.as_str()));
    let set = |line: &str| line.split_once('=').is_some_and(|(left, _)| words_end(left, &name));
    let keeps = |file: &SourceFile| file.text.contains(&name) && file.text.lines().any(|line| kept(line) && set(line));
    let own = cx.program.file(hole.span);
    // What a request brings along may have been made by the screen that sends it.
    let sent = matches!(hole.origin, Origin::User | Origin::Parameter | Origin::Field);
    let others = cx.program.files.iter().filter(|file| sent && !file.language.is_python());
    !name.is_empty() && (keeps(own) || others.into_iter().any(keeps))
}

/// Whether the left side of an assignment ends in a name, or holds it among names that it takes apart.
fn words_end(left: &str, name: &str) -> bool {
    left.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name)
}

fn short(name: &str) -> String {
    name.chars().take(40).collect()
}
