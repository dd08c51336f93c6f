//! A call with its prompt, its verdict and its cost.

use super::*;
use crate::program::Message;

pub(super) fn one_call(
    program: &Program,
    call: &CallSite,
    verdict: &finding::Verdict,
    cost: &CallCost,
    id: &str,
    input: &Input<'_>,
    masked: &mut bool,
) -> Call {
    let (path, start, _) = place(program, call.callee_span);
    let (_, _, end) = place(program, call.span);
    let mut mask = |text: &str| {
        let (text, hit) = secrets::mask(text);
        *masked |= hit;
        text
    };
    let mut holes: Vec<Hole> = Vec::new();
    for piece in call.prompt.messages.iter().flat_map(|message| &message.pieces) {
        if let Piece::Hole(hole) = piece {
            holes.push(Hole {
                name: mask(&hole.name),
                shape: hole.shape,
                origin: hole.origin,
                because: hole.because.as_ref().map(|(text, _)| text.clone()),
            });
        }
    }
    let candidates: Vec<Vec<PromptPart>> =
        call.prompt.candidates.iter().map(|messages| parts_of(program, messages, &mut mask)).collect();
    let parts = match candidates.first() {
        Some(first) => first.clone(),
        None => parts_of(program, &call.prompt.messages, &mut mask),
    };
    let reads = call
        .answer
        .reads
        .iter()
        .map(|(span, how)| {
            let (path, start, _) = place(program, *span);
            Read { path, line: start.line, how: how.clone() }
        })
        .collect();
    let via = call
        .via
        .iter()
        .map(|via| {
            let (path, start, _) = place(program, via.span);
            Via { path, line: start.line, symbol: via.symbol.clone() }
        })
        .collect();
    Call {
        id: id.to_owned(),
        path,
        start,
        end,
        symbol: call.symbol.clone(),
        language: call.language.name().to_owned(),
        sdk: call.sdk.clone(),
        operation: call.operation.clone(),
        callee: mask(&call.callee),
        kind: call.kind,
        role: call.role,
        weak: call.weak,
        via,
        model: Model {
            id: call.model.id.as_deref().map(&mut mask),
            origin: call.model.origin,
            tier: cost::model_of(call, input.prices).map(|model| model.tier().name().to_owned()),
            candidates: call.model.candidates.iter().map(|name| mask(name)).collect(),
        },
        prompt: Prompt { parts, candidates, holes, static_tokens: cost.static_tokens, complete: call.prompt.complete },
        output: Output {
            usage: call.answer.usage,
            schema: call.params.schema.as_ref().map(|(schema, _)| schema.clone()),
            max_tokens: call.params.max_tokens,
            reads,
        },
        temperature: call.params.temperature,
        tools: call.params.tools.flatten(),
        has_tools: call.params.tools.is_some(),
        reasoning: call.params.reasoning.clone(),
        cache: call.params.cache,
        repeats: Loop { kind: call.repeats.kind, bound: call.repeats.bound },
        verdict: Verdict {
            class: verdict.class,
            category: verdict.category.map(str::to_owned),
            confidence: round(verdict.confidence),
            reason: verdict.reason.clone(),
            evidence: verdict.evidence.iter().map(|one| evidence(program, one)).collect(),
        },
        cost: cost_of(cost, input),
        profile: None,
    }
}

/// Messages as a report shows them.
fn parts_of(program: &Program, messages: &[Message], mask: &mut impl FnMut(&str) -> String) -> Vec<PromptPart> {
    let part = |message: &Message| {
        let mut text = String::new();
        let mut sources: Vec<SourceRange> = Vec::new();
        for piece in &message.pieces {
            match piece {
                Piece::Text(piece, span) => {
                    text.push_str(piece);
                    let (path, start, end) = place(program, *span);
                    sources.push(SourceRange { path, start_line: start.line, end_line: end.line });
                }
                Piece::Hole(hole) => {
                    text.push('{');
                    text.push_str(&hole.name);
                    text.push('}');
                }
            }
        }
        sources.sort();
        sources.dedup();
        PromptPart { role: message.role.clone(), text: mask(&text), sources }
    };
    messages.iter().map(part).collect()
}

fn cost_of(cost: &CallCost, input: &Input<'_>) -> Cost {
    let per_thousand = cost.usd_per_1k_calls.map(range);
    Cost {
        input_tokens: range(cost.input_tokens),
        output_tokens: range(cost.output_tokens),
        usd_per_1k_calls: per_thousand,
        calls_per_month: input.calls_per_month,
        usd_per_month: monthly(per_thousand, input),
        basis: basis(input),
        per: cost.per.to_owned(),
        assumes: cost.assumes.clone(),
    }
}
