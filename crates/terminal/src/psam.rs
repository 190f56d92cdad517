//! A security module in a slot (终端安全模块, PSAM): a card that holds the keys and lends their work.
//!
//! What enters: a card behind any transport that is one. What leaves: what [`SecurityModule`] promises. No key and no
//! diversified key ever comes out of it; a random number, factors and bytes go in.
//!
//! Source: 《社会保障（个人）卡规范》 part 9; docs/decisions.md where the text is silent.

use std::num::NonZeroU8;

use sscard_apdu::{ClassByte, CommandApdu, StatusWord};
use sscard_commands::{class, ins};
use sscard_core::catalogue::{
    PSAM_AID, PSAM_DES, PSAM_SM4, PSAM_SSF33, PsamClass, PsamKeyEntry, psam_key,
};
use sscard_crypto::{Algorithm, EncipherError, Suite, factor};
use sscard_host::{Follow, Transport};
use zeroize::Zeroizing;

use crate::security_module::{
    CardSecurity, DiversifiedKey, ModuleError, PurchaseMac, PursePurchase, SecurityModule,
};

/// Short identifiers of the files with the serial and the terminal's number.
const CARD_DATA: u8 = 0x15;
const TERMINAL: u8 = 0x16;
/// Bytes of blocks in one command; whole blocks of both lengths.
const PIECE: usize = 224;
/// The most plaintext bytes of a cryptogram.
const LONGEST_PLAIN: usize = 254;

/// A security module behind a transport.
///
/// ```
/// use sscard_host::{Follow, InProcess};
/// use sscard_profile::{MasterKeys, built_in, issue, synthetic_holder};
/// use sscard_terminal::{Psam, ReadOptions, read_card};
///
/// let powered = |name: &str| -> Result<InProcess, Box<dyn std::error::Error>> {
///     let profile = built_in(name).ok_or("no such profile")?;
///     Ok(InProcess::power_on(issue(&profile, &synthetic_holder(1), &MasterKeys::test())?)?)
/// };
/// // Two slots: the holder's card, the terminal's module.
/// let mut card = Follow::new(powered("gen3")?);
/// let mut psam = Psam::open(powered("psam-sm4")?)?;
/// let report = read_card(&mut card, &mut psam, ReadOptions::default())?;
/// assert!(report.text(0x09).is_some(), "the holder's name");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Psam<T> {
    module: Follow<T>,
    suite: Suite,
    serial: [u8; 10],
    terminal: [u8; 6],
    /// Levels at which keys of the classes 02, 07, 08 were found.
    levels: [Option<NonZeroU8>; 3],
}

/// What names a key, and the factors that lead to a card's.
struct Path {
    usage: u8,
    id: u8,
    factors: Vec<u8>,
}

impl<T: Transport> Psam<T> {
    /// Finds out which module it is, and selects its application.
    ///
    /// # Errors
    /// [`ModuleError::NotAModule`] for another card; [`ModuleError::Algorithm`] for one with SSF33, which is not
    /// public; why there is no answer.
    pub fn open(module: T) -> Result<Self, ModuleError> {
        let mut psam = Self {
            module: Follow::new(module),
            suite: Suite::TripleDes,
            serial: [0; 10],
            terminal: [0; 6],
            levels: [None; 3],
        };
        let environments = [
            (&PSAM_SM4, Algorithm::Sm4),
            (&PSAM_SSF33, Algorithm::Ssf33),
            (&PSAM_DES, Algorithm::TripleDes),
        ];
        let mut algorithm = Err(ModuleError::NotAModule(StatusWord::FILE_NOT_FOUND));
        for (name, named) in environments {
            match psam.select(name) {
                Ok(_) => {
                    algorithm = Ok(named);
                    break;
                }
                Err(ModuleError::Refused(status)) => {
                    algorithm = Err(ModuleError::NotAModule(status));
                }
                Err(other) => return Err(other),
            }
        }
        let algorithm = algorithm?;
        psam.suite = algorithm.suite().ok_or(ModuleError::Algorithm(algorithm))?;
        // Only a module has these files: a card's environment may have the same name.
        let [_, serial @ ..] = psam.read::<11>(CARD_DATA)?;
        psam.serial = serial;
        psam.terminal = psam.read(TERMINAL)?;
        match psam.select(&PSAM_AID) {
            Err(ModuleError::Refused(status)) => Err(ModuleError::NotAModule(status)),
            selected => selected.map(|_| psam),
        }
    }

