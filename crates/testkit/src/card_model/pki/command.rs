//! Commands to the PKI application, written from its live state.

use sscard_apdu::tlv::Writer;
use sscard_commands::{class, ins};
use sscard_crypto::financial::sm3;
use sscard_crypto::pki::{encipher, pin_proof};
use sscard_crypto::{Key, Suite};
use sscard_elements::pki as tag;

use super::files::{FILES, Purpose};
use super::keys::Private;
use super::pins::Whose;
use super::use_of_keys::{POOL, Pool};
use super::{APPLICATION, ENVIRONMENT};
use crate::card_model::CardModel;
use crate::card_model::channel::{Channel, Selected};
use crate::op::OpRecord;

/// A step with the PKI application.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PkiStep {
    /// Whatever is missing for a goal: SELECT, GET CHALLENGE, VERIFY, and at last the command itself.
    Onward(PkiGoal),
    /// The command of a goal at once, whatever it needs.
    AtOnce(PkiGoal),
    /// SELECT by name.
    Select {
        /// The application, else its environment.
        application: bool,
    },
    /// SELECT by file identifier.
    SelectFile {
        /// Place among the identifiers that mean something here.
        place: u8,
    },
    /// GET CHALLENGE.
    Challenge {
        /// Le.
        length: u8,
    },
    /// VERIFY.
    Verify {
        /// The user's PIN, else the administrator's.
        user: bool,
        /// Right, wrong, only asked for.
        how: u8,
    },
}

/// What is to be reached with the PKI application.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PkiGoal {
    /// Which command.
    pub what: PkiCommand,
    /// For the encryption pair, else for the one for signatures.
    pub encryption: bool,
    /// A PIN, an offset, a text: a few cases.
    pub choice: u8,
    /// Whether MACs, signatures and ciphertexts are right.
    pub right: bool,
}

/// A command of the application that something is needed for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PkiCommand {
    /// READ BINARY.
    Read,
    /// UPDATE BINARY.
    Update,
    /// CHANGE PIN of the user.
    ChangeUserPin,
    /// CHANGE PIN of the administrator.
    ChangeAdministratorPin,
    /// PIN UNBLOCK.
    Unblock,
    /// RELOAD PIN.
    Reload,
    /// GET PUBLIC KEY that names a pair.
    NameKey,
    /// GET PUBLIC KEY that gives it.
    GiveKey,
    /// IMPORT SESSION KEY.
    ImportSessionKey,
    /// HASH.
    Hash,
    /// IMPORT KEY, the public half.
    ImportPublic,
    /// IMPORT KEY, the private half.
    ImportPrivate,
    /// GENERATE KEY PAIR.
    Generate,
    /// PERFORM SECURITY OPERATION: compute a signature.
    Sign,
    /// PERFORM SECURITY OPERATION: verify one.
    VerifySignature,
    /// PERFORM SECURITY OPERATION: decipher.
    Decipher,
    /// OPEN ENVELOPE.
    OpenEnvelope,
}

use PkiCommand as C;

/// What takes no arithmetic on the curve.
const LIGHT: [PkiCommand; 12] = [
    C::Read,
    C::Read,
    C::Update,
    C::ChangeUserPin,
    C::ChangeAdministratorPin,
    C::Unblock,
    C::Reload,
    C::NameKey,
    C::GiveKey,
    C::GiveKey,
    C::ImportSessionKey,
    C::Hash,
];
/// What does.
const HEAVY: [PkiCommand; 8] = [
    C::ImportPublic,
    C::ImportPrivate,
    C::ImportPrivate,
    C::Generate,
    C::Sign,
    C::VerifySignature,
    C::Decipher,
    C::OpenEnvelope,
];

impl PkiGoal {
    /// `rarely` of 256 goals are arithmetic on the curve.
    fn decode([which, a, b, c, d]: [u8; 5], rarely: u8) -> Self {
        let what = if which < rarely {
            HEAVY[usize::from(a) % HEAVY.len()]
        } else {
            LIGHT[usize::from(a) % LIGHT.len()]
        };
        Self { what, encryption: b & 1 != 0, choice: c, right: d & 3 != 0 }
    }
}

impl PkiStep {
    pub(in crate::card_model) fn decode(record: &OpRecord) -> Self {
        let [_, _, _, which, a, b, c, d, e, ..] = *record;
        match which & 0x0F {
            0..=9 => Self::Onward(PkiGoal::decode([a, b, c, d, e], 5)),
            10 | 11 => Self::AtOnce(PkiGoal::decode([a, b, c, d, e], 1)),
            12 => Self::Select { application: a & 3 != 0 },
            13 => Self::SelectFile { place: a },
            14 => Self::Challenge { length: [8, 16, 16, 4, 7][usize::from(a) % 5] },
            _ => Self::Verify { user: a & 1 != 0, how: b % 5 },
        }
    }

