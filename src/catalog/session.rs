//! Where whole sessions stand, and what is known of the values in them: `queries/sessions/`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::sdk::kind;
use crate::program::{CallKind, Shape};

const FORMS: &str = include_str!("../../queries/sessions/forms.toml");
const ACTIONS: &str = include_str!("../../queries/sessions/actions.toml");
const VALUES: &str = include_str!("../../queries/sessions/values.toml");

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reader {
    /// YAML with commands of a shell and ready-made steps.
    Workflow,
    /// Commands of a shell.
    Shell,
    /// A head in YAML, and a text.
    Markdown,
    /// YAML with a list of messages.
    Messages,
    /// A record with a `prompt`.
    Record,
}

/// A kind of file that can hold sessions.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Form {
    /// The operation in reports.
    pub id: String,
    /// What a message calls it: "this step".
    pub says: String,
    /// How it is read.
    pub reader: Reader,
    /// What sort of work it defines.
    #[serde(deserialize_with = "kind", default = "chat")]
    pub kind: CallKind,
    #[serde(default)]
    folders: Vec<String>,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    endings: Vec<String>,
    /// Keys of the head: all of one of these lists must be there.
    #[serde(default)]
    pub heads: Vec<Vec<String>>,
}

fn chat() -> CallKind {
    CallKind::Chat
}

impl Form {
    /// Whether files at this relative path are of this form.
    fn is_at(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        if self.names.iter().any(|own| own == name) {
            return true;
        }
        let folder = &path[..path.len() - name.len()];
        let below = |own: &String| {
            folder.match_indices(own.as_str()).any(|(at, _)| {
                (at == 0 || folder.as_bytes()[at - 1] == b'/') && folder.as_bytes().get(at + own.len()) == Some(&b'/')
            })
        };
        self.endings.iter().any(|ending| name.ends_with(ending.as_str()))
            && (self.folders.is_empty() || self.folders.iter().any(below))
    }
}

/// A ready-made step that runs a model. Its inputs are named as in the `with` of a step.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Action {
    /// Its names, without a version.
    pub uses: Vec<String>,
    /// What sort of work it does.
    #[serde(deserialize_with = "kind")]
    pub kind: CallKind,
    /// What it asks.
    pub prompt: Vec<String>,
    /// What it says before.
    #[serde(default)]
    pub system: Vec<String>,
    /// Names of files that hold what it asks.
    #[serde(default)]
    pub elsewhere: Vec<String>,
    /// The model's name.
    #[serde(default)]
    pub model: Vec<String>,
    /// Arguments of its command line.
    #[serde(default)]
    pub arguments: Vec<String>,
}

