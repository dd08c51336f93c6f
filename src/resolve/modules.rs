//! From the module an import names to the file of the program that it is, if it is one.

use std::hash::BuildHasher;
use std::sync::Arc;

use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use crate::source::{FileId, Language};

/// What project files say about names of modules, as `walk` read it.
#[derive(Debug, Default, Clone)]
pub struct Project {
    /// `paths` of each `tsconfig.json`: folder of the file, pattern, replacements relative to the root.
    pub paths: Vec<(String, String, Vec<String>)>,
    /// Workspace packages: name, folder, entry points relative to the root in order of preference.
    pub packages: Vec<(String, String, Vec<String>)>,
    /// Django projects: folder of the `manage.py`, and the settings module that it starts with.
    pub django: Vec<(String, String)>,
}

/// Files by path, and the rules that lead from an import to one.
#[derive(Debug)]
pub struct Modules {
    by_path: FxHashMap<Arc<str>, FileId>,
    /// Python files by their last module name, for absolute imports below an unknown source root.
    by_stem: FxHashMap<String, Vec<FileId>>,
    /// Folders and stems of Python files: an absolute import of any other name leads nowhere.
    python_names: FxHashSet<String>,
    /// Hashes of the folders and of the bare names of Python files, each as a path from the root: where a module may
    /// begin.
    python_places: FxHashSet<u64>,
    paths: Vec<Arc<str>>,
    project: Arc<Project>,
}