    pub(in crate::card_model) fn write(&self, model: &CardModel, channel: u8, out: &mut Vec<u8>) {
        let number = channel;
        let closed = Channel::default();
        let channel = model.channels.get(usize::from(channel)).and_then(Option::as_ref);
        let channel = channel.unwrap_or(&closed);
        let pool = POOL.as_ref().filter(|_| model.plan.pki.is_some());
        let scene = pool.map(|pool| Scene { model, pool, channel, number });
        match (self, scene) {
            (Self::Select { application }, _) => select(number, *application, out),
            // No such application: that there is none is worth a question too.
            (_, None) => select(number, true, out),
            (Self::Onward(goal), Some(scene)) => scene.onward(goal, out),
            (Self::AtOnce(goal), Some(scene)) => scene.carry_out(goal, out),
            (Self::SelectFile { place }, _) => {
                const OTHERS: [u16; 4] = [0xDF01, 0x3F00, 0xDF04, 0x0012];
                let place = usize::from(*place) % (FILES.len() + OTHERS.len());
                let fid =
                    FILES.get(place).map_or_else(|| OTHERS[place - FILES.len()], |file| file.0);
                out.extend([number, ins::SELECT, 0x00, 0x00, 2]);
                out.extend(fid.to_be_bytes());
            }
            (Self::Challenge { length }, _) => {
                out.extend([number, ins::GET_CHALLENGE, 0, 0, *length]);
            }
            (Self::Verify { user, how }, Some(scene)) => {
                let whose = if *user { Whose::User } else { Whose::Administrator };
                scene.verify(whose, *how, out);
            }
        }
    }
}

fn select(number: u8, application: bool, out: &mut Vec<u8>) {
    let name = if application { APPLICATION } else { ENVIRONMENT };
    out.extend([number, ins::SELECT, 0x04, 0x00, u8::try_from(name.len()).unwrap_or(0)]);
    out.extend(name);
    out.push(0);
}

/// PINs that a change sets: three that are some, two that are none.
const PINS: [&[u8]; 5] =
    [&[0x12, 0x34, 0x56], &[0x65, 0x43, 0x2F], &[0x12, 0x34, 0x56, 0x78], &[], &[0x1A, 0x23]];

/// Where a command is written.
struct Scene<'m> {
    model: &'m CardModel,
    pool: &'m Pool,
    channel: &'m Channel,
    number: u8,
}