/// What is known of values in a shell.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Values {
    scripts: Vec<String>,
    runners: Vec<String>,
    passes: Vec<String>,
    instructions: Vec<String>,
    endings: BTreeMap<String, Vec<String>>,
    commands: BTreeMap<String, Vec<String>>,
    expressions: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Forms {
    form: Vec<Form>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Actions {
    action: Vec<Action>,
}

/// All tables of sessions.
#[derive(Debug)]
pub struct SessionTables {
    /// Kinds of files, in the order in which they are tried.
    pub forms: Vec<Form>,
    /// Ready-made steps.
    pub actions: Vec<Action>,
    values: Values,
}

impl SessionTables {
    /// The embedded tables. The test of this module loads them, so that they cannot be wrong here.
    pub fn embedded() -> &'static Self {
        static TABLES: LazyLock<SessionTables> = LazyLock::new(|| SessionTables {
            forms: toml::from_str::<Forms>(FORMS).expect("queries/sessions/forms.toml is valid").form,
            actions: toml::from_str::<Actions>(ACTIONS).expect("queries/sessions/actions.toml is valid").action,
            values: toml::from_str(VALUES).expect("queries/sessions/values.toml is valid"),
        });
        &TABLES
    }

    /// The form of the file at a relative path.
    pub fn form_of(&self, path: &str) -> Option<&Form> {
        self.forms.iter().find(|form| form.is_at(path))
    }

    /// The ready-made step that `uses` names: `owner/name@v1`.
    pub fn action(&self, uses: &str) -> Option<&Action> {
        let name = uses.split('@').next().unwrap_or(uses);
        self.actions.iter().find(|action| action.uses.iter().any(|own| own.eq_ignore_ascii_case(name)))
    }

    /// Whether the value of a key of a workflow is commands of a shell.
    pub fn is_script(&self, key: &str) -> bool {
        self.values.scripts.iter().any(|own| own == key)
    }

    /// Whether a word goes before the program that is run.
    pub fn is_runner(&self, word: &str) -> bool {
        self.values.runners.iter().any(|own| own == word)
    }

    /// Whether a program hands its files or words on as they are.
    pub fn passes_on(&self, program: &str) -> bool {
        self.values.passes.iter().any(|own| own == program)
    }

    /// Whether a file's path says that it holds instructions for a model.
    pub fn is_instruction(&self, path: &str) -> bool {
        let path = path.to_lowercase();
        self.values.instructions.iter().any(|own| path.contains(own.as_str()))
    }

    /// The form of what a file holds, by the ending of its name.
    pub fn of_file(&self, name: &str) -> Option<Shape> {
        let (stem, ending) = name.rsplit('/').next()?.rsplit_once('.')?;
        let ending = ending.to_ascii_lowercase();
        let known = !stem.is_empty() && !ending.is_empty();
        known.then(|| shape(&self.values.endings, |own| *own == ending)).flatten()
    }

    /// The form of what a command prints; the longest beginning decides.
    pub fn of_command(&self, command: &str) -> Option<Shape> {
        let folded = command.split_whitespace().collect::<Vec<_>>().join(" ");
        let begins = |own: &str| folded.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
        let all = self.values.commands.iter().flat_map(|(name, list)| list.iter().map(move |own| (name, own)));
        let longest = all.filter(|(_, own)| begins(own)).max_by_key(|(_, own)| own.len())?;
        Shape::named(longest.0)
    }

    /// The form of an expression of a workflow, by its last name.
    pub fn of_expression(&self, expression: &str) -> Option<Shape> {
        let last = expression.trim().rsplit('.').next()?;
        shape(&self.values.expressions, |own| own == last)
    }
}

fn shape(table: &BTreeMap<String, Vec<String>>, is: impl Fn(&String) -> bool) -> Option<Shape> {
    Shape::named(table.iter().find(|(_, list)| list.iter().any(&is))?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_say_what_a_file_can_hold() {
        let tables = SessionTables::embedded();
        let form = |path: &str| tables.form_of(path).map(|form| (form.id.as_str(), form.heads.is_empty()));
        assert_eq!(form(".github/workflows/ci.yml"), Some(("workflow-step", true)));
        assert_eq!(form("a/.claude/agents/deep/x.md"), Some(("agent-file", true)));
        assert_eq!(form("plugins/a/agents/x.md"), Some(("agent-file", false)));
        assert_eq!(form("my.claude/agents.md"), None);
        assert_eq!(form("src/agents/x.py"), None);
        assert_eq!(form("docs/x.md"), None);
    }

    #[test]
    fn every_form_of_a_value_is_one() {
        let values = &SessionTables::embedded().values;
        for name in values.endings.keys().chain(values.commands.keys()).chain(values.expressions.keys()) {
            assert!(Shape::named(name).is_some(), "{name}");
        }
    }

    #[test]
    fn the_longest_beginning_of_a_command_decides() {
        let tables = SessionTables::embedded();
        assert_eq!(tables.of_command("git  diff --name-only main"), Some(Shape::List));
        assert_eq!(tables.of_command("git diff main"), Some(Shape::Code));
        assert_eq!(tables.of_command("dated"), None);
        assert_eq!(tables.of_file("a/b.CSV"), Some(Shape::Csv));
        assert_eq!(tables.of_expression("github.event.issue.title"), Some(Shape::FreeText));
    }
}
