//! The secret of a credential: `alc_<kind>_`, 32 random base62 characters, and 6 more that check
//! them, so that a scanner can tell a leaked one from a look-alike without asking us.

use sha2::{Digest, Sha256};

/// What a credential is for; part of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretKind {
    /// A person's.
    Personal,
    /// A tool's.
    Service,
}

impl SecretKind {
    const fn prefix(self) -> &'static str {
        match self {
            SecretKind::Personal => "alc_pat_",
            SecretKind::Service => "alc_svc_",
        }
    }
}

const RANDOM: usize = 32;
const CHECK: usize = 6;
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A credential's secret. Shown once, stored only as its SHA-256, never printed by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new one from 64 random bytes: more than 190 bits of it count.
    pub fn draw(kind: SecretKind, chance: &[u8; 64]) -> Secret {
        let random: String = chance
            .chunks_exact(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]) % 62)
            .map(|digit| char::from(BASE62[usize::from(digit)]))
            .collect();
        let check = check_of(&random);
        Secret(format!("{}{random}{check}", kind.prefix()))
    }

    /// Reads one as a client sends it; none when it cannot be one of ours.
    pub fn parse(text: &str) -> Option<Secret> {
        let rest = text.strip_prefix("alc_pat_").or_else(|| text.strip_prefix("alc_svc_"))?;
        let (random, check) = rest.split_at_checked(RANDOM)?;
        (check.len() == CHECK && check == check_of(random)).then(|| Secret(text.to_owned()))
    }

    /// The text, for showing it once.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored of it.
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(&self.0).into()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The CRC-32 of the random part in base62, left-padded to six characters.
fn check_of(random: &str) -> String {
    let mut rest = crc32(random.as_bytes());
    let mut digits = [b'0'; CHECK];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[(rest % 62) as usize];
        rest /= 62;
    }
    digits.iter().copied().map(char::from).collect()
}

/// CRC-32 as in IEEE 802.3, bit by bit: 32 bytes a credential need no table.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_is_the_crc_32_of_the_standard() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn a_secret_reads_back_and_a_typo_does_not() {
        let secret = Secret::draw(SecretKind::Personal, &[7; 64]);
        assert_eq!(Secret::parse(secret.reveal()), Some(secret.clone()));
        let typo = secret.reveal().replacen("alc_pat_1", "alc_pat_2", 1);
        assert_ne!(typo, secret.reveal());
        assert_eq!(Secret::parse(&typo), None);
        assert_eq!(format!("{secret:?}"), "Secret(…)");
    }
}
