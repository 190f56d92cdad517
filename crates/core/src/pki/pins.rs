//! The two PINs of the PKI application: the user's and the administrator's.
//!
//! The card keeps of a PIN the key that it stands for and its counter, which is written before the comparison
//! and past any transaction (I-5, I-6). A PIN is not sent: VERIFY presents what it makes of a challenge.

use sscard_apdu::StatusWord;
use sscard_crypto::pki::{pin_key, pin_proof};
use sscard_crypto::{Key, proves};
use zeroize::Zeroizing;

use super::{Place, Session};
use crate::applet::Context;
use crate::nvm::Nvm;
use crate::profile::{PkiArea, PkiPlan, is_pki_pin};

/// Which PIN.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Pin {
    /// The user's, reference 81.
    User,
    /// The administrator's, reference 00.
    Administrator,
}

impl Pin {
    const fn offset(self) -> usize {
        match self {
            Self::User => PkiArea::USER,
            Self::Administrator => PkiArea::ADMINISTRATOR,
        }
    }

    pub(crate) const fn most_tries(self, plan: &PkiPlan) -> u8 {
        match self {
            Self::User => plan.user.tries,
            Self::Administrator => plan.administrator.tries,
        }
    }

    pub(crate) fn tries_left(self, nvm: &Nvm, area: Place) -> u8 {
        nvm.tries(area.at(self.offset()))
    }

    pub(super) fn key(self, nvm: &Nvm, area: Place) -> Key {
        let address = area.at(self.offset()).saturating_add(1);
        Key::new(*Zeroizing::new(nvm.array::<16>(address)))
    }
}

/// VERIFY (`00 20 01 81` the user's PIN, `00 20 01 00` the administrator's): what SM4 makes of the latest
/// challenge, of 8 or 16 bytes, under the PIN's key. Without data it asks for the tries left, and answers
/// 9000 only when the PIN is verified \[choice\].
///
/// The challenge is used up and a try counted before anything is compared; a wrong PIN takes back an earlier
/// verification.
///
/// # Status
/// `9000`; `63Cx` wrong (or the query's answer), x tries left; `6700` not 16 bytes; `6983` locked; `6984` no
/// challenge, or one of 4 bytes; `6985` the application is not selected; `6A86` P1 not 01; `6A88` no such PIN.
pub(super) fn verify(
    context: &mut Context<'_>,
    plan: &PkiPlan,
    area: Place,
    pin: Pin,
    proof: &[u8],
) -> Result<StatusWord, StatusWord> {
    let tries = pin.tries_left(context.nvm, area);
    if proof.is_empty() {
        return if context.state::<Session>()?.has(pin) {
            Ok(StatusWord::SUCCESS)
        } else {
            Err(StatusWord::with_tries_left(tries))
        };
    }
    let left = tries.checked_sub(1).ok_or(StatusWord::AUTHENTICATION_METHOD_BLOCKED)?;
    let challenge = context.channel.challenge.take().filter(|challenge| challenge.length >= 8);
    let challenge = challenge.ok_or(StatusWord::REFERENCE_DATA_NOT_USABLE)?;
    let counter = area.at(pin.offset());
    context.nvm.write_through(counter, left)?;
    let expected = pin_proof(&pin.key(context.nvm, area), challenge.given());
    let is_right = proves(&expected, proof);
    context.state::<Session>()?.set(pin, is_right);
    if !is_right {
        return Err(StatusWord::with_tries_left(left));
    }
    context.nvm.write_through(counter, pin.most_tries(plan))?;
    Ok(StatusWord::SUCCESS)
}

/// CHANGE PIN (`84 5E 01 00`, `84 5E 01 81`) and RELOAD PIN (`84 24 01 81`): sets a new PIN and gives all
/// tries back, as one unit. It has to be verified anew \[choice\].
///
/// # Status
/// `9000`; `6700`; `6982` not verified; `6984` no challenge; `6988` wrong MAC; `6A80` the deciphered block is no
/// PIN; `6A86`; `6A88`.
pub(super) fn set(
    context: &mut Context<'_>,
    plan: &PkiPlan,
    area: Place,
    pin: Pin,
    new: &[u8],
) -> Result<StatusWord, StatusWord> {
    if !is_pki_pin(new) {
        return Err(StatusWord::INCORRECT_DATA);
    }
    let address = area.at(pin.offset()).saturating_add(1);
    context.nvm.write(address, pin_key(new).expose())?;
    unblock(context, plan, area, pin)
}

/// PIN UNBLOCK (`84 24 01 81` with a MAC alone): gives the user's PIN all tries back.
///
/// # Status
/// As [`set`].
pub(super) fn unblock(
    context: &mut Context<'_>,
    plan: &PkiPlan,
    area: Place,
    pin: Pin,
) -> Result<StatusWord, StatusWord> {
    context.nvm.write(area.at(pin.offset()), &[pin.most_tries(plan)])?;
    context.state::<Session>()?.set(pin, false);
    Ok(StatusWord::SUCCESS)
}
