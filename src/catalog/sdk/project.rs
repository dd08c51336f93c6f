//! What a table says of classes that a framework fills in: attributes that come from data files and decorators.

use serde::Deserialize;

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
