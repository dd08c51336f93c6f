//! SDK tables: what makes a client, which of its members ask a model, and where model, prompt and limits stand.
//!
//! To add an SDK: a file in `queries/sdks/`, its line in [`FILES`], and a case in `fixtures/sdks/`. The keys are
//! explained in `queries/README.md`.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use serde::Deserialize;

use crate::program::CallKind;

macro_rules! tables {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../queries/sdks/", $name, ".toml")))),*]
    };
}

/// The embedded tables by file name.
pub const FILES: &[(&str, &str)] = tables![
    "adk",
    "agent-framework",
    "agents",
    "agno",
    "ai",
    "aisuite",
    "anthropic",
    "autogen",
    "ax",
    "azure-inference",
    "bedrock",
    "browser-use",
    "cerebras",
    "chatgpt",
    "claude-agent",
    "cli",
    "cloudflare",
    "codex-sdk",
    "cohere",
    "copilot-sdk",
    "crewai",
    "dashscope",
    "dspy",
    "ell",
    "fireworks",
    "genkit",
    "google",
    "groq",
    "guidance",
    "haystack",
    "http",
    "huggingface",
    "instructor",
    "langchain",
    "langextract",
    "litellm",
    "llama-index",
    "llm-py",
    "lookalikes",
    "magentic",
    "marvin",
    "mastra",
    "mem0",
    "mirascope",
    "mistral",
    "ollama",
    "openai",
    "outlines",
    "pydantic-ai",
    "replicate",
    "semantic-kernel",
    "smolagents",
    "strands",
    "together",
    "unresolved",
    "watsonx",
    "xai",
];

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

/// What a decorator of the SDK gives to the class that it stands at.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Project {
    /// Qualified name of the class decorator.
    pub decorator: String,
    /// Attributes that name a data file, and are read as what the file holds.
    #[serde(default)]
    pub data: Vec<ProjectData>,
    /// Attributes that hold what all methods with a decorator make.
    #[serde(default)]
    pub collect: Vec<ProjectCollect>,
}

/// An attribute that is read as what a data file holds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectData {
    /// Its name.
    pub attribute: String,
    /// The file where the attribute is not set, relative to the module's folder.
    pub default: String,
}

/// An attribute that holds what decorated methods make.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectCollect {
    /// Its name.
    pub attribute: String,
    /// Qualified name of the method decorator.
    pub decorator: String,
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
    fn of(&self, python: bool) -> &[String] {
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
    /// Where its constructor takes the model.
    #[serde(default)]
    pub model: Vec<String>,
    /// The model when none is given.
    pub model_default: Option<String>,
    /// Where its constructor takes prompt text.
    #[serde(default)]
    pub prompt: Vec<String>,
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
    /// Method names that give it on a receiver that is not known, where no other library has them.
    #[serde(default)]
    pub weak_from: Vec<String>,
    /// Text of which some must stand among the constructor's arguments, where the name alone proves nothing.
    #[serde(default)]
    pub only_with: Vec<String>,
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
    pub text: Vec<String>,
    /// How places to fill are marked: `brace`, `mustache`, `dollar`.
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
    /// Whether the model follows the subcommand.
    #[serde(default)]
    pub model_after_subcommand: bool,
}

