//! Which clients the tables know: by name, by decorator, by what gives or keeps them.

use super::{Client, SdkCatalog, tail};

impl SdkCatalog {
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

    /// The client that a class of an SDK keeps under a name for its heirs.
    pub fn client_kept(&self, python: bool, class: &str, name: &str) -> Option<(u32, u32)> {
        self.owners(python, class).find_map(|(at, rest)| {
            let keeps = |kept: &String| kept.rsplit_once('.').is_some_and(|(of, by)| by == name && tail(rest, of));
            let of = |client: &Client| client.kept.iter().any(keeps);
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
            let client = sdk.clients.iter().position(|client| client.piped)?;
            Some((at as u32, client as u32))
        })
    }
}
