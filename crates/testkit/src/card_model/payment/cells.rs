//! How far transactions over contacts are, and what they left behind, in small numbers for a fuzzer.

use sscard_core::Path;

use super::Stage;
use crate::card_model::CardModel;
use crate::card_model::channel::Selected;

/// First cell of where a transaction stands: stage, path, algorithms, whether it can give nothing but an AAC.
const STANDING: usize = 512;
/// First cell of the issuer's part: stage, right or wrong or none, mandatory or not, the response code's kind.
const ISSUER: usize = STANDING + 64;
/// First cell of the results' second byte.
const SECOND_BYTE: usize = ISSUER + 64;
/// First cell of their third byte.
const THIRD_BYTE: usize = SECOND_BYTE + 256;
/// First cell of flags that last, and of a card that was online.
const FLAGS: usize = THIRD_BYTE + 256;
/// First cell of counters and of the sum, each none, some, at its limit.
const COUNTERS: usize = FLAGS + 64;

impl CardModel {
    /// The cells from 512 to 1297.
    pub(in crate::card_model) fn payment_cells(&self, cell: &mut dyn FnMut(usize)) {
        for channel in self.channels.iter().flatten() {
            let Selected::Payment(_) = channel.selected else { continue };
            let session = &channel.payment;
            let stage = match session.stage {
                Stage::Selected => 0,
                Stage::Initiated => 1,
                Stage::Online => 2,
                Stage::Ended => 3,
                Stage::EndedAtOnce => 4,
            };
            let path = match session.path {
                Path::Standard => 0,
                Path::ElectronicCash => 1,
                Path::Qpboc => 2,
            };
            let bits = usize::from(session.sm) * 2 + usize::from(session.is_blocked);
            cell(STANDING + (stage * 3 + path) * 4 + bits);
            cell(SECOND_BYTE + usize::from(session.cvr[1]));
            cell(THIRD_BYTE + usize::from(session.cvr[2]));
            if let Some(issuer) = session.issuer {
                let answer = issuer.is_right.map_or(0, |is_right| 1 + usize::from(is_right));
                let code = match issuer.code.as_ref() {
                    None => 0,
                    Some(b"00" | b"10" | b"11") => 1,
                    Some(b"01" | b"02") => 2,
                    Some(_) => 3,
                };
                cell(ISSUER + (stage * 3 + answer) * 4 + code);
            }
        }
        for held in self.lasting.payments.iter().take(1) {
            let flags = held.flags;
            let flags = [
                flags.online,
                flags.issuer_failed,
                flags.sda_failed,
                flags.dda_failed,
                flags.script_failed,
                held.last_online_atc != 0,
            ];
            cell(FLAGS + flags.iter().fold(0, |all, flag| all * 2 + usize::from(*flag)));
            let size = |count: u64| match count {
                0 => 0,
                1..=3 => 1,
                _ => 2,
            };
            let (currency, country) = (held.currency_counter.into(), held.country_counter.into());
            let sums =
                [size(currency), size(country), size(held.sum / 1000), size(held.dual_sum / 1000)];
            cell(COUNTERS + sums.iter().fold(0, |all, size| all * 3 + size));
        }
    }
}
