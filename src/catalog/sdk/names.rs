//! Whether qualified names lie in the modules of the tables.

use std::collections::HashMap;

use super::table::Sdk;

/// Modules by the first part of their name, so that a qualified name is compared with few of them, in order of the
/// tables.
#[derive(Debug, Default)]
pub(super) struct Owners {
    /// Those whose first part holds a `*` stand below every other.
    by_root: HashMap<String, Vec<(usize, usize)>>,
    /// Modules whose first part holds a `*`.
    open: Vec<(usize, usize)>,
}

impl Owners {
    pub(super) fn new(sdks: &[Sdk], python: bool) -> Self {
        let mut owners = Self::default();
        for (at, sdk) in sdks.iter().enumerate() {
            for (number, module) in sdk.modules.of(python).iter().enumerate() {
                let root = Self::root(python, module);
                if root.contains('*') {
                    owners.open.push((at, number));
                } else {
                    owners.by_root.entry(root.to_owned()).or_default().push((at, number));
                }
            }
        }
        for all in owners.by_root.values_mut() {
            all.extend(&owners.open);
            all.sort_unstable();
        }
        owners.open.sort_unstable();
        owners
    }

    fn root(python: bool, path: &str) -> &str {
        let ends: &[char] = if python { &['.'] } else { &['/', '#'] };
        path.split(ends).next().unwrap_or(path)
    }

    /// The modules that a qualified name may lie in, as SDK and number of the module, in order of the tables.
    pub(super) fn of(&self, python: bool, path: &str) -> &[(usize, usize)] {
        self.by_root.get(Self::root(python, path)).unwrap_or(&self.open)
    }
}

/// The rest of a qualified name below a module, if it lies there.
pub(super) fn within<'p>(python: bool, module: &str, path: &'p str) -> Option<&'p str> {
    if !python {
        let (of, rest) = path.split_once('#')?;
        let inside =
            |module: &str| glob(module, of) || of.strip_prefix(module).is_some_and(|rest| rest.starts_with('/'));
        return inside(module).then_some(rest);
    }
    let depth = module.matches('.').count() + 1;
    let mut at = 0;
    for _ in 0..depth {
        at = path[at..].find('.').map(|dot| at + dot + 1)?;
    }
    glob(module, &path[..at - 1]).then(|| &path[at..])
}

/// Whether `name` is `pattern`, in which one `*` stands for anything.
pub(super) fn glob(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        Some((before, after)) => {
            name.len() >= before.len() + after.len() && name.starts_with(before) && name.ends_with(after)
        }
        None => pattern == name,
    }
}

/// Whether a name ends in `last`, at a border between names.
pub(super) fn tail(name: &str, last: &str) -> bool {
    name == last || name.strip_suffix(last).is_some_and(|rest| rest.ends_with('.'))
}
