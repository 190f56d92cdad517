//! Wire formats: what is read is written back, and others read the same where they are right.

use iso7816::command::CommandView;
use iso7816_tlv::ber::{Tlv as TheirTlv, Value as TheirValue};
use sscard_apdu::simple_tlv::{self, SimpleTlv};
use sscard_apdu::tlv::{Limits, Reader, TlvError, Writer, check};
use sscard_apdu::{Atr, ClassByte, CommandApdu, LogicalChannel, ResponseApdu, bcd, dol};

/// Commands and responses: `emit(parse(b)) = b`; `iso7816` reads the same.
pub fn apdu_codec(bytes: &[u8]) {
    command(bytes);
    if let Ok(response) = ResponseApdu::parse(bytes) {
        let mut again = Vec::new();
        response.emit(&mut again);
        assert_eq!(again, bytes);
    }
    if let Some(first) = bytes.first() {
        class(ClassByte::new(*first));
    }
}

fn command(bytes: &[u8]) {
    let ours = CommandApdu::parse(bytes);
    if let Ok(command) = ours {
        let mut again = Vec::new();
        command.emit(&mut again).expect("what was read can be written");
        assert_eq!(again, bytes);
    }
    let theirs = CommandView::try_from(bytes);
    // They take Lc = 0000 for an absent one in case 4E; they refuse class FF.
    let they_err = matches!(bytes, [_, _, _, _, 0, 0, 0, _, _]) || bytes.first() == Some(&0xFF);
    if they_err {
        return;
    }
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) => {
            assert_eq!((ours.p1, ours.p2), (theirs.p1, theirs.p2));
            assert_eq!(ours.data, theirs.data());
            assert_eq!(ours.ne, theirs.expected());
            assert_eq!(ours.extended, theirs.extended);
        }
        (Err(_), Err(_)) => {}
        (ours, theirs) => panic!("{bytes:02X?}: we read {ours:?}, they {theirs:?}"),
    }
}

fn class(class: ClassByte) {
    let _ = (class.kind(), class.base(), class.secure_messaging());
    assert!(class.channel().number() < 20);
    assert!(!class.without_chaining().is_chained());
    for number in 0..20 {
        let channel = LogicalChannel::new(number).expect("below 20");
        let _ = class.with_channel(channel);
    }
}

/// BER-TLV, simple-TLV, data object lists and BCD: readers end, limits hold, `iso7816-tlv` reads
/// the same.
pub fn tlv(bytes: &[u8]) {
    let whole = check(bytes, Limits::DEFAULT);
    let shallow = check(bytes, Limits { depth: 1, length: 64 });
    assert!(whole.is_ok() || shallow.is_err(), "a stricter limit admits more");
    let mut again = Vec::new();
    for object in Reader::new(bytes).map_while(Result::ok) {
        assert!(object.value.len() < bytes.len());
        again.clear();
        Writer::new(&mut again).primitive(object.tag, object.value);
        let read = Reader::new(&again).next();
        // A tag that begins with 00 is padding to a reader.
        if object.tag.number() > 0xFF || object.tag.number() != 0 {
            assert_eq!(read, Some(Ok(object)));
        }
    }
    // They refuse padding, recurse without limit and take the indefinite length for 0.
    if whole.is_ok() && bytes.first() != Some(&0) {
        same_as_theirs(bytes);
    }
    again.clear();
    let mut all = true;
    for record in simple_tlv::SimpleTlvReader::new(bytes) {
        match record {
            Ok(record) => record.emit(&mut again),
            Err(_) => all = false,
        }
    }
    if let Ok(record) = SimpleTlv::parse_exact(bytes) {
        assert!(all);
        assert!(record.value.len() < bytes.len());
    }
    for entry in dol::DolReader::new(bytes) {
        let _ = entry;
    }
    if let Ok(length) = dol::total_length(bytes) {
        assert!(length <= bytes.len() * 255);
    }
    let _ = (bcd::is_cn(bytes), bcd::digits(bytes).map(|digits| digits.to_string()));
}

fn same_as_theirs(bytes: &[u8]) {
    let (Ok(their), _) = TheirTlv::parse(bytes) else { return };
    match Reader::new(bytes).next() {
        Some(Ok(ours)) => {
            let mut tag = Vec::new();
            ours.tag.emit(&mut tag);
            assert_eq!(their.tag().to_bytes(), tag);
            if let TheirValue::Primitive(value) = their.value() {
                assert_eq!(ours.value, value);
            }
        }
        Some(Err(TlvError::IndefiniteLength)) => {}
        ours => panic!("{bytes:02X?}: they read {their:?}, we {ours:?}"),
    }
}

/// ATRs: every question has an answer, and the parts lie inside.
pub fn atr(bytes: &[u8]) {
    let Ok(atr) = Atr::parse(bytes) else { return };
    assert_eq!(atr.bytes(), bytes);
    let historical = atr.historical_bytes();
    assert!(historical.len() <= 15);
    assert_eq!(usize::from(bytes[1] & 0x0F), historical.len());
    assert!(bytes.windows(historical.len().max(1)).any(|part| part.starts_with(historical)));
    let protocols: Vec<u8> = atr.protocols().collect();
    assert!(protocols.len() <= bytes.len());
    assert!(atr.first_protocol() <= 15);
    // T=0 alone has no TCK; any other protocol, and T=15 of the global bytes, demands one.
    let indicated = (0..=bytes.len()).filter_map(|index| atr.interface_bytes(index).td);
    assert_eq!(atr.tck().is_some(), indicated.map(|td| td & 0x0F).any(|t| t != 0));
    let _ = (atr.convention(), atr.fi(), atr.di(), atr.extra_guard_time(), atr.specific_mode());
    let _ = (atr.waiting_integer(), atr.ifsc(), atr.bwi(), atr.cwi(), atr.uses_crc());
    let _ = (atr.card_capabilities(), atr.announces_extended_length(), atr.announces_chaining());
}
