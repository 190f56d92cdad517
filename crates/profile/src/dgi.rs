//! A payment application out of an issuer's personalisation data: groups (DGI) of EMV CPS, one a line.
//!
//! What enters: lines `DGI LENGTH DATA` in hexadecimal digits, in the clear. What leaves: the profile of a card
//! that holds them and nothing else of a bank. The groups become the settings of `[financial]`, so that whatever
//! is refused there is refused here, with the line of the group.

mod groups;

use std::fmt::Write as _;

use sscard_apdu::tlv::{Tag, Writer};
use sscard_core::Profile;
use sscard_crypto::Key;
use sscard_crypto::financial::rsa::{Exponent, RsaPrivateKey};
use sscard_crypto::financial::{Cipher, arpc_method_1};
use sscard_elements::tag;
use zeroize::{Zeroize, Zeroizing};

use crate::refusal::ProfileRefusal;
use groups::{Group, objects, parse, refuse};

/// Lines of a profile and the line and column of the group that each comes from.
struct Settings {
    text: Zeroizing<String>,
    places: Vec<(usize, usize)>,
}

impl Drop for Settings {
    fn drop(&mut self) {
        self.text.zeroize();
    }
}

impl Settings {
    fn line(&mut self, group: &Group, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
        self.places.push((group.line, group.column));
    }

    fn head(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
        self.places.push((1, 1));
    }
}

/// A profile whose bank's account is made of personalisation data; the rest is the built-in profile's that
/// `base` names.
///
/// # Errors
/// What is wrong, with line and column of the data, by [`ProfileRefusal`].
pub fn load_dgi(text: &str, base: &str) -> Result<Profile, ProfileRefusal> {
    let groups = parse(text)?;
    let settings = settings(&groups, base)?;
    crate::load(&settings.text).map_err(|refusal| {
        let place = refusal.line.checked_sub(1).and_then(|line| settings.places.get(line));
        let (line, column) = place.copied().unwrap_or((1, 1));
        ProfileRefusal { line, column, error: refusal.error }
    })
}

/// What the groups say, as a profile.
fn settings(groups: &[Group], base: &str) -> Result<Settings, ProfileRefusal> {
    let mut settings = Settings { text: Zeroizing::default(), places: Vec::new() };
    settings.head(&format!("base = \"{base}\""));
    settings.head("name = \"personalised\"");
    settings.head("[financial]");
    settings.head("defaults = false");
    let has = |dgi: u16| groups.iter().any(|group| group.dgi == dgi);
    if !has(0x9105) {
        settings.head("sm = \"no\"");
    }
    if !has(0x8205) {
        settings.head("card_key = 0");
    }
    // Settings of the table itself come before the tables in it.
    for group in groups {
        of_application(group, &mut settings)?;
    }
    let find = |dgi: u16| groups.iter().find(|group| group.dgi == dgi);
    pin(find(0x8010), find(0x9010), &mut settings)?;
    let mut control = Vec::new();
    for group in groups.iter().filter(|group| matches!(group.dgi, 0x9102 | 0x9103)) {
        control.extend(control_information(group, &mut settings)?);
    }
    if find(0x9104).is_none() {
        return Err(refuse(1, 1, "DGI 9104", "it is missing: AIP and AFL of the ordinary path"));
    }
    if let Some(first) = groups.iter().find(|group| group.dgi == 0x9102) {
        settings.line(first, "[financial.fci]");
        for (tag, value) in control {
            settings.line(first, &format!("\"{tag}\" = \"{}\"", hex::encode_upper(value)));
        }
    }
    keys(find(0x8000), find(0x9000), Cipher::TripleDes, "financial.keys", &mut settings)?;
    keys(find(0x8020), find(0x9020), Cipher::Sm4, "financial.keys.sm4", &mut settings)?;
    icc_key(groups, &mut settings)?;
    let objects: Vec<&Group> =
        groups.iter().filter(|group| matches!(group.dgi, 0x0D01 | 0x0E01)).collect();
    if let Some(first) = objects.first() {
        settings.line(first, "[financial.objects]");
    }
    for group in objects {
        for (tag, value) in group.objects()? {
            settings.line(group, &format!("\"{tag}\" = \"{}\"", hex::encode_upper(value)));
        }
    }
    for group in groups.iter().filter(|group| is_record(group.dgi)) {
        record(group, &mut settings)?;
    }
    Ok(settings)
}

const fn is_record(dgi: u16) -> bool {
    let [sfi, record] = dgi.to_be_bytes();
    sfi >= 1 && sfi <= 10 && record > 0
}