    /// The module's serial number.
    #[must_use]
    pub fn serial(&self) -> &[u8; 10] {
        &self.serial
    }

    /// The transport, for whoever puts the module down.
    pub fn into_transport(self) -> T {
        self.module.into_inner()
    }

    fn select(&mut self, name: &[u8]) -> Result<Vec<u8>, ModuleError> {
        self.send([class::INTERINDUSTRY, ins::SELECT, 0x04, 0x00], name, Some(256))
    }

    fn read<const N: usize>(&mut self, sfi: u8) -> Result<[u8; N], ModuleError> {
        let answer = self.send([0x00, ins::READ_BINARY, 0x80 | sfi, 0x00], &[], Some(N));
        let answer = answer.map_err(|error| match error {
            ModuleError::Refused(status) => ModuleError::NotAModule(status),
            other => other,
        })?;
        exactly(&answer)
    }

    /// One exchange that has to succeed; its data.
    fn send(
        &mut self,
        [cla, ins, p1, p2]: [u8; 4],
        data: &[u8],
        ne: Option<usize>,
    ) -> Result<Vec<u8>, ModuleError> {
        let mut apdu = CommandApdu::new(ClassByte::new(cla), ins, p1, p2);
        if !data.is_empty() {
            apdu = apdu.with_data(data);
        }
        if let Some(ne) = ne {
            apdu = apdu.with_ne(ne);
        }
        let answer = self.module.send(&apdu)?;
        if answer.status.is_success() {
            Ok(answer.data.to_vec())
        } else {
            Err(ModuleError::Refused(answer.status))
        }
    }

    /// Loads the session key of a card's key, or without a random the key itself. A module for one province or
    /// one city has its keys nearer to the cards': fewer factors are tried, and what was found stays so.
    fn load(
        &mut self,
        key: DiversifiedKey<'_>,
        process_factor: Option<&[u8]>,
    ) -> Result<(), ModuleError> {
        self.same_algorithm(key.card)?;
        let entry = psam_key(key.application, key.id, 1).ok_or_else(|| ModuleError::no_key(key))?;
        let random = process_factor.map(|factor| {
            let mut block = vec![0; self.suite.block_length()];
            let given = factor.last_chunk::<8>().filter(|_| block.len() == 8);
            let given = given.map_or(factor, <[u8; 8]>::as_slice);
            block.iter_mut().zip(given).for_each(|(cell, byte)| *cell = *byte);
            block
        });
        let ins = if random.is_some() { ins::LOAD_SESSION_KEY } else { ins::LOAD_KEY };
        for path in self.paths(entry, key.card) {
            let data = [&path.factors[..], random.as_deref().unwrap_or_default()].concat();
            match self.send([class::PSAM, ins, path.usage, path.id], &data, None) {
                Ok(_) => {
                    self.remember(entry.class, path.usage >> 5);
                    return Ok(());
                }
                Err(ModuleError::Refused(StatusWord::REFERENCED_DATA_NOT_FOUND)) => {}
                Err(other) => return Err(other),
            }
        }
        Err(ModuleError::no_key(key))
    }

    /// Ways to a card's key: at the levels that are known of its class, or at all that it may have.
    fn paths(&self, entry: &PsamKeyEntry, card: &CardSecurity) -> Vec<Path> {
        let factors = [card.factor, factor::city(&card.division), factor::province(&card.division)];
        let most = if entry.class == PsamClass::Province { 2 } else { 3 };
        let known = self.levels.get(place(entry.class)).copied().flatten().map(NonZeroU8::get);
        let levels = (1..=most).rev().filter(|level| known.is_none_or(|known| known == *level));
        levels
            .map(|level| Path {
                usage: entry.class.usage(level),
                id: entry.id,
                factors: factors.iter().take(level.into()).flatten().copied().collect(),
            })
            .collect()
    }

