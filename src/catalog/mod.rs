//! The tables in `queries/`: one loader each, with its checks and its errors.

pub mod answers;
pub mod category;
pub mod files;
pub mod flow;
pub mod levers;
pub mod model;
pub mod phrase;
pub mod replacement;
pub mod sdk;
pub mod session;
pub mod stdlib;
pub mod vocabulary;
pub mod words;
pub mod wrappers;
