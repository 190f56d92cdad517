//! ICC_Reader_Open and its relatives.

use std::ffi::{c_long, c_uchar};

use SSCardDriver::interface;
use sscard_apdu::hex;

use crate::harness::{alone, c, done, host, plain, raw, with_module};

fn open(device: &str) -> c_long {
    let device = c(device);
    // SAFETY: the name ends in 00.
    unsafe { interface::ICC_Reader_Open(device.as_ptr()) }
}

fn bytes(room: usize, call: impl FnOnce(*mut c_uchar) -> c_long) -> Result<String, c_long> {
    let mut buffer = vec![0xA5_u8; room + 16];
    let number = call(buffer.as_mut_ptr());
    assert_eq!(buffer[room..], [0xA5; 16], "nothing is written behind the room");
    match usize::try_from(number) {
        Ok(length) => Ok(hex::encode(&buffer[..length])),
        Err(_) => {
            assert_eq!(buffer, vec![0xA5; room + 16], "nothing is written");
            Err(number)
        }
    }
}

fn on(handle: c_long, slot: u8) -> Result<String, c_long> {
    // SAFETY: there is the documented room; so below.
    bytes(33, |out| unsafe { interface::ICC_Reader_PowerOn(handle, slot, out) })
}

fn send(handle: c_long, slot: u8, command: &str) -> Result<String, c_long> {
    let command = hex::decode(command).expect("hex");
    let length = c_long::try_from(command.len()).expect("a length");
    // SAFETY: as above.
    bytes(258, |out| unsafe {
        interface::ICC_Reader_Application(handle, slot, length, command.as_ptr(), out)
    })
}

const SELECT: &str = "00A404000F7378312E73682EC9E7BBE1B1A3D5CF";

#[test]
fn a_card_is_powered_spoken_to_and_put_down() {
    let _host = with_module("gen3", "");
    let reader = open("USB1");
    assert!(reader > 0);
    assert_eq!(interface::ICC_Reader_GetStatus(reader, 0x01), -3);
    assert_eq!(send(reader, 0x01, SELECT), Err(-3));
    assert_eq!(on(reader, 0x01).as_deref(), Ok("3B6D0000008153534386009999790776A7"));
    assert_eq!(interface::ICC_Reader_GetStatus(reader, 0x01), 0);
    assert_eq!(
        send(reader, 0x01, SELECT).as_deref(),
        Ok("6F1C840F7378312E73682EC9E7BBE1B1A3D5CFA50988011E9F0C038601039000"),
        "61xx is followed"
    );
    assert_eq!(
        send(reader, 0x01, "00B2032800").as_deref(),
        Ok("0304332E30309000"),
        "6Cxx is followed"
    );
    assert_eq!(send(reader, 0x01, "0020000003000000").as_deref(), Ok("63C5"));
    assert_eq!(interface::ICC_Reader_PowerOff(reader, 0x01), 0);
    assert_eq!(interface::ICC_Reader_PowerOff(reader, 0x01), 0);
    assert_eq!(interface::ICC_Reader_GetStatus(reader, 0x01), -3);
    assert_eq!(interface::ICC_Reader_Close(reader), 0);
    assert_eq!(interface::ICC_Reader_Close(reader), -12);
}

#[test]
fn the_security_module_is_in_slot_11() {
    let _host = with_module("gen2", "");
    let reader = open("AUTO");
    assert!(on(reader, 0x11).is_ok());
    assert!(on(reader, 0x01).is_ok());
    assert_eq!(send(reader, 0x11, "00B095000B").map(|answer| answer.len()), Ok(26));
    assert_eq!(send(reader, 0x01, SELECT).map(|answer| answer.ends_with("9000")), Ok(true));
}

#[test]
fn code_2_of_an_empty_slot_and_code_14_of_none() {
    let _host = alone("gen3", "");
    let reader = open("COM3");
    for slot in [0x02, 0x0F, 0x11, 0x12, 0x14, 0x1F] {
        assert_eq!(on(reader, slot), Err(-2), "{slot:02X}");
        assert_eq!(interface::ICC_Reader_GetStatus(reader, slot), -2, "{slot:02X}");
    }
    for slot in [0x00, 0x10, 0x20, 0xFF] {
        assert_eq!(on(reader, slot), Err(-14), "{slot:02X}");
        assert_eq!(interface::ICC_Reader_GetStatus(reader, slot), -14);
        assert_eq!(interface::ICC_Reader_PowerOff(reader, slot), -14);
        assert_eq!(send(reader, slot, SELECT), Err(-14));
    }
}

#[test]
fn code_12_of_a_handle_that_is_not_open() {
    let _host = alone("gen3", "");
    let reader = open("LPT9");
    for handle in [0, -1, reader + 1, c_long::MAX, c_long::MIN] {
        assert_eq!(on(handle, 0x01), Err(-12));
        assert_eq!(send(handle, 0x01, SELECT), Err(-12));
        assert_eq!(interface::ICC_Reader_GetStatus(handle, 0x01), -12);
        assert_eq!(interface::ICC_Reader_PowerOff(handle, 0x01), -12);
        assert_eq!(interface::ICC_Reader_Close(handle), -12);
    }
}

#[test]
fn code_14_of_a_device_that_is_none() {
    let _host = host("");
    for device in ["", "USB", "USB0", "USB10", "usb1", "AUTO1", "TTY1", "读卡器"] {
        assert_eq!(open(device), -14, "{device}");
    }
}

#[test]
fn code_14_of_a_command_that_is_none() {
    let _host = alone("gen3", "");
    let reader = open("USB1");
    assert!(on(reader, 0x01).is_ok());
    for command in ["", "00", "00A404"] {
        assert_eq!(send(reader, 0x01, command), Err(-14));
    }
    let command = [0_u8; 4];
    for length in [-1, 262, c_long::MAX, c_long::MIN] {
        // SAFETY: a length that is none is refused before anything is read.
        let answer = bytes(258, |out| unsafe {
            interface::ICC_Reader_Application(reader, 0x01, length, command.as_ptr(), out)
        });
        assert_eq!(answer, Err(-14));
    }
}

#[test]
fn another_function_takes_the_power_of_the_reader_below() {
    let _host = alone("gen3", "[pin]\npin = \"123456\"");
    let reader = open("USB1");
    assert!(on(reader, 0x01).is_ok());
    assert_eq!(plain(interface::iVerifyPIN, 1), done());
    assert_eq!(send(reader, 0x01, SELECT), Err(-3));
    assert!(on(reader, 0x01).is_ok());
}

#[test]
fn which_library_it_is() {
    // SAFETY: there is the documented room.
    let (number, bytes) = raw(33, |out| unsafe { interface::ICC_Reader_Libinfo(out) });
    assert_eq!((number, bytes), (0, b"sscard          virtual reader10".to_vec()));
}
