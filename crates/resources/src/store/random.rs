//! Octets that nobody can guess.

use rustix::io::Errno;
use rustix::rand::{GetRandomFlags, getrandom};

use super::StoreError;

/// Fresh ones, from the kernel.
pub(crate) fn octets<const LENGTH: usize>() -> Result<[u8; LENGTH], StoreError> {
    let mut octets = [0; LENGTH];
    let mut filled = 0;
    while filled < LENGTH {
        match getrandom(&mut octets[filled..], GetRandomFlags::empty()) {
            Ok(more) => filled += more,
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(octets)
}

/// A name that nobody can guess, and that needs no escapes in a URI: 128 bits in hexadecimal digits.
pub(crate) fn name() -> Result<String, StoreError> {
    let octets: [u8; 16] = octets()?;
    Ok(format!("{:032x}", u128::from_be_bytes(octets)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_are_alike() {
        let (one, two) = (octets::<16>().unwrap(), octets::<16>().unwrap());
        assert!(one != two && one != [0; 16]);
        let (one, two) = (name().unwrap(), name().unwrap());
        assert!(one != two && one.len() == 32 && one.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert!(octets::<600>().unwrap()[568..].iter().any(|&octet| octet != 0), "they are filled to the end");
    }
}
