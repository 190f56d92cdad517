//! Block ciphers as they are, their modes, hashes.

use aes::Aes128;
use des::{Des, TdesEde2};
use sm4::Sm4;
use sm4::cipher::{Array, Block, BlockCipherDecrypt, BlockCipherEncrypt, BlockSizeUser, KeyInit};
use sscard_crypto::financial::{
    Padding, aes_cmac, mac_algorithm_1, mac_algorithm_3, rsa, sha1, sm2, sm3,
};

use super::bytes::pad80;
use super::{Call, ResultLength, ScriptFunction, found};
use crate::value::{BYTES, Datum, Parameter, ParameterKind};

const KEY: Parameter = Parameter::required("key", ParameterKind::Bytes(16, 16));
const SHORT_KEY: Parameter = Parameter::required("key", ParameterKind::Bytes(8, 8));
const DATA: Parameter = Parameter::required("data", BYTES);
const PAD: Parameter = Parameter::default("pad", ParameterKind::Name(&["bit", "zeros"]), "bit");

const fn iv(zeros: &'static str) -> Parameter {
    Parameter::default("iv", ParameterKind::Bytes(8, 16), zeros)
}

const IV8: Parameter = iv("0000000000000000");
const IV16: Parameter = iv("00000000000000000000000000000000");

pub(super) const FUNCTIONS: &[ScriptFunction] = &[
    ScriptFunction::new(
        "aes_cbc",
        &[KEY, DATA, IV16],
        ResultLength::As(1),
        |call| cbc(&Aes128::new(&call.array::<16>(0)?.into()), call),
        "AES-128 in CBC",
        "FIPS 197",
    ),
    ScriptFunction::new(
        "aes_ecb",
        &[KEY, DATA],
        ResultLength::As(1),
        |call| ecb(&Aes128::new(&call.array::<16>(0)?.into()), call.bytes(1)),
        "AES-128 in ECB",
        "FIPS 197",
    ),
    ScriptFunction::new(
        "aes_ecb_decrypt",
        &[KEY, DATA],
        ResultLength::As(1),
        |call| undo(&Aes128::new(&call.array::<16>(0)?.into()), call.bytes(1)),
        "AES-128 in ECB, back",
        "FIPS 197",
    ),
    ScriptFunction::new(
        "cmac",
        &[KEY, DATA],
        ResultLength::Exactly(16),
        |call| found(aes_cmac(&call.key(0)?, &[call.bytes(1)])),
        "AES-CMAC",
        "RFC 4493, V8",
    ),
    ScriptFunction::new(
        "des_cbc",
        &[SHORT_KEY, DATA, IV8],
        ResultLength::As(1),
        |call| cbc(&Des::new(&call.array::<8>(0)?.into()), call),
        "single DES in CBC",
        "FIPS 46-3",
    ),
    ScriptFunction::new(
        "des_ecb",
        &[SHORT_KEY, DATA],
        ResultLength::As(1),
        |call| ecb(&Des::new(&call.array::<8>(0)?.into()), call.bytes(1)),
        "single DES in ECB",
        "FIPS 46-3",
    ),
    ScriptFunction::new(
        "des_ecb_decrypt",
        &[SHORT_KEY, DATA],
        ResultLength::As(1),
        |call| undo(&Des::new(&call.array::<8>(0)?.into()), call.bytes(1)),
        "single DES in ECB, back",
        "FIPS 46-3",
    ),
    ScriptFunction::new(
        "mac_alg1",
        &[SHORT_KEY, DATA, PAD],
        ResultLength::Exactly(8),
        |call| found(mac_algorithm_1(&call.array(0)?, &[call.bytes(1)], padding(call))),
        "MAC algorithm 1 under single DES",
        "ISO/IEC 9797-1",
    ),
    ScriptFunction::new(
        "mac_alg3",
        &[KEY, DATA, PAD],
        ResultLength::Exactly(8),
        retail,
        "MAC algorithm 3, the retail MAC",
        "ISO/IEC 9797-1, V6",
    ),
    ScriptFunction::new(
        "retail_mac",
        &[KEY, DATA, PAD],
        ResultLength::Exactly(8),
        retail,
        "the same as mac_alg3",
        "ISO/IEC 9797-1, V6",
    ),
    ScriptFunction::new(
        "rsa_recover",
        &[
            Parameter::required("modulus", ParameterKind::Bytes(64, 248)),
            Parameter::required("exponent", ParameterKind::Bytes(1, 3)),
            DATA,
        ],
        ResultLength::As(2),
        recover,
        "what an RSA signature or certificate hides, by exponent 03 or 010001",
        "EMV Book 2 annex B2.1",
    ),
    ScriptFunction::new(
        "sha1",
        &[DATA],
        ResultLength::Exactly(20),
        |call| found(sha1(&[call.bytes(0)])),
        "SHA-1",
        "FIPS 180-4",
    ),
    ScriptFunction::new(
        "sm2_verify",
        &[
            Parameter::required("public", ParameterKind::Bytes(64, 64)),
            DATA,
            Parameter::required("signature", ParameterKind::Bytes(64, 64)),
        ],
        ResultLength::Exactly(1),
        verified,
        "01 when an SM2 signature over the data is right, else 00",
        "GB/T 32918.2, V3",
    ),
    ScriptFunction::new(
        "sm3",
        &[DATA],
        ResultLength::Exactly(32),
        |call| found(sm3(&[call.bytes(0)])),
        "SM3",
        "GB/T 32905",
    ),
    ScriptFunction::new(
        "sm4_cbc",
        &[KEY, DATA, IV16],
        ResultLength::As(1),
        |call| cbc(&Sm4::new(&call.array::<16>(0)?.into()), call),
        "SM4 in CBC",
        "GB/T 32907",
    ),
    ScriptFunction::new(
        "sm4_cbc_mac",
        &[KEY, DATA, IV16],
        ResultLength::Exactly(16),
        |call| {
            let padded = pad80(call.bytes(1), 16);
            let chain = chained(&Sm4::new(&call.array::<16>(0)?.into()), &padded, call.bytes(2))?;
            found(chain.get(chain.len() - 16..).unwrap_or(&[]))
        },
        "the last block of SM4 in CBC, padding 80 00…",
        "JR/T 0025.17 §8.1, V11",
    ),
    ScriptFunction::new(
        "sm4_ecb",
        &[KEY, DATA],
        ResultLength::As(1),
        |call| ecb(&Sm4::new(&call.array::<16>(0)?.into()), call.bytes(1)),
        "SM4 in ECB",
        "GB/T 32907, V4",
    ),
    ScriptFunction::new(
        "sm4_ecb_decrypt",
        &[KEY, DATA],
        ResultLength::As(1),
        |call| undo(&Sm4::new(&call.array::<16>(0)?.into()), call.bytes(1)),
        "SM4 in ECB, back",
        "GB/T 32907",
    ),
    ScriptFunction::new(
        "tdes_cbc",
        &[KEY, DATA, IV8],
        ResultLength::As(1),
        |call| cbc(&TdesEde2::new(&call.array::<16>(0)?.into()), call),
        "two-key triple DES in CBC",
        "ISO/IEC 18033-3",
    ),
    ScriptFunction::new(
        "tdes_ecb",
        &[KEY, DATA],
        ResultLength::As(1),
        |call| ecb(&TdesEde2::new(&call.array::<16>(0)?.into()), call.bytes(1)),
        "two-key triple DES in ECB",
        "ISO/IEC 18033-3",
    ),
    ScriptFunction::new(
        "tdes_ecb_decrypt",
        &[KEY, DATA],
        ResultLength::As(1),
        |call| undo(&TdesEde2::new(&call.array::<16>(0)?.into()), call.bytes(1)),
        "two-key triple DES in ECB, back",
        "ISO/IEC 18033-3",
    ),
];

