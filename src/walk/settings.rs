//! What project files say about names of modules: `paths` of `tsconfig.json` and what it extends, names, entry points,
//! `exports` and `imports` of `package.json`, and the settings that Django's `manage.py` starts with.

use std::fs;
use std::path::Path;

use rustc_hash::FxHashSet;
use serde_json::Value;

use crate::resolve::modules::{Project, join, parent};

/// Bytes of a settings file beyond which it is not read.
const LARGEST: u64 = 1 << 20;

/// Files that a configuration is followed through by `extends`; more are a ring or nobody's.
const DEEPEST: usize = 8;

/// Conditions of `exports` and `imports`, in the order that leads nearest to the source.
const CONDITIONS: &[&str] =
    &["source", "development", "types", "import", "module", "node", "browser", "default", "require"];

/// Folders that builds write to, whose source stands in one of [`SOURCES`]: what is built is left out of the walk.
const BUILT: &[&str] = &["dist/esm/", "dist/cjs/", "dist/types/", "dist/", "build/", "lib/", "out/"];

/// The program that Django's commands are run by; it names the settings (`startproject`, Django 1.4 to 5.2).
const MANAGE: &str = "manage.py";

/// Folders that source is written in.
const SOURCES: &[&str] = &["src/", ""];

/// Whether a file says where modules are.
pub(super) fn is_settings(name: &str) -> bool {
    let config = name.starts_with("tsconfig") || name.starts_with("jsconfig");
    name == "package.json" || name == MANAGE || config && name.ends_with(".json")
}

/// Reads settings files, given by their paths below `base`; none outside of it is read.
pub(super) fn read(base: &Path, paths: &[String]) -> Project {
    let mut project = Project::default();
    let (programs, files): (Vec<&String>, Vec<&String>) = paths.iter().partition(|path| path.ends_with(MANAGE));
    let (packages, configs): (Vec<&String>, Vec<&String>) =
        files.into_iter().partition(|path| path.ends_with("package.json"));
    for path in programs {
        let named = text_at(base, path).and_then(|text| django_settings(&text));
        project.django.extend(named.map(|module| (parent(path).to_owned(), module)));
    }
    for path in packages {
        if let Some(json) = json_at(base, path) {
            read_package(&json, parent(path), &mut project);
        }
    }
    // Exact names before patterns, and of patterns the longest: as resolvers choose.
    let rank = |pattern: &str| (pattern.contains('*'), std::cmp::Reverse(pattern.len()));
    project.paths.sort_by_key(|(folder, pattern, _)| (std::cmp::Reverse(folder.len()), rank(pattern)));
    let mut read = Vec::new();
    for path in configs {
        read_config(base, path, &project, &mut read);
    }
    read.append(&mut project.paths);
    project.paths = read;
    project
}

fn text_at(base: &Path, path: &str) -> Option<String> {
    let absolute = base.join(path);
    let data = fs::metadata(&absolute).ok()?;
    let small = data.is_file() && data.len() <= LARGEST;
    small.then(|| fs::read_to_string(&absolute).ok()).flatten()
}

fn json_at(base: &Path, path: &str) -> Option<Value> {
    serde_json::from_str(&without_comments(&text_at(base, path)?)).ok()
}

/// The module in `os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site.settings")`.
fn django_settings(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("DJANGO_SETTINGS_MODULE")?;
    let rest = rest.trim_start_matches(['"', '\'']).trim_start().strip_prefix(',')?.trim_start();
    let rest = rest.strip_prefix(['"', '\''])?;
    let end = rest.find(['"', '\''])?;
    let module = &rest[..end];
    let is_dotted = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    (!module.is_empty() && module.chars().all(is_dotted)).then(|| module.to_owned())
}

