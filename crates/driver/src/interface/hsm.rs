//! The functions in steps, with an HSM between them.

use std::ffi::{c_char, c_int, c_long};

use super::{LARGE_ROOM, ROOM, answered, bytes, coded, text};

/// `division|historical bytes|algorithm|card code|internal factor|internal original|external factor|external original|`; the last two are
/// empty where the card asks for no external authentication.
///
/// # Safety
/// Text arguments are null or end in 00; `pOutInfo` is null or has room for 1,024 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn iReadCardBas_HSM_Step1(
    iType: c_int,
    pOutInfo: *mut c_char,
) -> c_long {
    // SAFETY: the caller's promise.
    unsafe {
        answered(pOutInfo, ROOM, |driver| {
            let answer = driver.read_basic_step_1(iType);
            coded(driver, answer)
        })
    }
}

/// From `internal authentication ‖ original|external authentication ‖ original|` to what `iReadCardBas` gives.
///
/// # Safety
/// Text arguments are null or end in 00; `pOutInfo` is null or has room for 1,024 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn iReadCardBas_HSM_Step2(
    pKey: *const c_char,
    pOutInfo: *mut c_char,
) -> c_long {
    // SAFETY: the caller's promise.
    unsafe {
        let key = bytes(pKey);
        answered(pOutInfo, ROOM, |driver| {
            let key = text(driver, key)?;
            let answer = driver.read_basic_step_2(&key);
            coded(driver, answer)
        })
    }
}

/// `algorithm|key address|process factor|original|`; −2204 where the file opens without a key.
///
/// # Safety
/// Text arguments are null or end in 00; `pOutInfo` is null or has room for 1,024 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn iReadCard_HSM_Step1(
    iType: c_int,
    pCardInfo: *const c_char,
    pFileAddr: *const c_char,
    pOutInfo: *mut c_char,
) -> c_long {
    // SAFETY: the caller's promise.
    unsafe {
        let card = bytes(pCardInfo);
        let files = bytes(pFileAddr);
        answered(pOutInfo, ROOM, |driver| {
            let card = text(driver, card)?;
            let files = text(driver, files)?;
            let answer = driver.read_card_step_1(iType, &card, &files);
            coded(driver, answer)
        })
    }
}

/// From `authentication ‖ original` to what `iReadCard` gives.
///
/// # Safety
/// Text arguments are null or end in 00; `pOutInfo` is null or has room for 32,768 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn iReadCard_HSM_Step2(
    pKey: *const c_char,
    pOutInfo: *mut c_char,
) -> c_long {
    // SAFETY: the caller's promise.
    unsafe {
        let key = bytes(pKey);
        answered(pOutInfo, LARGE_ROOM, |driver| {
            let key = text(driver, key)?;
            let answer = driver.read_card_step_2(&key);
            coded(driver, answer)
        })
    }
}

/// `algorithm|key address|process factor|original|`.
///
/// # Safety
/// Text arguments are null or end in 00; `pOutInfo` is null or has room for 1,024 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn iWriteCard_HSM_Step1(
    iType: c_int,
    pCardInfo: *const c_char,
    pFileAddr: *const c_char,
    pOutInfo: *mut c_char,
) -> c_long {
    // SAFETY: the caller's promise.
    unsafe {
        let card = bytes(pCardInfo);
        let files = bytes(pFileAddr);
        answered(pOutInfo, ROOM, |driver| {
            let card = text(driver, card)?;
            let files = text(driver, files)?;
            let answer = driver.write_card_step_1(iType, &card, &files);
            coded(driver, answer)
        })
    }
}

/// Writes, after `authentication ‖ original`.
///
/// # Safety
/// Text arguments are null or end in 00; `pOutInfo` is null or has room for 1,024 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn iWriteCard_HSM_Step2(
    pKey: *const c_char,
    pWriteData: *const c_char,
    pOutInfo: *mut c_char,
) -> c_long {
    // SAFETY: the caller's promise.
    unsafe {
        let key = bytes(pKey);
        let data = bytes(pWriteData);
        answered(pOutInfo, ROOM, |driver| {
            let key = text(driver, key)?;
            let data = text(driver, data)?;
            let answer = driver.write_card_step_2(&key, &data);
            coded(driver, answer)
        })
    }
}

/// `algorithm|key address|process factor|original|`.
///
/// # Safety
/// Text arguments are null or end in 00; `pOutInfo` is null or has room for 1,024 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn iReloadPIN_HSM_Step1(
    iType: c_int,
    pCardInfo: *const c_char,
    pOutInfo: *mut c_char,
) -> c_long {
    // SAFETY: the caller's promise.
    unsafe {
        let card = bytes(pCardInfo);
        answered(pOutInfo, ROOM, |driver| {
            let card = text(driver, card)?;
            let answer = driver.reload_pin_step_1(iType, &card);
            coded(driver, answer)
        })
    }
}

