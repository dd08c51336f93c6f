//! What one table says: its keys, as they are read.

use serde::Deserialize;

use super::project::Project;
use crate::program::CallKind;

/// One SDK.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Sdk {
    /// Its name in reports.
    pub id: String,
    /// The day these facts were read from the SDK's own source.
    pub checked: String,
    /// Whose prices hold, if it is one maker's SDK.
    pub provider: Option<String>,
    /// Modules that it is imported from.
    pub modules: Modules,
    /// Whether a module of the project goes before one of the SDK's of the same name.
    #[serde(default)]
    pub local_first: bool,
    /// Environment variables that it takes the model from where the code names none.
    #[serde(default)]
    pub model_env: Vec<String>,
    /// Where a program puts the client that the SDK takes where none is given: `Settings.llm`, as it is written.
    #[serde(default)]
    pub default_kept: Vec<String>,
    /// Functions of the SDK that are given such a client, and the argument that it is: `configure(lm=…)`.
    #[serde(default)]
    pub default_set: Vec<DefaultSet>,
    /// Further text that marks a file as relevant.
    #[serde(default)]
    pub literals: Vec<String>,
    /// Objects that calls are made on.
    #[serde(default, rename = "client")]
    pub clients: Vec<Client>,
    /// What asks a model.
    #[serde(default, rename = "operation")]
    pub operations: Vec<Operation>,
    /// Constructors of chat messages.
    #[serde(default, rename = "message")]
    pub messages: Vec<Message>,
    /// Constructors of prompt templates.
    #[serde(default, rename = "template")]
    pub templates: Vec<Template>,
    /// Calls that look like an operation and are none.
    #[serde(default, rename = "lookalike")]
    pub lookalikes: Vec<Lookalike>,
    /// Parts of host names that are providers', for raw HTTP.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// URLs of providers, for raw HTTP.
    #[serde(default, rename = "endpoint")]
    pub endpoints: Vec<Endpoint>,
    /// Command line programs that ask a model.
    #[serde(default, rename = "program")]
    pub programs: Vec<Program>,
    /// Classes that a decorator gives attributes to.
    #[serde(default, rename = "project")]
    pub projects: Vec<Project>,
}

/// A function that is given the client of all calls that name none.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DefaultSet {
    /// Its last name.
    pub function: String,
    /// The keyword of the client.
    pub argument: String,
}

/// A list of records, each of which says which model one name stands for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Aliases {
    /// Where the list is handed in.
    pub list: Vec<String>,
    /// The field of the name.
    pub name: String,
    /// The fields that lead to the model.
    pub model: Vec<String>,
}

/// Modules by language; `*` stands for the rest of one name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Modules {
    /// Dotted Python modules.
    pub python: Vec<String>,
    /// npm packages.
    pub typescript: Vec<String>,
}

impl Modules {
    pub(super) fn of(&self, python: bool) -> &[String] {
        if python { &self.python } else { &self.typescript }
    }
}

