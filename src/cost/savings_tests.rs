//! Properties of totals over random programs, prices and findings, from a generator that gives the same ones each time.

use super::*;
use crate::finding::{RuleMeta, Severity, Status};
use crate::program::*;
use crate::source::{FileId, Language, SourceFile, Span};

/// The multiplier and increment of Knuth's MMIX generator; the high bits are used.
struct Random(u64);

impl Random {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    fn share(&mut self) -> f64 {
        self.below(1001) as f64 / 1000.0
    }
}

const MODELS: [&str; 6] =
    ["gpt-4o", "claude-opus-4-5", "claude-haiku-5-5", "gemini-2.5-pro", "house-model", "unheard-of"];

fn prices(random: &mut Random) -> ModelTable {
    let mut rows = Vec::new();
    for name in ["gpt-4o", "house-model", "gpt-6-luna"] {
        let (input, output) = (random.below(50) as f64 * 1e-6, random.below(200) as f64 * 1e-6);
        let over = input * (1.0 + random.share());
        rows.push(format!(
            "\"{name}\": {{\"input_cost_per_token\": {input}, \"output_cost_per_token\": {output}, \
             \"cache_read_input_token_cost\": {}, \"input_cost_per_token_above_1k_tokens\": {over}}}",
            input * random.share()
        ));
    }
    ModelTable::with_file(&format!("{{{}}}", rows.join(",")), "random.json").expect("valid")
}

fn call(random: &mut Random, at: u32) -> CallSite {
    let span = Span { file: FileId(0), start: at * 10, end: at * 10 + 9 };
    let shapes = [Shape::Date, Shape::FreeText, Shape::Html, Shape::Unknown];
    let uses = [AnswerUse::Bool, AnswerUse::Text, AnswerUse::Json];
    let loops = [LoopKind::None, LoopKind::PerItem, LoopKind::Retry, LoopKind::Agent];
    let hole = Hole {
        name: "value".into(),
        span,
        shape: shapes[random.below(4) as usize],
        origin: Origin::Parameter,
        because: None,
    };
    let text = "Say what it is. ".repeat(random.below(400) as usize);
    CallSite {
        span,
        callee_span: span,
        callee: "ask".into(),
        symbol: String::new(),
        function: span,
        language: Language::Python,
        sdk: "openai".into(),
        operation: "chat".into(),
        kind: if random.below(4) == 0 { CallKind::Agent } else { CallKind::Chat },
        role: CallRole::Direct,
        via: Vec::new(),
        weak: false,
        model: crate::program::Model {
            id: Some(MODELS[random.below(6) as usize].into()),
            origin: ModelOrigin::Literal,
            candidates: Vec::new(),
            place: None,
        },
        prompt: Prompt {
            messages: vec![Message { role: "user".into(), pieces: vec![Piece::Text(text, span), Piece::Hole(hole)] }],
            complete: random.below(2) == 0,
            ..Prompt::default()
        },
        params: Params { max_tokens: Some(1 + random.below(500)), ..Params::default() },
        answer: Answer { usage: uses[random.below(3) as usize], reads: Vec::new() },
        repeats: Repeats { kind: loops[random.below(4) as usize], bound: Some(1 + random.below(50)), place: None },
        surroundings: Surroundings::default(),
        flow: Flow::default(),
    }
}

fn effect(random: &mut Random, calls: u64) -> Effect {
    let (low, high) = (random.share() / 2.0, 0.5 + random.share() / 2.0);
    let tier = [Tier::Nano, Tier::Small, Tier::Mid][random.below(3) as usize];
    match random.below(15) {
        0 => Effect::RemoveCall,
        1 => Effect::RemovePart(low, high),
        2 => Effect::RemoveRepeats(low, high),
        3 => Effect::SwitchModel(tier),
        4 => Effect::SwitchWithScratchpad(tier),
        5 => Effect::SwitchToCurrent,
        6 => Effect::DecisionEndpoint,
        7 => Effect::Dispatch(tier, low, high),
        8 => Effect::CachePrefix(random.below(5_000)),
        9 => Effect::TrimInput(low * 1000.0, high * 1000.0),
        10 => Effect::TrimHistory(low, high),
        11 => Effect::Batch,
        12 => Effect::LessReasoning,
        13 => Effect::MergeWith(CallId(random.below(calls) as u32)),
        _ => Effect::CapRetries,
    }
}

fn rule(lever: Lever) -> &'static RuleMeta {
    macro_rules! metas {
        ($($lever:ident),*) => {
            &[$(RuleMeta {
                code: stringify!($lever),
                name: "random",
                summary: "",
                lever: Lever::$lever,
                severity: Severity::Note,
                status: Status::Preview,
                since: "",
                page: "",
            }),*]
        };
    }
    static METAS: &[RuleMeta] =
        metas![Script, Pinning, Dispatcher, Decomposition, Scratchpad, Context, Caching, Batch, Guard];
    &METAS[lever as usize]
}