/// Groups that become settings of `[financial]` itself; the others are looked at in their turn.
fn of_application(group: &Group, settings: &mut Settings) -> Result<(), ProfileRefusal> {
    match group.dgi {
        0x9104 | 0x9105 => {
            let mut afl = None;
            for (tag, value) in group.objects()? {
                let value = hex::encode_upper(value);
                match tag {
                    tag::INTERCHANGE_PROFILE if group.dgi == 0x9104 => {
                        settings.line(group, &format!("aip = \"{value}\""));
                    }
                    tag::INTERCHANGE_PROFILE => {}
                    tag::FILE_LOCATOR => afl = Some(value),
                    other => {
                        return Err(group.refuse(format!("tag {other} is neither AIP nor AFL")));
                    }
                }
            }
            let afl = afl.ok_or_else(|| group.refuse("the AFL (tag 94) is missing"))?;
            let name = if group.dgi == 0x9104 { "afl" } else { "afl_sm" };
            settings.line(group, &format!("{name} = \"{afl}\""));
        }
        0x9200 => issuer_data(group, settings)?,
        0x8000 | 0x9000 | 0x8020 | 0x9020 | 0x8010 | 0x9010 | 0x9102 | 0x9103 | 0x0D01 | 0x0E01 => {
        }
        0x8201..=0x8205 => {}
        dgi if is_record(dgi) => {}
        dgi => {
            let [sfi, _] = dgi.to_be_bytes();
            let reason = if (11..=30).contains(&sfi) {
                "records of SFI 11 to 30 are logs, which a card writes itself"
            } else {
                "this group is not known, see docs/dgi.md"
            };
            return Err(group.refuse(reason));
        }
    }
    Ok(())
}

/// Issuer application data as it is personalised: key index, version, and the identifier of the amounts.
fn issuer_data(group: &Group, settings: &mut Settings) -> Result<(), ProfileRefusal> {
    let wanted = "it is 9F10: 07, key index, version, four bytes, algorithm, and a length with an identifier";
    let objects = group.objects()?;
    let [(tag::ISSUER_APPLICATION_DATA, value)] = &objects[..] else {
        return Err(group.refuse(wanted));
    };
    let (head, rest) = value.split_first_chunk::<8>().ok_or_else(|| group.refuse(wanted))?;
    let [0x07, key_index, version, ..] = head else { return Err(group.refuse(wanted)) };
    settings.line(group, &format!("key_index = {key_index}"));
    settings.line(group, &format!("cryptogram_version = \"{version:02X}\""));
    let identifier = match rest {
        [] => 0,
        [_, identifier @ 1..=5] => *identifier,
        _ => return Err(group.refuse(wanted)),
    };
    settings.line(group, &format!("discretionary_data = {identifier}"));
    Ok(())
}

/// Offline PIN and its tries.
fn pin(
    block: Option<&Group>,
    tries: Option<&Group>,
    settings: &mut Settings,
) -> Result<(), ProfileRefusal> {
    if let Some(group) = block {
        let wanted = "it is a PIN block of format 2: 24 1234 FFFFFFFFFF";
        let block = group.data.as_slice().try_into().map_err(|_| group.refuse(wanted))?;
        let pin = sscard_crypto::financial::pin_from_format_2(&block);
        let pin = pin.ok_or_else(|| group.refuse(wanted))?;
        settings.line(group, &Zeroizing::new(format!("pin = \"{}\"", &*pin)));
    }
    if let Some(group) = tries {
        let limit = match group.data.as_slice() {
            [limit] => *limit,
            [left, limit] if left == limit => *limit,
            [_, _] => {
                return Err(
                    group.refuse("tries left and limit differ: a card is made with all its tries")
                );
            }
            _ => return Err(group.refuse("it is the limit of PIN tries, or tries left and limit")),
        };
        settings.line(group, &format!("pin_tries = {limit}"));
    }
    Ok(())
}

/// The FCI of contact (9102) and contactless (9103) selection: 6F, or 84 and A5, or A5 alone. Returns what has
/// no setting of its own; of 9103 the PDOL alone counts.
fn control_information(
    group: &Group,
    settings: &mut Settings,
) -> Result<Vec<(Tag, Vec<u8>)>, ProfileRefusal> {
    let wanted = "it is an FCI: 6F, or 84 and A5, or A5 alone";
    let mut outer = group.objects()?;
    if let [(tag::FCI_TEMPLATE, inner)] = &outer[..] {
        outer = objects(inner).ok_or_else(|| group.refuse(wanted))?;
    }
    let mut rest = Vec::new();
    let is_contact = group.dgi == 0x9102;
    for (tag, value) in outer {
        match tag {
            tag::DF_NAME if is_contact => {
                settings.line(group, &format!("aid = \"{}\"", hex::encode_upper(value)));
            }
            tag::DF_NAME => {}
            tag::FCI_PROPRIETARY => {
                for (tag, value) in objects(&value).ok_or_else(|| group.refuse(wanted))? {
                    let digits = hex::encode_upper(&value);
                    let line = match (tag, is_contact) {
                        (tag::PDOL, true) => format!("pdol = \"{digits}\""),
                        (tag::PDOL, false) => format!("pdol_contactless = \"{digits}\""),
                        (tag::APPLICATION_LABEL, true) => {
                            let label = String::from_utf8(value).ok();
                            let label = label.filter(|label| {
                                label.bytes().all(|byte| {
                                    byte.is_ascii_graphic() && !b"\"\\".contains(&byte)
                                        || byte == b' '
                                })
                            });
                            let label = label
                                .ok_or_else(|| group.refuse("the label (tag 50) is not ASCII"))?;
                            format!("label = \"{label}\"")
                        }
                        (tag::APPLICATION_PRIORITY, true) => {
                            let [priority] = value[..] else {
                                return Err(group.refuse("the priority (tag 87) has one byte"));
                            };
                            format!("priority = {priority}")
                        }
                        (_, true) => {
                            rest.push((tag, value));
                            continue;
                        }
                        (_, false) => continue,
                    };
                    settings.line(group, &line);
                }
            }
            other => {
                return Err(group.refuse(format!("tag {other} does not belong here: {wanted}")));
            }
        }
    }
    Ok(rest)
}

