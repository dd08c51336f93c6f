//! Which model runs where, and who chose it: the view for those who answer for the bill.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::sanitize::{one_line, sanitize};
use super::summary::{count, range};
use super::{Call, Range, RenderOptions, Report};
use crate::program::{CallRole, ModelOrigin};

/// What calls are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The model that runs.
    Model,
    /// The file that the call stands in.
    Module,
}

#[derive(Default)]
struct Group<'r> {
    calls: Vec<&'r Call>,
    cost: Option<Range>,
}

/// Calls by model or module. Wrappers are left out where their callers are calls of their own.
pub fn governance(report: &Report, by: By, options: &RenderOptions) -> String {
    let reached: Vec<(&str, u32)> =
        report.calls.iter().filter_map(|call| call.via.last()).map(|via| (via.path.as_str(), via.line)).collect();
    let mut groups: BTreeMap<String, Group<'_>> = BTreeMap::new();
    for call in report.calls.iter().filter(|call| call.kind.is_generative()) {
        if call.role == CallRole::Wrapper && reached.contains(&(call.path.as_str(), call.start.line)) {
            continue;
        }
        let key = match by {
            By::Model => model(call),
            By::Module => format!("{}{}", options.prefix, call.path),
        };
        let group = groups.entry(key).or_default();
        group.calls.push(call);
        if let Some(cost) = call.cost.usd_per_1k_calls {
            let so_far = group.cost.unwrap_or(Range { low: 0.0, high: 0.0 });
            group.cost = Some(Range { low: so_far.low + cost.low, high: so_far.high + cost.high });
        }
    }
    let mut out = String::new();
    let mut order: Vec<(&String, &Group<'_>)> = groups.iter().collect();
    order.sort_by(|a, b| b.1.calls.len().cmp(&a.1.calls.len()).then(a.0.cmp(b.0)));
    for (key, group) in order {
        let cost = group
            .cost
            .map_or_else(|| "price not known".to_owned(), |cost| format!("{} per 1,000 runs of each", range(cost)));
        let _ = writeln!(out, "{}: {}, {cost}", one_line(key), count(group.calls.len(), "call"));
        let mut parts: BTreeMap<String, usize> = BTreeMap::new();
        for call in &group.calls {
            let part = match by {
                By::Model => format!("{}{}, {}", options.prefix, call.path, chosen(call)),
                By::Module => format!("{}, {}", model(call), chosen(call)),
            };
            *parts.entry(part).or_default() += 1;
        }
        for (part, calls) in parts {
            let _ = writeln!(out, "  {calls:>3}  {}", one_line(&part));
        }
        // One setting for many stages of a dear model: the configuration to look at first.
        let shared = group.calls.iter().filter(|call| call.model.origin != ModelOrigin::Literal).count();
        let premium = group.calls.iter().any(|call| call.model.tier.as_deref() == Some("premium"));
        if by == By::Model && premium && shared >= 4 {
            let _ = writeln!(
                out,
                "       {shared} of them share a premium default; SW203 tells light stages from heavy ones"
            );
        }
    }
    sanitize(&out)
}

fn model(call: &Call) -> String {
    match (&call.model.id, &call.model.tier) {
        (Some(id), Some(tier)) => format!("{id} ({tier})"),
        (Some(id), None) => id.clone(),
        (None, _) => "not known".to_owned(),
    }
}

/// How the model of a call is chosen.
fn chosen(call: &Call) -> &'static str {
    use ModelOrigin::{Config, Constant, Default, Environment, Literal, Parameter, Unpinned};
    match call.model.origin {
        Literal => "written at the call",
        Constant => "from a constant",
        Default => "the default of a parameter",
        Config => "from settings",
        Environment => "from the environment",
        Parameter => "chosen by callers",
        Unpinned => "not pinned",
    }
}
