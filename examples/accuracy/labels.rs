//! Reads hand labels in either of the two formats, told apart by the keys of the rows.

use std::error::Error;
use std::fs;
use std::path::Path;

use regex::Regex;
use serde_json::Value;

/// How a report at a labelled place counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Must be found.
    Scored,
    /// May be found or not.
    Neutral,
    /// Looks like a model call and is none.
    Trap,
}

/// One labelled place.
#[derive(Debug)]
pub struct Site {
    pub file: String,
    pub line: u64,
    pub end_line: u64,
    /// The line of the called name in a chain over several lines.
    pub callee_line: Option<u64>,
    /// The SDK call inside a wrapper of the same file; as right a place as `line`.
    pub sdk_line: Option<u64>,
    pub callee: String,
    pub standing: Standing,
    /// The role that a report should give the call, where the labels say.
    pub role: Option<&'static str>,
    /// A distinctive piece of the prompt; empty where the call has none.
    pub key: String,
    /// Whether all of the prompt stands in other files than the call.
    pub elsewhere: bool,
    pub verdict: String,
    pub category: Option<String>,
    /// Whether the verdict is beyond dispute: neither borderline nor with alternatives.
    pub firm: bool,
    pub model: Option<String>,
    pub in_loop: Option<bool>,
    pub output: String,
    /// Levers of SW2 to SW9 that a reviewer could ground at the call, where the labels speak of levers at all.
    pub levers: Option<Vec<String>>,
}

/// The labelled places of one repository, or all single-file cases.
pub struct Repo {
    pub name: String,
    /// The folder below the root that is audited; `None` for the root itself.
    pub folder: Option<String>,
    /// Whether calls without a label are neutral (single-file cases) or false alarms.
    pub cases: bool,
    scope: Vec<Regex>,
    exclude: Vec<Regex>,
    pub sites: Vec<Site>,
}

impl Repo {
    /// Whether the labels claim to be complete for this file.
    pub fn in_scope(&self, path: &str) -> bool {
        self.scope.iter().any(|s| s.is_match(path)) && !self.exclude.iter().any(|e| e.is_match(path))
    }
}

/// Loads a label file, or every `labels.jsonl` below a folder.
pub fn load(path: &Path) -> Result<Vec<Repo>, Box<dyn Error>> {
    let mut files = Vec::new();
    if path.is_dir() {
        find(path, &mut files)?;
        files.sort();
    } else {
        files.push(path.to_path_buf());
    }
    let mut repos = Vec::new();
    for file in &files {
        let rows = rows(file)?;
        if rows.iter().any(|r| r.get("repo").is_some()) {
            repos.extend(load_repos(&rows, file.parent().unwrap_or(Path::new(".")))?);
        } else {
            repos.push(Repo {
                name: "single-file cases".to_owned(),
                folder: None,
                cases: true,
                scope: vec![glob(".")?],
                exclude: Vec::new(),
                sites: rows.iter().map(case).collect(),
            });
        }
    }
    Ok(repos)
}

fn find(folder: &Path, files: &mut Vec<std::path::PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            find(&path, files)?;
        } else if path.file_name().is_some_and(|n| n == "labels.jsonl") {
            files.push(path);
        }
    }
    Ok(())
}

fn rows(path: &Path) -> Result<Vec<Value>, Box<dyn Error>> {
    let text = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let lines = text.lines().filter(|l| !l.trim().is_empty());
    Ok(lines.map(serde_json::from_str).collect::<Result<_, _>>().map_err(|e| format!("{}: {e}", path.display()))?)
}

