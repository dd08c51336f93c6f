//! Values of flags: what is valid, and what is said of those that are not.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use scriptworthy::finding::Lever;
use scriptworthy::report::{FORMATS, Format};

pub(in crate::cli) fn swap(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((old, new)) if !old.trim().is_empty() && !new.trim().is_empty() => {
            Ok((old.trim().to_owned(), new.trim().to_owned()))
        }
        _ => Err("must be OLD=NEW".to_owned()),
    }
}

pub(in crate::cli) fn effort(text: &str) -> Result<(Lever, f64), String> {
    let (name, hours) = text.split_once('=').ok_or("must be LEVER=HOURS")?;
    let lever = Lever::ALL.into_iter().find(|lever| lever.name() == name).ok_or_else(|| {
        let names: Vec<&str> = Lever::ALL.iter().map(|lever| lever.name()).collect();
        format!("no lever is called `{name}`: one of {}", names.join(", "))
    })?;
    match hours.parse::<f64>() {
        Ok(hours) if hours > 0.0 && hours < 10_000.0 => Ok((lever, hours)),
        _ => Err("hours must be a number above 0".to_owned()),
    }
}

/// More threads than these only cost: a mistyped figure must not take the machine.
pub(in crate::cli) fn threads(text: &str) -> Result<usize, String> {
    match text.parse::<usize>() {
        Ok(threads) if threads <= 256 => Ok(threads),
        _ => Err("must be a whole number from 0 to 256".to_owned()),
    }
}

pub(in crate::cli) fn confidence(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (0.0..=1.0).contains(&value) => Ok(value),
        _ => Err("must be a number from 0 to 1".to_owned()),
    }
}

pub(in crate::cli) fn formats() -> PossibleValuesParser {
    let values = FORMATS.iter().map(|format| clap::builder::PossibleValue::new(format.name).help(format.about));
    PossibleValuesParser::new(values)
}

pub(in crate::cli) fn further(pair: &str) -> Result<(String, PathBuf), String> {
    let (format, path) = pair.split_once('=').ok_or("must be FORMAT=PATH")?;
    match find_format(format) {
        Some(_) if path.is_empty() => Err("names no file".to_owned()),
        Some(_) => Ok((format.to_owned(), PathBuf::from(path))),
        None => {
            let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
            Err(format!("no format is called `{format}`: one of {}", names.join(", ")))
        }
    }
}

/// The format of a name.
pub(in crate::cli) fn find_format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}
