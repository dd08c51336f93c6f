//! SDK tables: what makes a client, which of its members ask a model, and where model, prompt and limits stand.
//!
//! To add an SDK: a file in `queries/sdks/`, its line in [`FILES`], and a case in `fixtures/sdks/`. The keys are
//! explained in `queries/README.md`.

mod clients;
mod names;
mod project;
mod table;

use std::collections::HashSet;
use std::sync::LazyLock;

use names::{Owners, glob, tail, within};
pub use project::*;
pub use table::*;

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
    "ai-prompter",
    "aisuite",
    "anthropic",
    "autogen",
    "ax",
    "azure-inference",
    "bedrock",
    "browser-use",
    "camel",
    "cerebras",
    "chatgpt",
    "claude-agent",
    "cli",
    "cloudflare",
    "codex-sdk",
    "cohere",
    "copilot-sdk",
    "copilotkit",
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
    "judges",
    "langchain",
    "langextract",
    "langgraph-sdk",
    "litellm",
    "livekit",
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
    "pandasai",
    "pydantic-ai",
    "replicate",
    "semantic-kernel",
    "smolagents",
    "strands",
    "superagent",
    "together",
    "unresolved",
    "vscode",
    "watsonx",
    "xai",
];

/// All SDK tables with their lookups.
#[derive(Debug)]
pub struct SdkCatalog {
    sdks: Vec<Sdk>,
    operation_names: HashSet<String>,
    weak_names: HashSet<String>,
    python: Owners,
    typescript: Owners,
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
            .flat_map(|operation| operation.methods.iter().chain(&operation.functions).chain(&operation.builtins))
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

    /// URLs of providers, over all tables.
    pub fn endpoints(&self) -> impl Iterator<Item = &Endpoint> {
        self.sdks.iter().flat_map(|sdk| &sdk.endpoints)
    }

    /// Whether a host is a provider's.
    pub fn is_provider(&self, host: &str) -> bool {
        self.sdks.iter().flat_map(|sdk| &sdk.hosts).any(|name| host.contains(name.as_str()))
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

    /// Whether a Python module is an SDK's by a name that programs use for folders of their own too.
    pub fn is_shared_root(&self, module: &str) -> bool {
        let shared = self.sdks.iter().filter(|sdk| sdk.local_first);
        shared.flat_map(|sdk| &sdk.modules.python).any(|name| name == module)
    }

    /// The SDKs whose modules a qualified name belongs to, each with the rest of the name.
    fn owners<'p>(&self, python: bool, path: &'p str) -> impl Iterator<Item = (usize, &'p str)> {
        let owners = if python { &self.python } else { &self.typescript };
        let mut last = None;
        owners.of(python, path).iter().filter_map(move |&(at, number)| {
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

    /// The operation that stands for calls of wrappers outside the audited files.
    pub fn unresolved(&self) -> Option<(u32, u32)> {
        self.sdks.iter().position(|sdk| sdk.id == "unresolved" && !sdk.operations.is_empty()).map(|at| (at as u32, 0))
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

    /// The operation that sends raw HTTP by a function of the language itself.
    pub fn plain_request(&self) -> Option<(u32, u32)> {
        self.sdks.iter().enumerate().find_map(|(at, sdk)| {
            let found = sdk
                .operations
                .iter()
                .position(|operation| !operation.url.is_empty() && !operation.builtins.is_empty())?;
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