/// An object that calls are made on.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Client {
    /// Its name within the table.
    pub id: String,
    /// Last names of its constructors and factories, wherever in the SDK's modules they stand.
    pub names: Vec<String>,
    /// Members of other clients that give it: `<client>.<path>`.
    #[serde(default)]
    pub from: Vec<String>,
    /// Members by which classes of the SDK keep it for their heirs: `<class>.<member>`.
    #[serde(default)]
    pub kept: Vec<String>,
    /// Where its constructor takes the model.
    #[serde(default)]
    pub model: Vec<String>,
    /// The model when none is given.
    pub model_default: Option<String>,
    /// Where its constructor takes models by names that the program gives them.
    #[serde(default)]
    pub named_models: Vec<String>,
    /// Where its constructor takes prompt text.
    #[serde(default)]
    pub prompt: Vec<String>,
    /// How places to fill are marked in that text, if they are: as in [`Template::marks`].
    pub marks: Option<String>,
    /// Where its constructor takes a schema of the values that go in.
    #[serde(default)]
    pub inputs: Vec<String>,
    /// Where its constructor takes instructions.
    #[serde(default)]
    pub system: Vec<String>,
    /// Where its constructor takes an output cap.
    #[serde(default)]
    pub output_limit: Vec<String>,
    /// Where its constructor takes a temperature.
    #[serde(default)]
    pub temperature: Vec<String>,
    /// Where its constructor takes tools.
    #[serde(default)]
    pub tools: Vec<String>,
    /// Where its constructor takes a list of what models its own names stand for.
    pub aliases: Option<Aliases>,
    /// Methods that, as decorators, make a function's text a part of the object's instructions.
    #[serde(default)]
    pub instructed_by: Vec<String>,
    /// Methods that, as decorators, make a function a tool of the object.
    #[serde(default)]
    pub tools_by: Vec<String>,
    /// Method names that give it on a receiver that is not known, where no other library has them.
    #[serde(default)]
    pub weak_from: Vec<String>,
    /// Text of which some must stand among the constructor's arguments, where the name alone proves nothing.
    #[serde(default)]
    pub only_with: Vec<String>,
    /// Whether a prompt template piped into something unknown is one.
    #[serde(default)]
    pub piped: bool,
    /// Whether its model is that of a part handed to it.
    #[serde(default)]
    pub carries_model: bool,
    /// Last names of decorators that make it of a function; the paths `doc`, `ret` and `arguments` are then the
    /// function's docstring, what it returns, and what it is called with.
    #[serde(default)]
    pub decorators: Vec<String>,
    /// Members that add what they are handed last to it.
    #[serde(default)]
    pub gathers: Vec<String>,
    /// Whether its operations count only if a model is among what was added to it.
    #[serde(default)]
    pub needs_model: bool,
}

/// A way of asking a model.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Operation {
    /// Its name within the table.
    pub id: String,
    /// What sort of model work it is.
    #[serde(deserialize_with = "kind")]
    pub kind: CallKind,
    /// Clients that it is called on.
    #[serde(default)]
    pub on: Vec<String>,
    /// Member paths on those clients; `()` is calling the object itself.
    #[serde(default)]
    pub methods: Vec<String>,
    /// Functions of the SDK's modules.
    #[serde(default)]
    pub functions: Vec<String>,
    /// Functions of the language itself.
    #[serde(default)]
    pub builtins: Vec<String>,
    /// Arguments of which one must be given for anything to be sent.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Whether the member path alone proves it.
    #[serde(default)]
    pub unmistakable: bool,
    /// Sets of keywords, one of which makes a match on the path alone acceptable.
    #[serde(default)]
    pub requires: Vec<Vec<String>>,
    /// Single method names that are telling without a receiver.
    #[serde(default)]
    pub weak_names: Vec<String>,
    /// Member paths at the end of any receiver, for objects that the host hands over.
    #[serde(default)]
    pub path_ends: Vec<String>,
    /// Beginnings of a model name that `path-ends` needs.
    #[serde(default)]
    pub requires_model_prefix: Vec<String>,
    /// The client that must be handed over as the first argument.
    pub argument_client: Option<String>,
    /// Where the URL stands, for raw HTTP: the call counts if it is a provider's.
    #[serde(default)]
    pub url: Vec<String>,
    /// Where the beginning of a URL stands that is a path only.
    #[serde(default)]
    pub base: Vec<String>,
    /// Where the command line stands: the call counts if it runs a program that asks a model.
    #[serde(default)]
    pub argv: Vec<String>,
    /// Where the model stands.
    #[serde(default)]
    pub model: Vec<String>,
    /// The model when none is given.
    pub model_default: Option<String>,
    /// Where prompt text stands.
    #[serde(default)]
    pub prompt: Vec<String>,
    /// Where instructions stand.
    #[serde(default)]
    pub system: Vec<String>,
    /// Where the output cap stands.
    #[serde(default)]
    pub output_limit: Vec<String>,
    /// Where a schema of the answer stands.
    #[serde(default)]
    pub structured: Vec<String>,
    /// Where the temperature stands.
    #[serde(default)]
    pub temperature: Vec<String>,
    /// Where reasoning effort stands.
    #[serde(default)]
    pub reasoning: Vec<String>,
    /// Where prompt caching is asked for.
    #[serde(default)]
    pub cache: Vec<String>,
    /// Where tools stand.
    #[serde(default)]
    pub tools: Vec<String>,
    /// Where the largest number of turns stands.
    #[serde(default)]
    pub turn_cap: Vec<String>,
}

