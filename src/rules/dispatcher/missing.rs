//! SW301: tasks of different difficulty that all go to the dear model.

use std::collections::BTreeMap;

use crate::catalog::model::Tier;
use crate::finding::{Advice, Effect, RuleMeta};
use crate::program::{CallId, CallSite, Entry};
use crate::rules::common::*;
use crate::source::Span;

declare_rule! {
    /// Tasks of different difficulty that all go to one dear model.
    NoDispatcher, "SW301", "no-dispatcher", Dispatcher, Note,
    "an entry point sends tasks of different difficulty to one dear model"
}

impl Rule for NoDispatcher {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, cx: &Context<'_>) -> Vec<(Vec<CallId>, Advice)> {
        // Calls in different arms of one branch: the program itself tells the tasks apart.
        let mut groups: BTreeMap<_, Vec<(CallId, &CallSite)>> = BTreeMap::new();
        for (id, call) in cx.asked() {
            let waited = matches!(call.flow.entry, Entry::Request(..));
            if let Some((group, _)) = call.flow.arms.last().filter(|_| waited) {
                groups.entry((call.function, *group)).or_default().push((id, call));
            }
        }
        // What stands behind a branch that ends with a way out is its other arm.
        for ((function, _), tasks) in &mut groups {
            let arms = || tasks.iter().filter_map(|(_, call)| Some(call.flow.arms.last()?.1));
            if let Some(end) = arms().map(|arm| arm.end).max()
                && arms().all(|arm| leaves(written(arm, cx)))
            {
                let behind = |call: &CallSite| call.flow.arms.is_empty() && call.span.start >= end;
                tasks.extend(cx.asked().filter(|(_, call)| call.function == *function && behind(call)));
            }
        }
        groups.into_values().filter_map(|tasks| one(&tasks, cx)).collect()
    }
}

/// An arm as it is written, from the beginning of its first line where nothing else stands before it.
fn written<'a>(arm: Span, cx: &Context<'a>) -> &'a str {
    let file = cx.program.file(arm);
    let (start, _) = file.line_range(file.position(arm.start).line);
    let alone = !file.is_mapped() && file.slice(start, arm.start).trim().is_empty();
    file.slice(if alone { start } else { arm.start }, arm.end)
}

/// Whether an arm ends with a way out of its function: the last line that stands as far out as any.
fn leaves(arm: &str) -> bool {
    let indent = |line: &str| line.len() - line.trim_start().len();
    // The line that opens it stands further out than what it holds.
    let opens = |line: &str| ["{", "if ", "elif ", "else", "case "].iter().any(|word| line.starts_with(word));
    let inside = arm.lines().skip(usize::from(opens(arm.trim_start())));
    let begins = |line: &&str| line.trim_start().starts_with(|c: char| c.is_alphabetic());
    let lines: Vec<&str> = inside.filter(begins).collect();
    let least = lines.iter().map(|line| indent(line)).min();
    let last = lines.iter().rfind(|line| Some(indent(line)) == least).map(|line| line.trim_start());
    last.is_some_and(|line| ["return", "raise", "throw"].iter().any(|word| line.starts_with(word)))
}

fn one(tasks: &[(CallId, &CallSite)], cx: &Context<'_>) -> Option<(Vec<CallId>, Advice)> {
    let (_, first) = tasks.first()?;
    let model = cx.sold(first).filter(|model| model.tier() == Tier::Premium)?;
    cx.prices.cheaper(model, Tier::Mid)?;
    let one_model = tasks.iter().all(|(_, call)| cx.pinned(call).is_some_and(|other| other.id == model.id));
    let arm = |call: &CallSite| call.flow.arms.last().map(|arm| arm.1);
    let light: Vec<_> =
        tasks.iter().filter(|(_, call)| is_plain(call) && closed(call).is_some() && !is_heavy(call)).collect();
    let heavy: Vec<_> = tasks.iter().filter(|(_, call)| is_heavy(call)).collect();
    let apart = light.iter().any(|(_, a)| heavy.iter().any(|(_, b)| arm(a) != arm(b)));
    // An answer that chose the branch is a dispatcher already.
    let dispatched = tasks.iter().any(|(_, call)| !call.flow.decided_by.is_empty());
    if !one_model || !apart || dispatched {
        return None;
    }
    let mut because: Vec<_> = light.iter().map(|(_, call)| seen("a light task", call.callee_span)).collect();
    because.extend(heavy.iter().map(|(_, call)| seen("a heavy task", call.callee_span)));
    let advice = Advice {
        message: format!("this entry point tells light tasks from heavy ones and sends both to {}", model.id),
        because,
        help: "send the light branch to a smaller model, after a test; the branch is the dispatcher".to_owned(),
        effect: Effect::SwitchModel(Tier::Mid),
        confidence: 0.6,
    };
    Some((light.iter().map(|(id, _)| *id).collect(), advice))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arm_leaves_by_its_last_statement() {
        assert!(leaves("        reply = ask(text)\n        return reply"));
        assert!(leaves("        return ask(\n            text,\n        )"));
        assert!(leaves("{\n    const reply = await ask(text);\n    return reply;\n  }"));
        assert!(leaves("    if kind == 1:\n        reply = ask(text)\n        return reply"));
        assert!(leaves("return reply;"));
        assert!(!leaves("    if kind == 1:\n        return reply\n    else:\n        print(1)"));
        assert!(!leaves(
            "        reply = ask(text)\n        if reply:\n            return reply\n        print(reply)"
        ));
        assert!(!leaves("        reply = ask(text)"));
    }
}
