//! A bank card on the table: single commands of a transaction, and the issuer's cryptography.

use sscard_apdu::dol::DolReader;
use sscard_core::{Card, FinancialApplication, Profile};
use sscard_crypto::Key;
use sscard_crypto::financial::{
    Cipher, DerivationOption, Fold, application_cryptogram, arpc_method_1, card_key,
    discretionary_mac, encipher_script, pboc_session_key, pin_change_block, script_mac,
    with_odd_parity,
};
use sscard_profile::{
    MasterKeys, SEQUENCE_NUMBER, account_number, bank_master_key, issue, load, synthetic_holder,
};

use crate::harness::{bytes, hex};

pub(crate) const SELECT: &str = "00A4040008A000000333010101";
pub(crate) const TC: u8 = 0x40;
pub(crate) const ARQC: u8 = 0x80;
pub(crate) const AAC: u8 = 0x00;

/// What the terminal says of itself and of the payment.
#[derive(Clone, Copy)]
pub(crate) struct Terminal {
    pub(crate) amount: u64,
    pub(crate) currency: u16,
    pub(crate) country: u16,
    pub(crate) cash: bool,
    pub(crate) sm: bool,
    pub(crate) tvr: [u8; 5],
    pub(crate) qualifiers: [u8; 4],
}

pub(crate) const TERMINAL: Terminal = Terminal {
    amount: 1234,
    currency: 0x0156,
    country: 0x0156,
    cash: false,
    sm: false,
    tvr: [0; 5],
    qualifiers: [0x36, 0, 0, 0x80],
};

/// An answer to GENERATE AC.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Ac {
    pub(crate) cid: u8,
    pub(crate) atc: [u8; 2],
    pub(crate) ac: [u8; 8],
    pub(crate) iad: Vec<u8>,
}

impl Ac {
    pub(crate) fn cvr(&self) -> String {
        hex(&self.iad[3..7])
    }

    pub(crate) fn kind(&self) -> u8 {
        self.cid & 0xC0
    }
}

/// A powered card with the application selected.
#[derive(Clone)]
pub(crate) struct Bank {
    pub(crate) card: Card,
    pub(crate) terminal: Terminal,
    pub(crate) pan: String,
    first: [u8; 8],
    atc: [u8; 2],
}

impl Bank {
    /// A gen2 card on T=1 with these lines in `[financial]`; the application is selected.
    pub(crate) fn new(financial: &str) -> Self {
        let mut bank = Self::unselected(financial);
        assert_eq!(&bank.status(SELECT), "9000");
        bank
    }

    /// The same, powered only.
    pub(crate) fn unselected(financial: &str) -> Self {
        let text = format!("base = \"gen2\"\nprotocol = \"T=1\"\n[financial]\n{financial}");
        let profile = load(&text).unwrap_or_else(|error| panic!("{error}"));
        let holder = synthetic_holder(7);
        let mut card = issue(&profile, &holder, &MasterKeys::test()).expect("card");
        card.power_on().expect("power");
        let pan = account_number(&holder, 0);
        Self { card, terminal: TERMINAL, pan, first: [0; 8], atc: [0; 2] }
    }

    /// A card with data objects of its own: `[(0x9F52, "0010")]`.
    pub(crate) fn with(objects: &[(u16, &str)]) -> Self {
        Self::new(&objects_table(objects))
    }

    /// A card that keeps its records closed until GET PROCESSING OPTIONS.
    pub(crate) fn closed() -> Self {
        Self::changed(|application| application.options.read_before_initiation = false)
    }

    /// A card whose plan of the application is changed.
    pub(crate) fn changed(change: impl FnOnce(&mut FinancialApplication)) -> Self {
        let mut bank = Self::with(&[]);
        let mut blueprint = bank.card.profile().blueprint().clone();
        change(&mut blueprint.financial.applications[0]);
        let profile = Profile::new(blueprint).expect("plan");
        bank.card = issue(&profile, &synthetic_holder(7), &MasterKeys::test()).expect("card");
        bank.card.power_on().expect("power");
        assert_eq!(bank.status(SELECT), "9000");
        bank
    }

    /// The same terminal before another card of its kind.
    pub(crate) fn before(&self, card: Card) -> Self {
        Self {
            card,
            terminal: self.terminal,
            pan: self.pan.clone(),
            first: self.first,
            atc: self.atc,
        }
    }

    /// One raw exchange.
    pub(crate) fn send(&mut self, command: &str) -> String {
        let mut response = Vec::new();
        self.card.transmit(&bytes(command), &mut response);
        hex(&response)
    }

    pub(crate) fn status(&mut self, command: &str) -> String {
        let answer = self.send(command);
        answer[answer.len() - 4..].to_owned()
    }

