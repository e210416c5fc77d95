//! A hash of 128 bits.

/// `MurmurHash3_x64_128` with seed 0 (Appleby 2011, public domain), high half first.
///
/// Two of n different texts share a hash with a probability of about `n^2 / 2^129`: 1e-21 for a billion. It is no defence
/// against texts that are made to collide.
pub(super) fn hash128(bytes: &[u8]) -> u128 {
    const C1: u64 = 0x87c3_7b91_1142_53d5;
    const C2: u64 = 0x4cf5_ad43_2745_937f;
    let scatter1 = |k: u64| k.wrapping_mul(C1).rotate_left(31).wrapping_mul(C2);
    let scatter2 = |k: u64| k.wrapping_mul(C2).rotate_left(33).wrapping_mul(C1);
    let (mut h1, mut h2) = (0_u64, 0_u64);
    let (blocks, tail) = bytes.as_chunks::<16>();
    for block in blocks {
        let (k1, k2) = halves(*block);
        h1 = (h1 ^ scatter1(k1)).rotate_left(27).wrapping_add(h2).wrapping_mul(5).wrapping_add(0x52dc_e729);
        h2 = (h2 ^ scatter2(k2)).rotate_left(31).wrapping_add(h1).wrapping_mul(5).wrapping_add(0x3849_5ab5);
    }
    let mut last = [0; 16];
    last[..tail.len()].copy_from_slice(tail);
    let (k1, k2) = halves(last);
    h1 ^= scatter1(k1);
    h2 ^= scatter2(k2);
    h1 ^= bytes.len() as u64;
    h2 ^= bytes.len() as u64;
    h1 = h1.wrapping_add(h2);
    h2 = h2.wrapping_add(h1);
    h1 = mix(h1);
    h2 = mix(h2);
    h1 = h1.wrapping_add(h2);
    h2 = h2.wrapping_add(h1);
    u128::from(h1) << 64 | u128::from(h2)
}

/// The finaliser of the same hash: every bit of the argument changes half the bits of the result.
pub(super) fn mix(mut h: u64) -> u64 {
    h ^= h >> 33;
    h = h.wrapping_mul(0xff51_afd7_ed55_8ccd);
    h ^= h >> 33;
    h = h.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    h ^ (h >> 33)
}

/// 64 bits of a hash of a short string: FNV-1a (Fowler, Noll & Vo), then [`mix`].
pub(super) fn hash64(bytes: &[u8]) -> u64 {
    let fnv = bytes.iter().fold(0xcbf2_9ce4_8422_2325, |h, byte| (h ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    mix(fnv)
}

fn halves(block: [u8; 16]) -> (u64, u64) {
    let value = u128::from_le_bytes(block);
    #[expect(clippy::cast_possible_truncation, reason = "the low half is meant")]
    let low = value as u64;
    let high = (value >> 64) as u64;
    (low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_equal_the_published_ones() {
        // From the test vectors of other implementations of MurmurHash3_x64_128 with seed 0.
        assert_eq!(hash128(b""), 0);
        assert_eq!(hash128(b"hello"), 0xcbd8_a7b3_41bd_9b02_5b1e_906a_48ae_1d19);
        assert_eq!(hash128(b"The quick brown fox jumps over the lazy dog"), 0xe34b_bc7b_bc07_1b6c_7a43_3ca9_c49a_9347);
    }
}
