//! The work list: what to do first, what it takes, saves and trades.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use super::sanitize::{one_line, sanitize};
use super::summary::{range, title};
use super::{Finding, Range, RenderOptions, Report};
use crate::finding::Lever;

/// The work list of a report.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Plan {
    /// Steps in the order to ship them.
    pub steps: Vec<Step>,
    /// Hours of all of them.
    pub hours: f64,
    /// US dollars for 1,000 runs of each call before and after all steps.
    pub usd_per_1k_calls: Option<Range>,
    /// The same after all steps.
    pub left_usd_per_1k_calls: Option<Range>,
}

/// A step of the work list.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Step {
    /// Place in the order, from 1.
    pub ship: usize,
    /// The rule.
    pub rule: String,
    /// Its lever.
    pub lever: Lever,
    /// Relative path.
    pub path: String,
    /// Line.
    pub line: u32,
    /// What was found.
    pub message: String,
    /// What to do.
    pub help: String,
    /// Hours of work.
    pub hours: f64,
    /// US dollars for 1,000 calls that it saves alone.
    pub usd_per_1k_calls: Option<Range>,
    /// The same for each hour of work.
    pub usd_per_1k_calls_per_hour: Option<Range>,
    /// US dollars a month; `null` without a volume.
    pub usd_per_month: Option<Range>,
    /// What it trades away, if anything.
    pub trade_off: Option<String>,
    /// Steps, by place in the order, that come before it as they change the same call by an earlier lever.
    pub after: Vec<usize>,
    /// The finding's fingerprint.
    pub fingerprint: String,
}

/// The work list. The best savings for an hour go first, but no step before one that changes the same call by an
/// earlier lever: what a script takes over needs no other model.
pub fn plan(report: &Report) -> Plan {
    let mut open: Vec<&Finding> = report.standing().collect();
    let mut shipped: Vec<&Finding> = Vec::new();
    let meets = |a: &Finding, b: &Finding| a.calls.iter().any(|call| b.calls.contains(call));
    while !open.is_empty() {
        let free = open.iter().position(|one| !open.iter().any(|other| other.lever < one.lever && meets(other, one)));
        shipped.push(open.remove(free.unwrap_or(0)));
    }
    let places: BTreeMap<&str, usize> =
        shipped.iter().enumerate().map(|(at, one)| (one.fingerprint.as_str(), at + 1)).collect();
    let steps: Vec<Step> = shipped
        .iter()
        .enumerate()
        .map(|(at, one)| {
            let hours = one.effort_hours;
            let by_hour = |range: Range| Range { low: range.low / hours, high: range.high / hours };
            let before = shipped[..at].iter().filter(|other| other.lever < one.lever && meets(other, one));
            Step {
                ship: at + 1,
                rule: one.rule.clone(),
                lever: one.lever,
                path: one.path.clone(),
                line: one.start.line,
                message: one.message.clone(),
                help: one.help.clone(),
                hours,
                usd_per_1k_calls: one.savings.usd_per_1k_calls,
                usd_per_1k_calls_per_hour: one.savings.usd_per_1k_calls.map(by_hour),
                usd_per_month: one.savings.usd_per_month,
                trade_off: one.trade_off.clone(),
                after: before.filter_map(|other| places.get(other.fingerprint.as_str()).copied()).collect(),
                fingerprint: one.fingerprint.clone(),
            }
        })
        .collect();
    Plan {
        hours: steps.iter().map(|step| step.hours).sum(),
        steps,
        usd_per_1k_calls: report.totals.usd_per_1k_calls,
        left_usd_per_1k_calls: report.totals.left_usd_per_1k_calls,
    }
}

/// The work list for people.
pub fn plan_page(report: &Report, options: &RenderOptions) -> String {
    let plan = plan(report);
    let mut out = String::new();
    if plan.steps.is_empty() {
        return "nothing to do: no finding stands\n".to_owned();
    }
    for step in &plan.steps {
        let saves = match (step.usd_per_month, step.usd_per_1k_calls) {
            (Some(month), _) => format!("{} a month", range(month)),
            (None, Some(thousand)) => format!("{} per 1,000 calls", range(thousand)),
            (None, None) => "nothing that can be counted in money".to_owned(),
        };
        let by_hour =
            step.usd_per_1k_calls_per_hour.map(|by| format!(", {} for each hour", range(by))).unwrap_or_default();
        let _ = writeln!(out, "{}. {} {}{}:{}", step.ship, step.rule, options.prefix, step.path, step.line);
        let _ = writeln!(out, "   {}", one_line(&step.message));
        let _ = writeln!(out, "   do: {}", one_line(&step.help));
        let _ = writeln!(out, "   {} h, saves {saves}{by_hour}", step.hours);
        if let Some(trade) = &step.trade_off {
            let _ = writeln!(out, "   trades: {trade}");
        }
        if !step.after.is_empty() {
            let after: Vec<String> = step.after.iter().map(usize::to_string).collect();
            let _ = writeln!(out, "   after {}: the same call", after.join(", "));
        }
        out.push('\n');
    }
    let _ = writeln!(out, "by lever, each of what the levers before it left:");
    for lever in &report.totals.levers {
        let saved = lever.usd_per_1k_calls.map_or_else(|| "not counted in money".to_owned(), range);
        let _ = writeln!(out, "  {:<20} {:>3}  {saved}", title(lever.lever), lever.findings);
    }
    if let (Some(spend), Some(left)) = (plan.usd_per_1k_calls, plan.left_usd_per_1k_calls) {
        let _ = writeln!(
            out,
            "{} h in all: {} per 1,000 runs of each call become {}",
            plan.hours,
            range(spend),
            range(left)
        );
    }
    sanitize(&out)
}