    /// Selects anew and begins a transaction; the whole answer.
    pub(crate) fn begin(&mut self) -> String {
        let selected = self.status(SELECT);
        assert!(matches!(selected.as_str(), "9000" | "6283"), "{selected}");
        self.options()
    }

    /// What answers the card's own PDOL over contacts.
    pub(crate) fn pdol(&self) -> String {
        self.answer(&self.card.profile().blueprint().financial.applications[0].pdol)
    }

    fn answer(&self, list: &[u8]) -> String {
        let t = self.terminal;
        let values = DolReader::new(list).map(|entry| {
            let entry = entry.expect("a list");
            let value = match entry.tag.number() {
                0xDF69 => format!("{:02X}", u8::from(t.sm)),
                0x9F7A => format!("{:02X}", u8::from(t.cash)),
                0x9F66 => hex(&t.qualifiers),
                0x9F02 => format!("{:012}", t.amount),
                0x9F03 => "00".repeat(6),
                0x9F1A => format!("{:04X}", t.country),
                0x95 => hex(&t.tvr),
                0x5F2A => format!("{:04X}", t.currency),
                0x9A => "260101".to_owned(),
                0x9C => "00".to_owned(),
                0x9F37 => UN.to_owned(),
                tag => panic!("the terminal knows no {tag:X}"),
            };
            assert_eq!(value.len(), usize::from(entry.length) * 2, "{entry:?}");
            value
        });
        values.collect()
    }

    /// GET PROCESSING OPTIONS, without Le.
    pub(crate) fn options_command(&self) -> String {
        options_command(&self.pdol())
    }

    /// GET PROCESSING OPTIONS.
    pub(crate) fn options(&mut self) -> String {
        let command = self.options_command();
        self.send(&format!("{command}00"))
    }

    /// Begins a qPBOC transaction; the whole answer.
    pub(crate) fn qpboc(&mut self) -> String {
        self.card.enter_field().expect("field");
        let selected = self.status(SELECT);
        assert!(matches!(selected.as_str(), "9000" | "6283"), "{selected}");
        self.qpboc_options()
    }

    /// GET PROCESSING OPTIONS of a contactless terminal, without Le.
    pub(crate) fn qpboc_command(&self) -> String {
        let plan = &self.card.profile().blueprint().financial.applications[0];
        options_command(&self.answer(&plan.contactless_pdol))
    }

    pub(crate) fn qpboc_options(&mut self) -> String {
        let command = self.qpboc_command();
        self.send(&format!("{command}00"))
    }

    pub(crate) fn cdol1(&self) -> String {
        let t = self.terminal;
        format!(
            "{:012}{:012}{:04X}{}{:04X}26010100{UN}120000{}",
            t.amount,
            0,
            t.country,
            hex(&t.tvr),
            t.currency,
            "20".repeat(20)
        )
    }

    pub(crate) fn cdol2(&self, code: &str) -> String {
        let t = self.terminal;
        let code: String = code.bytes().map(|byte| format!("{byte:02X}")).collect();
        format!(
            "{code}{:012}{:012}{:04X}{}{:04X}26010112000000{UN}",
            t.amount,
            0,
            t.country,
            hex(&t.tvr),
            t.currency,
        )
    }

    /// The first GENERATE AC, which must succeed.
    pub(crate) fn first(&mut self, kind: u8) -> Ac {
        let data = self.cdol1();
        let answer = self.send(&format!("80AE{kind:02X}00{:02X}{data}00", data.len() / 2));
        let ac = parse(&answer);
        (self.first, self.atc) = (ac.ac, ac.atc);
        ac
    }

    /// The second GENERATE AC, which must succeed.
    pub(crate) fn second(&mut self, kind: u8, code: &str) -> Ac {
        let data = self.cdol2(code);
        parse(&self.send(&format!("80AE{kind:02X}00{:02X}{data}00", data.len() / 2)))
    }

    /// EXTERNAL AUTHENTICATE with the issuer's answer; the status word.
    pub(crate) fn issuer(&mut self, code: &str) -> String {
        let code: [u8; 2] = code.as_bytes().try_into().expect("two digits");
        let arpc = arpc_method_1(self.cipher(), &self.session("AC"), &self.first, code);
        self.send(&format!("008200000A{}{}", hex(&arpc), hex(&code)))
    }

    /// A wrong answer of the issuer.
    pub(crate) fn wrong_issuer(&mut self) -> String {
        self.send("008200000A00112233445566773030")
    }

    /// A whole online transaction with a good issuer.
    pub(crate) fn online(&mut self) -> Ac {
        self.begin();
        assert_eq!(self.first(ARQC).kind(), ARQC);
        assert_eq!(self.issuer("00"), "9000");
        self.second(TC, "00")
    }

