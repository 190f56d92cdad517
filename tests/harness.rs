//! A card on the table: hex in, hex out, and a terminal's cryptography.

use sscard_core::{Card, KeyId, LifeCycle, Profile};
use sscard_crypto::{Key, SessionKey, Suite, factor};
use sscard_profile::{MasterKeys, built_in, issue, load, synthetic_holder};

/// SELECT of the environment.
pub(crate) const SELECT_SSSE: &str = "00A404000F7378312E73682EC9E7BBE1B1A3D5CF";
/// Original information that all authentications here use.
pub(crate) const ORIGINAL: [u8; 8] = [1, 2, 3, 4, 5, 6, 7, 8];

/// A powered card and the keys that a terminal has for it.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) card: Card,
    suite: Suite,
    factor: [u8; 8],
}

/// Bytes of a hex text; spaces are fine.
pub(crate) fn bytes(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_digit(16).expect("hex") as u8)
        .collect();
    assert!(digits.len().is_multiple_of(2), "odd hex {text}");
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// Hex text of bytes.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// The profile `base` on T=1, which answers directly.
pub(crate) fn t1(base: &str) -> Profile {
    load(&format!("base = \"{base}\"\nprotocol = \"T=1\"")).expect("profile")
}

impl Desk {
    /// A built-in profile as it is: T=0.
    pub(crate) fn t0(profile: &str) -> Self {
        Self::of(&built_in(profile).expect("built-in"), LifeCycle::Activated)
    }

    /// A built-in profile on T=1.
    pub(crate) fn t1(profile: &str) -> Self {
        Self::of(&t1(profile), LifeCycle::Activated)
    }

    /// A profile from TOML.
    pub(crate) fn toml(text: &str) -> Self {
        Self::of(&load(text).expect("profile"), LifeCycle::Activated)
    }

    /// Any profile in any state, powered, with the holder of seed 7.
    pub(crate) fn of(profile: &Profile, life_cycle: LifeCycle) -> Self {
        let mut holder = synthetic_holder(7);
        holder.life_cycle = life_cycle;
        let mut card = issue(profile, &holder, &MasterKeys::test()).expect("card");
        let atr = card.power_on().expect("power");
        let historical = sscard_apdu::Atr::parse(&atr).expect("ATR").historical_bytes().to_vec();
        let factor = factor::card(&historical).expect("factor");
        let suite = profile.algorithm().suite().unwrap_or(Suite::TripleDes);
        Self { card, suite, factor }
    }

    /// The same terminal before another card of its kind.
    pub(crate) fn before(&self, card: Card) -> Self {
        Self { card, suite: self.suite, factor: self.factor }
    }

    /// One raw exchange, no following.
    pub(crate) fn send(&mut self, command: &str) -> String {
        let mut response = Vec::new();
        self.card.transmit(&bytes(command), &mut response);
        hex(&response)
    }

    /// One exchange that must end in 9000; the data. Follows 61xx and 6Cxx.
    pub(crate) fn data(&mut self, command: &str) -> String {
        let answer = self.follow(command);
        answer.strip_suffix("9000").unwrap_or_else(|| panic!("{command}: {answer}")).to_owned()
    }

    /// One exchange with 61xx and 6Cxx followed; all data and the last status word.
    pub(crate) fn follow(&mut self, command: &str) -> String {
        let mut command = command.to_owned();
        let mut data = String::new();
        loop {
            let answer = self.send(&command);
            let (got, status) = answer.split_at(answer.len() - 4);
            data.push_str(got);
            match status.split_at(2) {
                ("61", ne) => command = format!("00C00000{ne}"),
                ("6C", ne) => {
                    let mut repeated = bytes(&command);
                    if repeated.len() == 4 {
                        repeated.push(0);
                    }
                    *repeated.last_mut().expect("Le") = bytes(ne)[0];
                    command = hex(&repeated);
                }
                _ => return data + status,
            }
        }
    }

    /// Status word of one followed exchange.
    pub(crate) fn status(&mut self, command: &str) -> String {
        let answer = self.follow(command);
        answer[answer.len() - 4..].to_owned()
    }

    /// Sends commands that must all end in 9000.
    pub(crate) fn all_ok(&mut self, commands: &[&str]) {
        for command in commands {
            assert_eq!(self.status(command), "9000", "{command}");
        }
    }

    /// This card's key, derived as a terminal derives it.
    pub(crate) fn key(&self, application: &str, id: u8) -> Key {
        let entry = sscard_core::catalogue::KEYS
            .iter()
            .find(|key| key.application == application && key.id == KeyId(id))
            .unwrap_or_else(|| panic!("no key {id:02X} in {application}"));
        MasterKeys::test().card(self.suite, b"999900", &self.factor, entry)
    }

    /// Session key of a key of this card and a process factor.
    pub(crate) fn session(&self, application: &str, id: u8, process_factor: &[u8]) -> SessionKey {
        self.suite.session_key(&self.key(application, id), process_factor)
    }

    /// GET CHALLENGE of eight bytes.
    pub(crate) fn challenge(&mut self) -> Vec<u8> {
        bytes(&self.data("0084000008"))
    }

    /// EXTERNAL AUTHENTICATE with the right key; the status word.
    pub(crate) fn authenticate(&mut self, application: &str, id: u8) -> String {
        let challenge = self.challenge();
        let data = self.session(application, id, &challenge).authentication_data(&ORIGINAL);
        self.send(&format!("008200{id:02X}10{}{}", hex(&data), hex(&ORIGINAL)))
    }

    /// EXTERNAL AUTHENTICATE with wrong data; the status word.
    pub(crate) fn fail_authentication(&mut self, id: u8) -> String {
        self.challenge();
        self.send(&format!("008200{id:02X}10{}{}", "00".repeat(8), hex(&ORIGINAL)))
    }

    /// A protected command: `header` is CLA INS P1 P2, `body` the data field before the MAC; the
    /// challenge is asked for here and the MAC made with key `id` of `application`.
    pub(crate) fn protect(
        &mut self,
        application: &str,
        id: u8,
        header: &str,
        body: &[u8],
    ) -> String {
        let challenge = self.challenge();
        self.protect_with(application, id, &challenge, header, body)
    }

    /// The same with a challenge that is there already.
    pub(crate) fn protect_with(
        &self,
        application: &str,
        id: u8,
        challenge: &[u8],
        header: &str,
        body: &[u8],
    ) -> String {
        let lc = u8::try_from(body.len() + 4).expect("short");
        let header = [bytes(header), vec![lc]].concat();
        let mac = self.session(application, id, challenge).mac_parts(&[&header, body]);
        hex(&[&header[..], body, &mac].concat())
    }

    /// RELOAD PIN with everything it needs but the external authentication; the status word.
    pub(crate) fn reload_pin(&mut self, pin: &[u8]) -> String {
        let challenge = self.challenge();
        let enciphered = self.session("SSSE", 0x02, &challenge).encipher(pin).expect("short PIN");
        let command = self.protect_with("SSSE", 0x02, &challenge, "84240001", &enciphered);
        self.send(&command)
    }
}

/// An image whose last four bytes are made its checksum.
pub(crate) fn with_checksum(mut image: Vec<u8>) -> Vec<u8> {
    let end = image.len() - 4;
    let crc = crc32(&image[..end]).to_be_bytes();
    image[end..].copy_from_slice(&crc);
    image
}

/// CRC-32 of ISO/HDLC, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 }
        })
    })
}
