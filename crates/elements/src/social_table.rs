//! The data elements of the social security application: its file control information and its DIR file, by tag.
//!
//! Source: ISO/IEC 7816-4 tables 10 and 15; 《社会保障（个人）卡规范》 part 5, tables 36 and 38.

use crate::Content::{Bytes, Number, Template, Text};
use crate::element::{Format, Length, Source, Volatility};
use crate::table::elements;

const ANY: Length = Length::ANY;

elements! {
    /// Tags of the social security application by name.
    social;
    /// Every data element of the social security application's file control information and DIR file, by tag.
    SOCIAL;
    0x4F APPLICATION_IDENTIFIER "AID" Card B [0x61] Fixed, Length::within(5, 16), Bytes,
        "application identifier", "应用标识符";
    0x50 APPLICATION_LABEL "-" Card Ans [0x61] Fixed, ANY, Text,
        "application label", "应用标签";
    0x61 APPLICATION_TEMPLATE "-" Card B [] Fixed, ANY, Template,
        "application template", "应用模板";
    0x6F FCI_TEMPLATE "FCI" Card Var [] Fixed, ANY, Template,
        "file control information", "文件控制信息模板";
    0x84 DF_NAME "-" Card B [0x6F] Fixed, Length::within(1, 16), Bytes,
        "DF name", "DF 名称";
    0x86 ALGORITHM_IDENTIFIER "-" Card B [0x9F0C] Fixed, Length::exactly(1), Bytes,
        "algorithm identifier", "算法标识";
    0x88 DIRECTORY_FILE "SFI" Card B [0xA5] Fixed, Length::exactly(1), Number,
        "short identifier of the DIR file", "目录文件短标识符";
    0xA5 PROPRIETARY_TEMPLATE "-" Card Var [0x6F] Fixed, ANY, Template,
        "proprietary template", "专有模板";
    0x9F0C ISSUER_DATA "-" Card Var [0xA5] Fixed, ANY, Bytes,
        "issuer's own data", "发卡机构自定义数据";
}
