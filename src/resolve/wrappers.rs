//! Functions that hand a prompt on, and the calls of them that bring one.
//!
//! A located call whose prompt comes in as a parameter makes its function a call target itself. Its callers are looked
//! at in the same way, each with the chain of calls down to the SDK, until a caller brings the text. To any depth
//! within [`CHAIN`].

use rustc_hash::FxHashSet;

use super::World;
use super::args::Args;
use super::callers::{Caller, Step};
use super::locate::Hit;
use super::prompts::Draft;
use super::value::*;
use crate::catalog::wrappers::WrapperWords;
use crate::program::*;
use crate::syntax::facts::*;

/// Calls between a prompt and the SDK at most.
const CHAIN: usize = 8;

/// Words of static text from which on a text can be a task of its own. Shorter pieces are labels and separators.
pub(super) const TASK: usize = 4;

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

impl World<'_> {
    /// All calls that are reported.
    pub(super) fn sites(&self) -> Vec<Site> {
        let mut sites: Vec<Site> = Vec::new();
        let hits = self.hits();
        let direct: FxHashSet<ExprRef> = hits.iter().map(|hit| hit.at).collect();
        for hit in &hits {
            let found = self.guarded(hit.at.file, || {
                let mut found = Vec::new();
                if let Some((kind, hit)) = self.admitted(hit) {
                    self.expand(&hit, kind, Vec::new(), self.drafted(&hit, &[]), &direct, &mut found);
                }
                found
            });
            sites.extend(found.into_iter().flatten());
        }
        let known: FxHashSet<ExprRef> =
            sites.iter().flat_map(|site| site.chain.iter().copied()).chain(direct).collect();
        let suspects = self.suspects(&known);
        let direct: FxHashSet<ExprRef> = known.iter().copied().chain(suspects.iter().map(|hit| hit.at)).collect();
        for hit in &suspects {
            let found = self.guarded(hit.at.file, || {
                let mut found = Vec::new();
                self.expand(hit, None, Vec::new(), self.drafted(hit, &[]), &direct, &mut found);
                // The wrapper itself proves nothing: only a call that brings a task does.
                found.retain(|site| site.role != CallRole::Wrapper && self.is_task(site));
                found.iter_mut().for_each(|site| site.role = CallRole::ViaWrapper);
                found
            });
            sites.extend(found.into_iter().flatten());
        }
        self.merged(sites)
    }

    /// Whether a located call counts: raw HTTP only to a provider's URL, a command line only of a known program.
    fn admitted(&self, hit: &Hit) -> Option<(Option<CallKind>, Hit)> {
        let operation = self.operation(hit.op);
        if let Some(client) = &hit.receiver {
            if !self.has_its_model(client) {
                return None;
            }
            let table = &self.catalog.sdks()[client.sdk as usize].clients[client.client as usize];
            if !table.only_with.is_empty()
                && let Some((call, _)) = &client.made
            {
                let span = self.span(*call);
                let text = self.sources[call.file.0 as usize].slice(span.start, span.end);
                let text = text.to_lowercase();
                if !table.only_with.iter().any(|part| text.contains(part.as_str())) {
                    return None;
                }
            }
        }
        let frame = self.frame_of(hit.at);
        let args = Args::new(self, hit, &frame)?;
        if !operation.requires_model_prefix.is_empty() {
            let model = self.model(hit, &args).id.unwrap_or_default();
            if !operation.requires_model_prefix.iter().any(|prefix| model.starts_with(prefix.as_str())) {
                return None;
            }
        }
        if !operation.url.is_empty() {
            return self.endpoint(hit, &args).map(|kind| (Some(kind), hit.clone()));
        }
        if !operation.argv.is_empty() {
            return self.program_run(hit, &args).map(|_| (None, hit.clone()));
        }
        Some((None, hit.clone()))
    }

    /// Follows a chain upwards: reports its outermost call, or the callers of the function around it.
    fn expand(
        &self,
        hit: &Hit,
        kind: Option<CallKind>,
        steps: Vec<Step>,
        drafted: Option<(Draft, Args<'_, '_>)>,
        direct: &FxHashSet<ExprRef>,
        sites: &mut Vec<Site>,
    ) {
        let Some((draft, args)) = drafted else {
            return;
        };
        let outer = steps.first().map_or(hit.at, |step| step.at);
        let generative = kind.unwrap_or(self.operation(hit.op).kind).is_generative();
        let site = |role, weak| Site {
            chain: steps.iter().map(|step| step.at).chain([hit.at]).collect(),
            hit: Some(hit.clone()),
            role,
            weak: weak || hit.weak,
            kind,
            model: self.model(hit, &args),
            prompt: self.prompt(&draft),
            params: self.params(hit, &args),
        };
        let own_role = if steps.is_empty() { CallRole::Direct } else { CallRole::ViaWrapper };
        let around = self.enclosing(outer);
        let params: Vec<_> = draft.params().into_iter().filter(|(function, _)| around.contains(function)).collect();
        let Some(&(target, _)) = params.first() else {
            sites.push(site(own_role, false));
            return;
        };
        if !generative || steps.len() + 1 >= CHAIN {
            sites.push(site(own_role, false));
            return;
        }
        let (instructions, asked) = draft.words();
        let callers: Vec<_> = self
            .callers(target)
            .iter()
            .filter(|caller| !direct.contains(&caller.step.at) && !steps.iter().any(|step| step.at == caller.step.at))
            .cloned()
            .collect();
        // What each caller adds to the text decides whether this function is a wrapper at all.
        let mut carrying = 0;
        let mut passing = 0;
        let mut heavy = 0;
        let longer: Vec<(Vec<Step>, Option<_>)> = callers
            .iter()
            .map(|caller| {
                let longer: Vec<Step> = [&caller.step].into_iter().chain(&steps).cloned().collect();
                let drafted = self.drafted(hit, &longer);
                (longer, drafted)
            })
            .collect();
        for (caller, (_, drafted)) in callers.iter().zip(&longer) {
            let Some((theirs, _)) = drafted else {
                continue;
            };
            let added = theirs.words_beyond(&draft);
            let theirs_around = self.enclosing(caller.step.at);
            if added >= TASK {
                carrying += 1;
                heavy += usize::from(added >= (3 * TASK).max(asked / 2));
            } else if theirs.params().iter().any(|(function, _)| theirs_around.contains(function)) {
                passing += 1;
            }
        }
        let bare = asked < TASK;
        let is_wrapper = if callers.is_empty() {
            // Nobody calls it here: a wrapper only if it has nothing of its own to say.
            asked < 2 && instructions < 2 * TASK
        } else if bare && instructions < 3 * TASK {
            // Two words are a label or a short task: callers that bring no words of their own decide for the task.
            asked < 2 || carrying + passing > 0
        } else if bare {
            carrying > 0 || (passing > 0 && self.passes_text(hit, &steps, &callers))
        } else {
            // Text around a parameter: a template of its own, unless callers bring the better part of it, and bring it
            // as a prompt: what is called `error` or `description` is what the template is about.
            heavy * 2 >= callers.len()
                && heavy > 0
                && asked < 40 * TASK
                && (asked < 3 * TASK || draft.param_names().any(|name| WrapperWords::embedded().is_prompt_name(name)))
        };
        if !is_wrapper {
            sites.push(site(own_role, false));
            return;
        }
        if steps.is_empty() {
            sites.push(site(CallRole::Wrapper, false));
        } else if callers.is_empty() && !(asked + instructions == 0 && self.is_layer(outer)) {
            sites.push(site(CallRole::ViaWrapper, false));
        }
        for (caller, (longer, drafted)) in callers.into_iter().zip(longer) {
            let before = sites.len();
            self.expand(hit, kind, longer, drafted, direct, sites);
            if caller.weak {
                sites[before..].iter_mut().for_each(|site| site.weak = true);
            }
        }
    }

    /// Whether a call only passes from one method of an object to another: a layer, not a place where something is asked.
    fn is_layer(&self, at: ExprRef) -> bool {
        let facts = self.facts(at.file);
        matches!(facts.expr(at.id), Expr::Call(call) if matches!(facts.expr(call.callee),
            Expr::Attr(base, _) if matches!(facts.expr(*base), Expr::Name(name) if name == "self" || name == "super")))
    }

    /// Whether any caller's caller brings text: a layer that only passes on is looked through once.
    fn passes_text(&self, hit: &Hit, steps: &[Step], callers: &[Caller]) -> bool {
        let Some((own, _)) = self.drafted(hit, steps) else {
            return false;
        };
        callers.iter().take(4).any(|caller| {
            let around = self.enclosing(caller.step.at);
            around.first().is_some_and(|&function| {
                self.callers(function).iter().take(4).any(|outer| {
                    let mut longer = vec![outer.step.clone(), caller.step.clone()];
                    longer.extend(steps.iter().cloned());
                    self.drafted(hit, &longer).is_some_and(|(draft, _)| draft.words_beyond(&own) >= TASK)
                })
            })
        })
    }

    /// One site for each call: providers chosen at run time are candidates, not calls of their own.
    pub(super) fn merged(&self, sites: Vec<Site>) -> Vec<Site> {
        let mut merged: Vec<Site> = Vec::new();
        for site in sites {
            match merged.iter_mut().find(|seen| seen.at() == site.at()) {
                None => merged.push(site),
                Some(seen) => {
                    let longer = prompt_size(&site.prompt) > prompt_size(&seen.prompt);
                    let mut candidates = seen.model.candidates.clone();
                    for name in &site.model.candidates {
                        if !candidates.contains(name) {
                            candidates.push(name.clone());
                        }
                    }
                    if longer {
                        let model = seen.model.clone();
                        *seen = site;
                        if seen.model.id.is_none() {
                            seen.model = model;
                        }
                    } else if seen.model.id.is_none() {
                        seen.model = site.model;
                    }
                    candidates.truncate(12);
                    seen.model.candidates = candidates;
                }
            }
        }
        merged
    }
}

fn prompt_size(prompt: &Prompt) -> usize {
    prompt
        .messages
        .iter()
        .flat_map(|message| &message.pieces)
        .map(|piece| match piece {
            Piece::Text(text, _) => text.len(),
            Piece::Hole(_) => 0,
        })
        .sum()
}
