//! Functions that hand a prompt on, and the calls of them that bring one.
//!
//! A located call whose prompt comes in as a parameter makes its function a call target itself. Its callers are looked
//! at in the same way, each with the chain of calls down to the SDK, until a caller brings the text. To any depth
//! within [`CHAIN`].

use rustc_hash::{FxHashMap, FxHashSet};

use super::World;
use super::args::Args;
use super::brought::Brought;
use super::callers::{Caller, Step};
use super::compare::{prompt_size, words_added};
use super::locate::Hit;
use super::prompts::Draft;

use super::value::*;
use crate::catalog::wrappers::WrapperWords;
use crate::program::*;

/// Calls between a prompt and the SDK at most.
const CHAIN: usize = 8;

/// Ways by which one function is reached from an SDK call that are followed on to its callers: in code where everything
/// calls everything there are as many as there are paths, and all lead to the same callers.
const WAYS: u32 = 4;

/// Ways by which one call is followed: the longest prompt of them is what is reported.
const AGAIN: u32 = 2;

/// Calls that are followed upwards from one SDK call; what lies beyond is not looked at. Written programs stay under a
/// few hundred.
const FOLLOWED: u32 = 2_000;

/// The same for a call that only its name speaks for: most of those ask no model, and then no caller brings a task.
const FOLLOWED_WEAK: u32 = 64;

/// Callers that each hand a question of their own to a template from which on it is a wrapper for questions.
const ASKING: usize = 3;

/// Words of static text from which on a text can be a task of its own. Shorter pieces are labels and separators.
pub(super) const TASK: usize = 4;

/// How many times that a text is long which is a task written out, whatever callers put into it.
const WRITTEN_OUT: usize = 40;

/// A call that is reported, with the chain down to the SDK.
#[derive(Clone, Debug)]
pub(super) struct Site {
    /// The call, then each call inside a wrapper, and last the SDK call.
    pub(super) chain: Vec<ExprRef>,
    /// The SDK call, if it is known.
    pub(super) hit: Option<Hit>,
    pub(super) role: CallRole,
    pub(super) weak: bool,
    pub(super) kind: Option<CallKind>,
    pub(super) model: Model,
    pub(super) prompt: Prompt,
    pub(super) params: Params,
}

impl Site {
    pub(super) fn at(&self) -> ExprRef {
        self.chain[0]
    }

    pub(super) fn via(&self, world: &World<'_>) -> Vec<Via> {
        self.chain[1..]
            .iter()
            .map(|&at| {
                let function = FnRef { file: at.file, id: world.node(at).function };
                Via { span: world.span(at), symbol: world.symbol(function) }
            })
            .collect()
    }
}

/// The callers of one SDK call as they are followed upwards.
struct Tree<'d> {
    /// Calls that reach a model by themselves: they are no callers.
    direct: &'d FxHashSet<ExprRef>,
    /// How often each function was reached.
    ways: FxHashMap<FnRef, u32>,
    /// How often each call was followed.
    followed: FxHashMap<ExprRef, u32>,
    /// How many more may be.
    left: u32,
}

impl<'d> Tree<'d> {
    fn new(direct: &'d FxHashSet<ExprRef>, most: u32) -> Self {
        Self { direct, ways: FxHashMap::default(), followed: FxHashMap::default(), left: most }
    }

    /// Whether a call is to be followed once more.
    fn follows(&mut self, call: ExprRef) -> bool {
        let times = self.followed.entry(call).or_default();
        if *times >= AGAIN || self.left == 0 || self.direct.contains(&call) {
            return false;
        }
        *times += 1;
        self.left -= 1;
        true
    }
}

