//! SW301: tasks of different difficulty that all go to the dear model.

use std::collections::BTreeMap;

use crate::catalog::model::Tier;
use crate::finding::{Advice, Effect, RuleMeta};
use crate::program::{CallId, CallSite, Entry};
use crate::rules::common::*;

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
        groups.into_values().filter_map(|tasks| one(&tasks, cx)).collect()
    }
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
