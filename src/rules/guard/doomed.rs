//! SW904: a request that the provider refuses as it is written.

use crate::finding::{Advice, Effect, RuleMeta};
use crate::program::{CallId, CallSite, ModelOrigin, Shape};
use crate::rules::common::*;

declare_rule! {
    /// A request that the provider refuses as it is written.
    DoomedCall, "SW904", "doomed-call", Guard, Error,
    "the provider refuses this request as it is written"
}

impl Rule for DoomedCall {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, cx: &Context<'_>) -> Vec<(Vec<CallId>, Advice)> {
        cx.all().filter_map(|(id, call)| Some((vec![id], self.check_call(call, cx)?))).collect()
    }

    fn check_call(&self, call: &CallSite, cx: &Context<'_>) -> Option<Advice> {
        let model = cx.pinned(call)?;
        let written = matches!(call.model.origin, ModelOrigin::Literal | ModelOrigin::Constant);
        // Gateways and frameworks drop what a model does not take: only the maker's own SDK sends it as it is.
        if !written || call.weak || !call.via.is_empty() || call.sdk != cx.prices.provider(model).name {
            return None;
        }
        let at = |name: &str| {
            call.params.places.iter().find(|(own, _)| *own == name).map_or(call.callee_span, |(_, span)| *span)
        };
        let refuses = !model.sampling && cx.prices.provider(model).refuses_sampling;
        let (message, because, help) = if refuses && call.params.temperature.is_some_and(|value| value != 1.0) {
            (
                format!("{} takes no temperature: the request is refused", model.id),
                seen("a temperature is set", at("temperature")),
                "leave the temperature out",
            )
        } else if let (Some(cap), Some(most)) = (call.params.max_tokens, model.max_output)
            && cap > most
        {
            (
                format!("{} answers at most {most} tokens, and {cap} are asked for: the request is refused", model.id),
                seen("the cap", at("max_tokens")),
                "lower the cap",
            )
        } else {
            let (schema, place) = call.params.schema.as_ref()?;
            let json_mode = schema.name.contains("json_object");
            let said = text_of(call).to_lowercase().contains("json");
            // A value that could carry the word makes it uncertain.
            let certain = call.prompt.complete
                && !call.prompt.messages.is_empty()
                && holes(call).all(|hole| {
                    !matches!(hole.shape, Shape::Unknown | Shape::Json | Shape::Code)
                        && !hole.name.to_lowercase().contains("json")
                });
            if !json_mode || said || !certain {
                return None;
            }
            (
                "JSON mode needs the word JSON in the messages: the request is refused".to_owned(),
                seen("JSON mode", *place),
                "say in the prompt that the answer is JSON",
            )
        };
        Some(Advice { message, because: vec![because], help: help.to_owned(), effect: Effect::None, confidence: 0.8 })
    }
}