fn kind<'de, D: serde::Deserializer<'de>>(from: D) -> Result<CallKind, D::Error> {
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

/// All SDK tables with their lookups.
#[derive(Debug)]
pub struct SdkCatalog {
    sdks: Vec<Sdk>,
    operation_names: HashSet<String>,
    weak_names: HashSet<String>,
    python: Owners,
    typescript: Owners,
}

/// Modules by the first part of their name, so that a qualified name is compared with few of them.
#[derive(Debug, Default)]
struct Owners {
    by_root: HashMap<String, Vec<(usize, usize)>>,
    /// Modules whose first part holds a `*`.
    open: Vec<(usize, usize)>,
}

impl Owners {
    fn new(sdks: &[Sdk], python: bool) -> Self {
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
        owners
    }

    fn root(python: bool, path: &str) -> &str {
        let ends: &[char] = if python { &['.'] } else { &['/', '#'] };
        path.split(ends).next().unwrap_or(path)
    }

    /// The modules that a qualified name may lie in, as SDK and number of the module, in order of the tables.
    fn of(&self, python: bool, path: &str) -> Vec<(usize, usize)> {
        let mut all: Vec<_> = self.by_root.get(Self::root(python, path)).cloned().unwrap_or_default();
        all.extend(&self.open);
        all.sort_unstable();
        all
    }
}

impl SdkCatalog {
    /// The embedded tables. A test loads them, so that they cannot be wrong here.
    pub fn embedded() -> &'static Self {
        static CATALOG: LazyLock<SdkCatalog> =
            LazyLock::new(|| SdkCatalog::read(FILES).expect("the embedded SDK tables are valid"));
        &CATALOG
    }

    /// Reads tables.
    ///
    /// # Errors
    /// What is wrong, with the file's name: a syntax error, an unknown key, an unknown client.
    pub fn read(files: &[(&str, &str)]) -> Result<Self, String> {
        let mut sdks = Vec::new();
        for (name, text) in files {
            let sdk: Sdk = toml::from_str(text).map_err(|error| format!("{name}.toml: {error}"))?;
            for operation in &sdk.operations {
                for client in operation.on.iter().chain(&operation.argument_client) {
                    if !sdk.clients.iter().any(|known| known.id == *client) {
                        return Err(format!("{name}.toml: operation `{}` names no client `{client}`", operation.id));
                    }
                }
            }
            sdks.push(sdk);
        }
        let operation_names = sdks
            .iter()
            .flat_map(|sdk| &sdk.operations)
            .flat_map(|operation| operation.methods.iter().chain(&operation.functions))
            .filter_map(|path| path.rsplit('.').next())
            .map(str::to_owned)
            .collect();
        let weak_names = sdks
            .iter()
            .flat_map(|sdk| &sdk.operations)
            .flat_map(|operation| operation.methods.iter().chain(&operation.functions).chain(&operation.weak_names))
            .map(|path| path.rsplit('.').next().unwrap_or(path).to_owned())
            .collect();
        let (python, typescript) = (Owners::new(&sdks, true), Owners::new(&sdks, false));
        Ok(Self { sdks, operation_names, weak_names, python, typescript })
    }

    /// All tables, ordered by file name.
    pub fn sdks(&self) -> &[Sdk] {
        &self.sdks
    }

    /// Whether a member name can be an operation at all.
    pub fn is_operation_name(&self, name: &str) -> bool {
        self.operation_names.contains(name)
    }

    /// Whether a Python import root belongs to an SDK: such a root never means a loose file of the program.
    pub fn is_import_root(&self, root: &str) -> bool {
        let foreign = self.sdks.iter().filter(|sdk| !sdk.local_first);
        foreign.flat_map(|sdk| &sdk.modules.python).any(|module| !module.contains('.') && glob(module, root))
    }

    /// The SDKs whose modules a qualified name belongs to, each with the rest of the name.
    fn owners<'p>(&self, python: bool, path: &'p str) -> impl Iterator<Item = (usize, &'p str)> {
        let owners = if python { &self.python } else { &self.typescript };
        let mut last = None;
        owners.of(python, path).into_iter().filter_map(move |(at, number)| {
            if last == Some(at) {
                return None;
            }
            let rest = within(python, &self.sdks[at].modules.of(python)[number], path)?;
            last = Some(at);
            Some((at, rest))
        })
    }

    /// Whether a callee of this last name can be an operation without its receiver being known.
    pub fn may_be_weak(&self, path: &str) -> bool {
        self.weak_names.contains(path.rsplit('.').next().unwrap_or(path))
    }

    /// The client that a qualified name makes, as indices of SDK and client.
    pub fn client_by_qualified(&self, python: bool, path: &str) -> Option<(u32, u32)> {
        self.owners(python, path).find_map(|(at, rest)| {
            let client =
                self.sdks[at].clients.iter().position(|client| client.names.iter().any(|name| tail(rest, name)))?;
            Some((at as u32, client as u32))
        })
    }

    /// The client that a decorator makes of the function it stands at.
    pub fn client_by_decorator(&self, python: bool, path: &str) -> Option<(u32, u32)> {
        self.owners(python, path).find_map(|(at, rest)| {
            let of = |client: &Client| client.decorators.iter().any(|name| tail(rest, name));
            Some((at as u32, self.sdks[at].clients.iter().position(of)? as u32))
        })
    }

    /// Whether a decorator of this last name can make a client.
    pub fn is_decorator_name(&self, name: &str) -> bool {
        self.sdks.iter().flat_map(|sdk| &sdk.clients).flat_map(|client| &client.decorators).any(|of| tail(of, name))
    }

    /// Whether a member of this name can add a part to a client.
    pub fn is_gathering(&self, method: &str) -> bool {
        self.sdks.iter().flat_map(|sdk| &sdk.clients).any(|client| client.gathers.iter().any(|name| name == method))
    }

    /// The client that calling a member of another gives.
    pub fn client_from(&self, sdk: u32, client: u32, path: &str) -> Option<u32> {
        let table = &self.sdks[sdk as usize];
        let id = &table.clients[client as usize].id;
        let found = table.clients.iter().position(|client| {
            client
                .from
                .iter()
                .any(|from| from.strip_prefix(id.as_str()).and_then(|rest| rest.strip_prefix('.')) == Some(path))
        })?;
        Some(found as u32)
    }

    /// The client that a telling method name gives on an unknown receiver.
    pub fn client_by_method(&self, method: &str) -> Option<(u32, u32)> {
        self.sdks.iter().enumerate().find_map(|(at, sdk)| {
            let client = sdk.clients.iter().position(|client| client.weak_from.iter().any(|name| name == method))?;
            Some((at as u32, client as u32))
        })
    }

    /// The client that a prompt template piped into something unknown gives.
    pub fn unknown_chain(&self) -> Option<(u32, u32)> {
        self.sdks.iter().enumerate().find_map(|(at, sdk)| {
            if sdk.templates.is_empty() {
                return None;
            }
            let client = sdk.clients.iter().position(|client| client.carries_model)?;
            Some((at as u32, client as u32))
        })
    }

    /// The operation that stands for calls of wrappers outside the audited files.
    pub fn unresolved(&self) -> Option<(u32, u32)> {
        self.sdks.iter().position(|sdk| sdk.id == "unresolved").map(|at| (at as u32, 0))
    }

    /// The client that stands for agents of classes outside the audited files, if a class name says that it is one.
    pub fn unknown_agent(&self, class: &str) -> Option<(u32, u32)> {
        let (sdk, _) = self.unresolved()?;
        let clients = &self.sdks[sdk as usize].clients;
        let client =
            clients.iter().position(|client| client.names.iter().any(|name| class.ends_with(name.as_str())))?;
        Some((sdk, client as u32))
    }

    /// The operation that calling a member of a client is.
    pub fn operation_on(&self, sdk: u32, client: u32, path: &str) -> Option<u32> {
        let table = &self.sdks[sdk as usize];
        let id = &table.clients[client as usize].id;
        let found = table
            .operations
            .iter()
            .position(|operation| operation.on.contains(id) && operation.methods.iter().any(|method| method == path))?;
        Some(found as u32)
    }

    /// The operation that a function is.
    pub fn function_by_qualified(&self, python: bool, path: &str) -> Option<(u32, u32)> {
        let builtin = || {
            self.sdks.iter().enumerate().find_map(|(at, sdk)| {
                let found =
                    sdk.operations.iter().position(|operation| operation.builtins.iter().any(|name| name == path))?;
                Some((at as u32, found as u32))
            })
        };
        self.owners(python, path)
            .find_map(|(at, rest)| {
                let found = self.sdks[at]
                    .operations
                    .iter()
                    .position(|operation| operation.functions.iter().any(|name| tail(rest, name)))?;
                Some((at as u32, found as u32))
            })
            .or_else(|| (!python && !path.contains('#')).then(builtin).flatten())
    }

    /// The message constructor that a qualified name is.
    pub fn message_by_qualified(&self, python: bool, path: &str) -> Option<&Message> {
        self.owners(python, path).find_map(|(at, rest)| {
            self.sdks[at].messages.iter().find(|message| message.names.iter().any(|name| tail(rest, name)))
        })
    }

    /// The template constructor that a qualified name is.
    pub fn template_by_qualified(&self, python: bool, path: &str) -> Option<&Template> {
        self.owners(python, path).find_map(|(at, rest)| {
            self.sdks[at].templates.iter().find(|template| template.names.iter().any(|name| tail(rest, name)))
        })
    }

    /// The operation that a member path and keywords alone speak for.
    pub fn weak_operation(&self, path: &str, keys: &[smol_str::SmolStr]) -> Option<(u32, u32)> {
        for (at, sdk) in self.sdks.iter().enumerate() {
            for (number, operation) in sdk.operations.iter().enumerate() {
                let found = Some((at as u32, number as u32));
                let ends = |full: &String| {
                    path == full || path.strip_suffix(full.as_str()).is_some_and(|rest| rest.ends_with('.'))
                };
                let path_matches = operation.methods.iter().any(|method| method.contains('.') && ends(method))
                    || operation.functions.iter().any(|function| function.contains('.') && ends(function));
                let has = |set: &Vec<String>| set.iter().all(|key| keys.iter().any(|given| given == key));
                let keyed = !operation.requires.is_empty() && operation.requires.iter().any(has);
                if path_matches && (operation.unmistakable || keyed) {
                    return found;
                }
                // A method name of one word needs its own keywords.
                let short =
                    operation.methods.iter().any(|method| !method.contains('.') && method != "()" && ends(method));
                if short && keyed {
                    return found;
                }
                let last = path.rsplit('.').next().unwrap_or(path);
                if path.contains('.') && operation.weak_names.iter().any(|name| name == last) {
                    return found;
                }
            }
        }
        None
    }

    /// The operation that sends raw HTTP by a method of this name, whatever it is called on: the URL decides.
    pub fn request_operation(&self, method: &str) -> Option<(u32, u32)> {
        self.sdks.iter().enumerate().find_map(|(at, sdk)| {
            let found = sdk.operations.iter().position(|operation| {
                !operation.url.is_empty() && operation.methods.iter().any(|name| name == method && name != "()")
            })?;
            Some((at as u32, found as u32))
        })
    }

    /// The operation of an object that the host hands over, by the end of its path.
    pub fn operation_by_end(&self, path: &str) -> Option<(u32, u32)> {
        self.sdks.iter().enumerate().find_map(|(at, sdk)| {
            let found = sdk.operations.iter().position(|operation| {
                operation.path_ends.iter().any(|end| {
                    path.strip_suffix(end.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
                })
            })?;
            Some((at as u32, found as u32))
        })
    }

    /// Whether a call that only its path speaks for is a known lookalike.
    pub fn is_lookalike(&self, path: &str, keys: &[smol_str::SmolStr]) -> bool {
        self.sdks.iter().flat_map(|sdk| &sdk.lookalikes).any(|lookalike| {
            lookalike.ends.iter().any(|end| path.ends_with(end.as_str()))
                && lookalike.keywords.iter().any(|key| keys.iter().any(|given| given == key))
        })
    }
}

