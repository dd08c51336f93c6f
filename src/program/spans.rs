//! Every place that a call speaks of.
//!
//! Parts of a program are resolved apart from each other, each with numbers of its own for its files; when they are
//! joined, every place is numbered anew. The patterns below name every field, so that a new one cannot be forgotten.

use super::*;

impl CallSite {
    /// Calls `visit` with each place in this call.
    pub fn each_span(&mut self, visit: &mut impl FnMut(&mut Span)) {
        let Self {
            span,
            callee_span,
            callee: _,
            symbol: _,
            function,
            language: _,
            sdk: _,
            operation: _,
            kind: _,
            role: _,
            via,
            weak: _,
            model: Model { id: _, origin: _, candidates: _, place },
            prompt: Prompt { messages, candidates, complete: _ },
            params,
            answer: Answer { usage: _, reads },
            repeats: Repeats { kind: _, bound: _, place: repeated },
            surroundings: Surroundings { handler, after_check, function_name: _, answer_names: _ },
            flow,
        } = self;
        [span, callee_span, function].into_iter().for_each(&mut *visit);
        via.iter_mut().for_each(|Via { span, symbol: _ }| visit(span));
        [place, repeated, handler, after_check].into_iter().flatten().for_each(&mut *visit);
        for Message { role: _, pieces } in messages.iter_mut().chain(candidates.iter_mut().flatten()) {
            for piece in pieces {
                match piece {
                    Piece::Text(_, span) => visit(span),
                    Piece::Hole(Hole { name: _, span, shape: _, origin: _, because }) => {
                        visit(span);
                        because.iter_mut().for_each(|(_, span)| visit(span));
                    }
                }
            }
        }
        reads.iter_mut().for_each(|(span, _)| visit(span));
        let Params {
            temperature: _,
            max_tokens: _,
            capped: _,
            reasoning: _,
            turns: _,
            tools: _,
            cache: _,
            open: _,
            places,
            schema,
        } = params;
        places.iter_mut().for_each(|(_, span)| visit(span));
        schema.iter_mut().for_each(|(_, span)| visit(span));
        flow.each_span(visit);
    }
}

impl Flow {
    fn each_span(&mut self, visit: &mut impl FnMut(&mut Span)) {
        let Self {
            entry,
            unused: _,
            alone: _,
            history,
            exit,
            carried,
            invariant,
            outer,
            retry,
            memo,
            paced,
            awaited: _,
            reads,
            decided_by,
            arms,
            guarded: _,
            handles: _,
        } = self;
        match entry {
            Entry::Unknown => {}
            Entry::Script(_, span) | Entry::Request(_, span) => visit(span),
        }
        if let Some(History { name: _, grows, trimmed }) = history {
            visit(grows);
            trimmed.iter_mut().for_each(&mut *visit);
        }
        if let Some(Exit { place, by_answer, by_bound, by_failure, by_success, waits }) = exit {
            visit(place);
            [by_answer, by_bound, by_failure, by_success, waits].into_iter().flatten().for_each(&mut *visit);
        }
        if let Some(Retry { place, bounded: _ }) = retry {
            visit(place);
        }
        [carried, invariant, outer, memo, paced].into_iter().flatten().for_each(&mut *visit);
        reads.iter_mut().chain(decided_by).for_each(&mut *visit);
        arms.iter_mut().for_each(|(_, span)| visit(span));
    }
}
