//! What is reported: verdicts, evidence, findings and their rules.

use serde::{Deserialize, Serialize};

use crate::catalog::model::Tier;
use crate::program::CallId;
use crate::source::Span;

/// Why a verdict leans one way: what was seen, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// What sort of thing was seen.
    pub kind: EvidenceKind,
    /// The table entry that fired: `date-math/iso-notation`.
    pub signal: String,
    /// Log-odds added for a mechanical reading; negative against it.
    pub weight: f64,
    /// One line for the reader.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// What sort of thing a piece of evidence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceKind {
    /// Verb and object of the task in the prompt.
    Operation,
    /// Form of a value that goes in.
    InputShape,
    /// Form that the answer must have.
    OutputShape,
    /// What the program does with the answer.
    PostProcessing,
    /// Sampling settings.
    Decoding,
    /// Names of functions and variables.
    Name,
    /// What speaks for judgment.
    Judgment,
    /// An example in the prompt.
    Example,
    /// Code around the call: loops, settings, other calls, prices.
    Structure,
}

/// What kind of work a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// A script gives the same answer.
    Mechanical,
    /// A part of it could be a script.
    Mixed,
    /// It needs a model.
    Judgment,
    /// There is not enough to tell.
    Unknown,
}

/// The verdict on one call.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// What kind of work it is.
    pub class: Class,
    /// The category of mechanical work: `date-math`. For mixed calls, of the mechanical part.
    pub category: Option<&'static str>,
    /// Probability that the class is right, 0 to 1, calibrated on the labelled calls.
    pub confidence: f64,
    /// Everything that was weighed, strongest first.
    pub evidence: Vec<Evidence>,
    /// One line: why the call is kept, or why it is not.
    pub reason: String,
}

/// How bad a finding is.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
    clap::ValueEnum,
)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Worth fixing.
    Warning,
    /// Wrong.
    Error,
}

/// Whether a rule's precision has been measured and is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Measured.
    Stable,
    /// Not yet.
    Preview,
}

/// The eight levers in their order, and the guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Lever {
    /// SW1.
    Script,
    /// SW2.
    Pinning,
    /// SW3.
    Dispatcher,
    /// SW4.
    Decomposition,
    /// SW5.
    Scratchpad,
    /// SW6.
    Context,
    /// SW7.
    Caching,
    /// SW8.
    Batch,
    /// SW9.
    Guard,
}

impl Lever {
    /// The levers in their order.
    pub const ALL: [Self; 9] = [
        Self::Script,
        Self::Pinning,
        Self::Dispatcher,
        Self::Decomposition,
        Self::Scratchpad,
        Self::Context,
        Self::Caching,
        Self::Batch,
        Self::Guard,
    ];

    /// The name used in reports and settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Script => "script",
            Self::Pinning => "pinning",
            Self::Dispatcher => "dispatcher",
            Self::Decomposition => "decomposition",
            Self::Scratchpad => "scratchpad",
            Self::Context => "context",
            Self::Caching => "caching",
            Self::Batch => "batch",
            Self::Guard => "guard",
        }
    }
}

/// What is known of a rule apart from its findings.
#[derive(Debug)]
pub struct RuleMeta {
    /// `SW101`.
    pub code: &'static str,
    /// `date-math`.
    pub name: &'static str,
    /// One line.
    pub summary: &'static str,
    /// Its lever.
    pub lever: Lever,
    /// Severity of its findings.
    pub severity: Severity,
    /// Whether it is measured.
    pub status: Status,
    /// The version that brought it.
    pub since: &'static str,
    /// Its page, in Markdown.
    pub page: &'static str,
}

/// What a finding would change, as far as money goes. Rules state it; `cost` alone knows what it is worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Effect {
    /// The call is no longer made.
    RemoveCall,
    /// A share of the call's input and output is no longer needed (low, high; 0 to 1).
    RemovePart(f64, f64),
    /// A share of the times that the call is made is no longer needed (low, high; 0 to 1).
    RemoveRepeats(f64, f64),
    /// The call goes to the maker's model of a lower price class, if a test says that it may.
    SwitchModel(Tier),
    /// The same, with an answer that reasons first: some hundred tokens more of output.
    SwitchWithScratchpad(Tier),
    /// The call goes to the maker's current model of the same price class.
    SwitchToCurrent,
    /// The call goes to the maker's decision endpoint, which bills input only.
    DecisionEndpoint,
    /// A share of the calls (low, high; 0 to 1) goes to a lower price class.
    Dispatch(Tier, f64, f64),
    /// So many tokens at the start of the prompt are read from the provider's cache.
    CachePrefix(u64),
    /// So many tokens of input are no longer sent (low, high).
    TrimInput(f64, f64),
    /// What is repeated of the history is no longer sent in whole: a share of what comes in at run time (low, high).
    TrimHistory(f64, f64),
    /// The call is made by a batch job.
    Batch,
    /// Less or no reasoning before the answer.
    LessReasoning,
    /// The call and an earlier one become one: what the earlier one answers is no longer sent again.
    MergeWith(CallId),
    /// A bound on how often something is asked: what a fault would cost, not what a good run does.
    CapRetries,
    /// Nothing that can be counted.
    None,
}

/// What acting on an effect trades away, of accuracy, speed and cost; `None` if it gives nothing up.
pub fn trade_off(effect: Effect) -> Option<&'static str> {
    match effect {
        Effect::SwitchModel(_) | Effect::Dispatch(..) | Effect::DecisionEndpoint | Effect::SwitchToCurrent => {
            Some("accuracy, as far as a test shows")
        }
        Effect::SwitchWithScratchpad(_) => Some("speed: the answer comes after its reasoning"),
        Effect::LessReasoning => Some("accuracy, as far as a test shows"),
        Effect::Batch => Some("speed: a batch answers within hours"),
        Effect::TrimHistory(..) => Some("accuracy, where old turns matter"),
        _ => None,
    }
}

/// What a rule decides of a call or several: all that is its own of a finding.
#[derive(Clone, Debug)]
pub struct Advice {
    /// One sentence.
    pub message: String,
    /// What it rests on, each with its place.
    pub because: Vec<Evidence>,
    /// What to do.
    pub help: String,
    /// What it would change.
    pub effect: Effect,
    /// Probability that it is right, 0 to 1.
    pub confidence: f64,
}

/// Code to put in a call's place.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Replacement {
    /// `python`, `typescript`, `javascript`.
    pub language: String,
    /// The code.
    pub code: String,
    /// What has to be installed for it; empty for the standard library.
    pub libraries: Vec<String>,
    /// What it assumes and decides.
    pub notes: Vec<String>,
}

/// Something to act on.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Its rule.
    pub rule: &'static RuleMeta,
    /// The calls it speaks of; the first is the one it stands at.
    pub calls: Vec<CallId>,
    /// Where it stands: the callee.
    pub span: Span,
    /// One sentence.
    pub message: String,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
    /// What to do.
    pub help: String,
    /// Code to use instead.
    pub replacement: Option<Replacement>,
    /// What it would change.
    pub effect: Effect,
    /// Probability that it is right, 0 to 1.
    pub confidence: f64,
}
