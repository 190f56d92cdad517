//! What a card of the third generation does with its certificates.

use std::ffi::{c_char, c_int, c_long};

use super::{LARGE_ROOM, ROOM, answered, bytes, coded, text};

/// Signs (签名): `signature|`.
///
/// # Safety
/// Text arguments are null or end in 00; `pOutInfo` is null or has room for 1,024 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn PKI_SignData(
    pUserPin: *const c_char,
    pInData: *const c_char,
    iType: c_int,
    pOutInfo: *mut c_char,
) -> c_long {
    // SAFETY: the caller's promise.
    unsafe {
        let (pin, message) = (bytes(pUserPin), bytes(pInData));
        answered(pOutInfo, ROOM, |driver| {
            let pin = text(driver, pin)?;
            let answer = driver.sign_data(&pin, &message?, iType);
            coded(driver, answer)
        })
    }
}

/// Checks a signature (验证签名); the PIN is not needed, and not looked at. Without a certificate the card's key is asked.
///
/// # Safety
/// Text arguments are null or end in 00; `pOutInfo` is null or has room for 1,024 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn PKI_VerifySign(
    pUserPin: *const c_char,
    pCert: *const c_char,
    pClearText: *const c_char,
    pSignature: *const c_char,
    iType: c_int,
    pOutInfo: *mut c_char,
) -> c_long {
    // SAFETY: the caller's promise.
    unsafe {
        let (pin, certificate) = (bytes(pUserPin), bytes(pCert));
        let (message, signature) = (bytes(pClearText), bytes(pSignature));
        answered(pOutInfo, ROOM, |driver| {
            pin?;
            let (certificate, signature) = (text(driver, certificate)?, text(driver, signature)?);
            let answer = driver.verify_sign(&certificate, &message?, &signature, iType);
            coded(driver, answer)
        })
    }
}

/// Makes an envelope (数字信封加密) for a certificate, or for the card: `envelope|`. The name is ours.
///
/// # Safety
/// Text arguments are null or end in 00; `pOutInfo` is null or has room for 32,768 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn PKI_EncryptEnvelope(
    pCert: *const c_char,
    pInData: *const c_char,
    iType: c_int,
    pOutInfo: *mut c_char,
) -> c_long {
    // SAFETY: the caller's promise.
    unsafe {
        let (certificate, message) = (bytes(pCert), bytes(pInData));
        answered(pOutInfo, LARGE_ROOM, |driver| {
            let certificate = text(driver, certificate)?;
            let answer = driver.encrypt_envelope(&certificate, &message?, iType);
            coded(driver, answer)
        })
    }
}

/// Opens an envelope (数字信封解密): the message as it was. The name is ours.
///
/// # Safety
/// Text arguments are null or end in 00; `pOutInfo` is null or has room for 32,768 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn PKI_DecryptEnvelope(
    pUserPin: *const c_char,
    pInData: *const c_char,
    iType: c_int,
    pOutInfo: *mut c_char,
) -> c_long {
    // SAFETY: the caller's promise.
    unsafe {
        let (pin, envelope) = (bytes(pUserPin), bytes(pInData));
        answered(pOutInfo, LARGE_ROOM, |driver| {
            let (pin, envelope) = (text(driver, pin)?, text(driver, envelope)?);
            driver.decrypt_envelope(&pin, &envelope, iType)
        })
    }
}

/// Reads a certificate (读证书), 1 for signatures, 2 for encryption: `certificate|`. The name is ours.
///
/// # Safety
/// `pOutInfo` is null or has room for 32,768 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn PKI_ReadCert(
    iCertType: c_int,
    iType: c_int,
    pOutInfo: *mut c_char,
) -> c_long {
    // SAFETY: the caller's promise.
    unsafe {
        answered(pOutInfo, LARGE_ROOM, |driver| {
            let answer = driver.read_certificate(iCertType, iType);
            coded(driver, answer)
        })
    }
}