fn padding(call: &Call<'_>) -> Padding {
    if call.text(2) == "zeros" { Padding::Zeros } else { Padding::Bit }
}

fn retail(call: &mut Call<'_>) -> Result<Datum, String> {
    found(mac_algorithm_3(&call.key(0)?, &[call.bytes(1)], padding(call)))
}

fn blocks<C: BlockSizeUser>(data: &[u8]) -> Result<Vec<u8>, String> {
    let block = C::block_size();
    if data.len().is_multiple_of(block) {
        return Ok(data.to_vec());
    }
    Err(format!(
        "{} not whole blocks of {block}: pad80 and pad0 fill them",
        sscard_lexicon::counted_is(data.len(), "byte")
    ))
}

fn ecb<C: BlockCipherEncrypt>(cipher: &C, data: &[u8]) -> Result<Datum, String> {
    let mut bytes = blocks::<C>(data)?;
    cipher.encrypt_blocks(Array::slice_as_chunks_mut(&mut bytes).0);
    found(bytes)
}

fn undo<C: BlockCipherDecrypt>(cipher: &C, data: &[u8]) -> Result<Datum, String> {
    let mut bytes = blocks::<C>(data)?;
    cipher.decrypt_blocks(Array::slice_as_chunks_mut(&mut bytes).0);
    found(bytes)
}

fn cbc<C: BlockCipherEncrypt>(cipher: &C, call: &Call<'_>) -> Result<Datum, String> {
    found(chained(cipher, &blocks::<C>(call.bytes(1))?, call.bytes(2))?)
}

fn chained<C: BlockCipherEncrypt>(cipher: &C, data: &[u8], iv: &[u8]) -> Result<Vec<u8>, String> {
    let mut before: Block<C> = Array::try_from(iv)
        .map_err(|_| format!("iv: expected {} bytes, found {}", C::block_size(), iv.len()))?;
    let mut bytes = data.to_vec();
    for block in Array::slice_as_chunks_mut(&mut bytes).0 {
        let block: &mut Block<C> = block;
        block.iter_mut().zip(&before).for_each(|(byte, above)| *byte ^= above);
        cipher.encrypt_block(block);
        before = block.clone();
    }
    Ok(bytes)
}

fn recover(call: &mut Call<'_>) -> Result<Datum, String> {
    let exponent = rsa::Exponent::from_bytes(call.bytes(1))
        .ok_or_else(|| "the exponent is 03 or 010001".to_owned())?;
    let key = rsa::RsaPublicKey::new(call.bytes(0), exponent)
        .ok_or_else(|| "not an RSA modulus".to_owned())?;
    let hidden = key.apply(call.bytes(2));
    found(hidden.ok_or_else(|| "the data has to be as long as the modulus, and less".to_owned())?)
}

fn verified(call: &mut Call<'_>) -> Result<Datum, String> {
    let key = sm2::Sm2PublicKey::from_bytes(&call.array(0)?)
        .ok_or_else(|| "the public key is not a point of the curve".to_owned())?;
    found([u8::from(key.verify(&[call.bytes(1)], &call.array(2)?))])
}
