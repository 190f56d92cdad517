//! The data elements in commands of the PKI application, by tag.
//!
//! Source: programs of the field; what 9A and 9E hold is ISO/IEC 7816-8 table 1.

use crate::Content::{Bytes, Number, Secret};
use crate::element::{Format, Length, Source, Volatility};
use crate::table::elements;

const ANY: Length = Length::ANY;

elements! {
    /// Tags of the PKI application by name.
    pki;
    /// Every data element in commands of the PKI application, by tag.
    PKI;
    0x9A DIGEST "-" Terminal B [] Fixed, Length::exactly(32), Bytes,
        "digest to be signed", "待签名杂凑值";
    0x9E SIGNATURE "-" Card B [] Fixed, Length::exactly(64), Bytes,
        "digital signature", "数字签名";
    0xC0 PUBLIC_KEY_FILE "-" Terminal B [] Fixed, Length::exactly(2), Number,
        "file of the public key", "公钥文件标识";
    0xC1 INPUT "-" Terminal Var [] Fixed, ANY, Secret,
        "input", "输入数据";
    0xC2 PRIVATE_KEY_FILE "-" Terminal B [] Fixed, Length::exactly(2), Number,
        "file of the private key", "私钥文件标识";
    0xCA PUBLIC_KEY "-" Card B [] Fixed, Length::exactly(64), Bytes,
        "public key", "公钥";
    0xCB PRIVATE_KEY "-" Card B [] Fixed, Length::exactly(32), Secret,
        "private key", "私钥";
}
