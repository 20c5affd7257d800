//! What went wrong, in words for people.

use std::io;
use std::path::Path;

use resources::share::OpenError;
use resources::store::StoreError;

/// An error of the system without its number.
pub fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}

/// Why a folder cannot be written to.
pub(crate) fn unwritable(path: &Path, error: &OpenError) -> String {
    let begin = format!("cannot write to the folder '{}'", path.display());
    match error {
        OpenError::Folder(e) => format!("{begin}: {}", plain(e)),
        OpenError::Store(e @ StoreError::Corrupt(_)) => format!(
            "{begin}: {e}; without {} it begins anew: locks, properties and bindings are lost then, files are not",
            path.join(".because/state.redb").display()
        ),
        OpenError::Store(e) => format!("{begin}: {e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_the_system_have_no_number() {
        assert_eq!(plain(&io::Error::from_raw_os_error(2)), "no such file or directory");
    }
}
