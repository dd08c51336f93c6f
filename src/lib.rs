//! Audits the code of LLM agents for misallocated model calls.

pub mod catalog;
pub mod finding;
pub mod program;
pub mod resolve;
pub mod source;
pub mod syntax;
