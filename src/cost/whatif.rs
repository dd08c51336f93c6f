//! What the calls to one model would cost with another.

use super::{model_of, state};
use crate::catalog::model::ModelTable;
use crate::program::{CallId, CallSite, Program};

/// A call whose model is replaced.
#[derive(Clone, Debug)]
pub struct Changed {
    /// The call.
    pub call: CallId,
    /// US dollars for 1,000 calls as they stand, low and high.
    pub before: (f64, f64),
    /// The same with the other model.
    pub after: (f64, f64),
}

/// Recomputes the calls to `from` with `to`; prices, tokens and long-context rates are those of `to`.
///
/// # Errors
/// No price is known for one of them; it is given back.
pub fn what_if(program: &Program, table: &ModelTable, from: &str, to: &str) -> Result<Vec<Changed>, String> {
    let known = |name: &str| table.lookup(name).filter(|model| model.input > 0.0).ok_or_else(|| name.to_owned());
    let old = known(from)?;
    known(to)?;
    let mut changed = Vec::new();
    for (at, call) in program.calls.iter().enumerate() {
        if super::savings::is_counted_elsewhere(call, program)
            || model_of(call, table).is_none_or(|own| own.id != old.id)
        {
            continue;
        }
        let mut other: CallSite = call.clone();
        other.model.id = Some(to.to_owned());
        if let (Some(before), Some(after)) = (state(call, table), state(&other, table)) {
            changed.push(Changed { call: CallId(at as u32), before: before.dollars(), after: after.dollars() });
        }
    }
    Ok(changed)
}
