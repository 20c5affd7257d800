//! The octets of a record: numbers, and octets with their length before them.
//!
//! Reading is total: what was not written by [`Writer`] is refused, never misread silently past its end.

use super::StoreError;

/// Writes a record.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    octets: Vec<u8>,
}

impl Writer {
    pub(crate) fn byte(mut self, byte: u8) -> Self {
        self.octets.push(byte);
        self
    }

    pub(crate) fn bool(self, is: bool) -> Self {
        self.byte(u8::from(is))
    }

    pub(crate) fn u32(mut self, number: u32) -> Self {
        self.octets.extend(number.to_be_bytes());
        self
    }

    pub(crate) fn u64(mut self, number: u64) -> Self {
        self.octets.extend(number.to_be_bytes());
        self
    }

    pub(crate) fn i64(self, number: i64) -> Self {
        self.u64(number.cast_unsigned())
    }

    pub(crate) fn octets(mut self, octets: &[u8]) -> Self {
        self = self.u64(octets.len() as u64);
        self.octets.extend(octets);
        self
    }

    /// Something, or nothing.
    pub(crate) fn option<T>(self, value: Option<T>, write: impl FnOnce(Self, T) -> Self) -> Self {
        match value {
            Some(value) => write(self.byte(1), value),
            None => self.byte(0),
        }
    }

    pub(crate) fn done(self) -> Vec<u8> {
        self.octets
    }
}

/// Reads one.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    what: &'static str,
}

impl<'a> Reader<'a> {
    /// Of a record that is said to be this.
    pub(crate) fn new(octets: &'a [u8], what: &'static str) -> Self {
        Reader { rest: octets, what }
    }

    fn damaged(&self) -> StoreError {
        StoreError::Corrupt(format!("a record of {} cannot be read", self.what))
    }

    fn array<const LENGTH: usize>(&mut self) -> Result<[u8; LENGTH], StoreError> {
        let (first, rest) = self.rest.split_first_chunk().ok_or_else(|| self.damaged())?;
        self.rest = rest;
        Ok(*first)
    }

    pub(crate) fn byte(&mut self) -> Result<u8, StoreError> {
        self.array().map(|[byte]| byte)
    }

    pub(crate) fn bool(&mut self) -> Result<bool, StoreError> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.damaged()),
        }
    }

    pub(crate) fn u32(&mut self) -> Result<u32, StoreError> {
        self.array().map(u32::from_be_bytes)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, StoreError> {
        self.array().map(u64::from_be_bytes)
    }

    pub(crate) fn i64(&mut self) -> Result<i64, StoreError> {
        self.u64().map(u64::cast_signed)
    }

    pub(crate) fn octets(&mut self) -> Result<Vec<u8>, StoreError> {
        let length = self.u64()?;
        let split = usize::try_from(length).ok().and_then(|length| self.rest.split_at_checked(length));
        let (octets, rest) = split.ok_or_else(|| self.damaged())?;
        self.rest = rest;
        Ok(octets.to_vec())
    }

    pub(crate) fn text(&mut self) -> Result<String, StoreError> {
        String::from_utf8(self.octets()?).map_err(|_| self.damaged())
    }

    pub(crate) fn option<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        if self.bool()? { read(self).map(Some) } else { Ok(None) }
    }

    /// What was read, if the record ends here. An enum whose octet is not known is `None`.
    pub(crate) fn done<T>(self, read: Option<T>) -> Result<T, StoreError> {
        match read {
            Some(read) if self.rest.is_empty() => Ok(read),
            _ => Err(self.damaged()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type LockRow = (u8, bool, u32, i64, Vec<u8>, Option<String>);

    fn read(octets: &[u8]) -> Result<LockRow, StoreError> {
        let mut reader = Reader::new(octets, "a test");
        let read = (
            reader.byte()?,
            reader.bool()?,
            reader.u32()?,
            reader.i64()?,
            reader.octets()?,
            reader.option(Reader::text)?,
        );
        reader.done(Some(read))
    }

    #[test]
    fn what_was_written_is_read() {
        let octets = Writer::default()
            .byte(7)
            .bool(true)
            .u32(8)
            .i64(-9)
            .octets(b"\0x")
            .option(Some("ö"), |out, text| out.octets(text.as_bytes()));
        let octets = octets.done();
        assert_eq!(read(&octets), Ok((7, true, 8, -9, b"\0x".to_vec(), Some("ö".to_owned()))));
        for length in 0..octets.len() {
            assert!(read(&octets[..length]).is_err(), "cut at {length}");
        }
        assert!(read(&[&octets[..], b"x"].concat()).is_err(), "something is left over");
    }

    #[test]
    fn what_was_not_written_is_refused() {
        let damaged = Err(StoreError::Corrupt("a record of a test cannot be read".to_owned()));
        assert_eq!(Reader::new(&[2], "a test").bool().map(u8::from), damaged.clone().map(|()| 0));
        let endless = Writer::default().u64(u64::MAX).done();
        assert_eq!(Reader::new(&endless, "a test").octets().map(|_| ()), damaged);
        let no_text = Writer::default().octets(b"\xff").done();
        assert_eq!(Reader::new(&no_text, "a test").text().map(|_| ()), damaged);
        assert_eq!(Reader::new(b"", "a test").done(None::<()>), damaged);
    }
}
