//! A host program's side: the one driver, buffers of the documented room with a watched margin, an HSM in software.

use std::ffi::{CString, c_char, c_int, c_long};
use std::fs;
use std::ptr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use SSCardDriver::interface::{self, LARGE_ROOM, ROOM};
use sscard_apdu::hex;
use sscard_core::KeyId;
use sscard_crypto::Suite;
use sscard_terminal::{CardSecurity, SecurityModule, SoftwareModule};
use tempfile::TempDir;

/// There is one driver in a process: one test at a time.
static TURN: Mutex<()> = Mutex::new(());

/// Bytes behind the room that nothing may be written to.
const MARGIN: usize = 64;

/// What a function gave.
pub(crate) type Answer = (c_long, String);

/// A host program with a configured driver.
pub(crate) struct Host {
    _turn: MutexGuard<'static, ()>,
}

impl Drop for Host {
    fn drop(&mut self) {
        // SAFETY: no pointers are given.
        unsafe {
            interface::SSCardDriver_SetPinCallback(None);
            interface::SSCardDriver_Configure(ptr::null());
        }
    }
}

pub(crate) fn c(text: &str) -> CString {
    CString::new(text).expect("no 00")
}

/// The driver with this configuration; text is UTF-8.
pub(crate) fn host(toml: &str) -> Host {
    coded(&format!("encoding = \"utf-8\"\n{toml}"))
}

/// The driver with this configuration and nothing else.
pub(crate) fn coded(toml: &str) -> Host {
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let host = Host { _turn: turn };
    // SAFETY: the text ends in 00.
    let set = unsafe { interface::SSCardDriver_Configure(c(toml).as_ptr()) };
    assert_eq!(set, 0, "{}", last());
    host
}

/// A card of a built-in profile, and the module for it.
pub(crate) fn with_module(profile: &str, more: &str) -> Host {
    let module = if profile == "gen3" { "psam-sm4" } else { "psam-3des" };
    host(&format!("[card]\nprofile = \"{profile}\"\n[psam]\nprofile = \"{module}\"\n{more}"))
}

/// A card of a built-in profile without a module.
pub(crate) fn alone(profile: &str, more: &str) -> Host {
    host(&format!("[card]\nprofile = \"{profile}\"\n{more}"))
}

/// What happened at the last failure, for a person.
pub(crate) fn last() -> String {
    // SAFETY: there is this room.
    let (_, bytes) = raw(256, |out| unsafe { interface::SSCardDriver_LastError(out, 256) });
    String::from_utf8(bytes).expect("UTF-8")
}

/// Calls with a buffer of this room; what is behind it stays as it was.
pub(crate) fn raw(room: usize, call: impl FnOnce(*mut c_char) -> c_long) -> (c_long, Vec<u8>) {
    let mut buffer = vec![0xA5_u8; room + MARGIN];
    let number = call(buffer.as_mut_ptr().cast());
    assert_eq!(buffer[room..], [0xA5; MARGIN], "nothing is written behind the room");
    let end = buffer.iter().position(|byte| *byte == 0).expect("00 ends the text");
    (number, buffer[..end].to_vec())
}

fn told((number, bytes): (c_long, Vec<u8>)) -> Answer {
    (number, String::from_utf8(bytes).expect("UTF-8"))
}

pub(crate) fn small(call: impl FnOnce(*mut c_char) -> c_long) -> Answer {
    told(raw(ROOM, call))
}

pub(crate) fn large(call: impl FnOnce(*mut c_char) -> c_long) -> Answer {
    told(raw(LARGE_ROOM, call))
}

type Plain = unsafe extern "system" fn(c_int, *mut c_char) -> c_long;
type OfCard = unsafe extern "system" fn(c_int, *const c_char, *mut c_char) -> c_long;
type OfText = unsafe extern "system" fn(*const c_char, *mut c_char) -> c_long;
type OfTwo = unsafe extern "system" fn(c_int, *const c_char, *const c_char, *mut c_char) -> c_long;

pub(crate) fn plain(function: Plain, interface: c_int) -> Answer {
    // SAFETY: the buffer has the documented room; so below.
    small(|out| unsafe { function(interface, out) })
}

pub(crate) fn of_card(function: OfCard, card: &str) -> Answer {
    let card = c(card);
    // SAFETY: as above.
    small(|out| unsafe { function(1, card.as_ptr(), out) })
}

pub(crate) fn of_text(function: OfText, text: &str) -> Answer {
    let text = c(text);
    // SAFETY: as above.
    large(|out| unsafe { function(text.as_ptr(), out) })
}

