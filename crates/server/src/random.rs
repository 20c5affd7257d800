//! Random octets of the system.

/// What nobody can guess.
pub fn random() -> Result<[u8; 32], String> {
    let mut octets = [0; 32];
    let random = rustix::rand::getrandom(&mut octets, rustix::rand::GetRandomFlags::empty());
    random.map(|_| octets).map_err(|errno| format!("cannot get random numbers: {errno}"))
}