fn scene(random: &mut Random) -> (Program, Vec<Finding>) {
    let count = 1 + random.below(6);
    let calls: Vec<CallSite> = (0..count as u32).map(|at| call(random, at)).collect();
    let file = SourceFile::new("app.py", Language::Python, " ".repeat(100).as_str().into());
    let findings = (0..random.below(14))
        .map(|_| {
            let mut own: Vec<CallId> = (0..=random.below(2)).map(|_| CallId(random.below(count) as u32)).collect();
            own.dedup();
            Finding {
                rule: rule(Lever::ALL[random.below(9) as usize]),
                span: calls[own[0].0 as usize].span,
                calls: own,
                message: String::new(),
                evidence: Vec::new(),
                help: String::new(),
                replacement: None,
                effect: effect(random, count),
                confidence: random.share(),
            }
        })
        .collect();
    (Program { files: vec![file], calls, ..Program::default() }, findings)
}

fn shuffled(mut findings: Vec<Finding>, random: &mut Random) -> Vec<Finding> {
    for at in (1..findings.len()).rev() {
        findings.swap(at, random.below(at as u64 + 1) as usize);
    }
    findings
}

const NEAR: f64 = 1e-6;

#[test]
fn savings_never_exceed_the_spend_nor_count_a_call_twice() {
    let mut random = Random(7);
    let mut saving = 0;
    for _ in 0..400 {
        let table = prices(&mut random);
        let (program, findings) = scene(&mut random);
        let priced = price(findings, &program, &table, &|_| 1.0);
        let totals = totals(priced.iter().map(|one| &one.finding), &program, &table);
        let (Some(spend), Some(left)) = (totals.spend, totals.left) else { continue };
        let saved = totals.levers.iter().filter_map(|lever| lever.saved);
        let sum = saved.fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        assert!(sum.0 <= spend.0 + NEAR && sum.1 <= spend.1 + NEAR, "{sum:?} of {spend:?}");
        assert!((spend.1 - left.1 - sum.1).abs() < NEAR * (1.0 + spend.1), "what is saved is what is gone");
        assert!(left.0 >= -NEAR && left.1 >= -NEAR);
        assert!(
            totals.levers.iter().all(|lever| lever.saved.is_none_or(|(low, high)| low >= -NEAR && low <= high + NEAR))
        );
        for one in &priced {
            assert!(one.saved.is_none_or(|(low, high)| low >= -NEAR && low <= high + NEAR && high <= spend.1 + NEAR));
        }
        saving += usize::from(sum.1 > NEAR);
    }
    assert!(saving > 200, "the scenes hold savings");
}

#[test]
fn totals_and_ranks_do_not_depend_on_the_order_of_findings() {
    let mut random = Random(11);
    for _ in 0..200 {
        let table = prices(&mut random);
        let (program, findings) = scene(&mut random);
        let mixed = shuffled(findings.clone(), &mut random);
        let [one, two] = [findings, mixed].map(|list| price(list, &program, &table, &|_| 1.0));
        let same = |a: &Totals, b: &Totals| {
            let near = |a: Option<(f64, f64)>, b: Option<(f64, f64)>| match (a, b) {
                (Some(a), Some(b)) => (a.0 - b.0).abs() < NEAR && (a.1 - b.1).abs() < NEAR,
                (a, b) => a == b,
            };
            near(a.left, b.left) && a.levers.len() == b.levers.len()
        };
        let all = |list: &[Priced]| totals(list.iter().map(|one| &one.finding), &program, &table);
        assert!(same(&all(&one), &all(&two)));
        let key = |priced: Vec<Priced>| -> Vec<_> {
            let ranked = crate::rank::rank(priced, &program);
            ranked
                .iter()
                .map(|one| (one.finding.rule.code, one.finding.calls.clone(), one.saved.map(|s| s.1.to_bits())))
                .collect()
        };
        assert_eq!(key(one), key(two));
    }
}

#[test]
fn an_effect_that_would_cost_more_saves_nothing() {
    let table = ModelTable::embedded();
    let mut random = Random(3);
    let mut call = call(&mut random, 0);
    call.model.id = Some("gpt-6-luna".into());
    let mut state = state(&call, table).expect("priced");
    let before = state.dollars();
    assert_eq!(state.apply(Effect::SwitchModel(Tier::Mid), (0.0, 0.0)), (0.0, 0.0));
    assert_eq!(state.dollars(), before);
}