pub(crate) fn of_two(function: OfTwo, card: &str, text: &str) -> Answer {
    let (card, text) = (c(card), c(text));
    // SAFETY: as above.
    small(|out| unsafe { function(1, card.as_ptr(), text.as_ptr(), out) })
}

pub(crate) fn read_card(authentication: c_int, card: &str, files: &str) -> Answer {
    let (card, files) = (c(card), c(files));
    // SAFETY: as above.
    large(|out| unsafe {
        interface::iReadCard(1, authentication, card.as_ptr(), files.as_ptr(), out)
    })
}

pub(crate) fn write_card(card: &str, files: &str, data: &str) -> Answer {
    let (card, files, data) = (c(card), c(files), c(data));
    // SAFETY: as above.
    small(|out| unsafe {
        interface::iWriteCard(1, card.as_ptr(), files.as_ptr(), data.as_ptr(), out)
    })
}

/// pCardInfo of the synthetic holder 1.
pub(crate) fn card_info(profile: &str) -> &'static str {
    match profile {
        "gen3" => "999900D156000005790776A7FFFFFFFF|T10164210|",
        _ => "999900D156000005790776A7EAB8B804|T10164210|",
    }
}

/// A folder with a profile in it, and a configuration that makes the card of it.
pub(crate) fn own(profile: &str) -> (TempDir, String) {
    let folder = TempDir::new().expect("folder");
    let path = folder.path().join("own.toml");
    fs::write(&path, profile).expect("written");
    let path = path.display().to_string();
    (folder, path)
}

/// A card of a profile of one's own, and a built-in module.
pub(crate) fn own_card(profile: &str, module: &str, more: &str) -> (TempDir, Host) {
    let (folder, path) = own(profile);
    let module =
        if module.is_empty() { "none = true".into() } else { format!("profile = \"{module}\"") };
    let host = host(&format!("[card]\nprofile = \"{path}\"\n[psam]\n{module}\n{more}"));
    (folder, host)
}

/// The number and words of a failure.
pub(crate) fn failed(number: c_long, words: &str) -> Answer {
    (number, words.to_owned())
}

/// A function that did what it was asked and says nothing more.
pub(crate) fn done() -> Answer {
    (0, String::new())
}

/// The HSM behind the caller: TEST keys.
pub(crate) struct Hsm {
    module: SoftwareModule,
    pub(crate) security: CardSecurity,
}

impl Hsm {
    /// For a card of the built-in profile with the synthetic holder 1.
    pub(crate) fn new(profile: &str) -> Self {
        let suite = if profile == "gen3" { Suite::Sm4 } else { Suite::TripleDes };
        let factor = hex::decode("86009999790776A7").expect("hex").try_into().expect("8 bytes");
        let security = CardSecurity { suite, division: *b"999900", factor };
        Self { module: SoftwareModule::test(1), security }
    }

    /// Authentication data ‖ original, in hexadecimal.
    pub(crate) fn authenticate(
        &mut self,
        application: &str,
        key: u8,
        factor: &str,
        original: &str,
    ) -> String {
        let key = self.security.key(application, KeyId(key));
        let factor = hex::decode(factor).expect("hex");
        let bytes: [u8; 8] = hex::decode(original).expect("hex").try_into().expect("8 bytes");
        let data = self.module.authentication_data(key, &factor, &bytes).expect("data");
        format!("{}{original}", hex::encode(&data))
    }

    /// A command under STK: header from the driver, plain text enciphered.
    pub(crate) fn command(&mut self, header: &str, factor: &str, plain: Option<&[u8]>) -> String {
        let key = self.security.key("SSSE", KeyId::STK);
        let factor = hex::decode(factor).expect("hex");
        let header = hex::decode(header).expect("hex");
        let body = plain.map(|plain| self.module.encipher(key, &factor, plain).expect("cipher"));
        let body = body.unwrap_or_default();
        let mac = self.module.mac(key, &factor, &[&header, &body]).expect("MAC");
        hex::encode(&[&header[..], &body, &mac].concat())
    }

    /// MAC under the purchase key.
    pub(crate) fn purchase_mac(&mut self, factor: &str, data: &str) -> String {
        let key = self.security.key("DF04", KeyId(0x87));
        let (factor, data) = (hex::decode(factor).expect("hex"), hex::decode(data).expect("hex"));
        hex::encode(&self.module.mac(key, &factor, &[&data]).expect("MAC"))
    }
}

/// Fields between `|`.
pub(crate) fn fields(text: &str) -> Vec<&str> {
    text.split('|').collect()
}