/// Adds the patterns of a `tsconfig.json`, its own or those of the nearest file that it extends.
fn read_config(base: &Path, path: &str, project: &Project, out: &mut Vec<(String, String, Vec<String>)>) {
    let scope = parent(path);
    let mut seen = FxHashSet::default();
    let mut next = vec![path.to_owned()];
    let (mut has_paths, mut has_base) = (false, false);
    while let Some(path) = next.pop() {
        if seen.len() >= DEEPEST || !seen.insert(path.clone()) {
            continue;
        }
        let Some(json) = json_at(base, &path) else { continue };
        let options = &json["compilerOptions"];
        let folder = join(parent(&path), options["baseUrl"].as_str().unwrap_or("."));
        if let (false, Some(paths)) = (has_paths, options["paths"].as_object()) {
            has_paths = true;
            out.extend(paths.iter().map(|(pattern, targets)| {
                let targets = targets.as_array().into_iter().flatten().filter_map(Value::as_str);
                (scope.to_owned(), pattern.clone(), targets.map(|target| join(&folder, target)).collect())
            }));
        }
        if !has_base && options["baseUrl"].is_string() {
            has_base = true;
            out.push((scope.to_owned(), "*".to_owned(), vec![join(&folder, "*")]));
        }
        // Of several the last one overrides those before it.
        match &json["extends"] {
            Value::String(other) => next.extend(extended(base, parent(&path), other, project)),
            Value::Array(others) => {
                let others = others.iter().filter_map(Value::as_str);
                next.extend(others.flat_map(|other| extended(base, parent(&path), other, project)));
            }
            _ => {}
        }
    }
}

/// Where a file that a configuration extends can lie: beside it, or in a package of the workspace.
fn extended(base: &Path, folder: &str, other: &str, project: &Project) -> Option<String> {
    let path = if other.starts_with('.') {
        join(folder, other)
    } else {
        project.packages.iter().find_map(|(name, folder, _)| {
            let rest = other.strip_prefix(name.as_str())?;
            (rest.is_empty() || rest.starts_with('/')).then(|| join(folder, rest))
        })?
    };
    let tries = [path.clone(), format!("{path}.json"), join(&path, "tsconfig.json")];
    tries.into_iter().find(|path| base.join(path).is_file())
}

fn read_package(json: &Value, folder: &str, project: &mut Project) {
    // `imports` hold for the package's own files.
    for (pattern, value) in json["imports"].as_object().into_iter().flatten() {
        project.paths.push((folder.to_owned(), pattern.clone(), targets(value, folder)));
    }
    let Some(name) = json["name"].as_str().filter(|name| !name.is_empty()) else {
        return;
    };
    let mut entries = Vec::new();
    for key in ["source", "module", "main", "types"] {
        entries.extend(json[key].as_str().map(|entry| join(folder, entry)));
    }
    let exports = &json["exports"];
    let is_subpath = |key: &String| key.starts_with('.');
    match exports.as_object().filter(|exports| exports.keys().any(is_subpath)) {
        Some(exports) => {
            for (subpath, value) in exports {
                match subpath.strip_prefix("./") {
                    // Every file of the program may import a package by its name.
                    Some(rest) => {
                        project.paths.push((String::new(), format!("{name}/{rest}"), targets(value, folder)));
                    }
                    None => entries.extend(targets(value, folder)),
                }
            }
        }
        None => entries.extend(targets(exports, folder)),
    }
    // What is built is left out of the walk: its source most likely stands here.
    for guess in ["src/index", "index", "src/main", "lib/index"] {
        entries.push(join(folder, guess));
    }
    project.packages.push((name.to_owned(), folder.to_owned(), entries));
}

/// The files that a value of `exports` leads to, under any condition, and where the source of built ones can stand.
fn targets(value: &Value, folder: &str) -> Vec<String> {
    let mut written = Vec::new();
    collect(value, &mut written, 0);
    let mut out: Vec<String> = written.iter().map(|path| join(folder, path)).collect();
    for path in written {
        let path = path.trim_start_matches("./");
        let Some(rest) = BUILT.iter().find_map(|built| path.strip_prefix(built)) else { continue };
        let bare = [".d.ts", ".js", ".mjs", ".cjs"].iter().find_map(|ending| rest.strip_suffix(ending)).unwrap_or(rest);
        out.extend(SOURCES.iter().map(|source| join(folder, &format!("{source}{bare}"))));
    }
    out
}