/// Endings tried for a module path without one, in the order that resolvers try them.
const SCRIPT_ENDINGS: &[&str] = &[".ts", ".tsx", ".d.ts", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"];

/// What Django gives the settings module as that the environment names.
const DJANGO_SETTINGS: &str = "django.conf.settings";

impl Modules {
    /// Indexes the files of the program, by their numbers.
    pub fn new(files: impl Iterator<Item = (Arc<str>, Language)>, project: Arc<Project>) -> Self {
        let mut by_path = FxHashMap::default();
        let mut by_stem: FxHashMap<String, Vec<FileId>> = FxHashMap::default();
        let mut python_names = FxHashSet::default();
        let mut python_places = FxHashSet::default();
        let mut paths = Vec::new();
        for (at, (path, language)) in files.enumerate() {
            let id = FileId(at as u32);
            by_path.insert(path.clone(), id);
            if language.is_python() {
                by_stem.entry(stem(&path).to_owned()).or_default().push(id);
                let bare = path.trim_end_matches(".py").trim_end_matches(".ipynb");
                python_places.extend(bare.match_indices('/').map(|(slash, _)| hash(&bare[..slash])));
                python_places.insert(hash(bare));
                for part in bare.split('/') {
                    if !python_names.contains(part) {
                        python_names.insert(part.to_owned());
                    }
                }
            }
            paths.push(path);
        }
        Self { by_path, by_stem, python_names, python_places, paths, project }
    }

    /// The file that a Python import in `from` means. `known` are import roots of SDKs, which never mean a file of
    /// the program unless a package folder of that name lies at a source root.
    pub fn python(&self, from: FileId, module: &str, known: impl Fn(&str) -> bool) -> Option<FileId> {
        let importer = &self.paths[from.0 as usize];
        let dots = module.bytes().take_while(|&b| b == b'.').count();
        let rest = &module[dots..];
        let path = normalise(&rest.replace('.', "/"));
        if dots > 0 {
            let mut folder = parent(importer);
            for _ in 1..dots {
                folder = parent(folder);
            }
            return self.python_at(folder, &path);
        }
        if module == DJANGO_SETTINGS {
            return self.django_settings(importer);
        }
        let root = rest.split('.').next().unwrap_or(rest);
        if !self.python_names.contains(root) {
            return None;
        }
        if known(root) {
            return ["", "src"].iter().find_map(|source| {
                let package = join(source, &format!("{root}/__init__.py"));
                self.by_path.get(package.as_str())?;
                self.python_at(source, &path)
            });
        }
        let mut folder = parent(importer);
        let mut base = String::new();
        loop {
            for below in ["", "src", "lib", "app", "backend", "python"] {
                base.clear();
                below_folder(&mut base, folder);
                below_folder(&mut base, below);
                let end = base.len();
                below_folder(&mut base, root);
                if !self.python_places.contains(&hash(&base)) {
                    continue;
                }
                if let Some(found) = self.python_at(&base[..end], &path) {
                    return Some(found);
                }
            }
            if folder.is_empty() {
                break;
            }
            folder = parent(folder);
        }
        self.python_anywhere(importer, rest)
    }

    /// The module that `django.conf.settings` stands for: the one that the nearest `manage.py` names.
    fn django_settings(&self, importer: &str) -> Option<FileId> {
        let around = |folder: &str| folder.is_empty() || importer.starts_with(&format!("{folder}/"));
        let projects = self.project.django.iter().filter(|(folder, _)| around(folder));
        let (folder, module) = projects.max_by_key(|(folder, _)| folder.len())?;
        self.python_at(folder, &normalise(&module.replace('.', "/")))
    }

    /// The file of a module, written as a path, below a folder.
    fn python_at(&self, folder: &str, module: &str) -> Option<FileId> {
        let mut path = folder.to_owned();
        below_folder(&mut path, module);
        let end = path.len();
        let endings: &[&str] = if module.is_empty() { &["__init__.py"] } else { &[".py", "/__init__.py", ".ipynb"] };
        endings.iter().find_map(|ending| {
            path.truncate(end);
            match module.is_empty() {
                true => below_folder(&mut path, ending),
                false => path.push_str(ending),
            }
            self.by_path.get(path.as_str()).copied()
        })
    }

    /// A module of at least two names whose path ends so in one place, or in one nearest place.
    fn python_anywhere(&self, importer: &str, module: &str) -> Option<FileId> {
        if !module.contains('.') {
            return None;
        }
        let last = module.rsplit('.').next()?;
        let tail = format!("/{}", module.replace('.', "/"));
        self.by_stem
            .get(last)?
            .iter()
            .copied()
            .filter(|id| {
                let path = self.paths[id.0 as usize].trim_end_matches(".py").trim_end_matches("/__init__");
                let path = format!("/{path}");
                // Folders of another case are the same ones where the file system does not tell them apart.
                path.len() >= tail.len()
                    && path.is_char_boundary(path.len() - tail.len())
                    && path[path.len() - tail.len()..].eq_ignore_ascii_case(&tail)
            })
            .max_by_key(|id| {
                let path = &self.paths[id.0 as usize];
                let exact = format!("/{path}").contains(&tail);
                let shared = path.bytes().zip(importer.bytes()).take_while(|(a, b)| a == b).count();
                (exact, shared, std::cmp::Reverse(path.len()), std::cmp::Reverse(*id))
            })
    }

    /// The file that a JavaScript or TypeScript import in `from` means.
    pub fn script(&self, from: FileId, module: &str) -> Option<FileId> {
        let importer = &self.paths[from.0 as usize];
        if module.starts_with('.') {
            return self.script_at(&join(parent(importer), module));
        }
        for (folder, pattern, targets) in &self.project.paths {
            if !folder.is_empty() && !importer.starts_with(&format!("{folder}/")) {
                continue;
            }
            let matched = match pattern.split_once('*') {
                Some((before, after)) => {
                    module.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)).map(str::to_owned)
                }
                None => (module == pattern).then(String::new),
            };
            let Some(star) = matched else { continue };
            if let Some(found) = targets.iter().find_map(|target| self.script_at(&target.replacen('*', &star, 1))) {
                return Some(found);
            }
        }
        for (name, folder, entries) in &self.project.packages {
            if let Some(rest) = module.strip_prefix(name.as_str()) {
                if rest.is_empty() {
                    if let Some(found) = entries.iter().find_map(|entry| self.script_at(entry)) {
                        return Some(found);
                    }
                } else if let Some(rest) = rest.strip_prefix('/') {
                    let found = ["", "src"].iter().find_map(|below| self.script_at(&join(&join(folder, below), rest)));
                    if found.is_some() {
                        return found;
                    }
                }
            }
        }
        // The usual meaning of `@/` and `~/` where no configuration was found.
        let rest = module.strip_prefix("@/").or_else(|| module.strip_prefix("~/"))?;
        let mut folder = parent(importer);
        loop {
            for below in ["", "src", "app"] {
                if let Some(found) = self.script_at(&join(&join(folder, below), rest)) {
                    return Some(found);
                }
            }
            if folder.is_empty() {
                return None;
            }
            folder = parent(folder);
        }
    }

    fn script_at(&self, path: &str) -> Option<FileId> {
        let path = normalise(path);
        let get = |path: &str| self.by_path.get(path).copied();
        if let Some(found) = get(&path) {
            return Some(found);
        }
        // `./x.js` in TypeScript means `./x.ts`.
        for written in [".js", ".jsx", ".mjs", ".cjs"] {
            if let Some(bare) = path.strip_suffix(written)
                && let Some(found) = SCRIPT_ENDINGS.iter().find_map(|ending| get(&format!("{bare}{ending}")))
            {
                return Some(found);
            }
        }
        SCRIPT_ENDINGS
            .iter()
            .find_map(|ending| get(&format!("{path}{ending}")))
            .or_else(|| SCRIPT_ENDINGS.iter().find_map(|ending| get(&join(&path, &format!("index{ending}")))))
    }

    /// The file at exactly this path.
    pub fn at(&self, path: &str) -> Option<FileId> {
        self.by_path.get(path).copied()
    }
}

