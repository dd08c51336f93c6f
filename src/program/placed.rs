//! Settings and their places, kept between runs: their names are those that this program knows.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::source::Span;

/// Settings whose places are kept.
const NAMES: [&str; 2] = ["temperature", "max_tokens"];

pub(super) fn serialize<S: Serializer>(places: &[(&'static str, Span)], to: S) -> Result<S::Ok, S::Error> {
    places.serialize(to)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<(&'static str, Span)>, D::Error> {
    let places = Vec::<(String, Span)>::deserialize(from)?;
    let known = |(name, span): (String, Span)| {
        let name = NAMES.into_iter().find(|known| *known == name);
        name.map(|name| (name, span)).ok_or_else(|| D::Error::custom("no such setting"))
    };
    places.into_iter().map(known).collect()
}
