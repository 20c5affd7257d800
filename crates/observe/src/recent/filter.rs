//! Which of the verdicts are asked for.

use crate::codes::{Codes, NoCodes};
use crate::query;

use super::Kept;

/// What a verdict must be, each part that is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Its status, or the class of it.
    pub codes: Option<Codes>,
    /// The name of its cause.
    pub cause: Option<String>,
    /// What its target holds.
    pub path: Option<String>,
    /// What its client's address begins with.
    pub client: Option<String>,
}

impl Filter {
    /// All of them.
    pub const ALL: Filter = Filter { codes: None, cause: None, path: None, client: None };

    /// The filter of a query: `status=4xx&cause=if_match_holds&path=/a&client=10.`.
    ///
    /// ```
    /// use observe::recent::Filter;
    /// let filter = Filter::of("status=404&path=%2Ficons").expect("a filter");
    /// assert_eq!(filter.path.as_deref(), Some("/icons"));
    /// ```
    ///
    /// # Errors
    ///
    /// If its `status` names no statuses.
    pub fn of(text: &str) -> Result<Filter, NoCodes> {
        let value = |name| query::value(text, name);
        let codes = value("status").map(|codes| codes.parse()).transpose()?;
        Ok(Filter { codes, cause: value("cause"), path: value("path"), client: value("client") })
    }

    /// Is this one asked for?
    pub fn has(&self, kept: &Kept) -> bool {
        self.codes.is_none_or(|codes| codes.has(kept.status))
            && self.cause.as_deref().is_none_or(|cause| kept.cause() == cause)
            && self.path.as_deref().is_none_or(|path| kept.target.contains(path))
            && self.client.as_deref().is_none_or(|client| kept.client.starts_with(client))
    }
}