fn collect<'a>(value: &'a Value, out: &mut Vec<&'a str>, depth: usize) {
    match value {
        Value::String(path) => out.push(path),
        Value::Array(values) if depth < DEEPEST => values.iter().for_each(|value| collect(value, out, depth + 1)),
        Value::Object(conditions) if depth < DEEPEST => {
            for condition in CONDITIONS {
                if let Some(value) = conditions.get(*condition) {
                    collect(value, out, depth + 1);
                }
            }
        }
        _ => {}
    }
}

/// Drops `//` and `/* */` comments and trailing commas outside strings, as `tsconfig.json` allows them.
fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut in_string = false;
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                in_string = !in_string;
                out.push(c);
            }
            '\\' if in_string => {
                out.push(c);
                out.extend(chars.next());
            }
            '/' if !in_string && chars.peek() == Some(&'/') => while chars.next_if(|&c| c != '\n').is_some() {},
            '/' if !in_string && chars.peek() == Some(&'*') => {
                chars.next();
                let mut before = ' ';
                for c in chars.by_ref() {
                    if before == '*' && c == '/' {
                        break;
                    }
                    before = c;
                }
            }
            '}' | ']' if !in_string => {
                while out.ends_with(|c: char| c.is_whitespace()) {
                    out.pop();
                }
                if out.ends_with(',') {
                    out.pop();
                }
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_with_comments_and_trailing_commas_are_read() {
        let text = "{ // base\n \"a\": \"x//y\", /* no */ \"b\": [1, 2,], }";
        let json: serde_json::Value = serde_json::from_str(&without_comments(text)).expect("valid");
        assert_eq!(json["a"], "x//y");
        assert_eq!(json["b"][1], 2);
    }

    #[test]
    fn programs_of_django_name_their_settings() {
        let text = "def main():\n    os.environ.setdefault('DJANGO_SETTINGS_MODULE', \"site.settings\")\n";
        assert_eq!(django_settings(text).as_deref(), Some("site.settings"));
        assert_eq!(django_settings("os.environ.setdefault('DJANGO_SETTINGS_MODULE', name)"), None);
        assert_eq!(django_settings("print('manage')"), None);
    }

    #[test]
    fn exports_lead_to_sources_of_what_is_built() {
        let json = serde_json::json!({
            "name": "@acme/ai",
            "imports": {"#lib/*": "./src/lib/*.ts"},
            "exports": {
                ".": {"types": "./dist/index.d.ts", "import": "./dist/index.js"},
                "./ask": {"node": {"import": "./dist/ask.js"}},
                "./prompts/*": "./src/prompts/*.ts",
            },
        });
        let mut project = Project::default();
        read_package(&json, "packages/ai", &mut project);
        let of = |pattern: &str| project.paths.iter().find(|(_, known, _)| known == pattern).expect(pattern);
        assert_eq!(of("@acme/ai/prompts/*").2, ["packages/ai/src/prompts/*.ts"]);
        assert_eq!(of("@acme/ai/prompts/*").0, "", "for every file of the program");
        assert!(of("@acme/ai/ask").2.contains(&"packages/ai/src/ask".to_owned()));
        assert_eq!(of("#lib/*").0, "packages/ai", "for the package's own files alone");
        assert!(project.packages[0].2.contains(&"packages/ai/src/index".to_owned()));
    }

    #[test]
    fn a_configuration_is_followed_through_what_it_extends() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("has one")).expect("made");
            fs::write(path, text).expect("written");
        };
        write("packages/config/package.json", r#"{"name": "@acme/config"}"#);
        write("packages/config/next.json", r#"{"extends": "./base.json"}"#);
        write("packages/config/base.json", r#"{"compilerOptions": {"paths": {"~/*": ["../../apps/web/src/*"]}}}"#);
        write("apps/web/tsconfig.json", r#"{"extends": "@acme/config/next.json"}"#);
        write("apps/api/tsconfig.json", r#"{"extends": "./tsconfig.json"}"#);
        let paths = ["apps/api/tsconfig.json", "apps/web/tsconfig.json", "packages/config/package.json"];
        let project = read(folder.path(), &paths.map(str::to_owned));
        assert_eq!(project.paths, [("apps/web".to_owned(), "~/*".to_owned(), vec!["apps/web/src/*".to_owned()])]);
    }
}