impl World<'_> {
    /// All calls that are reported.
    pub(super) fn sites(&mut self) -> Vec<Site> {
        let mut sites: Vec<Site> = Vec::new();
        let hits = self.hits();
        let direct: FxHashSet<ExprRef> = hits.iter().map(|hit| hit.at).collect();
        for hit in &hits {
            let found = self.guarded(hit.at.file, || {
                let mut found = Vec::new();
                if let Some((kind, hit)) = self.admitted(hit) {
                    let mut tree = Tree::new(&direct, FOLLOWED);
                    self.expand(&hit, kind, Vec::new(), self.drafted(&hit, &[]), &mut tree, &mut found);
                }
                found
            });
            sites.extend(found.into_iter().flatten());
            self.files.rest();
        }
        let known: FxHashSet<ExprRef> =
            sites.iter().flat_map(|site| site.chain.iter().copied()).chain(direct).collect();
        let helped = self.helper_requests(&known);
        let direct: FxHashSet<ExprRef> = known.iter().copied().chain(helped.iter().map(|(hit, _)| hit.at)).collect();
        for (hit, kind) in &helped {
            let found = self.guarded(hit.at.file, || {
                let mut found = Vec::new();
                let mut tree = Tree::new(&direct, FOLLOWED);
                self.expand(hit, Some(*kind), Vec::new(), self.drafted(hit, &[]), &mut tree, &mut found);
                found
            });
            sites.extend(found.into_iter().flatten());
            self.files.rest();
        }
        let known: FxHashSet<ExprRef> =
            sites.iter().flat_map(|site| site.chain.iter().copied()).chain(direct).collect();
        let suspects = self.suspects(&known);
        let direct: FxHashSet<ExprRef> = known.iter().copied().chain(suspects.iter().map(|hit| hit.at)).collect();
        for hit in &suspects {
            let found = self.guarded(hit.at.file, || {
                let mut found = Vec::new();
                let mut tree = Tree::new(&direct, FOLLOWED_WEAK);
                self.expand(hit, None, Vec::new(), self.drafted(hit, &[]), &mut tree, &mut found);
                // The wrapper itself proves nothing: only a call that brings a task does.
                found.retain(|site| site.role != CallRole::Wrapper && self.is_task(site));
                found.iter_mut().for_each(|site| site.role = CallRole::ViaWrapper);
                found
            });
            sites.extend(found.into_iter().flatten());
            self.files.rest();
        }
        self.merged(sites)
    }

    /// Whether a located call counts: raw HTTP only to a provider's URL, a command line only of a known program.
    pub(super) fn admitted(&self, hit: &Hit) -> Option<(Option<CallKind>, Hit)> {
        self.afresh();
        let operation = self.operation(hit.op);
        let frame = self.frame_of(hit.at);
        let args = Args::new(self, hit, &frame)?;
        if ![hit.receiver.as_ref(), args.receiver()].into_iter().flatten().all(|client| self.may_ask(client)) {
            return None;
        }
        if !operation.needs.is_empty() && args.first(&operation.needs).is_none_or(|(value, _)| is_mark(&value)) {
            return None;
        }
        if !operation.requires_model_prefix.is_empty() {
            let model = self.model(hit, &args).id.unwrap_or_default();
            if !operation.requires_model_prefix.iter().any(|prefix| model.starts_with(prefix.as_str())) {
                return None;
            }
        }
        if !operation.url.is_empty() {
            let kind = self.endpoint(hit, &args).or_else(|| self.callers_endpoint(hit, &args))?;
            return Some((Some(kind), hit.clone()));
        }
        if !operation.argv.is_empty() {
            let runs = self.program_run(hit, &args).is_some() || self.callers_program(hit, &args);
            return runs.then(|| (None, hit.clone()));
        }
        // Services that run any model by its name: `invoke_model(modelId="…embed-text-v2:0")`.
        let vectors = || self.model(hit, &args).id.is_some_and(|id| id.to_lowercase().contains("embed"));
        let kind = (operation.kind == CallKind::Chat && vectors()).then_some(CallKind::Embedding);
        Some((kind, hit.clone()))
    }

    /// Follows a chain upwards: reports its outermost call, or the callers of the function around it.
    fn expand(
        &self,
        hit: &Hit,
        kind: Option<CallKind>,
        steps: Vec<Step>,
        drafted: Option<(Draft, Args<'_, '_>)>,
        tree: &mut Tree<'_>,
        sites: &mut Vec<Site>,
    ) {
        let Some((draft, args)) = drafted else {
            return;
        };
        // The client is what the callers of this chain hand in: of two that call one helper, each has its own model.
        let known = args.receiver().filter(|client| client.made.is_some() || !client.parts.is_empty());
        let known = known.filter(|_| self.operation(hit.op).argument_client.is_none());
        let seen = &Hit { receiver: known.or(hit.receiver.as_ref()).cloned(), ..hit.clone() };
        let outer = steps.first().map_or(hit.at, |step| step.at);
        let generative = kind.unwrap_or(self.operation(hit.op).kind).is_generative();
        let site = |role, weak| Site {
            chain: steps.iter().map(|step| step.at).chain([hit.at]).collect(),
            hit: Some(seen.clone()),
            role,
            weak: weak || hit.weak,
            kind,
            model: self.model(seen, &args),
            prompt: match role {
                CallRole::Wrapper => self.prompt(&draft),
                _ => self.prompt(&self.as_made(&draft)),
            },
            params: self.params(seen, &args),
        };
        let own_role = if steps.is_empty() { CallRole::Direct } else { CallRole::ViaWrapper };
        let around = self.enclosing(outer);
        let params = draft.params();
        let own = params.iter().map(|(function, _)| *function).find(|function| around.contains(function));
        let shared = if generative { self.shared_method(&around) } else { None };
        let (instructions, asked) = draft.words();
        let lost = || {
            let nothing = generative && !hit.weak && instructions + asked == 0;
            let nothing = nothing && (steps.is_empty() || self.is_layer(outer));
            if nothing { self.handed_somehow(outer, &around) } else { None }
        };
        let adds_nothing = || {
            let below = steps.get(1..).and_then(|below| self.drafted(hit, below));
            below.is_some_and(|(below, _)| draft.words_beyond(&below) == 0)
        };
        // A method that asks that of its base the same is no place where something else is asked.
        let repeats = || !steps.is_empty() && self.asks_same_of_base(outer) && adds_nothing();
        let Some(target) = own.or_else(|| self.on_the_way(&around, &params)).or(shared).or_else(lost) else {
            if !repeats() {
                sites.push(site(own_role, false));
            }
            return;
        };
        if !generative || steps.len() + 1 >= CHAIN {
            sites.push(site(own_role, false));
            return;
        }
        let ways = tree.ways.entry(target).or_default();
        *ways += 1;
        if *ways > WAYS {
            return;
        }
        let mut callers: Vec<_> = self.callers(target).to_vec();
        // What comes by way of an heir comes to the base as well, most often with more said.
        callers.sort_by_key(|caller| self.asks_same_of_base(caller.step.at));
        callers.retain(|caller| !steps.iter().any(|step| step.at == caller.step.at) && tree.follows(caller.step.at));
        let callers = self.addressed(hit, kind, &args, callers, &steps);
        let callers = self.where_bound(hit, target, callers, &steps);
        let longer: Vec<(Vec<Step>, Option<_>)> = callers
            .iter()
            .map(|caller| {
                let longer: Vec<Step> = [&caller.step].into_iter().chain(&steps).cloned().collect();
                let mut drafted = self.drafted(hit, &longer);
                if !hit.weak
                    && let Some((theirs, _)) = &mut drafted
                {
                    let handed = self.handed_text(caller, target);
                    // Nothing came through, or what did is another text: instructions of the object that is asked.
                    let other = || asked < TASK && !handed.iter().any(|said| theirs.holds(said));
                    let lost = || theirs.words_beyond(&draft) < TASK || other();
                    if !handed.is_empty() && lost() {
                        theirs.messages.extend(handed);
                        theirs.messages.sort_by_key(|said| !said.is_system());
                    }
                }
                (longer, drafted)
            })
            .collect();
        // What each caller adds to the text decides whether this function is a wrapper at all.
        let theirs = longer.iter().map(|(_, drafted)| drafted.as_ref().map(|(theirs, _)| theirs));
        let brought = self.brought(target, &callers, theirs, &draft, asked);
        let Brought { total, carrying, passing, tests, heavy, most, by_class, .. } = brought;
        let mut by_choice = false;
        let bare = asked < TASK;
        // What comes in under other names, a template to fill in, is no prompt.
        let hands = || callers.iter().any(|caller| self.hands_text(caller, target));
        let is_wrapper = if shared == Some(target) && (by_class || own.is_none()) {
            // A method of a base: the classes of the objects that it is called on have their own to say, or all the same.
            by_class
        } else if callers.is_empty() {
            // Nobody calls it here: a wrapper only if it has nothing of its own to say.
            asked < 2 && instructions < 2 * TASK
        } else if bare && instructions < 3 * TASK {
            // Two words are a label or a short task: callers that bring no words of their own decide for the task.
            asked < 2 || carrying + passing > 0
        } else if bare && instructions >= 10 * TASK {
            // Instructions of some length are the task; what comes in beside them is what it is about, unless it is
            // called a prompt or outweighs them.
            let outweighs = |added: usize| added >= instructions / 2;
            let named = draft.any_param_name(|name| WrapperWords::embedded().is_prompt_name(name));
            let brings = || (carrying > 0 && hands()) || (passing > 0 && self.passes_text(hit, &steps, &callers));
            (most.is_some_and(outweighs) && hands()) || (named && brings())
        } else if bare {
            // What tests make up is what the task is about.
            carrying > tests || (passing > 0 && self.passes_text(hit, &steps, &callers))
        } else {
            // Text around a parameter: a template of its own, unless callers bring the better part of it, and bring it
            // as a prompt: what is called `error` or `description` is what the template is about.
            let words = WrapperWords::embedded();
            let as_prompt = params.iter().any(|&(function, index)| self.is_prompt_param(function, index));
            let named = || draft.any_param_name(|name| words.is_prompt_name(name));
            let better = heavy * 2 >= total && heavy > 0 && (asked < 3 * TASK || named());
            // Or all of several callers write out what is to be found out.
            let asks =
                || carrying == total && carrying >= ASKING && draft.any_param_name(|name| words.is_question_name(name));
            // Or layers only pass a prompt on, and their callers bring it: what text there is was put between messages.
            let handed_on = as_prompt && instructions == 0;
            let all_pass = passing > 0 && passing + tests == total;
            let layers = || handed_on && all_pass && self.passes_text(hit, &steps, &callers);
            let above = || handed_on && carrying * 2 >= total && carrying > 0 && adds_nothing();
            let all_hand = || heavy > 0 && heavy == total && hands();
            let open = (asked < WRITTEN_OUT * TASK || all_hand()) && !draft.asks_behind_talk();
            let wraps = better || asks() || layers() || above();
            // Or a template stands beside the bare prompt that some of them bring.
            by_choice = !wraps && heavy > 0 && draft.may_be_handed();
            open && (wraps || by_choice)
        };
        if !is_wrapper {
            if !repeats() {
                sites.push(site(own_role, false));
            }
            return;
        }
        let first = sites.len();
        if by_choice {
            sites.push(site(own_role, false));
        } else if steps.is_empty() {
            sites.push(site(CallRole::Wrapper, false));
        } else if callers.is_empty() && !(asked + instructions == 0 && self.is_layer(outer)) && !repeats() {
            sites.push(site(CallRole::ViaWrapper, false));
        }
        let own = site(own_role, false);
        let told = !callers.is_empty() && instructions + asked >= TASK;
        for ((caller, (longer, drafted)), brings) in callers.into_iter().zip(longer).zip(brought.any) {
            if by_choice && !brings {
                continue;
            }
            let before = sites.len();
            self.expand(hit, kind, longer, drafted, tree, sites);
            let mut theirs = sites.split_off(before);
            theirs.retain(|other| !by_choice || words_added(&other.prompt, &own.prompt) >= TASK);
            if caller.weak {
                theirs.iter_mut().for_each(|site| site.weak = true);
            }
            sites.extend(theirs);
        }
        // Where no caller, however far up, adds a task to what is said here, the task is the one that stands here.
        let adds_none = |other: &Site| {
            words_added(&other.prompt, &own.prompt) < TASK && prompt_size(&other.prompt) <= prompt_size(&own.prompt)
        };
        // The same where what callers hand in keeps each of them from getting here: `if (sender === "user")`.
        let barren = sites[first..].iter().all(|other| other.role == CallRole::Wrapper);
        if told && (barren || carrying == 0 && sites[first..].iter().all(adds_none)) {
            sites.truncate(first);
            sites.push(own);
        }
    }

    /// Of the callers of a helper that sends requests, or runs commands, as it is told, those who have a model asked.
    fn addressed(
        &self,
        hit: &Hit,
        kind: Option<CallKind>,
        args: &Args<'_, '_>,
        mut callers: Vec<Caller>,
        steps: &[Step],
    ) -> Vec<Caller> {
        let by_address =
            self.is_open_address(hit, args) || !self.operation(hit.op).url.is_empty() && self.is_open_body(hit, args);
        let by_command = self.open_command(hit, args).is_some();
        if by_address || by_command {
            callers.retain(|caller| {
                let longer: Vec<Step> = [&caller.step].into_iter().chain(steps).cloned().collect();
                if by_command { self.runs_program(hit, &longer) } else { self.endpoint_from(hit, &longer) == kind }
            });
        }
        callers
    }
}

/// Whether a text is a name in snake or kebab case, by which a program chooses a branch, and no word of a language.
fn is_mark(value: &Value) -> bool {
    let Value::Text(pieces) = value else { return false };
    let [TextPiece::Lit(text, _)] = pieces.as_slice() else { return false };
    text.contains(['_', '-']) && text.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'-'))
}
