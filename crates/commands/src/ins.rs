//! Instruction bytes. Each number is written here and nowhere else.
//!
//! Source: ISO/IEC 7816-4 table 4; the social security card's specification, parts 3 and 5; JR/T 0025.5 annex B;
//! programs of the field for the PKI application.

/// DEACTIVATE FILE.
pub const DEACTIVATE_FILE: u8 = 0x04;
/// CARD BLOCK.
pub const CARD_BLOCK: u8 = 0x16;
/// APPLICATION UNBLOCK.
pub const APPLICATION_UNBLOCK: u8 = 0x18;
/// APPLICATION BLOCK.
pub const APPLICATION_BLOCK: u8 = 0x1E;
/// VERIFY.
pub const VERIFY: u8 = 0x20;
/// VERIFY with a BER-TLV data field.
pub const VERIFY_TLV: u8 = 0x21;
/// PIN UNBLOCK and RELOAD PIN, PIN CHANGE/UNBLOCK; CHANGE REFERENCE DATA of other cards.
pub const PIN_UNBLOCK: u8 = 0x24;
/// CHANGE REFERENCE DATA with a BER-TLV data field.
pub const CHANGE_REFERENCE_DATA_TLV: u8 = 0x25;
/// GET BALANCE of the medical purse.
pub const GET_BALANCE: u8 = 0x26;
/// INITIALIZE LOAD and INITIALIZE PURCHASE of the medical purse.
pub const INITIALIZE: u8 = 0x28;
/// CREDIT LOAD of the medical purse.
pub const CREDIT_LOAD: u8 = 0x2A;
/// PERFORM SECURITY OPERATION of ISO/IEC 7816-8: the number of [`CREDIT_LOAD`] in another class.
pub const PERFORM_SECURITY_OPERATION: u8 = CREDIT_LOAD;
/// DEBIT of the medical purse.
pub const DEBIT: u8 = 0x2C;
/// RESET RETRY COUNTER of other cards: the number of [`DEBIT`] in another class.
pub const RESET_RETRY_COUNTER: u8 = DEBIT;
/// RESET RETRY COUNTER with a BER-TLV data field.
pub const RESET_RETRY_COUNTER_TLV: u8 = 0x2D;
/// GET TRANSACTION PROOF of the medical purse.
pub const GET_TRANSACTION_PROOF: u8 = 0x2E;
/// GENERATE KEY PAIR of the PKI application.
pub const GENERATE_KEY_PAIR: u8 = 0x40;
/// ACTIVATE FILE.
pub const ACTIVATE_FILE: u8 = 0x44;
/// IMPORT SESSION KEY of the PKI application.
pub const IMPORT_SESSION_KEY: u8 = 0x4A;
/// OPEN ENVELOPE of the PKI application.
pub const OPEN_ENVELOPE: u8 = 0x4E;
/// START DAY of the medical purse.
pub const START_DAY: u8 = 0x56;
/// CHANGE PIN.
pub const CHANGE_PIN: u8 = 0x5E;
/// MANAGE CHANNEL.
pub const MANAGE_CHANNEL: u8 = 0x70;
/// INIT SAM FOR PURCHASE of a terminal's security module: the number of [`MANAGE_CHANNEL`] in another class.
pub const INIT_SAM_FOR_PURCHASE: u8 = MANAGE_CHANNEL;
/// CREDIT SAM FOR PURCHASE of a terminal's security module.
pub const CREDIT_SAM_FOR_PURCHASE: u8 = 0x72;
/// EXTERNAL AUTHENTICATE.
pub const EXTERNAL_AUTHENTICATE: u8 = 0x82;
/// GET CHALLENGE.
pub const GET_CHALLENGE: u8 = 0x84;
/// GENERAL AUTHENTICATE: of readers, with the number of a key.
pub const GENERAL_AUTHENTICATE: u8 = 0x86;
/// INTERNAL AUTHENTICATE.
pub const INTERNAL_AUTHENTICATE: u8 = 0x88;
/// SELECT.
pub const SELECT: u8 = 0xA4;
/// GET PROCESSING OPTIONS.
pub const GET_PROCESSING_OPTIONS: u8 = 0xA8;
/// GENERATE AC.
pub const GENERATE_AC: u8 = 0xAE;
/// READ BINARY.
pub const READ_BINARY: u8 = 0xB0;
/// READ RECORD.
pub const READ_RECORD: u8 = 0xB2;
/// GET RESPONSE.
pub const GET_RESPONSE: u8 = 0xC0;
/// ENVELOPE: carries another command.
pub const ENVELOPE: u8 = 0xC2;
/// IMPORT KEY of the PKI application: the number of [`ENVELOPE`] in another class.
pub const IMPORT_KEY: u8 = ENVELOPE;
/// HASH of the PKI application.
pub const HASH: u8 = 0xC4;
/// GET PUBLIC KEY of the PKI application.
pub const GET_PUBLIC_KEY: u8 = 0xC9;
/// GET DATA.
pub const GET_DATA: u8 = 0xCA;
/// UPDATE KEY of other cards.
pub const UPDATE_KEY: u8 = 0xD4;
/// WRITE KEY of a terminal's security module: the number of [`UPDATE_KEY`] in another class.
pub const WRITE_KEY: u8 = UPDATE_KEY;
/// UPDATE BINARY.
pub const UPDATE_BINARY: u8 = 0xD6;
/// PUT KEY of other cards.
pub const PUT_KEY: u8 = 0xD8;
/// PUT DATA.
pub const PUT_DATA: u8 = 0xDA;
/// PUT DATA with a BER-TLV data field.
pub const PUT_DATA_TLV: u8 = 0xDB;
/// UPDATE RECORD.
pub const UPDATE_RECORD: u8 = 0xDC;
/// LOAD SESSION KEY of a terminal's security module.
pub const LOAD_SESSION_KEY: u8 = 0xDE;
/// LOAD KEY of a terminal's security module.
pub const LOAD_KEY: u8 = 0xEC;
/// STORE DATA of other cards: what an issuer personalises.
pub const STORE_DATA: u8 = 0xE2;
/// CIPHER of a terminal's security module: blocks and MACs.
pub const CIPHER: u8 = 0xFA;