    fn remember(&mut self, class: PsamClass, level: u8) {
        if let Some(known) = self.levels.get_mut(place(class)) {
            *known = NonZeroU8::new(level);
        }
    }

    fn same_algorithm(&self, card: &CardSecurity) -> Result<(), ModuleError> {
        if card.suite == self.suite {
            Ok(())
        } else {
            let of = |suite| match suite {
                Suite::TripleDes => Algorithm::TripleDes,
                Suite::Sm4 => Algorithm::Sm4,
            };
            Err(ModuleError::OtherAlgorithm { module: of(self.suite), card: of(card.suite) })
        }
    }

    /// Whole blocks under the loaded key.
    fn encipher_blocks(&mut self, blocks: &[u8]) -> Result<Vec<u8>, ModuleError> {
        let mut enciphered = Vec::with_capacity(blocks.len());
        let mut pieces = blocks.chunks(PIECE).peekable();
        while let Some(piece) = pieces.next() {
            let p1 = if pieces.peek().is_some() { 0x02 } else { 0x00 };
            let header = [class::PROPRIETARY, ins::CIPHER, p1, 0x00];
            enciphered.extend(self.send(header, piece, Some(piece.len()))?);
        }
        if enciphered.len() == blocks.len() { Ok(enciphered) } else { Err(short()) }
    }

    /// The MAC of a message under the loaded key.
    fn mac_of(&mut self, parts: &[&[u8]]) -> Result<[u8; 4], ModuleError> {
        let mut message = parts.concat();
        message.push(0x80);
        let length = self.suite.block_length();
        message.resize(message.len().next_multiple_of(length), 0x00);
        let initial = vec![0; length];
        let mut pieces = message.chunks(PIECE).enumerate().peekable();
        let mut answer = Vec::new();
        while let Some((number, piece)) = pieces.next() {
            let is_last = pieces.peek().is_none();
            let (p1, begin) = match (number, is_last) {
                (0, true) => (0x05, &initial[..]),
                (0, false) => (0x07, &initial[..]),
                (_, true) => (0x01, &[][..]),
                (_, false) => (0x03, &[][..]),
            };
            let header = [class::PROPRIETARY, ins::CIPHER, p1, 0x00];
            let data = [begin, piece].concat();
            answer = self.send(header, &data, is_last.then_some(4))?;
        }
        exactly(&answer)
    }
}

impl<T: Transport> SecurityModule for Psam<T> {
    fn keys(&self) -> &str {
        "those of the security module"
    }

    /// Whether a module can have it; whether this one does it says when it is asked.
    fn has(&self, key: DiversifiedKey<'_>) -> bool {
        psam_key(key.application, key.id, 1).is_some()
    }

    fn random(&mut self) -> Result<[u8; 8], ModuleError> {
        let answer = self.send([0x00, ins::GET_CHALLENGE, 0x00, 0x00], &[], Some(8))?;
        exactly(&answer)
    }

    fn authentication_data(
        &mut self,
        key: DiversifiedKey<'_>,
        process_factor: &[u8],
        original: &[u8; 8],
    ) -> Result<[u8; 8], ModuleError> {
        self.load(key, Some(process_factor))?;
        let mut block = original.to_vec();
        block.resize(self.suite.block_length(), 0x00);
        let enciphered = self.encipher_blocks(&block)?;
        let mut data = [0; 8];
        for half in enciphered.as_chunks::<8>().0 {
            data.iter_mut().zip(half).for_each(|(cell, byte)| *cell ^= byte);
        }
        Ok(data)
    }