/// The card's keys for cryptograms, MACs and encipherment, 16 bytes each, and their check values.
fn keys(
    group: Option<&Group>,
    check: Option<&Group>,
    cipher: Cipher,
    table: &str,
    settings: &mut Settings,
) -> Result<(), ProfileRefusal> {
    let Some(group) = group else {
        return match check {
            Some(check) => Err(check.refuse("there are no keys that these values check")),
            None => Ok(()),
        };
    };
    let (keys, rest) = group.data.as_chunks::<16>();
    let ([_, _, _], []) = (keys, rest) else {
        return Err(
            group.refuse("it is three keys of 16 bytes: for cryptograms, MACs, encipherment")
        );
    };
    if let Some(check) = check {
        let (values, rest) = check.data.as_chunks::<3>();
        if values.len() != keys.len() || !rest.is_empty() {
            return Err(check.refuse("it is three check values of three bytes"));
        }
        for ((key, value), name) in keys.iter().zip(values).zip(["first", "second", "third"]) {
            // Zeros enciphered.
            let right = arpc_method_1(cipher, &Key::new(*key), &[0; 8], [0; 2]);
            if !right.starts_with(value) {
                return Err(check.refuse(format!("the {name} value does not check the {name} key")));
            }
        }
    }
    settings.line(group, &format!("[{table}]"));
    for (key, name) in keys.iter().zip(["card_ac", "card_mac", "card_enc"]) {
        let key = Zeroizing::new(hex::encode_upper(key));
        settings.line(group, &Zeroizing::new(format!("{name} = \"{}\"", &*key)));
    }
    Ok(())
}

/// The card's RSA key: q⁻¹ mod p, d mod q-1, d mod p-1, q, p in the groups 8201 to 8205. The exponent is that of
/// the records, tag 9F47.
fn icc_key(groups: &[Group], settings: &mut Settings) -> Result<(), ProfileRefusal> {
    let find = |dgi: u16| groups.iter().find(|group| group.dgi == dgi);
    let parts = [0x8201, 0x8202, 0x8203, 0x8204, 0x8205].map(find);
    let Some(first) = parts.iter().flatten().next() else { return Ok(()) };
    let [Some(inverse), Some(dq), Some(dp), Some(q), Some(p)] = parts else {
        return Err(first.refuse("a private key has the five groups 8201 to 8205"));
    };
    let exponents = [Exponent::Three, Exponent::FermatFour];
    let made = exponents.into_iter().find_map(|exponent| {
        let (_, private) = RsaPrivateKey::from_primes(&p.data, &q.data, exponent)?;
        let parts = [&p.data, &q.data, &dp.data, &dq.data, &inverse.data];
        let given = Zeroizing::new(parts.map(|part| part.to_vec()).concat());
        (*private.to_bytes() == *given).then_some(exponent)
    });
    let Some(exponent) = made else {
        let reason = "8201 to 8205 are no private key: q⁻¹ mod p, d mod q-1, d mod p-1, q, p of one length, for the exponent 3 or 65537";
        return Err(first.refuse(reason));
    };
    settings.line(p, "[financial.icc.rsa]");
    for (name, group) in [("p", p), ("q", q)] {
        settings.line(group, &Zeroizing::new(format!("{name} = \"{}\"", &*group.hex())));
    }
    let exponent = if exponent == Exponent::Three { 3 } else { 65_537 };
    settings.line(p, &format!("exponent = {exponent}"));
    Ok(())
}

/// A record, with its template 70 or without.
fn record(group: &Group, settings: &mut Settings) -> Result<(), ProfileRefusal> {
    let [sfi, number] = group.dgi.to_be_bytes();
    let objects = group.objects()?;
    let data = match &objects[..] {
        [(tag::RECORD_TEMPLATE, _)] => group.data.to_vec(),
        _ => {
            let mut data = Vec::new();
            Writer::new(&mut data).primitive(tag::RECORD_TEMPLATE, &group.data);
            data
        }
    };
    settings.line(group, "[[financial.records]]");
    settings.line(group, &format!("sfi = {sfi}"));
    settings.line(group, &format!("record = {number}"));
    let mut line = String::from("data = \"");
    // Writing to a string does not fail.
    let _ = write!(line, "{}\"", hex::encode_upper(data));
    settings.line(group, &line);
    Ok(())
}