/// `algorithm|key address|process factor|command header|new PIN|`.
///
/// # Safety
/// Text arguments are null or end in 00; `pOutInfo` is null or has room for 1,024 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn iReloadPIN_HSM_Step2(
    pKey: *const c_char,
    pOutInfo: *mut c_char,
) -> c_long {
    // SAFETY: the caller's promise.
    unsafe {
        let key = bytes(pKey);
        answered(pOutInfo, ROOM, |driver| {
            let key = text(driver, key)?;
            let answer = driver.reload_pin_step_2(&key);
            coded(driver, answer)
        })
    }
}

/// Sends the command that the HSM made.
///
/// # Safety
/// Text arguments are null or end in 00; `pOutInfo` is null or has room for 1,024 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn iReloadPIN_HSM_Step3(
    pKey: *const c_char,
    pOutInfo: *mut c_char,
) -> c_long {
    // SAFETY: the caller's promise.
    unsafe {
        let key = bytes(pKey);
        answered(pOutInfo, ROOM, |driver| {
            let key = text(driver, key)?;
            let answer = driver.reload_pin_step_3(&key);
            coded(driver, answer)
        })
    }
}

/// `algorithm|key address|process factor|original|`.
///
/// # Safety
/// Text arguments are null or end in 00; `pOutInfo` is null or has room for 1,024 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn iUnblockPIN_HSM_Step1(
    iType: c_int,
    pCardInfo: *const c_char,
    pOutInfo: *mut c_char,
) -> c_long {
    // SAFETY: the caller's promise.
    unsafe {
        let card = bytes(pCardInfo);
        answered(pOutInfo, ROOM, |driver| {
            let card = text(driver, card)?;
            let answer = driver.unblock_pin_step_1(iType, &card);
            coded(driver, answer)
        })
    }
}

/// `algorithm|key address|process factor|command header|`.
///
/// # Safety
/// Text arguments are null or end in 00; `pOutInfo` is null or has room for 1,024 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn iUnblockPIN_HSM_Step2(
    pKey: *const c_char,
    pOutInfo: *mut c_char,
) -> c_long {
    // SAFETY: the caller's promise.
    unsafe {
        let key = bytes(pKey);
        answered(pOutInfo, ROOM, |driver| {
            let key = text(driver, key)?;
            let answer = driver.unblock_pin_step_2(&key);
            coded(driver, answer)
        })
    }
}

/// Sends the command that the HSM made.
///
/// # Safety
/// Text arguments are null or end in 00; `pOutInfo` is null or has room for 1,024 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn iUnblockPIN_HSM_Step3(
    pKey: *const c_char,
    pOutInfo: *mut c_char,
) -> c_long {
    // SAFETY: the caller's promise.
    unsafe {
        let key = bytes(pKey);
        answered(pOutInfo, ROOM, |driver| {
            let key = text(driver, key)?;
            let answer = driver.unblock_pin_step_3(&key);
            coded(driver, answer)
        })
    }
}

/// `algorithm|key address|random|counter|holder|fund|type and terminal|time|account|`.
///
/// # Safety
/// Text arguments are null or end in 00; `pOutInfo` is null or has room for 1,024 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn iDoDebit_HSM_Step1(
    iType: c_int,
    pCardInfo: *const c_char,
    pPayInfo: *const c_char,
    pOutInfo: *mut c_char,
) -> c_long {
    // SAFETY: the caller's promise.
    unsafe {
        let card = bytes(pCardInfo);
        let pay = bytes(pPayInfo);
        answered(pOutInfo, ROOM, |driver| {
            let card = text(driver, card)?;
            let pay = text(driver, pay)?;
            let answer = driver.debit_step_1(iType, &card, &pay);
            coded(driver, answer)
        })
    }
}

/// From `terminal's counter|time|MAC1|` to what `iDoDebit` gives, MAC2 behind it.
///
/// # Safety
/// Text arguments are null or end in 00; `pOutInfo` is null or has room for 1,024 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn iDoDebit_HSM_Step2(
    pKey: *const c_char,
    pOutInfo: *mut c_char,
) -> c_long {
    // SAFETY: the caller's promise.
    unsafe {
        let key = bytes(pKey);
        answered(pOutInfo, ROOM, |driver| {
            let key = text(driver, key)?;
            let answer = driver.debit_step_2(&key);
            coded(driver, answer)
        })
    }
}