    pub(crate) fn verify(&mut self, pin: &str) -> String {
        self.send(&format!("0020008008{}", pin_block(pin)))
    }

    pub(crate) fn first_cryptogram(&self) -> [u8; 8] {
        self.first
    }

    pub(crate) fn cipher(&self) -> Cipher {
        if self.terminal.sm { Cipher::Sm4 } else { Cipher::TripleDes }
    }

    pub(crate) fn card_key(&self, usage: &str) -> Key {
        let master = bank_master_key(usage);
        card_key(self.cipher(), DerivationOption::A, &master, &self.pan, SEQUENCE_NUMBER)
            .expect("PAN")
    }

    pub(crate) fn session(&self, usage: &str) -> Key {
        pboc_session_key(self.cipher(), &self.card_key(usage), self.atc)
    }

    /// A script command with its MAC: header is CLA INS P1 P2.
    pub(crate) fn script_command(&self, header: &str, data: &[u8]) -> String {
        let lc = u8::try_from(data.len() + 4).expect("short");
        let header: [u8; 5] = [bytes(header), vec![lc]].concat().try_into().expect("CLA INS P1 P2");
        let mac = script_mac(
            self.cipher(),
            &self.session("MAC"),
            header,
            self.atc,
            &self.first,
            data,
            Fold::Left,
        );
        format!("{}{}{}", hex(&header), hex(data), hex(&mac))
    }

    /// Sends a script command; the status word.
    pub(crate) fn script(&mut self, header: &str, data: &[u8]) -> String {
        let command = self.script_command(header, data);
        self.send(&command)
    }

    /// The data of a PIN change.
    pub(crate) fn new_pin(&self, pin: &str, old: Option<&str>) -> Vec<u8> {
        let key = self.card_key("ENC");
        let key = if self.terminal.sm { key } else { with_odd_parity(&key) };
        let block = pin_change_block(&key, pin, old).expect("PIN");
        encipher_script(self.cipher(), &self.session("ENC"), &*block).expect("short")
    }

    /// The cryptogram that CVN 01 gives over these CDOL1 values, AIP 7D00 and the answer's CVR.
    pub(crate) fn expected(&self, ac: &Ac) -> [u8; 8] {
        let t = self.terminal;
        let amount = bytes(&format!("{:012}", t.amount));
        let key = pboc_session_key(self.cipher(), &self.card_key("AC"), ac.atc);
        let parts: [&[u8]; 11] = [
            &amount,
            &[0; 6],
            &t.country.to_be_bytes(),
            &t.tvr,
            &t.currency.to_be_bytes(),
            &[0x26, 0x01, 0x01],
            &[0x00],
            &bytes(UN),
            &[0x7D, 0x00],
            &ac.atc,
            &ac.iad[3..7],
        ];
        application_cryptogram(self.cipher(), &key, &parts, Fold::Left)
    }

    /// The MAC that the discretionary data of an answer should carry over these amounts.
    pub(crate) fn expected_mac(&self, atc: [u8; 2], amounts: &[[u8; 5]]) -> [u8; 4] {
        let key = pboc_session_key(self.cipher(), &self.card_key("MAC"), atc);
        discretionary_mac(self.cipher(), &key, atc, amounts, Fold::Left)
    }

    /// GET DATA; the value.
    pub(crate) fn data(&mut self, tag: u16) -> String {
        let probe = self.send(&format!("80CA{tag:04X}00"));
        let value = probe.strip_suffix("9000").unwrap_or_else(|| panic!("{tag:04X}: {probe}"));
        value[6..].to_owned()
    }
}

/// GET PROCESSING OPTIONS with these values of the PDOL, without Le.
pub(crate) fn options_command(values: &str) -> String {
    let length = values.len() / 2;
    format!("80A80000{:02X}83{length:02X}{values}", length + 2)
}

/// The unpredictable number of every transaction here.
pub(crate) const UN: &str = "1E78EEBC";

pub(crate) fn pin_block(pin: &str) -> String {
    format!("{:F<16}", format!("2{:X}{pin}", pin.len()))
}

pub(crate) fn objects_table(objects: &[(u16, &str)]) -> String {
    let lines = objects.iter().map(|(tag, value)| format!("{tag:04X} = \"{value}\"\n"));
    format!("[financial.objects]\n{}", lines.collect::<String>())
}

/// The answer of GENERATE AC in template 80.
pub(crate) fn parse(answer: &str) -> Ac {
    let answer = bytes(answer.strip_suffix("9000").unwrap_or_else(|| panic!("{answer}")));
    assert_eq!((answer[0], usize::from(answer[1])), (0x80, answer.len() - 2));
    Ac {
        cid: answer[2],
        atc: [answer[3], answer[4]],
        ac: answer[5..13].try_into().expect("eight bytes"),
        iad: answer[13..].to_vec(),
    }
}