    fn mac(
        &mut self,
        key: DiversifiedKey<'_>,
        process_factor: &[u8],
        parts: &[&[u8]],
    ) -> Result<[u8; 4], ModuleError> {
        self.load(key, Some(process_factor))?;
        self.mac_of(parts)
    }

    fn encipher(
        &mut self,
        key: DiversifiedKey<'_>,
        process_factor: &[u8],
        plain: &[u8],
    ) -> Result<Vec<u8>, ModuleError> {
        let length = u8::try_from(plain.len()).ok();
        let length = length.filter(|length| usize::from(*length) <= LONGEST_PLAIN);
        let length = length.ok_or(EncipherError::TooLong)?;
        self.load(key, Some(process_factor))?;
        let mut blocks = Zeroizing::new(Vec::with_capacity(256));
        blocks.push(length);
        blocks.extend_from_slice(plain);
        let filled = blocks.len().next_multiple_of(self.suite.block_length());
        if blocks.len() < filled {
            blocks.push(0x80);
            blocks.resize(filled, 0x00);
        }
        self.encipher_blocks(&blocks)
    }

    fn certificate(
        &mut self,
        key: DiversifiedKey<'_>,
        parts: &[&[u8]],
    ) -> Result<[u8; 4], ModuleError> {
        self.load(key, None)?;
        self.mac_of(parts)
    }

    fn terminal(&self) -> Option<[u8; 6]> {
        Some(self.terminal)
    }

    fn begin_purchase(
        &mut self,
        key: DiversifiedKey<'_>,
        purchase: &PursePurchase,
    ) -> Result<PurchaseMac, ModuleError> {
        self.same_algorithm(key.card)?;
        let no_key = || ModuleError::no_key(key);
        let entry = psam_key(key.application, key.id, purchase.key_version).ok_or_else(no_key)?;
        for path in self.paths(entry, key.card) {
            let [account, holder, fund] = &purchase.amounts;
            let data = [
                &purchase.random[..],
                &purchase.counter,
                account,
                holder,
                fund,
                &[purchase.kind],
                &purchase.time,
                &[purchase.key_version, purchase.algorithm],
                &path.factors,
            ]
            .concat();
            let header = [class::PROPRIETARY, ins::INIT_SAM_FOR_PURCHASE, 0x00, 0x00];
            match self.send(header, &data, Some(8)) {
                Ok(answer) => {
                    self.remember(entry.class, path.usage >> 5);
                    let [s1, s2, s3, s4, mac @ ..] = exactly::<8>(&answer)?;
                    return Ok(PurchaseMac { sequence: [s1, s2, s3, s4], mac });
                }
                // Another number of factors.
                Err(ModuleError::Refused(StatusWord::WRONG_LENGTH)) => {}
                Err(ModuleError::Refused(StatusWord::KEY_INDEX_NOT_SUPPORTED)) => break,
                Err(other) => return Err(other),
            }
        }
        Err(no_key())
    }

    fn check_purchase(
        &mut self,
        _key: DiversifiedKey<'_>,
        _purchase: &PursePurchase,
        _begun: &PurchaseMac,
        mac: &[u8; 4],
    ) -> Result<bool, ModuleError> {
        let header = [class::PROPRIETARY, ins::CREDIT_SAM_FOR_PURCHASE, 0x00, 0x00];
        match self.send(header, mac, None) {
            Ok(_) => Ok(true),
            Err(ModuleError::Refused(StatusWord::MAC_INVALID)) => Ok(false),
            Err(other) => Err(other),
        }
    }
}

const fn place(class: PsamClass) -> usize {
    match class {
        PsamClass::Purse => 0,
        PsamClass::Ministry => 1,
        PsamClass::Province => 2,
    }
}

fn exactly<const N: usize>(answer: &[u8]) -> Result<[u8; N], ModuleError> {
    answer.try_into().map_err(|_| short())
}

fn short() -> ModuleError {
    let reason = "an answer of the security module does not have its length".to_owned();
    sscard_host::TransportError::Protocol(reason).into()
}
