//! Where an answer goes from a statement: names, attributes, returns, the functions around and inside.

use super::*;

impl World<'_> {
    pub(super) fn flow_statement(&self, root: ExprRef, form: Form, trace: &mut Trace, depth: u32) {
        let facts = self.facts(root.file);
        let Some(&(function, place)) = self.index(root.file).ways(facts).roots.get(&root.id) else {
            if self.is_test(root) {
                self.tested(root, &form, trace);
            } else if let Some(item) = self.run_over(root) {
                self.flow(item, form, trace, depth);
            }
            return;
        };
        let stmt = &facts.function(function).body[place as usize];
        let function = FnRef { file: root.file, id: function };
        match &stmt.kind {
            StmtKind::Bind(target, _) | StmtKind::Append(target, _) => {
                self.flow_target(target, root, function, stmt.start, Some(stmt.context), form, trace, depth);
            }
            StmtKind::Return(_) => self.flow_return(function, root, form, trace, depth),
            StmtKind::Expr(_) => {
                if self.is_test(root) {
                    self.tested(root, &form, trace);
                } else if trace.reads.is_empty() && trace.scopes.is_empty() {
                    self.used(trace, root, "nothing", &form, AnswerUse::Ignored);
                }
            }
            _ => {}
        }
    }

    /// What a loop runs over stands twice in the facts: once as the loop's own, once where its items are bound.
    pub(super) fn run_over(&self, root: ExprRef) -> Option<ExprRef> {
        let facts = self.facts(root.file);
        let own = facts.node(root.id);
        facts.exprs.iter().find_map(|node| match node.kind {
            Expr::Item(over) if over != root.id => {
                let twin = facts.node(over);
                (twin.start == own.start && twin.end == own.end).then_some(ExprRef { file: root.file, id: over })
            }
            _ => None,
        })
    }

    /// Whether a value is one of a set that is written down: literals that stand for more than "no answer".
    pub(super) fn is_closed(&self, set: ExprRef, words: &AnswerWords) -> bool {
        match self.ask(set, &self.frame_of(set)) {
            Value::List(list) => {
                let names = list.items.iter().filter_map(Value::as_static);
                !list.open
                    && !list.items.iter().any(|item| matches!(item, Value::Null))
                    && names.filter(|name| !words.is_sentinel(name)).count() > 1
            }
            Value::Record(_) | Value::Class(_) => true,
            _ => matches!(self.expr(set), Expr::Name(name) | Expr::Attr(_, name)
                if name.chars().any(char::is_alphabetic) && !name.chars().any(char::is_lowercase)),
        }
    }

    /// What was put into a list or record of the function goes where that goes.
    pub(super) fn flow_gathered(&self, base: ExprRef, at: ExprRef, form: Form, trace: &mut Trace, depth: u32) {
        let Expr::Name(name) = self.expr(base) else {
            return;
        };
        let node = self.node(at);
        let function = FnRef { file: at.file, id: node.function };
        for at in self.uses_after(name, function, node.end, None) {
            self.flow(at, form.clone(), trace, depth);
        }
    }

    /// What a listener keeps in variables of the function around it goes where they go: `text += piece`.
    pub(super) fn flow_kept(&self, listener: FnRef, form: &Form, trace: &mut Trace, depth: u32) {
        let own = self.function(listener);
        let outer = FnRef { file: listener.file, id: own.parent };
        let names = &self.index(outer.file).names[outer.id.0 as usize];
        for stmt in &own.body {
            if let StmtKind::Bind(Target::Name(name), _) | StmtKind::Append(Target::Name(name), _) = &stmt.kind
                && names.contains_key(name)
            {
                for at in self.uses_after(name, outer, stmt.start, None) {
                    self.flow(at, form.clone(), trace, depth);
                }
            }
        }
    }

    pub(super) fn is_test(&self, root: ExprRef) -> bool {
        self.facts(root.file).contexts.iter().any(|context| match context.kind {
            ContextKind::Branch { test, .. } | ContextKind::While { test } => test == Some(root.id),
            _ => false,
        })
    }

    #[expect(clippy::too_many_arguments, reason = "a target, where it stands, and the state of the walk")]
    pub(super) fn flow_target(
        &self,
        target: &Target,
        root: ExprRef,
        function: FnRef,
        start: u32,
        context: Option<CtxId>,
        form: Form,
        trace: &mut Trace,
        depth: u32,
    ) {
        match target {
            Target::Name(name) => {
                if trace.scopes.is_empty() {
                    trace.names.push(name.to_string());
                }
                for at in self.uses_after(name, function, start, context) {
                    if self.is_test(at) {
                        self.tested(at, &form, trace);
                    } else {
                        self.flow(at, form.clone(), trace, depth);
                    }
                }
            }
            Target::Tuple(parts) => {
                for part in parts.iter().flatten() {
                    self.flow_target(part, root, function, start, context, form.clone(), trace, depth);
                }
            }
            Target::Object(fields) => {
                for field in fields {
                    let own = if field.key.is_empty() {
                        Some(form.clone())
                    } else {
                        self.member_form(&field.key, form.clone(), root, trace)
                    };
                    if let Some(own) = own {
                        let local = Target::Name(field.local.clone());
                        self.flow_target(&local, root, function, start, context, own, trace, depth);
                    }
                }
            }
            Target::Attr(base, name) => {
                self.used(trace, root, "stored", &form, AnswerUse::Text);
                let base = ExprRef { file: root.file, id: *base };
                if matches!(self.expr(base), Expr::Name(base) if base == "self") {
                    self.flow_attribute(name, function, start, &form, trace, depth);
                }
            }
            Target::Index(base, _) => {
                self.used(trace, root, "stored", &form, AnswerUse::Text);
                if !trace.scopes.is_empty() {
                    self.flow_gathered(ExprRef { file: root.file, id: *base }, root, form, trace, depth);
                }
            }
        }
    }

    /// Where a variable that was bound at `start` is used, up to where it is bound anew in the same block or one around it,
    /// and not in another arm of a branch. What is bound in a loop is used in the next turn too.
    pub(in crate::resolve) fn uses_after(
        &self,
        name: &SmolStr,
        function: FnRef,
        start: u32,
        context: Option<CtxId>,
    ) -> Vec<ExprRef> {
        let index = &self.index(function.file);
        let own = self.function(function);
        let facts = self.facts(function.file);
        let arms = |context: CtxId| {
            facts.contexts_from(context).filter_map(|(id, around)| match around.kind {
                ContextKind::Branch { group, .. } => Some((group, id)),
                _ => None,
            })
        };
        let bound_in: Vec<_> = context.into_iter().flat_map(arms).collect();
        let is_around = |other: CtxId| context.is_some_and(|own| facts.contexts_from(own).any(|(id, _)| id == other));
        let anew = index.names[function.id.0 as usize].get(name).into_iter().flatten().find_map(|&place| {
            let stmt = &own.body[place as usize];
            match &stmt.kind {
                StmtKind::Bind(Target::Name(_), value) if stmt.start > start && is_around(stmt.context) => {
                    Some(self.node(ExprRef { file: function.file, id: *value }).end)
                }
                _ => None,
            }
        });
        let turn = context.and_then(|context| {
            let loops = facts
                .contexts_from(context)
                .filter(|(_, around)| matches!(around.kind, ContextKind::ForEach { .. } | ContextKind::While { .. }));
            loops.last().map(|(_, around)| around.start)
        });
        let from = turn.unwrap_or(start).min(start);
        let uses =
            index.ways(facts).uses.get(name).into_iter().flatten().map(|&id| ExprRef { file: function.file, id });
        uses.filter(|&at| {
            let node = self.node(at);
            let inside = node.function == function.id || self.enclosing(at).contains(&function);
            let elsewhere =
                || arms(node.context).any(|(group, arm)| bound_in.iter().any(|one| one.0 == group && one.1 != arm));
            inside
                && node.start > from
                && anew.is_none_or(|anew| node.start < anew || (turn.is_some() && node.function != function.id))
                && !(turn.is_none() && elsewhere())
        })
        .take(USES)
        .collect()
    }

    /// Where an attribute of `self` is read in the other places of its class.
    pub(super) fn flow_attribute(
        &self,
        name: &SmolStr,
        function: FnRef,
        start: u32,
        form: &Form,
        trace: &mut Trace,
        depth: u32,
    ) {
        let facts = self.facts(function.file);
        let class = super::super::index::class_around(facts, function.id);
        if class.is_none() || depth >= RETURNS {
            return;
        }
        let uses: Vec<ExprRef> = facts
            .exprs
            .iter()
            .enumerate()
            .filter(|(_, node)| match &node.kind {
                Expr::Attr(base, read) => {
                    read == name
                        && node.start > start
                        && matches!(facts.expr(*base), Expr::Name(base) if base == "self")
                        && super::super::index::class_around(facts, node.function) == class
                }
                _ => false,
            })
            .map(|(id, _)| ExprRef { file: function.file, id: ExprId(id as u32) })
            .take(USES / 2)
            .collect();
        for at in uses {
            if self.is_test(at) {
                self.tested(at, form, trace);
            } else {
                self.flow(at, form.clone(), trace, depth + 1);
            }
        }
    }

    pub(super) fn flow_return(&self, function: FnRef, root: ExprRef, form: Form, trace: &mut Trace, depth: u32) {
        if let Some((scope, forms)) = trace.scopes.last_mut()
            && *scope == function
        {
            if !forms.contains(&form) {
                forms.push(form);
            }
            return;
        }
        let own = self.function(function);
        // A callback's answer is the answer of what runs it.
        if let Some(site) = own.site
            && let Some(parent) = self.facts(function.file).node(site).parent
            && matches!(self.facts(function.file).expr(parent), Expr::Call(call) if call.callee != site)
        {
            return self.flow(ExprRef { file: function.file, id: parent }, form, trace, depth);
        }
        if trace.scopes.is_empty() {
            self.used(trace, root, "returned", &form, AnswerUse::Text);
        }
        if trace.closed || depth >= RETURNS {
            return;
        }
        trace.level += 1;
        if let Some(site) = own.site
            && self.node(ExprRef { file: function.file, id: site }).parent.is_some()
        {
            self.flow(ExprRef { file: function.file, id: site }, form.clone(), trace, depth + 1);
        }
        // A test says what the answer should be, not what the program does with it.
        let callers = self.callers_of(function).into_iter();
        for at in callers.filter(|at| !is_test_file(&self.sources[at.file.0 as usize].path)).take(4) {
            self.flow(at, form.clone(), trace, depth + 1);
        }
        trace.level -= 1;
    }

    /// The first function of the program among what a value may be.
    pub(in crate::resolve) fn function_of(&self, value: &Value) -> Option<FnRef> {
        value.alternatives().iter().find_map(|one| match one {
            Value::Func(func) => Some(func.function),
            Value::Hole(hole) => {
                let (function, index) = hole.param?;
                match self.passed(function, index)? {
                    Value::Func(func) => Some(func.function),
                    _ => None,
                }
            }
            _ => None,
        })
    }

    pub(super) fn frame_for(&self, at: ExprRef, trace: &Trace) -> Rc<Frame> {
        let function = FnRef { file: at.file, id: self.node(at).function };
        trace
            .frames
            .iter()
            .rev()
            .find(|frame| frame.function == function)
            .cloned()
            .unwrap_or_else(|| self.symbolic(function))
    }

    /// The frame of a function with its parameters bound as a call has them.
    pub(in crate::resolve) fn frame_bound(
        &self,
        function: FnRef,
        call: &Call,
        at: ExprRef,
        frame: &Rc<Frame>,
    ) -> Rc<Frame> {
        let symbolic = self.symbolic(function);
        Rc::new(Frame {
            function,
            bound: self.bind(function, call, at, frame),
            receiver: symbolic.receiver.clone(),
            outer: symbolic.outer.clone(),
            depth: frame.depth + 1,
            memo: Memo::default(),
        })
    }

    /// Follows the answer into a function that is handed it; gives the form in which it comes back, if it does.
    pub(super) fn flow_into(
        &self,
        function: FnRef,
        index: usize,
        bound: Option<Rc<Frame>>,
        form: Form,
        trace: &mut Trace,
        depth: u32,
    ) -> Option<Form> {
        let own = self.function(function);
        if depth >= RETURNS || trace.scopes.iter().any(|(scope, _)| *scope == function) {
            return Some(form);
        }
        let mut form = form;
        // A decorator that parses the argument before the function sees it.
        if form == Form::Raw
            && let Some(place) = self.parsing_decorator(function, trace.words)
        {
            self.used(trace, place, "a decorator", &form, AnswerUse::Json);
            form = Form::Parsed;
        }
        let param = own.params.get(index)?;
        let target = match &param.kind {
            ParamKind::Object(fields) => Target::Object(fields.clone()),
            _ => Target::Name(param.name.clone()),
        };
        let root = own.site.or(own.body.first().and_then(|stmt| match stmt.kind {
            StmtKind::Bind(_, id) | StmtKind::Append(_, id) | StmtKind::Expr(id) | StmtKind::Return(Some(id)) => {
                Some(id)
            }
            _ => None,
        }));
        let root = ExprRef { file: function.file, id: root? };
        let frames = trace.frames.len();
        trace.frames.extend(bound);
        trace.scopes.push((function, Vec::new()));
        self.flow_target(&target, root, function, param.end.saturating_sub(1), None, form, trace, depth + 1);
        let (_, forms) = trace.scopes.pop().unwrap_or((function, Vec::new()));
        trace.frames.truncate(frames);
        best(forms)
    }

    /// The place in a decorator of a function where JSON is parsed.
    pub(super) fn parsing_decorator(&self, function: FnRef, words: &AnswerWords) -> Option<ExprRef> {
        let own = self.function(function);
        own.decorators.iter().find_map(|&id| {
            let at = ExprRef { file: function.file, id };
            let target = match self.ask(at, &self.symbolic(FnRef { file: function.file, id: own.parent })) {
                Value::Func(func) => func.function,
                _ => return None,
            };
            let facts = self.facts(target.file);
            let inside = |node: &ExprNode| facts.function(node.function).parent == target.id;
            let parses = |call: &Call| {
                last_name(facts, call.callee).is_some_and(|name| words.of_callee(&name) == Some(AnswerUse::Json))
            };
            let place = facts
                .exprs
                .iter()
                .position(|node| matches!(&node.kind, Expr::Call(call) if inside(node) && parses(call)));
            place.map(|place| ExprRef { file: target.file, id: ExprId(place as u32) })
        })
    }
}