fn hash(path: &str) -> u64 {
    FxBuildHasher.hash_one(path)
}

/// Appends a path to that of its folder.
fn below_folder(folder: &mut String, path: &str) {
    if !folder.is_empty() && !path.is_empty() {
        folder.push('/');
    }
    folder.push_str(path);
}

fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    if name == "__init__.py" {
        return parent(path).rsplit('/').next().unwrap_or("");
    }
    name.split('.').next().unwrap_or(name)
}

/// The folder that a path lies in; empty at the root.
pub fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Joins a folder and a relative path, following `.` and `..`.
pub fn join(folder: &str, path: &str) -> String {
    normalise(&format!("{folder}/{path}"))
}

fn normalise(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modules(paths: &[&str]) -> Modules {
        let files = paths.iter().map(|path| ((*path).into(), Language::of_path(path).expect("source")));
        Modules::new(files, Arc::default())
    }

    #[test]
    fn python_imports_are_found_from_their_source_root() {
        let all = modules(&["api.py", "src/app/__init__.py", "src/app/llm.py", "src/app/jobs/run.py", "src/openai.py"]);
        let known = |root: &str| root == "openai";
        assert_eq!(all.python(FileId(3), "app.llm", known), Some(FileId(2)));
        assert_eq!(all.python(FileId(3), "..llm", known), Some(FileId(2)));
        assert_eq!(all.python(FileId(0), "app", known), Some(FileId(1)));
        assert_eq!(all.python(FileId(3), "openai", known), None);
        assert_eq!(all.python(FileId(3), "json", known), None);
        let all = modules(&["backend/services/AI/lead.py", "backend/api/leads.py"]);
        assert_eq!(all.python(FileId(1), "services.ai.lead", known), Some(FileId(0)), "folders of another case");
        assert_eq!(all.python(FileId(1), "services.aid.lead", known), None);
    }

    #[test]
    fn the_settings_of_django_are_those_that_the_nearest_project_names() {
        let known = |root: &str| root == "openai";
        let paths = ["a/site/settings.py", "a/chat/llm.py", "b/conf/settings/__init__.py", "b/llm.py", "settings.py"];
        let named = |folder: &str, module: &str| (folder.to_owned(), module.to_owned());
        let django = vec![named("a", "site.settings"), named("b", "conf.settings")];
        let files = paths.iter().map(|path| ((*path).into(), Language::Python));
        let all = Modules::new(files, Arc::new(Project { django, ..Project::default() }));
        assert_eq!(all.python(FileId(1), DJANGO_SETTINGS, known), Some(FileId(0)));
        assert_eq!(all.python(FileId(3), DJANGO_SETTINGS, known), Some(FileId(2)));
        assert_eq!(all.python(FileId(4), DJANGO_SETTINGS, known), None);
    }

    #[test]
    fn script_imports_are_found_with_and_without_endings_and_by_alias() {
        let all = modules(&["src/lib/llm.ts", "src/app/page.tsx", "src/lib/index.ts"]);
        assert_eq!(all.script(FileId(1), "../lib/llm"), Some(FileId(0)));
        assert_eq!(all.script(FileId(1), "../lib/llm.js"), Some(FileId(0)));
        assert_eq!(all.script(FileId(1), "@/lib"), Some(FileId(2)));
        assert_eq!(all.script(FileId(1), "lib/llm"), None);
    }
}
