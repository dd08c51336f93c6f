//! What calls cost: tokens times prices, as ranges with everything they assume.

mod savings;
mod spend;
mod tokens;
mod whatif;

use crate::catalog::model::{Model, ModelTable};
use crate::program::{AnswerUse, CallKind, CallSite, LoopKind, ModelOrigin, Origin, Piece, Shape};

pub use savings::{LeverSaving, Priced, Totals, price, totals};
pub use spend::{Spend, State};
use tokens::Measure;
pub use tokens::{ERRORS, estimate};
pub use whatif::{Changed, what_if};

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
    /// What one of them is: `call`, `item`, `turn`, `run`.
    pub per: &'static str,
    /// What the figures assume, one line each.
    pub assumes: Vec<String>,
}

/// Tokens that a value of a form takes, low and high: a date is a few, a document may be pages. Ranges span what such
/// values commonly are, from a short field to the longest that is pasted without thought.
fn hole_tokens(shape: Shape, origin: Origin) -> (f64, f64) {
    match (shape, origin) {
        // A file or page is longer than what is typed; an answer is as long as answers are.
        (Shape::FreeText | Shape::Unknown | Shape::Html, Origin::Document) => return (200.0, 8_000.0),
        (Shape::FreeText | Shape::Unknown, Origin::Answer) => return (40.0, 1_000.0),
        (Shape::FreeText | Shape::Unknown, Origin::User) => return (10.0, 1_000.0),
        (Shape::Unknown, Origin::Clock) => return (4.0, 12.0),
        _ => {}
    }
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

/// Turns of an agent whose bound is not written down, at most, as far as the high figure counts them.
const TURNS: u64 = 8;

/// Attempts that the high figure counts at most, whatever bound a retry states: a run in which all fail is rare.
const ATTEMPTS: u64 = 3;

/// Tokens that a tool gives back in one turn, few and many.
const TOOL_RESULT: (f64, f64) = (20.0, 500.0);

/// Tokens of reasoning before an answer, few and many, where the effort is not set low.
const THINKING: (f64, f64) = (100.0, 2_000.0);

/// Words by which a setting of reasoning says that there is little or none.
const LITTLE: &[&str] = &["none", "minimal", "low", "disabled", "false", "off", "0"];

/// Words by which a setting that is known says that there is some: an effort, or a mode that leaves it to the model.
const SOME: &[&str] = &["medium", "high", "xhigh", "max", "enabled", "adaptive", "auto", "true"];

/// Parts of the names of settings of reasoning: options that hold none of them are about something else.
const NAMES: &[&str] = &["reason", "think", "effort", "budget"];

/// Whether a call asks for reasoning that is not set low.
pub fn reasons(call: &CallSite) -> bool {
    call.params.reasoning.as_deref().is_some_and(asks_to_reason)
}

/// Whether a setting, as it is written, asks for reasoning. Options of a provider whose text says nothing of it, and
/// options that are made elsewhere, are not known to.
fn asks_to_reason(setting: &str) -> bool {
    let setting = setting.to_lowercase();
    let mut words = setting.split(|c: char| !c.is_alphanumeric());
    let said =
        words.clone().any(|word| SOME.contains(&word)) || setting.parse::<f64>().is_ok_and(|budget| budget > 0.0);
    let named = NAMES.iter().any(|name| setting.contains(name));
    (said || named) && !words.any(|word| LITTLE.contains(&word))
}

/// The name of the model that runs when nothing is set from outside: the one that is named, else the silent default of
/// the SDK.
fn name_of(call: &CallSite) -> Option<&str> {
    let silent = call.model.candidates.first().filter(|_| call.model.origin == ModelOrigin::Unpinned);
    call.model.id.as_ref().or(silent).map(String::as_str)
}

/// The model of a call in the table, with a price.
pub fn model_of<'t>(call: &CallSite, table: &'t ModelTable) -> Option<&'t Model> {
    name_of(call).and_then(|name| table.lookup(name)).filter(|model| model.input > 0.0)
}

/// The cheapest and the dearest model that may run, where branches or callers choose among several; twice the same where
/// one is certain. `None` if one of them has no price: the figure could lie outside of any range.
fn ends<'t>(call: &CallSite, table: &'t ModelTable) -> Option<(&'t Model, &'t Model)> {
    let named = model_of(call, table)?;
    if call.model.candidates.len() < 2 {
        return Some((named, named));
    }
    let priced = |name: &String| table.lookup(name).filter(|model| model.input > 0.0);
    let all: Vec<&Model> = call.model.candidates.iter().map(priced).collect::<Option<_>>()?;
    let by_price = |a: &&Model, b: &&Model| (a.input + a.output).total_cmp(&(b.input + b.output));
    Some((all.iter().copied().min_by(by_price)?, all.iter().copied().max_by(by_price)?))
}