/// The rest of a qualified name below a module, if it lies there.
fn within<'p>(python: bool, module: &str, path: &'p str) -> Option<&'p str> {
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
fn glob(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        Some((before, after)) => {
            name.len() >= before.len() + after.len() && name.starts_with(before) && name.ends_with(after)
        }
        None => pattern == name,
    }
}

/// Whether a name ends in `last`, at a border between names.
fn tail(name: &str, last: &str) -> bool {
    name == last || name.strip_suffix(last).is_some_and(|rest| rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_tables_are_valid() {
        SdkCatalog::read(FILES).unwrap_or_else(|error| panic!("{error}"));
    }

    #[test]
    fn qualified_names_lead_to_clients_and_operations() {
        let catalog = SdkCatalog::embedded();
        let sdk = |found: Option<(u32, u32)>| found.map(|(sdk, _)| catalog.sdks()[sdk as usize].id.as_str());
        assert_eq!(sdk(catalog.client_by_qualified(true, "openai.lib.azure.AzureOpenAI")), Some("openai"));
        assert_eq!(
            sdk(catalog.client_by_qualified(true, "langchain_community.chat_models.ChatOllama")),
            Some("langchain")
        );
        assert_eq!(sdk(catalog.client_by_qualified(false, "@ai-sdk/openai#openai")), Some("ai"));
        assert_eq!(sdk(catalog.client_by_qualified(true, "collections.OrderedDict")), None);
        assert_eq!(sdk(catalog.function_by_qualified(true, "openai.ChatCompletion.create")), Some("openai"));
        assert_eq!(sdk(catalog.function_by_qualified(false, "ai#generateText")), Some("ai"));
        assert_eq!(sdk(catalog.function_by_qualified(false, "fetch")), Some("http"));
    }

    #[test]
    fn a_path_alone_needs_its_keywords() {
        let catalog = SdkCatalog::embedded();
        let keys = |keys: &[&str]| keys.iter().map(|key| (*key).into()).collect::<Vec<_>>();
        assert!(catalog.weak_operation("self.client.chat.completions.create", &keys(&[])).is_some());
        assert!(catalog.weak_operation("client.messages.create", &keys(&["body", "to"])).is_none());
        assert!(catalog.weak_operation("client.messages.create", &keys(&["model", "max_tokens"])).is_some());
        assert!(catalog.weak_operation("retriever.invoke", &keys(&["input"])).is_none());
    }
}
