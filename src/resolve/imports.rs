//! What imported names mean: modules of the program, re-exports, modules outside.

use std::rc::Rc;

use smol_str::SmolStr;

use super::World;
use super::value::*;
use crate::source::FileId;
use crate::syntax::facts::*;

/// Aliases and re-exports followed from module to module.
pub(super) const HOPS: u32 = 32;

impl World<'_> {
    /// A name imported into a file.
    pub(super) fn imported(&self, name: &SmolStr, file: FileId, hops: u32) -> Option<Value> {
        if hops == 0 {
            return None;
        }
        let facts = self.facts(file);
        if let Some(&place) = self.index(file).imports.get(name) {
            return self.import_value(&facts.imports[place as usize], file, hops - 1);
        }
        facts.imports.iter().filter(|import| import.local == "*").find_map(|import| {
            let module = self.module(file, &import.module)?;
            self.exported(module, name, hops - 1)
        })
    }

    fn import_value(&self, import: &Import, file: FileId, hops: u32) -> Option<Value> {
        let module = self.module(file, &import.module);
        if !self.language(file).is_python() {
            return match (module, &import.name) {
                (Some(module), None) => Some(Value::Module(module)),
                (Some(module), Some(name)) => self.exported(module, name, hops),
                (None, name) => {
                    let data = self.imported_file(&import.module, name.as_ref(), file);
                    let part = name.as_ref().map_or("*", SmolStr::as_str);
                    Some(data.unwrap_or_else(|| Value::External(format!("{}#{part}", import.module).into())))
                }
            };
        }
        let Some(name) = &import.name else {
            return Some(module.map_or_else(|| Value::External(import.module.clone()), Value::Module));
        };
        if let Some(found) = module.and_then(|module| self.exported(module, name, hops)) {
            return Some(found);
        }
        let dot = if import.module.ends_with('.') { "" } else { "." };
        let submodule = format!("{}{dot}{name}", import.module);
        // `from agents import Runner` below a package with an `agents` folder of its own means the SDK.
        let outside = module.is_none() || self.catalog.is_shared_root(&import.module);
        let given = self.module(file, &submodule).map(Value::Module);
        given.or_else(|| outside.then(|| Value::External(submodule.into())))
    }

    /// The module that `import("./x")` or `require("./x")` gives where it stands for a value: in a `return`, a choice,
    /// before a member.
    pub(super) fn module_asked_for(&self, call: &Call, callee: ExprRef, frame: &Rc<Frame>) -> Option<Value> {
        let asks = matches!(self.expr(callee), Expr::Name(name) if name == "import" || name == "require");
        if !asks || self.language(callee.file).is_python() {
            return None;
        }
        // A parameter or function of that name is something else.
        match self.eval(callee, frame) {
            Value::External(_) => {}
            Value::Hole(hole) if hole.param.is_none() => {}
            _ => return None,
        }
        let [Arg { value, .. }] = call.args[..] else {
            return None;
        };
        let module = self.eval(ExprRef { file: callee.file, id: value }, frame).as_static()?;
        let start = self.node(callee).start;
        let import = Import { local: SmolStr::default(), module: module.into(), name: None, start };
        self.import_value(&import, callee.file, HOPS)
    }

    /// The module that a chain of names is, where it was imported by that path: folders on the way may have no file of
    /// their own.
    pub(super) fn module_by_path(&self, at: ExprRef, last: &SmolStr) -> Option<Value> {
        let places = self.index(at.file).paths.get(last)?;
        let written = self.dotted(at)?;
        let facts = self.facts(at.file);
        let is_it = |place: &u32| facts.imports[*place as usize].module == written;
        places.iter().any(is_it).then(|| self.module(at.file, &written).map(Value::Module)).flatten()
    }

    /// The modules that a value may name: `importlib.import_module(f"app.tasks.{name}")`.
    pub(super) fn module_by_name(&self, names: &Value, file: FileId) -> Option<Value> {
        let of = |name: String| match self.module(file, &name) {
            Some(module) => Value::Module(module),
            None => Value::External(name.into()),
        };
        Value::one_of(names.names().into_iter().map(of).collect::<Vec<_>>())
    }

    /// The module in a file of the program whose path is known from the root on, or from the code on.
    pub(super) fn module_in(&self, path: &Value, file: FileId) -> Option<Value> {
        let own = super::modules::parent(&self.sources[file.0 as usize].path);
        let found = path.names().into_iter().filter_map(|path| {
            let (folder, below) =
                path.strip_prefix(super::paths::ROOT).map_or((own, path.as_str()), |known| ("", known));
            self.modules.at(&super::modules::join(folder, below)).map(Value::Module)
        });
        Value::one_of(found.collect::<Vec<_>>())
    }

    /// The file of the program that an import means.
    pub(super) fn module(&self, file: FileId, module: &str) -> Option<FileId> {
        let key = (file, SmolStr::new(module));
        if let Some(known) = self.imported.borrow().get(&key) {
            return *known;
        }
        let found = if self.language(file).is_python() {
            self.modules.python(file, module, |root| self.catalog.is_import_root(root))
        } else {
            self.modules.script(file, module)
        };
        self.imported.borrow_mut().insert(key, found);
        found
    }

    /// What a module gives under a name.
    pub(super) fn exported(&self, module: FileId, name: &SmolStr, hops: u32) -> Option<Value> {
        if hops == 0 {
            return None;
        }
        let facts = self.facts(module);
        let frame = self.symbolic(FnRef { file: module, id: MODULE });
        let site = ExprRef { file: module, id: ExprId(0) };
        let local = |local: &SmolStr| {
            if facts.exprs.is_empty() {
                return self.imported(local, module, hops - 1);
            }
            self.bound_in(local, frame.function, None, &frame, site).or_else(|| self.imported(local, module, hops - 1))
        };
        if facts.language.is_python() {
            return local(name).or_else(|| {
                // `import package.module` then `package.module.x`: submodules are members too.
                let path = self.sources[module.0 as usize].path.strip_suffix("__init__.py")?.to_owned();
                let at = |ending: &str| self.modules.at(&format!("{path}{name}{ending}"));
                at(".py").or_else(|| at("/__init__.py")).map(Value::Module)
            });
        }
        for export in &facts.exports {
            if export.name == *name || (export.name == "*" && matches!(export.what, Exported::From(_, None))) {
                let found = match &export.what {
                    Exported::Local(inner) => local(inner),
                    Exported::Value(id) => Some(self.eval(ExprRef { file: module, id: *id }, &frame)),
                    Exported::From(from, Some(inner)) => match self.module(module, from) {
                        Some(file) => self.exported(file, inner, hops - 1),
                        None => Some(Value::External(format!("{from}#{inner}").into())),
                    },
                    Exported::From(from, None) if export.name == "*" => {
                        self.module(module, from).and_then(|file| self.exported(file, name, hops - 1))
                    }
                    Exported::From(from, None) => Some(match self.module(module, from) {
                        Some(file) => Value::Module(file),
                        None => Value::External(format!("{from}#*").into()),
                    }),
                };
                if found.is_some() {
                    return found;
                }
            }
        }
        None
    }
}