/// Tokens of one call, by what they are.
struct Counts {
    fixed: f64,
    dynamic: (f64, f64),
    output: (f64, f64),
    thinking: (f64, f64),
    /// Times that a call is made for each that is counted, low and high.
    made: (f64, f64),
}

fn counts(call: &CallSite, measure: Measure, model: Option<&Model>, assumes: &mut Vec<String>) -> Counts {
    let mut fixed = 0.0;
    let (mut low, mut high) = (0.0, 0.0);
    let mut named = 0;
    for message in call.prompt.longest() {
        fixed += PER_MESSAGE;
        for piece in &message.pieces {
            match piece {
                Piece::Text(text, _) => fixed += measure.tokens(text),
                Piece::Hole(hole) => {
                    let (least, most) = hole_tokens(hole.shape, hole.origin);
                    low += least;
                    high += most;
                    let name: String = hole.name.chars().take(40).collect();
                    if named < 6 {
                        assumes.push(format!("{least:.0} to {most:.0} tokens for {{{name}}} ({})", hole.shape.name()));
                    }
                    named += 1;
                }
            }
        }
    }
    if named > 6 {
        assumes.push(format!("ranges of the same kind for {} more values", named - 6));
    }
    if !call.prompt.complete {
        // Parts that were not read can only make it dearer.
        high += 1_000.0;
        assumes.push("up to 1000 tokens for the part of the prompt that was not read".to_owned());
    }
    // What does not fit is refused or cut, and never billed.
    if let Some(context) = model.and_then(|model| model.context).map(|context| context as f64)
        && fixed + high > context
    {
        high = (context - fixed).max(0.0);
        low = low.min(high);
        assumes.push(format!("no more input than the context holds, {context:.0} tokens"));
    }
    let (least, most) = answer_tokens(call.answer.usage);
    let cap = call.params.max_tokens.map_or(f64::INFINITY, |cap| cap as f64);
    let mut output = (least.min(cap), most.min(cap));
    if let Some((schema, _)) = &call.params.schema
        && !schema.fields.is_empty()
        && schema.fields.len() < 40
    {
        let (least, most) = schema_tokens(&schema.fields);
        output = (least.min(cap), most.min(cap));
    }
    assumes.push(format!("{:.0} to {:.0} tokens of output, used as {}", output.0, output.1, call.answer.usage.name()));
    let mut thinking = (0.0, 0.0);
    if reasons(call) {
        thinking = THINKING;
        assumes.push(format!("{:.0} to {:.0} tokens of reasoning, billed as output", thinking.0, thinking.1));
    }
    let mut counts = Counts { fixed, dynamic: (low, high), output, thinking, made: (1.0, 1.0) };
    repeats(call, &mut counts, assumes);
    counts
}

/// What loops add: a run of an agent sends its history again with every turn, an attempt that fails is paid too.
fn repeats(call: &CallSite, counts: &mut Counts, assumes: &mut Vec<String>) {
    let bound = call.params.turns.or(call.repeats.bound);
    let turns = bound.unwrap_or(TURNS).clamp(1, 4 * TURNS) as f64;
    let turn = counts.output.1 + TOOL_RESULT.1;
    if call.kind == CallKind::Agent {
        let base = counts.fixed + counts.dynamic.1;
        counts.dynamic.1 += (turns - 1.0) * base + turns * (turns - 1.0) / 2.0 * turn;
        counts.output.1 *= turns;
        counts.thinking.1 *= turns;
        assumes.push(format!(
            "1 to {turns:.0} turns of the agent, each of which sends the turns before it again, with {:.0} to {:.0} \
             tokens from a tool",
            TOOL_RESULT.0, TOOL_RESULT.1
        ));
        return;
    }
    match call.repeats.kind {
        LoopKind::Agent if call.flow.history.is_some() => {
            counts.dynamic.1 += (turns - 1.0) / 2.0 * turn;
            assumes.push(format!("a history that grows over up to {turns:.0} turns, sent whole with each"));
        }
        LoopKind::PerItem => match call.repeats.bound {
            Some(bound) => assumes.push(format!("figures are for one item; the loop has {bound}")),
            None => assumes.push("figures are for one item: n items cost n times as much".to_owned()),
        },
        LoopKind::Retry => {
            let attempts = call.repeats.bound.unwrap_or(2).clamp(1, ATTEMPTS);
            counts.made.1 = attempts as f64;
            if attempts > 1 {
                assumes.push(format!("1 to {attempts} attempts, each paid"));
            }
        }
        LoopKind::Agent | LoopKind::None => {}
    }
}

