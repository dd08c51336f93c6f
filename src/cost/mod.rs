//! What calls cost: tokens times prices, as ranges with everything they assume.

mod tokens;

use crate::catalog::model::ModelTable;
use crate::program::{AnswerUse, CallSite, ModelOrigin, Piece, Shape};

pub use tokens::estimate;

/// What one call costs.
#[derive(Clone, Debug, Default)]
pub struct CallCost {
    /// Estimated tokens of the static text.
    pub static_tokens: u64,
    /// Input tokens of one call, low and high.
    pub input_tokens: (f64, f64),
    /// Output tokens of one call, low and high.
    pub output_tokens: (f64, f64),
    /// US dollars for 1,000 calls, low and high; `None` if the model or its price is not known.
    pub usd_per_1k_calls: Option<(f64, f64)>,
    /// What the figures assume, one line each.
    pub assumes: Vec<String>,
}

/// Tokens that a value of a form takes, low and high: a date is a few, a document may be pages. Ranges span what such
/// values commonly are, from a short field to the longest that is pasted without thought.
fn hole_tokens(shape: Shape) -> (f64, f64) {
    match shape {
        Shape::Date => (4.0, 12.0),
        Shape::Number | Shape::Bool => (1.0, 5.0),
        Shape::Enum => (1.0, 6.0),
        Shape::Identifier => (2.0, 20.0),
        Shape::Url | Shape::Path => (8.0, 60.0),
        Shape::List => (20.0, 1_000.0),
        Shape::Json => (40.0, 2_000.0),
        Shape::Csv | Shape::Code => (100.0, 4_000.0),
        Shape::Html => (300.0, 8_000.0),
        Shape::FreeText => (40.0, 2_000.0),
        Shape::Unknown => (10.0, 1_000.0),
    }
}

/// Tokens of an answer by its use, low and high, before a cap.
fn answer_tokens(usage: AnswerUse) -> (f64, f64) {
    match usage {
        AnswerUse::Bool => (1.0, 5.0),
        AnswerUse::Number => (1.0, 8.0),
        AnswerUse::Enum => (1.0, 12.0),
        AnswerUse::Date => (4.0, 16.0),
        AnswerUse::List => (20.0, 400.0),
        AnswerUse::Json => (30.0, 800.0),
        AnswerUse::Code => (50.0, 1_500.0),
        AnswerUse::Text | AnswerUse::ToolLoop => (40.0, 1_000.0),
        AnswerUse::Ignored | AnswerUse::Unknown => (20.0, 1_000.0),
    }
}

/// Tokens that a request adds for roles and separators, by the providers' published counting examples: 3 to 4 a message.
const PER_MESSAGE: f64 = 4.0;

/// The cost of one call.
pub fn of_call(call: &CallSite) -> CallCost {
    let mut cost = CallCost::default();
    let mut static_tokens = 0.0;
    let (mut low, mut high) = (0.0, 0.0);
    for message in &call.prompt.messages {
        static_tokens += PER_MESSAGE;
        for piece in &message.pieces {
            match piece {
                Piece::Text(text, _) => static_tokens += estimate(text),
                Piece::Hole(hole) => {
                    let (least, most) = hole_tokens(hole.shape);
                    low += least;
                    high += most;
                    let name: String = hole.name.chars().take(40).collect();
                    if cost.assumes.len() < 6 {
                        cost.assumes
                            .push(format!("{least:.0} to {most:.0} tokens for {{{name}}} ({})", hole.shape.name()));
                    }
                }
            }
        }
    }
    if !call.prompt.complete {
        // Parts that were not read can only make it dearer.
        high += 1_000.0;
        cost.assumes.push("up to 1000 tokens for the part of the prompt that was not read".to_owned());
    }
    cost.static_tokens = static_tokens.round() as u64;
    cost.input_tokens = (static_tokens + low, static_tokens + high);
    let (least, most) = answer_tokens(call.answer.usage);
    let cap = call.params.max_tokens.map_or(f64::INFINITY, |cap| cap as f64);
    cost.output_tokens = (least.min(cap), most.min(cap));
    cost.assumes.push(format!(
        "{:.0} to {:.0} tokens of output, used as {}",
        cost.output_tokens.0,
        cost.output_tokens.1,
        call.answer.usage.name()
    ));
    if !call.kind.is_generative() {
        cost.assumes.push("not priced: not a call that generates text".to_owned());
        return cost;
    }
    // A silent default is what runs, for want of another word.
    let silent = call.model.candidates.first().filter(|_| call.model.origin == ModelOrigin::Unpinned);
    let Some(name) = call.model.id.as_ref().or(silent) else {
        cost.assumes.push("no price: the model is not known".to_owned());
        return cost;
    };
    let table = ModelTable::embedded();
    let Some(model) = table.lookup(name).filter(|model| model.input > 0.0) else {
        cost.assumes.push(format!("no price: {name} is not in the price table of {}", table.checked()));
        return cost;
    };
    let dollars = |input: f64, output: f64| {
        let factor = match &model.long_context {
            Some(long) if input > long.above as f64 => long.factor,
            _ => 1.0,
        };
        // Per million tokens, for a thousand calls.
        (input * model.input + output * model.output) * factor / 1_000.0
    };
    cost.usd_per_1k_calls =
        Some((dollars(cost.input_tokens.0, cost.output_tokens.0), dollars(cost.input_tokens.1, cost.output_tokens.1)));
    cost.assumes.push(format!(
        "{} at ${} in and ${} out per million tokens, list price of {}",
        model.id,
        model.input,
        model.output,
        table.checked()
    ));
    cost
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_ordered_for_every_form_and_use() {
        for shape in [Shape::Date, Shape::Html, Shape::Unknown, Shape::FreeText, Shape::Bool] {
            let (low, high) = hole_tokens(shape);
            assert!(0.0 < low && low < high);
        }
        for usage in [AnswerUse::Bool, AnswerUse::Text, AnswerUse::Unknown] {
            let (low, high) = answer_tokens(usage);
            assert!(0.0 < low && low < high);
        }
    }
}
