//! Amounts: n12 on the wire, cents (the currency's smallest unit) inside.

/// The amount in six bytes of BCD; a digit above 9 counts as its binary value, as in an adder.
pub(crate) fn parse(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0_u64, |sum, byte| {
        let pair = u64::from(byte >> 4).saturating_mul(10).saturating_add(u64::from(byte & 0x0F));
        sum.saturating_mul(100).saturating_add(pair)
    })
}

/// Six bytes of BCD; what is above 999,999,999,999 stays there.
pub(crate) fn emit(amount: u64) -> [u8; 6] {
    let mut rest = amount.min(999_999_999_999);
    let mut bytes = [0; 6];
    for byte in bytes.iter_mut().rev() {
        let pair = rest % 100;
        rest /= 100;
        let [.., packed] = (((pair / 10) << 4) | (pair % 10)).to_be_bytes();
        *byte = packed;
    }
    bytes
}

/// An amount in the second currency as one in the first: factor of tag 9F73, whose first nibble
/// is the decimal position from the right and whose other seven are the digits.
pub(crate) fn convert(amount: u64, factor: [u8; 4]) -> u64 {
    let [first, ..] = factor;
    let position = u32::from(first >> 4);
    let digits = parse(&factor) % 10_000_000;
    let scale = 10_u128.pow(position);
    let product = u128::from(amount).saturating_mul(digits.into());
    let converted = product.checked_div(scale).unwrap_or(0);
    u64::try_from(converted).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n12_is_read_and_written() {
        assert_eq!(parse(&[0, 0, 0, 0x01, 0x23, 0x45]), 12_345);
        assert_eq!(emit(12_345), [0, 0, 0, 0x01, 0x23, 0x45]);
        assert_eq!(emit(999_999_999_999), [0x99; 6]);
        assert_eq!(emit(u64::MAX), [0x99; 6]);
    }

    #[test]
    fn p5_14_4_3_10_conversion_factor() {
        // 3|0006875: 6.875.
        assert_eq!(convert(1_000, [0x30, 0x00, 0x68, 0x75]), 6_875);
        assert_eq!(convert(1_000, [0x00, 0x00, 0x00, 0x02]), 2_000);
        assert_eq!(convert(u64::MAX, [0x09, 0x99, 0x99, 0x99]), u64::MAX);
    }
}
