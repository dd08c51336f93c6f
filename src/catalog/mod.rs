pub mod answers;
pub mod sdk;
pub mod stdlib;
pub mod wrappers;
