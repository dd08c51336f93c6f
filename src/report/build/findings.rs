//! A finding with its places, its money and its identity.

use super::*;

pub(super) fn one_finding(
    input: &Input<'_>,
    priced: &Priced,
    rank: usize,
    ids: &[String],
    used: &mut BTreeMap<String, u32>,
) -> Finding {
    let program = input.program;
    let finding = &priced.finding;
    let (path, start, end) = place(program, finding.span);
    let calls: Vec<String> = finding.calls.iter().map(|id| ids[id.0 as usize].clone()).collect();
    let first = finding.calls.first().copied().unwrap_or(CallId(0));
    let call = &program.calls[first.0 as usize];
    let saved = priced.saved.map(range);
    let key =
        format!("{}\u{1f}{path}\u{1f}{}\u{1f}{}\u{1f}{}", finding.rule.code, call.symbol, call.callee, literal(call));
    let ordinal = used.entry(key.clone()).or_insert(0);
    let moved_fingerprint = hash(&format!("{}\u{1f}{}\u{1f}{}", finding.rule.code, call.callee, literal(call)));
    let fingerprint = hash(&format!("{key}\u{1f}{ordinal}"));
    *ordinal += 1;
    let mut help = finding.help.clone();
    let suppressed = match input.outcomes.get(rank - 1) {
        Some(Outcome::Suppressed(at)) => {
            let comment = suppression(program, &input.comments[*at]);
            Some(Suppressed { reason: comment.reason, until: comment.until })
        }
        Some(Outcome::Back(at)) => {
            let comment = suppression(program, &input.comments[*at]);
            let until = comment.until.unwrap_or_default();
            help.push_str(&format!(" (its suppression in line {} ran out on {until})", comment.line));
            None
        }
        Some(Outcome::Stands) | None => None,
    };
    Finding {
        rule: finding.rule.code.to_owned(),
        name: finding.rule.name.to_owned(),
        lever: finding.rule.lever,
        severity: finding.rule.severity,
        confidence: round(finding.confidence),
        call: calls.first().cloned().unwrap_or_default(),
        calls,
        path,
        start,
        end,
        message: finding.message.clone(),
        help,
        evidence: finding.evidence.iter().map(|one| evidence(program, one)).collect(),
        replacement: finding.replacement.clone().map(masked_code),
        savings: Savings {
            usd_per_1k_calls: saved,
            usd_per_month: monthly(saved, input),
            share_of_call: priced.share.map(range),
            basis: basis(input),
            explanation: priced.explanation.clone(),
        },
        suppressed,
        known: false,
        effort_hours: priced.hours,
        candidate: priced.trial.as_ref().map(|[_, (id, _)]| id.clone()),
        current_provider: priced.trial.as_ref().and_then(|[(_, at), _]| at.clone()),
        candidate_provider: priced.trial.as_ref().and_then(|[_, (_, at)]| at.clone()),
        trade_off: finding::trade_off(finding.effect).map(str::to_owned),
        rank,
        fingerprint,
        moved_fingerprint,
    }
}

/// Expressions of the audited code stand in the code and its notes.
fn masked_code(replacement: Replacement) -> Replacement {
    Replacement {
        code: secrets::mask(&replacement.code).0,
        notes: replacement.notes.iter().map(|note| secrets::mask(note).0).collect(),
        ..replacement
    }
}