/// Tokens of an answer in the form of a schema: names and punctuation, and its values by type.
fn schema_tokens(fields: &[(String, String)]) -> (f64, f64) {
    fields.iter().fold((2.0, 4.0), |(low, high), (name, kind)| {
        let name = estimate(name) + 4.0;
        let (least, most) = match kind.as_str() {
            "bool" | "number" => (1.0, 4.0),
            "enum" | "date" => (1.0, 8.0),
            "string" => (2.0, 200.0),
            "list" => (4.0, 200.0),
            "record" => (10.0, 200.0),
            _ => (2.0, 200.0),
        };
        (low + name + least, high + name + most)
    })
}

/// What a call spends, in both scenarios; `None` if its model or its price is not known.
pub fn state<'t>(call: &CallSite, table: &'t ModelTable) -> Option<State<'t>> {
    if !call.kind.is_generative() {
        return None;
    }
    let model = model_of(call, table)?;
    let (cheapest, dearest) = ends(call, table)?;
    let counts = counts(call, Measure::of(model, table), Some(model), &mut Vec::new());
    let one = |model, dynamic, output, thinking, made| {
        Spend::new(table, model, counts.fixed, dynamic, output, thinking).times(made)
    };
    Some(State {
        low: one(cheapest, counts.dynamic.0, counts.output.0, counts.thinking.0, counts.made.0),
        high: one(dearest, counts.dynamic.1, counts.output.1, counts.thinking.1, counts.made.1),
    })
}

/// The cost of one call.
pub fn of_call(call: &CallSite, table: &ModelTable) -> CallCost {
    let mut cost = CallCost { per: unit(call), ..CallCost::default() };
    let model = model_of(call, table);
    let measure = model.map_or_else(Measure::default, |model| Measure::of(model, table));
    let counts = counts(call, measure, model, &mut cost.assumes);
    if let Measure::Exact(_) = measure {
        cost.assumes.push("tokens of the text of the prompt counted exactly".to_owned());
    }
    cost.static_tokens = counts.fixed.round() as u64;
    cost.input_tokens = (counts.fixed + counts.dynamic.0, counts.fixed + counts.dynamic.1);
    cost.output_tokens = (counts.output.0 + counts.thinking.0, counts.output.1 + counts.thinking.1);
    if !call.kind.is_generative() {
        cost.assumes.push("not priced: not a call that generates text".to_owned());
        return cost;
    }
    let Some(name) = name_of(call) else {
        cost.assumes.push("no price: the model is not known".to_owned());
        return cost;
    };
    let (Some(model), Some(state), Some((cheapest, dearest))) = (model, state(call, table), ends(call, table)) else {
        let unpriced = call.model.candidates.iter().find(|name| table.lookup(name).is_none());
        let name = unpriced.map_or(name, String::as_str);
        cost.assumes.push(format!("no price: {name} is not in the price table of {}", table.of()));
        return cost;
    };
    cost.usd_per_1k_calls = Some(state.dollars());
    let price =
        |model: &Model| format!("{} at ${} in and ${} out per million tokens", model.id, model.input, model.output);
    cost.assumes.push(match cheapest.id == dearest.id {
        true => format!("{}, list price of {}", price(model), table.of()),
        false => format!(
            "one of {} models, from {} to {}, list prices of {}",
            call.model.candidates.len(),
            price(cheapest),
            price(dearest),
            table.of()
        ),
    });
    if let Some(long) = model.long_context.as_ref().filter(|long| cost.input_tokens.1 > long.above as f64) {
        cost.assumes.push(format!(
            "{} times the price of input and {} times that of output above {} tokens",
            long.factor, long.output_factor, long.above
        ));
    }
    cost
}

/// What one of the 1,000 calls of a figure is.
fn unit(call: &CallSite) -> &'static str {
    match (call.kind, call.repeats.kind) {
        (CallKind::Agent, _) => "run",
        (_, LoopKind::PerItem) => "item",
        (_, LoopKind::Agent) => "turn",
        _ => "call",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_asks_for_reasoning_is_billed_for_it() {
        for (setting, expected) in [
            ("high", true),
            ("{ type: \"enabled\", budget_tokens: 2000 }", true),
            ("this.config.reasoningEffort", true),
            ("2048", true),
            ("0", false),
            ("{ openai: { reasoningEffort: 'minimal' } }", false),
            ("{ groq: { service_tier: 'flex' } }", false),
            ("providerOptions", false),
        ] {
            assert_eq!(asks_to_reason(setting), expected, "{setting}");
        }
    }

    #[test]
    fn ranges_are_ordered_for_every_form_and_use() {
        for shape in [Shape::Date, Shape::Html, Shape::Unknown, Shape::FreeText, Shape::Bool] {
            let (low, high) = hole_tokens(shape, Origin::Unknown);
            assert!(0.0 < low && low < high);
        }
        for usage in [AnswerUse::Bool, AnswerUse::Text, AnswerUse::Unknown] {
            let (low, high) = answer_tokens(usage);
            assert!(0.0 < low && low < high);
        }
    }
}