fn load_repos(labels: &[Value], beside: &Path) -> Result<Vec<Repo>, Box<dyn Error>> {
    let mut points = Vec::new();
    for (name, standing) in [("neutral.jsonl", Standing::Neutral), ("traps.jsonl", Standing::Trap)] {
        if beside.join(name).is_file() {
            let rows = rows(&beside.join(name))?;
            points.extend(rows.into_iter().map(|row| (row, standing)));
        }
    }
    let mut repos = Vec::new();
    for meta in rows(&beside.join("repos.jsonl"))? {
        let name = text(&meta["repo"]);
        let globs = |v: &Value| -> Result<Vec<Regex>, regex::Error> {
            let list = v.as_array().into_iter().flatten();
            list.filter_map(Value::as_str).map(glob).collect()
        };
        let mine = |row: &&Value| row["repo"] == meta["repo"];
        let mut sites: Vec<Site> = labels.iter().filter(mine).map(call_site).collect();
        let points = points.iter().filter(|(row, _)| mine(&row));
        sites.extend(points.map(|(row, standing)| site(row, *standing)));
        repos.push(Repo {
            folder: Some(name.replace('/', "+")),
            name,
            cases: false,
            scope: globs(&meta["scope"])?,
            exclude: globs(&meta["exclude"])?,
            sites,
        });
    }
    Ok(repos)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// What the formats share; a point of `neutral.jsonl` or `traps.jsonl` has nothing more.
fn site(row: &Value, standing: Standing) -> Site {
    let line = row["line"].as_u64().unwrap_or_default();
    let alternatives = row["alt_verdicts"].as_array().is_some_and(|a| !a.is_empty());
    Site {
        file: text(&row["file"]),
        line,
        end_line: row["end_line"].as_u64().unwrap_or(line),
        callee_line: row["callee_line"].as_u64(),
        sdk_line: row["sdk_line"].as_u64(),
        callee: text(row.get("callee").unwrap_or(&row["why"])),
        standing,
        role: None,
        key: text(&row["prompt_key"]),
        elsewhere: false,
        verdict: text(&row["verdict"]),
        category: row["category"].as_str().map(str::to_owned),
        firm: row["borderline"] != true && !alternatives,
        model: row["model"].as_str().map(str::to_owned),
        in_loop: row["in_loop"].as_bool(),
        output: text(&row["output_use"]),
        levers: row["levers"].as_array().map(|levers| levers.iter().map(text).collect()),
    }
}

fn call_site(row: &Value) -> Site {
    let (kind, own) = (row["kind"].as_str(), row["logical"] == true);
    let neutral = kind == Some("other-model") || kind == Some("logical") && !own || row["optional"] == true;
    let places = row["prompt_where"].as_array().map_or(&[][..], Vec::as_slice);
    Site {
        role: match (kind, own) {
            (Some("api"), true) => Some("direct"),
            (Some("api"), false) => Some("wrapper"),
            (Some("logical"), true) => Some("via-wrapper"),
            _ => None,
        },
        elsewhere: !places.is_empty() && places.iter().all(|p| p["file"] != row["file"]),
        ..site(row, if neutral { Standing::Neutral } else { Standing::Scored })
    }
}

fn case(row: &Value) -> Site {
    let file = text(&row["file"]);
    Site {
        // The audited folder is `files/` itself.
        file: file.strip_prefix("files/").unwrap_or(&file).to_owned(),
        callee: text(&row["id"]),
        key: longest_piece(row["prompt"].as_str().unwrap_or_default()),
        ..site(row, Standing::Scored)
    }
}

/// These labels carry the whole prompt; its longest piece between interpolations, role marks and
/// line ends is what an audit that read the prompt must have seen, however it was put together.
fn longest_piece(prompt: &str) -> String {
    let plain = ["[system]", "[user]", "[assistant]"].iter().fold(prompt.to_owned(), |p, mark| p.replace(mark, "\n"));
    let pieces = plain.split(['{', '}', '\n', '\\', '`']).map(str::trim);
    let longest = pieces.max_by_key(|p| p.chars().count()).unwrap_or_default();
    longest.chars().take(60).collect()
}

/// `*` stays inside a folder, `**` spans folders, and a folder covers what is below it.
fn glob(pattern: &str) -> Result<Regex, regex::Error> {
    let pattern = pattern.trim_end_matches('/');
    if pattern.is_empty() || pattern == "." {
        return Regex::new("");
    }
    let body = regex::escape(pattern).replace(r"\*\*/", "(?:.*/)?").replace(r"\*\*", ".*").replace(r"\*", "[^/]*");
    Regex::new(&format!("^{body}(?:/.*)?$"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_cover_folders_and_stay_inside_them() {
        assert!(glob("src/**/test*").unwrap().is_match("src/a/b/test_x.py"));
        assert!(glob("src").unwrap().is_match("src/a.py"));
        assert!(!glob("src").unwrap().is_match("srcs/a.py"));
        assert!(!glob("src/*.py").unwrap().is_match("src/a/b.py"));
        assert!(glob("app/(new)/[id]").unwrap().is_match("app/(new)/[id]/route.ts"));
        assert!(glob(".").unwrap().is_match("anything"));
    }

    #[test]
    fn longest_piece_skips_holes_and_marks() {
        assert_eq!(longest_piece("[system] Short.\n[user] A longer piece {hole} tail"), "A longer piece");
    }
}
