//! Building an ATR.

use alloc::vec::Vec;

use super::AtrError;

/// An ATR in direct convention, put together field by field.
#[derive(Clone, Debug)]
pub struct Builder<'h> {
    historical: &'h [u8],
    ta1: Option<u8>,
    tb1: Option<u8>,
    tc1: Option<u8>,
    t1: Option<[u8; 2]>,
}

impl<'h> Builder<'h> {
    /// An ATR with these historical bytes that offers T=0.
    #[must_use]
    pub const fn new(historical: &'h [u8]) -> Self {
        Self { historical, ta1: None, tb1: None, tc1: None, t1: None }
    }

    /// With TA1: Fi and Di.
    #[must_use]
    pub const fn ta1(self, byte: u8) -> Self {
        Self { ta1: Some(byte), ..self }
    }

    /// With TB1, 00 on cards without programming voltage.
    #[must_use]
    pub const fn tb1(self, byte: u8) -> Self {
        Self { tb1: Some(byte), ..self }
    }

    /// With TC1: extra guard time.
    #[must_use]
    pub const fn tc1(self, byte: u8) -> Self {
        Self { tc1: Some(byte), ..self }
    }

    /// Offers T=1 alone: TD1 = 81, TD2 = 31, TA3 = IFSC, TB3 = BWI and CWI, LRC.
    #[must_use]
    pub const fn t1(self, ifsc: u8, bwi_cwi: u8) -> Self {
        Self { t1: Some([ifsc, bwi_cwi]), ..self }
    }

    /// Appends the ATR: TS, T0, interface bytes, historical bytes, and TCK where it is needed.
    ///
    /// # Errors
    /// [`AtrError::TooLong`] with more than 15 historical bytes; nothing is appended then.
    pub fn emit(&self, out: &mut Vec<u8>) -> Result<(), AtrError> {
        let count = u8::try_from(self.historical.len()).map_err(|_| AtrError::TooLong)?;
        if count > 15 {
            return Err(AtrError::TooLong);
        }
        let bit = |present: bool, bit: u8| if present { bit } else { 0 };
        let t0 = bit(self.ta1.is_some(), 0x10)
            | bit(self.tb1.is_some(), 0x20)
            | bit(self.tc1.is_some(), 0x40)
            | bit(self.t1.is_some(), 0x80)
            | count;
        out.push(0x3B);
        let checked = out.len();
        out.push(t0);
        out.extend([self.ta1, self.tb1, self.tc1].into_iter().flatten());
        if let Some([ifsc, bwi_cwi]) = self.t1 {
            out.extend_from_slice(&[0x81, 0x31, ifsc, bwi_cwi]);
        }
        out.extend_from_slice(self.historical);
        if self.t1.is_some() {
            out.push(out.iter().skip(checked).fold(0, |sum, byte| sum ^ byte));
        }
        Ok(())
    }
}