/// A constructor of a chat message.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Message {
    /// Last names of the constructors.
    pub names: Vec<String>,
    /// The role it gives.
    pub role: String,
    /// Where a role is given instead.
    #[serde(default)]
    pub role_at: Vec<String>,
    /// Where the text stands.
    pub content: Vec<String>,
}

/// A constructor of a prompt template.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Template {
    /// Last names of the constructors.
    pub names: Vec<String>,
    /// Where the text or the messages stand.
    #[serde(default)]
    pub text: Vec<String>,
    /// Where the name of the file stands that the text is in.
    #[serde(default)]
    pub file: Vec<String>,
    /// What stands around such a name to make it a path, with `*` in its place; without it the name is the path.
    #[serde(default)]
    pub paths: Vec<String>,
    /// How places to fill are marked: `brace`, `mustache`, `dollar`, `handlebars`.
    pub marks: String,
}

/// A call that looks like an operation and is none.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Lookalike {
    /// Its name.
    pub id: String,
    /// Ends of the callee.
    pub ends: Vec<String>,
    /// Keywords any of which gives it away.
    #[serde(default)]
    pub keywords: Vec<String>,
}

/// URLs of a provider.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Endpoint {
    /// Parts of the URL.
    pub url: Vec<String>,
    /// Fields of the body of which one must be there, where the URL alone proves nothing.
    #[serde(default)]
    pub needs: Vec<String>,
    /// What sort of model work it is.
    #[serde(deserialize_with = "kind")]
    pub kind: CallKind,
    /// What stands before the model's name in the URL.
    #[serde(default)]
    pub model_in_url: Vec<String>,
}

/// A command line program that asks a model.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Program {
    /// Its names.
    pub names: Vec<String>,
    /// Flags that make it ask; the prompt follows.
    #[serde(default)]
    pub prompt_flags: Vec<String>,
    /// Subcommands that make it ask.
    #[serde(default)]
    pub subcommands: Vec<String>,
    /// Subcommands that do not, where it asks without any.
    #[serde(default)]
    pub not_subcommands: Vec<String>,
    /// Flags before the model.
    #[serde(default)]
    pub model_flags: Vec<String>,
    /// Flags before what is said ahead of the prompt.
    #[serde(default)]
    pub system_flags: Vec<String>,
    /// Flags before another value that is no prompt.
    #[serde(default)]
    pub value_flags: Vec<String>,
    /// Whether text alone makes it ask.
    #[serde(default)]
    pub bare: bool,
    /// Whether it sends what it is given to a URL: it counts if that is an `[[endpoint]]`.
    #[serde(default)]
    pub sends: bool,
    /// Whether it runs the command that follows.
    #[serde(default)]
    pub runs: bool,
    /// Whether the model follows the subcommand.
    #[serde(default)]
    pub model_after_subcommand: bool,
}

impl Program {
    /// Whether it asks a model itself: it neither runs what follows nor sends it somewhere.
    pub fn asks(&self) -> bool {
        !self.runs && !self.sends
    }
}

pub(in crate::catalog) fn kind<'de, D: serde::Deserializer<'de>>(from: D) -> Result<CallKind, D::Error> {
    let name = String::deserialize(from)?;
    Ok(match name.as_str() {
        "chat" => CallKind::Chat,
        "agent" => CallKind::Agent,
        "embedding" => CallKind::Embedding,
        "image" => CallKind::Image,
        "audio" => CallKind::Audio,
        "moderation" => CallKind::Moderation,
        "batch" => CallKind::Batch,
        "other" => CallKind::Other,
        other => {
            return Err(serde::de::Error::custom(format!("`{other}` is no kind of call")));
        }
    })
}
