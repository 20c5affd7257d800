//! What commands read: a file, or standard input.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use server::diagnose::plain;

/// Octets read at a time.
const BLOCK: usize = 65_536;

/// Is it standard input? It is called `-`.
pub(crate) fn is_standard(path: &Path) -> bool {
    path == Path::new("-")
}

/// The content of a file, or of standard input.
pub(crate) fn open(path: &Path) -> Result<Box<dyn BufRead>, String> {
    if is_standard(path) {
        return Ok(Box::new(io::stdin().lock()));
    }
    let file = File::open(path).map_err(|error| format!("{} cannot be read: {}", path.display(), plain(&error)))?;
    Ok(Box::new(BufReader::with_capacity(BLOCK, file)))
}
