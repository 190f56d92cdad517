//! Amounts: n12 on the wire, cents (the currency's smallest unit) inside.

use sscard_apdu::bcd;

/// An amount in the second currency as one in the first: factor of tag 9F73, whose first nibble
/// is the decimal position from the right and whose other seven are the digits.
pub(crate) fn convert(amount: u64, factor: [u8; 4]) -> u64 {
    let [first, ..] = factor;
    let position = u32::from(first >> 4);
    let digits = bcd::number(&factor) % 10_000_000;
    let scale = 10_u128.pow(position);
    let product = u128::from(amount).saturating_mul(digits.into());
    let converted = product.checked_div(scale).unwrap_or(0);
    u64::try_from(converted).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p5_14_4_3_10_conversion_factor() {
        // 3|0006875: 6.875.
        assert_eq!(convert(1_000, [0x30, 0x00, 0x68, 0x75]), 6_875);
        assert_eq!(convert(1_000, [0x00, 0x00, 0x00, 0x02]), 2_000);
        assert_eq!(convert(u64::MAX, [0x09, 0x99, 0x99, 0x99]), u64::MAX);
    }
}
