//! The PKI application: two SM2 pairs with their certificates, in the DDF `PKI.社会保障` and its application `SS.CERT.ADF1`.
//!
//! What enters: plain commands of either DF. What leaves: their answers. A pair that the card generates is not foretold: its public key is
//! taken as it comes and must be a point of the curve; signatures must verify under it.
//!
//! ```text
//! form (6882, 6A86, 6A88, 6700, 6A80, 6A82) ─► place (6985) ─► PINs (6982) ─► protection (6700, 6984, 6988) ─► effect
//! ```
//!
//! # Reference
//! spec/real-cards.md B; docs/pki.md; docs/standards/social-security.md §2.15; docs/decisions.md, the PKI application.

mod cells;
mod command;
mod files;
mod form;
mod keys;
mod lasting;
mod pins;
mod plan;
mod session;
mod use_of_keys;

use sscard_apdu::tlv::Writer;
use sscard_apdu::{CommandApdu, FileId, StatusWord};
use sscard_commands::ins;
use sscard_elements::social;

use super::answer::Answer;
use super::channel::Selected;
use super::stand::{Outcome, Plain, Stand};
pub use command::{PkiCommand, PkiGoal, PkiStep};
pub(super) use keys::{Unknown, settle};
pub(super) use lasting::Lasting;
pub(super) use plan::Plan;
pub(super) use session::Session;

/// DF name of the environment: `PKI.社会保障` in GBK.
pub(super) const ENVIRONMENT: &[u8] = b"PKI.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF";
/// DF name of the application.
pub(super) const APPLICATION: &[u8] = b"SS.CERT.ADF1";
/// The application in its environment.
const IDENTIFIER: FileId = FileId::new(0xDF01);

/// What a file identifier leads to while one of the two is selected, but for the MF: nothing of the file system.
pub(super) fn by_identifier(here: Selected, fid: [u8; 2]) -> Option<Selected> {
    let fid = FileId::from_bytes(fid);
    let is_file = here == Selected::PkiApplication && files::place(fid).is_some();
    (fid == IDENTIFIER || is_file).then_some(Selected::PkiApplication)
}

/// SELECT leads here: an FCI with the name for a DF, nothing for an EF. The same again keeps what was proved and the challenge.
pub(super) fn enter(
    selected: Selected,
    plain: Plain<'_>,
    stand: &mut Stand<'_>,
    answer: &mut Answer,
) -> Outcome {
    if stand.channel.selected != selected {
        stand.channel.leave_files(selected);
    }
    let fid = <[u8; 2]>::try_from(plain.data).ok().filter(|_| plain.p1 != 0x04);
    let file = fid.and_then(|fid| files::place(FileId::from_bytes(fid)));
    stand.channel.pki.file = file;
    if file.is_none() {
        let name = if selected == Selected::PkiEnvironment { ENVIRONMENT } else { APPLICATION };
        Writer::new(&mut answer.data).constructed(social::FCI_TEMPLATE, |fci| {
            fci.primitive(social::DF_NAME, name);
        });
    }
    Ok(StatusWord::SUCCESS)
}

/// Answers a command; `apdu` is the command as it came, for its MAC.
pub(super) fn process(
    apdu: &CommandApdu<'_>,
    plain: Plain<'_>,
    stand: &mut Stand<'_>,
    answer: &mut Answer,
) -> Outcome {
    let takes_protection = matches!(plain.ins, ins::CHANGE_PIN | ins::PIN_UNBLOCK);
    match (takes_protection, plain.protected) {
        (true, false) => return Err(StatusWord::CLASS_NOT_SUPPORTED),
        (false, true) => return Err(StatusWord::SECURE_MESSAGING_NOT_SUPPORTED),
        _ => {}
    }
    match plain.ins {
        ins::GET_CHALLENGE => challenge(plain, stand, answer),
        ins::READ_BINARY => files::read(plain, stand, answer),
        ins::UPDATE_BINARY => files::update(plain, stand),
        ins::VERIFY => pins::verify(plain, stand),
        ins::CHANGE_PIN => pins::change(apdu, plain, stand),
        ins::PIN_UNBLOCK => pins::unblock(apdu, plain, stand),
        ins::GENERATE_KEY_PAIR => keys::generate(plain, stand),
        ins::GET_PUBLIC_KEY => keys::export(plain, stand, answer),
        ins::OPEN_ENVELOPE => use_of_keys::open_envelope(plain, stand, answer),
        ins::IMPORT_SESSION_KEY => keys::import_session_key(plain, stand),
        ins::IMPORT_KEY => keys::import(plain, stand),
        ins::HASH => use_of_keys::hash(plain, stand, answer),
        ins::PERFORM_SECURITY_OPERATION => use_of_keys::operation(plain, stand, answer),
        _ => Err(StatusWord::INS_NOT_SUPPORTED),
    }
}

/// GET CHALLENGE: the one command that the environment has, too.
fn challenge(plain: Plain<'_>, stand: &mut Stand<'_>, answer: &mut Answer) -> Outcome {
    form::parameters(plain, 0x00, 0x00)?;
    form::no_data(plain)?;
    if !matches!(plain.ne, 4 | 8 | 16) {
        return Err(StatusWord::WRONG_LENGTH);
    }
    stand.channel.challenge = None;
    answer.hole(plain.ne, super::answer::Unknown::Challenge);
    Ok(StatusWord::SUCCESS)
}

/// Whose PIN a command needs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Needs {
    Nobody,
    User,
    Administrator,
    Either,
}

/// Everything but GET CHALLENGE is the application's, and some of it the holder's of a PIN.
fn admit(needs: Needs, stand: &Stand<'_>) -> Result<(), StatusWord> {
    if stand.channel.selected != Selected::PkiApplication {
        return Err(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED);
    }
    let [user, administrator] = stand.channel.pki.verified;
    let is_met = match needs {
        Needs::Nobody => true,
        Needs::User => user,
        Needs::Administrator => administrator,
        Needs::Either => user || administrator,
    };
    if is_met { Ok(()) } else { Err(StatusWord::SECURITY_STATUS_NOT_SATISFIED) }
}
