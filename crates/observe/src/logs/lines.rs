//! Octets to lines, without holding more than one of them.

use std::io::{self, BufRead};

/// Calls for each line, without its end. Of a line that is longer than that there is nothing to be seen: it is told as none.
pub fn each(mut input: impl BufRead, longest: usize, mut call: impl FnMut(Option<&[u8]>)) -> io::Result<()> {
    let mut begun: Vec<u8> = Vec::new();
    let mut too_long = false;
    loop {
        let block = match input.fill_buf() {
            Ok(block) => block,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if block.is_empty() {
            if too_long || !begun.is_empty() {
                call((!too_long).then_some(&begun));
            }
            return Ok(());
        }
        let mut rest = block;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            let line = &rest[..end];
            if too_long || begun.len() + line.len() > longest {
                call(None);
            } else if begun.is_empty() {
                call(Some(line));
            } else {
                begun.extend_from_slice(line);
                call(Some(&begun));
            }
            begun.clear();
            too_long = false;
            rest = &rest[end + 1..];
        }
        if begun.len() + rest.len() > longest {
            begun.clear();
            too_long = true;
        } else if !too_long {
            begun.extend_from_slice(rest);
        }
        let length = block.len();
        input.consume(length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits;
    use proptest::prelude::*;
    use std::io::BufReader;

    fn read(octets: &[u8], buffer: usize) -> Vec<Option<Vec<u8>>> {
        let mut lines = Vec::new();
        each(BufReader::with_capacity(buffer, octets), limits::LOG_LINE, |line| lines.push(line.map(<[u8]>::to_vec)))
            .expect("memory");
        lines
    }

    #[test]
    fn a_line_that_is_too_long_is_told_as_none() {
        for (length, kept) in [(limits::LOG_LINE, true), (limits::LOG_LINE + 1, false), (3 * limits::LOG_LINE, false)] {
            let octets = [b"a\n".as_slice(), &vec![b'x'; length], b"\nb\n", &vec![b'y'; length]].concat();
            for buffer in [1_000, 1 << 20] {
                let lines = read(&octets, buffer);
                assert_eq!(lines.iter().map(Option::is_some).collect::<Vec<_>>(), [true, kept, true, kept]);
                assert_eq!(lines[2].as_deref(), Some(&b"b"[..]));
            }
        }
    }

    proptest! {
        #[test]
        fn lines_do_not_depend_on_blocks(octets in prop::collection::vec(prop_oneof![Just(b'\n'), any::<u8>()], 0..200), buffer in 1usize..40) {
            let mut whole: Vec<_> = octets.split(|octet| *octet == b'\n').map(|line| Some(line.to_vec())).collect();
            if whole.last() == Some(&Some(Vec::new())) {
                whole.pop();
            }
            prop_assert_eq!(read(&octets, buffer), whole);
        }
    }
}