impl Scene<'_> {
    fn onward(&self, goal: &PkiGoal, out: &mut Vec<u8>) {
        let needed = match goal.what {
            C::Read | C::NameKey | C::GiveKey | C::Hash | C::VerifySignature => None,
            C::ChangeUserPin | C::Sign | C::Decipher => Some(Whose::User),
            C::ChangeAdministratorPin | C::Unblock | C::Reload => Some(Whose::Administrator),
            _ if goal.choice & 0x40 == 0 => Some(Whose::User),
            _ => Some(Whose::Administrator),
        };
        let is_protected = matches!(
            goal.what,
            C::ChangeUserPin | C::ChangeAdministratorPin | C::Unblock | C::Reload
        );
        let has_challenge = self.channel.challenge.is_some();
        let session = &self.channel.pki;
        let lacks_pin = needed.is_some_and(|whose| !session.verified[whose as usize]);
        match goal.what {
            _ if self.channel.selected != Selected::PkiApplication => {
                select(self.number, true, out);
            }
            _ if (lacks_pin || is_protected) && !has_challenge => {
                out.extend([self.number, ins::GET_CHALLENGE, 0, 0, 16]);
            }
            _ if lacks_pin => self.verify(needed.unwrap_or(Whose::User), 0, out),
            C::GiveKey if session.exported.is_none() => {
                self.carry_out(&PkiGoal { what: C::NameKey, ..goal.clone() }, out);
            }
            // One more session key would be none too many: what it is for comes next.
            C::ImportSessionKey if session.key.is_some() && self.lacks_private_half() => {
                self.carry_out(&PkiGoal { what: C::ImportPrivate, ..goal.clone() }, out);
            }
            C::ImportPrivate if session.key.is_none() => {
                self.carry_out(&PkiGoal { what: C::ImportSessionKey, ..goal.clone() }, out);
            }
            C::ImportPrivate if !self.has_imported_half() => {
                self.carry_out(&PkiGoal { what: C::ImportPublic, ..goal.clone() }, out);
            }
            _ => self.carry_out(goal, out),
        }
    }

    /// Whether it is there without the private one.
    fn lacks_private_half(&self) -> bool {
        let pair = &self.model.lasting.pki.pairs[Purpose::Encryption as usize];
        pair.private == Private::Missing && self.has_imported_half()
    }

    /// Whether the public half is there of which the private one can be sent.
    fn has_imported_half(&self) -> bool {
        let pair = &self.model.lasting.pki.pairs[Purpose::Encryption as usize];
        pair.public.and_then(|public| public.whole()) == Some(*self.pool.known.public_key().bytes())
    }

    fn verify(&self, whose: Whose, how: u8, out: &mut Vec<u8>) {
        out.extend([self.number, ins::VERIFY, 0x01, whose.reference()]);
        if how == 4 {
            return;
        }
        let pin = &self.model.lasting.pki.pins[whose as usize];
        let challenge = self.channel.challenge.as_deref().unwrap_or(&[0; 8]);
        let mut proof = pin_proof(&Key::new(pin.key), challenge);
        proof[15] ^= u8::from(how == 3);
        out.push(16);
        out.extend(proof);
    }

    fn files(&self, purpose: Purpose) -> [[u8; 2]; 2] {
        match purpose {
            Purpose::Signature => [[0x00, 0x12], [0x00, 0x13]],
            Purpose::Encryption => [[0x00, 0x14], [0x00, 0x15]],
        }
    }

    fn carry_out(&self, goal: &PkiGoal, out: &mut Vec<u8>) {
        let purpose = if goal.encryption { Purpose::Encryption } else { Purpose::Signature };
        let pair = &self.model.lasting.pki.pairs[purpose as usize];
        let [public_file, private_file] = self.files(purpose);
        let choice = goal.choice;
        let pool = self.pool;
        match goal.what {
            C::Read => self.read(choice, out),
            C::Update => {
                let sfi = 0x80 | if goal.encryption { 0x19 } else { 0x18 };
                out.extend([self.number, ins::UPDATE_BINARY, sfi, choice, 8]);
                out.extend([choice; 8]);
            }
            C::ChangeUserPin => self.change(Whose::User, Whose::User, goal, out),
            C::ChangeAdministratorPin => {
                self.change(Whose::Administrator, Whose::Administrator, goal, out);
            }
            C::Unblock | C::Reload => self.change(Whose::User, Whose::Administrator, goal, out),
            C::Generate | C::NameKey => {
                let (ins, p1) = match goal.what {
                    C::Generate => (ins::GENERATE_KEY_PAIR, 0x00),
                    _ => (ins::GET_PUBLIC_KEY, 0x82),
                };
                let second = if goal.right { private_file } else { public_file };
                let objects = [
                    (tag::PUBLIC_KEY_FILE, &public_file[..]),
                    (tag::PRIVATE_KEY_FILE, &second[..]),
                ];
                self.command([class::PROPRIETARY, ins, p1, 0x00], &objects, out);
            }
            C::GiveKey => {
                out.extend([class::PROPRIETARY | self.number, ins::GET_PUBLIC_KEY, 0x82, 0x80, 66]);
            }
            C::ImportSessionKey => {
                let head = [class::PROPRIETARY, ins::IMPORT_SESSION_KEY, 0x02, 0x10];
                self.command(head, &[(tag::INPUT, &SESSION_KEY)], out);
            }
            C::Hash => {
                let head = [class::PROPRIETARY, ins::HASH, 0x01, 0x03];
                self.command(head, &[(tag::INPUT, PINS[usize::from(choice) % 5])], out);
            }
            C::ImportPublic => {
                let mut key = *self.pool.known.public_key().bytes();
                key[63] ^= u8::from(!goal.right);
                let file = if choice & 7 == 0 { public_file } else { [0x00, 0x14] };
                let head = [class::PROPRIETARY, ins::IMPORT_KEY, 0x40, 0x00];
                let objects = [(tag::PUBLIC_KEY_FILE, &file[..]), (tag::PUBLIC_KEY, &key[..])];
                self.command(head, &objects, out);
            }
            C::ImportPrivate => {
                let mut number = *self.pool.known.to_bytes();
                number[31] ^= u8::from(!goal.right);
                encipher(&Key::new(SESSION_KEY), &mut number);
                let file = if choice & 7 == 0 { private_file } else { [0x00, 0x15] };
                let head = [class::PROPRIETARY, ins::IMPORT_KEY, 0xC0, 0x01];
                let objects = [(tag::PRIVATE_KEY_FILE, &file[..]), (tag::PRIVATE_KEY, &number[..])];
                self.command(head, &objects, out);
            }
            C::Sign => {
                out.extend([self.number, ins::PERFORM_SECURITY_OPERATION, 0x9E, 0x9A, 32]);
                out.extend(sm3(&[&[choice]]));
                out.push(64);
            }
            C::VerifySignature => self.verify_signature(goal, out),
            C::Decipher => {
                let pair = &self.model.lasting.pki.pairs[Purpose::Encryption as usize];
                let mut cipher = pool.seal(pair, &[choice; 20], choice).unwrap_or(vec![7; 116]);
                cipher[80] ^= u8::from(!goal.right);
                out.extend([self.number, ins::PERFORM_SECURITY_OPERATION, 0x80, 0x86, 117, 0x00]);
                out.extend(cipher);
                out.push(20);
            }
            C::OpenEnvelope => {
                let mut envelope = pool.seal(pair, &[choice; 16], choice).unwrap_or(vec![7; 112]);
                envelope[100] ^= u8::from(!goal.right);
                let head = [class::PROPRIETARY, ins::OPEN_ENVELOPE, 0x00, 0x01];
                let objects =
                    [(tag::PRIVATE_KEY_FILE, &private_file[..]), (tag::INPUT, &envelope[..])];
                self.command(head, &objects, out);
            }
        }
    }

    fn command(
        &self,
        [class, ins, p1, p2]: [u8; 4],
        objects: &[(sscard_apdu::tlv::Tag, &[u8])],
        out: &mut Vec<u8>,
    ) {
        let mut data = Vec::new();
        for (tag, value) in objects {
            Writer::new(&mut data).primitive(*tag, value);
        }
        out.extend([class | self.number, ins, p1, p2]);
        out.push(u8::try_from(data.len()).unwrap_or(u8::MAX));
        out.extend(data);
        out.push(0);
    }

    /// A file by short identifier, or the current one; from its begin, its middle, its end, behind it.
    fn read(&self, choice: u8, out: &mut Vec<u8>) {
        let sfi = [0x12, 0x12, 0x14, 0x18, 0x19, 0x13, 0x16, 0x12][usize::from(choice) & 7];
        let (p1, p2) = match choice >> 3 & 7 {
            0 => (0x00, 0x10),
            1 => (0x03, 0xF8),
            2 => (0x03, 0xFC),
            3 => (0x80 | sfi, 0x21),
            4 => (0x80 | sfi, 0x41),
            5 => (0x80 | sfi, 0x42),
            _ => (0x80 | sfi, 0x00),
        };
        let length = [0x42, 0x04, 0x21, 0x00][usize::from(choice >> 6)];
        out.extend([self.number, ins::READ_BINARY, p1, p2, length]);
    }

    /// CHANGE PIN, PIN UNBLOCK and RELOAD PIN under the key of the PIN that stands for who changes it.
    fn change(&self, whose: Whose, by: Whose, goal: &PkiGoal, out: &mut Vec<u8>) {
        let ins = if goal.what == C::ChangeUserPin || goal.what == C::ChangeAdministratorPin {
            ins::CHANGE_PIN
        } else {
            ins::PIN_UNBLOCK
        };
        let key = Key::new(self.model.lasting.pki.pins[by as usize].key);
        let challenge = self.channel.challenge.as_deref().unwrap_or(&[0; 8]);
        let session = Suite::Sm4.session_key(&key, challenge);
        let pin = PINS[usize::from(goal.choice) % 5];
        let body = match goal.what {
            C::Unblock => Vec::new(),
            _ => session.encipher(pin).unwrap_or_default(),
        };
        let lc = u8::try_from(body.len() + 4).unwrap_or(u8::MAX);
        let class = class::PROPRIETARY_PROTECTED | self.number;
        let header = [class, ins, 0x01, whose.reference(), lc];
        let mut mac = session.mac_parts(&[&header, &body]);
        mac[3] ^= u8::from(!goal.right);
        out.extend(header);
        out.extend(body);
        out.extend(mac);
    }

    /// The last signature that was seen, or one of the known pair's.
    fn verify_signature(&self, goal: &PkiGoal, out: &mut Vec<u8>) {
        let own = &self.model.lasting.pki.pairs[Purpose::Signature as usize];
        let key = &self.pool.known;
        let mut digest = sm3(&[&[goal.choice]]);
        let nonce = sm3(&[b"nonce", &digest]);
        let mut signature = key.sign_digest(&digest, &nonce).unwrap_or([1; 64]);
        let mut objects = Vec::new();
        let is_own = goal.encryption;
        if let Some(signed) = own.signed.as_deref().filter(|_| is_own) {
            (digest, signature) = (signed.digest, signed.signature);
        }
        signature[63] ^= u8::from(!goal.right);
        objects.push((tag::DIGEST, &digest[..]));
        objects.push((tag::SIGNATURE, &signature[..]));
        if !is_own {
            objects.push((tag::PUBLIC_KEY, &key.public_key().bytes()[..]));
        }
        let head = [class::INTERINDUSTRY, ins::PERFORM_SECURITY_OPERATION, 0x00, 0xA8];
        self.command(head, &objects, out);
        // It answers a status word alone.
        out.pop();
    }
}

/// The session key that a private key comes under.
const SESSION_KEY: [u8; 16] = *b"TEST SESSION KEY";
