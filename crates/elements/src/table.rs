//! The data elements of EMV and PBOC, by tag.
//!
//! Source: EMV 4.3 book 3 annex A; JR/T 0025.5 annex A, .12 annex C, .13, .14, .15, .17.

use crate::Content::{
    Amount, Bits, Bytes, Country, Currency, CvmList, CvmResults, Date, Digits, FileLocator, Gbk,
    IdentityType, IssuerData, LogEntry, Number, ObjectList, Padded, Priority, ScriptResult, Secret,
    TagList, Template, Text, Time, Track2, TransactionType,
};
use crate::bits::{
    ApplicationDefaultAction, ApplicationInterchangeProfile, ApplicationUsageControl,
    CardAdditionalProcesses, CardTransactionQualifiers, CryptogramInformationData,
    IssuerAuthenticationIndicator, TerminalCapabilities, TerminalTransactionQualifiers,
    TerminalVerificationResults, TransactionStatusInformation,
};
use crate::element::{Format, Length, Source, Volatility};

const ANY: Length = Length::ANY;

const fn exactly(bytes: u8) -> Length {
    Length::exactly(bytes)
}

const fn within(least: u8, most: u8) -> Length {
    Length::within(least, most)
}

/// Makes of each row a constant and an entry of the table: tag, name, abbreviation, source, format, templates,
/// volatility, length, content, English, Chinese.
macro_rules! elements {
    ($(#[$about:meta])* $module:ident; $(#[$doc:meta])* $all:ident; $(
        $tag:literal $name:ident $abbreviation:literal $source:ident $format:ident [$($template:literal),*]
        $volatility:ident, $length:expr, $content:expr, $en:literal, $zh:literal;
    )*) => {
        $(#[$about])*
        pub mod $module {
            $(
                #[doc = concat!($en, ", ", $zh)]
                pub const $name: sscard_apdu::tlv::Tag = sscard_apdu::tlv::Tag::from_number($tag);
            )*
        }

        $(#[$doc])*
        pub const $all: &[$crate::Element] = &[$($crate::Element {
            tag: $module::$name,
            abbreviation: match $abbreviation.as_bytes() {
                b"-" => None,
                _ => Some($abbreviation),
            },
            en: $en,
            zh: $zh,
            source: Source::$source,
            format: Format::$format,
            length: $length,
            templates: &[$(sscard_apdu::tlv::Tag::from_number($template)),*],
            volatility: Volatility::$volatility,
            content: $content,
        }),*];
    };
}
pub(crate) use elements;

elements! {
    /// Tags of EMV and PBOC by name.
    tag;
    /// Every data element of EMV and PBOC, by tag.
    ALL;
    0x42 ISSUER_IDENTIFICATION_NUMBER "IIN" Issuer N [0x73, 0xBF0C] Fixed, exactly(3), Digits,
        "issuer identification number", "发卡机构标识代码";
    0x4F APPLICATION_IDENTIFIER "AID" Card B [0x61] Fixed, within(5, 16), Bytes,
        "application identifier", "应用标识符";
    0x50 APPLICATION_LABEL "-" Card Ans [0x61, 0xA5] Fixed, ANY, Text,
        "application label", "应用标签";
    0x52 COMMAND_TO_PERFORM "-" Card B [0x61] Fixed, ANY, Bytes,
        "command to perform", "待执行命令";
    0x56 TRACK_1_EQUIVALENT_DATA "-" Card Ans [0x70, 0x77] Fixed, ANY, Text,
        "track 1 equivalent data", "磁条1等效数据";
    0x57 TRACK_2_EQUIVALENT_DATA "-" Card B [0x70, 0x77] Fixed, within(1, 19), Track2,
        "track 2 equivalent data", "磁条2等效数据";
    0x5A PRIMARY_ACCOUNT_NUMBER "PAN" Card Cn [0x70, 0x77] Fixed, within(1, 10), Padded,
        "application primary account number", "应用主账号";
    0x61 APPLICATION_TEMPLATE "-" Card B [0x70] Fixed, ANY, Template,
        "application template", "应用模板";
    0x6F FCI_TEMPLATE "FCI" Card Var [] Fixed, ANY, Template,
        "file control information template", "文件控制信息模板";
    0x70 RECORD_TEMPLATE "-" Card Var [] Fixed, ANY, Template,
        "record template", "记录模板";
    0x71 ISSUER_SCRIPT_TEMPLATE_1 "-" Issuer B [] Fixed, ANY, Template,
        "issuer script template 1", "发卡机构脚本模板1";
    0x72 ISSUER_SCRIPT_TEMPLATE_2 "-" Issuer B [] Fixed, ANY, Template,
        "issuer script template 2", "发卡机构脚本模板2";
    0x73 DIRECTORY_DISCRETIONARY_TEMPLATE "-" Card Var [0x61] Fixed, ANY, Template,
        "directory discretionary template", "目录自定义模板";
    0x77 RESPONSE_FORMAT_2 "-" Card Var [] Fixed, ANY, Template,
        "response message template format 2", "响应报文模板格式2";
    0x80 RESPONSE_FORMAT_1 "-" Card Var [] Fixed, ANY, Bytes,
        "response message template format 1", "响应报文模板格式1";
    0x81 AMOUNT_AUTHORISED_BINARY "-" Terminal B [] Fixed, exactly(4), Number,
        "amount, authorised, binary", "授权金额（二进制）";
    0x82 INTERCHANGE_PROFILE "AIP" Card B [0x77, 0x80] Fixed, exactly(2), Bits(ApplicationInterchangeProfile::BITS),
        "application interchange profile", "应用交互特征";
    0x83 COMMAND_TEMPLATE "-" Terminal B [] Fixed, ANY, Bytes,
        "command template", "命令模板";
    0x84 DF_NAME "-" Card B [0x6F] Fixed, within(5, 16), Bytes,
        "DF name", "专用文件名称";
    0x86 ISSUER_SCRIPT_COMMAND "-" Issuer B [0x71, 0x72] Fixed, ANY, Bytes,
        "issuer script command", "发卡机构脚本命令";
    0x87 APPLICATION_PRIORITY "-" Card B [0x61, 0xA5] Fixed, exactly(1), Priority,
        "application priority indicator", "应用优先指示器";
    0x88 SHORT_FILE_IDENTIFIER "SFI" Card B [0xA5] Fixed, exactly(1), Number,
        "short file identifier", "短文件标识符";
    0x89 AUTHORISATION_CODE "-" Issuer Ans [] Fixed, exactly(6), Text,
        "authorisation code", "授权码";
    0x8A RESPONSE_CODE "ARC" Issuer An [] Fixed, exactly(2), Text,
        "authorisation response code", "授权响应代码";
    0x8C CDOL1 "CDOL1" Card B [0x70, 0x77] Fixed, ANY, ObjectList,
        "card risk management data object list 1", "卡片风险管理数据对象列表1";
    0x8D CDOL2 "CDOL2" Card B [0x70, 0x77] Fixed, ANY, ObjectList,
        "card risk management data object list 2", "卡片风险管理数据对象列表2";
    0x8E CVM_LIST "CVM" Card B [0x70, 0x77] Fixed, within(8, 252), CvmList,
        "cardholder verification method list", "持卡人验证方法列表";
    0x8F AUTHORITY_KEY_INDEX "-" Card B [0x70, 0x77] Fixed, exactly(1), Bytes,
        "certification authority public key index", "CA公钥索引";
    0x90 ISSUER_CERTIFICATE "-" Card B [0x70, 0x77] Fixed, ANY, Bytes,
        "issuer public key certificate", "发卡机构公钥证书";
    0x91 ISSUER_AUTHENTICATION_DATA "-" Issuer B [] Random, within(8, 16), Bytes,
        "issuer authentication data", "发卡机构认证数据";
    0x92 ISSUER_KEY_REMAINDER "-" Card B [0x70, 0x77] Fixed, ANY, Bytes,
        "issuer public key remainder", "发卡机构公钥余项";
    0x93 SIGNED_STATIC_DATA "SSAD" Card B [0x70, 0x77] Fixed, ANY, Bytes,
        "signed static application data", "签名的静态应用数据";
    0x94 FILE_LOCATOR "AFL" Card Var [0x77, 0x80] Fixed, ANY, FileLocator,
        "application file locator", "应用文件定位器";
    0x95 TERMINAL_VERIFICATION_RESULTS "TVR" Terminal B [] Fixed, exactly(5), Bits(TerminalVerificationResults::BITS),
        "terminal verification results", "终端验证结果";
    0x97 TDOL "TDOL" Card B [0x70, 0x77] Fixed, ANY, ObjectList,
        "transaction certificate data object list", "交易证书数据对象列表";
    0x98 TRANSACTION_CERTIFICATE_HASH "-" Terminal B [] Fixed, exactly(20), Bytes,
        "transaction certificate hash value", "交易证书哈希值";
    0x99 TRANSACTION_PIN_DATA "-" Terminal B [] Fixed, ANY, Secret,
        "transaction PIN data", "交易个人识别码数据";
    0x9A TRANSACTION_DATE "-" Terminal N [] Fixed, exactly(3), Date,
        "transaction date", "交易日期";
    0x9B TRANSACTION_STATUS_INFORMATION "TSI" Terminal B [] Fixed, exactly(2), Bits(TransactionStatusInformation::BITS),
        "transaction status information", "交易状态信息";
    0x9C TRANSACTION_TYPE "-" Terminal N [] Fixed, exactly(1), TransactionType,
        "transaction type", "交易类型";
    0x9D DDF_NAME "-" Card B [0x61] Fixed, ANY, Bytes,
        "directory definition file name", "目录定义文件名称";
    0xA5 FCI_PROPRIETARY "-" Card Var [0x6F] Fixed, ANY, Template,
        "file control information proprietary template", "文件控制信息专有模板";
    0x5F20 CARDHOLDER_NAME "-" Card Ans [0x70, 0x77] Fixed, ANY, Text,
        "cardholder name", "持卡人姓名";
    0x5F24 EXPIRATION_DATE "-" Card N [0x70, 0x77] Fixed, exactly(3), Date,
        "application expiration date", "应用失效日期";
    0x5F25 EFFECTIVE_DATE "-" Card N [0x70, 0x77] Fixed, exactly(3), Date,
        "application effective date", "应用生效日期";
    0x5F28 ISSUER_COUNTRY "-" Card N [0x70, 0x77] Fixed, exactly(2), Country,
        "issuer country code", "发卡机构国家代码";
    0x5F2A TRANSACTION_CURRENCY "-" Terminal N [] Fixed, exactly(2), Currency,
        "transaction currency code", "交易货币代码";
    0x5F2D LANGUAGE_PREFERENCE "-" Card An [0xA5] Fixed, ANY, Text,
        "language preference", "首选语言";
    0x5F30 SERVICE_CODE "-" Card N [0x70, 0x77] Fixed, exactly(2), Digits,
        "service code", "服务码";
    0x5F34 SEQUENCE_NUMBER "PSN" Card N [0x70, 0x77] Fixed, exactly(1), Digits,
        "application primary account number sequence number", "应用主账号序列号";
    0x5F36 TRANSACTION_CURRENCY_EXPONENT "-" Terminal N [] Fixed, exactly(1), Digits,
        "transaction currency exponent", "交易货币指数";
    0x5F50 ISSUER_URL "-" Card Ans [0x73, 0xBF0C] Fixed, ANY, Text,
        "issuer URL", "发卡机构网址";
    0x5F53 INTERNATIONAL_BANK_ACCOUNT_NUMBER "IBAN" Card Var [0x73, 0xBF0C] Fixed, ANY, Bytes,
        "international bank account number", "国际银行账号";
    0x5F54 BANK_IDENTIFIER_CODE "BIC" Card Var [0x73, 0xBF0C] Fixed, ANY, Text,
        "bank identifier code", "银行标识代码";
    0x5F55 ISSUER_COUNTRY_OF_TWO_LETTERS "-" Card A [0x73, 0xBF0C] Fixed, ANY, Text,
        "issuer country code, two letters", "发卡机构国家代码（两字母）";
    0x5F56 ISSUER_COUNTRY_OF_THREE_LETTERS "-" Card A [0x73, 0xBF0C] Fixed, ANY, Text,
        "issuer country code, three letters", "发卡机构国家代码（三字母）";
    0x9F01 ACQUIRER_IDENTIFIER "-" Terminal N [] Fixed, exactly(6), Digits,
        "acquirer identifier", "收单机构标识";
    0x9F02 AMOUNT_AUTHORISED "-" Terminal N [] Fixed, exactly(6), Amount,
        "amount, authorised", "授权金额";
    0x9F03 AMOUNT_OTHER "-" Terminal N [] Fixed, exactly(6), Amount,
        "amount, other", "其他金额";
    0x9F04 AMOUNT_OTHER_BINARY "-" Terminal B [] Fixed, exactly(4), Number,
        "amount, other, binary", "其他金额（二进制）";
    0x9F05 APPLICATION_DISCRETIONARY_DATA "-" Card B [0x70, 0x77] Fixed, ANY, Bytes,
        "application discretionary data", "应用自定义数据";
    0x9F06 APPLICATION_IDENTIFIER_OF_TERMINAL "-" Terminal B [] Fixed, within(5, 16), Bytes,
        "application identifier of the terminal", "终端应用标识符";
    0x9F07 USAGE_CONTROL "AUC" Card B [0x70, 0x77] Fixed, exactly(2), Bits(ApplicationUsageControl::BITS),
        "application usage control", "应用用途控制";
    0x9F08 APPLICATION_VERSION "-" Card B [0x70, 0x77] Fixed, exactly(2), Bytes,
        "application version number of the card", "卡片应用版本号";
    0x9F09 APPLICATION_VERSION_OF_TERMINAL "-" Terminal B [] Fixed, exactly(2), Bytes,
        "application version number of the terminal", "终端应用版本号";
    0x9F0B CARDHOLDER_NAME_EXTENDED "-" Card Ans [0x70, 0x77] Fixed, ANY, Text,
        "cardholder name, extended", "持卡人姓名扩展";
    0x9F0D ISSUER_ACTION_CODE_DEFAULT "-" Card B [0x70, 0x77] Fixed, exactly(5), Bits(TerminalVerificationResults::BITS),
        "issuer action code, default", "发卡机构行为代码——缺省";
    0x9F0E ISSUER_ACTION_CODE_DENIAL "-" Card B [0x70, 0x77] Fixed, exactly(5), Bits(TerminalVerificationResults::BITS),
        "issuer action code, denial", "发卡机构行为代码——拒绝";
    0x9F0F ISSUER_ACTION_CODE_ONLINE "-" Card B [0x70, 0x77] Fixed, exactly(5), Bits(TerminalVerificationResults::BITS),
        "issuer action code, online", "发卡机构行为代码——联机";
    0x9F10 ISSUER_APPLICATION_DATA "IAD" Card B [0x77, 0x80] Fixed, within(1, 32), IssuerData,
        "issuer application data", "发卡机构应用数据";
    0x9F11 ISSUER_CODE_TABLE_INDEX "-" Card N [0xA5] Fixed, exactly(1), Number,
        "issuer code table index", "发卡机构代码表索引";
    0x9F12 APPLICATION_PREFERRED_NAME "-" Card Ans [0x61, 0xA5] Fixed, ANY, Gbk,
        "application preferred name", "应用首选名称";
    0x9F13 LAST_ONLINE_COUNTER "-" Card B [] Counter, exactly(2), Number,
        "last online application transaction counter", "上次联机应用交易计数器";
    0x9F14 LOWER_OFFLINE_LIMIT "-" Card B [0x70, 0x77] Fixed, exactly(1), Number,
        "lower consecutive offline limit of the terminal's check", "连续脱机交易下限";
    0x9F15 MERCHANT_CATEGORY_CODE "MCC" Terminal N [] Fixed, exactly(2), Digits,
        "merchant category code", "商户分类码";
    0x9F16 MERCHANT_IDENTIFIER "-" Terminal Ans [] Fixed, exactly(15), Text,
        "merchant identifier", "商户标识";
    0x9F17 PIN_TRY_COUNTER "PTC" Card B [] Counter, exactly(1), Number,
        "PIN try counter", "PIN尝试计数器";
    0x9F18 ISSUER_SCRIPT_IDENTIFIER "-" Issuer B [0x71, 0x72] Fixed, exactly(4), Bytes,
        "issuer script identifier", "发卡机构脚本标识";
    0x9F1A TERMINAL_COUNTRY "-" Terminal N [] Fixed, exactly(2), Country,
        "terminal country code", "终端国家代码";
    0x9F1B TERMINAL_FLOOR_LIMIT "-" Terminal B [] Fixed, exactly(4), Number,
        "terminal floor limit", "终端最低限额";
    0x9F1C TERMINAL_IDENTIFICATION "-" Terminal An [] Fixed, exactly(8), Text,
        "terminal identification", "终端标识";
    0x9F1D TERMINAL_RISK_MANAGEMENT_DATA "-" Terminal B [] Fixed, ANY, Bytes,
        "terminal risk management data", "终端风险管理数据";
    0x9F1E INTERFACE_DEVICE_SERIAL_NUMBER "-" Terminal An [] Fixed, exactly(8), Text,
        "interface device serial number", "接口设备序列号";
    0x9F1F TRACK_1_DISCRETIONARY_DATA "-" Card Ans [0x70, 0x77] Fixed, ANY, Text,
        "track 1 discretionary data", "磁条1自定义数据";
    0x9F20 TRACK_2_DISCRETIONARY_DATA "-" Card Cn [0x70, 0x77] Fixed, ANY, Padded,
        "track 2 discretionary data", "磁条2自定义数据";
    0x9F21 TRANSACTION_TIME "-" Terminal N [] Fixed, exactly(3), Time,
        "transaction time", "交易时间";
    0x9F22 AUTHORITY_KEY_INDEX_OF_TERMINAL "-" Terminal B [] Fixed, exactly(1), Bytes,
        "certification authority public key index of the terminal", "终端CA公钥索引";
    0x9F23 UPPER_OFFLINE_LIMIT "-" Card B [0x70, 0x77] Fixed, exactly(1), Number,
        "upper consecutive offline limit of the terminal's check", "连续脱机交易上限";
    0x9F26 CRYPTOGRAM "AC" Card B [0x77, 0x80] Random, exactly(8), Bytes,
        "application cryptogram", "应用密文";
    0x9F27 CRYPTOGRAM_INFORMATION "CID" Card B [0x77, 0x80] Fixed, exactly(1), Bits(CryptogramInformationData::BITS),
        "cryptogram information data", "密文信息数据";
    0x9F2D PIN_ENCIPHERMENT_CERTIFICATE "-" Card B [0x70, 0x77] Fixed, ANY, Bytes,
        "card PIN encipherment public key certificate", "IC卡PIN加密公钥证书";
    0x9F2E PIN_ENCIPHERMENT_KEY_EXPONENT "-" Card B [0x70, 0x77] Fixed, ANY, Bytes,
        "card PIN encipherment public key exponent", "IC卡PIN加密公钥指数";
    0x9F2F PIN_ENCIPHERMENT_KEY_REMAINDER "-" Card B [0x70, 0x77] Fixed, ANY, Bytes,
        "card PIN encipherment public key remainder", "IC卡PIN加密公钥余项";
    0x9F32 ISSUER_KEY_EXPONENT "-" Card B [0x70, 0x77] Fixed, ANY, Bytes,
        "issuer public key exponent", "发卡机构公钥指数";
    0x9F33 TERMINAL_CAPABILITIES "-" Terminal B [] Fixed, exactly(3), Bits(TerminalCapabilities::BITS),
        "terminal capabilities", "终端性能";
    0x9F34 CVM_RESULTS "-" Terminal B [] Fixed, exactly(3), CvmResults,
        "cardholder verification method results", "持卡人验证方法结果";
    0x9F35 TERMINAL_TYPE "-" Terminal N [] Fixed, exactly(1), Bytes,
        "terminal type", "终端类型";
    0x9F36 TRANSACTION_COUNTER "ATC" Card B [0x77, 0x80] Counter, exactly(2), Number,
        "application transaction counter", "应用交易计数器";
    0x9F37 UNPREDICTABLE_NUMBER "UN" Terminal B [] Random, exactly(4), Bytes,
        "unpredictable number", "不可预知数";
    0x9F38 PDOL "PDOL" Card B [0xA5] Fixed, ANY, ObjectList,
        "processing options data object list", "处理选项数据对象列表";
    0x9F39 POINT_OF_SERVICE_ENTRY_MODE "-" Terminal N [] Fixed, exactly(1), Digits,
        "point-of-service entry mode", "销售点输入方式";
    0x9F3A AMOUNT_REFERENCE_CURRENCY "-" Terminal B [] Fixed, exactly(4), Number,
        "amount, reference currency", "参考货币金额";
    0x9F3B APPLICATION_REFERENCE_CURRENCY "-" Card N [0x70, 0x77] Fixed, ANY, Bytes,
        "application reference currency", "应用参考货币";
    0x9F3C TRANSACTION_REFERENCE_CURRENCY "-" Terminal N [] Fixed, exactly(2), Currency,
        "transaction reference currency code", "交易参考货币代码";
    0x9F3D TRANSACTION_REFERENCE_CURRENCY_EXPONENT "-" Terminal N [] Fixed, exactly(1), Digits,
        "transaction reference currency exponent", "交易参考货币指数";
    0x9F40 ADDITIONAL_TERMINAL_CAPABILITIES "-" Terminal B [] Fixed, exactly(5), Bytes,
        "additional terminal capabilities", "附加终端性能";
    0x9F41 TRANSACTION_SEQUENCE_COUNTER "-" Terminal N [] Counter, ANY, Digits,
        "transaction sequence counter", "交易序列计数器";
    0x9F42 APPLICATION_CURRENCY "-" Card N [0x70, 0x77] Fixed, exactly(2), Currency,
        "application currency code", "应用货币代码";
    0x9F43 APPLICATION_REFERENCE_CURRENCY_EXPONENT "-" Card N [0x70, 0x77] Fixed, ANY, Bytes,
        "application reference currency exponent", "应用参考货币指数";
    0x9F44 APPLICATION_CURRENCY_EXPONENT "-" Card N [0x70, 0x77] Fixed, exactly(1), Digits,
        "application currency exponent", "应用货币指数";
    0x9F45 DATA_AUTHENTICATION_CODE "DAC" Card B [] Fixed, exactly(2), Bytes,
        "data authentication code", "数据认证码";
    0x9F46 ICC_CERTIFICATE "-" Card B [0x70, 0x77] Fixed, ANY, Bytes,
        "card public key certificate", "IC卡公钥证书";
    0x9F47 ICC_KEY_EXPONENT "-" Card B [0x70, 0x77] Fixed, ANY, Bytes,
        "card public key exponent", "IC卡公钥指数";
    0x9F48 ICC_KEY_REMAINDER "-" Card B [0x70, 0x77] Fixed, ANY, Bytes,
        "card public key remainder", "IC卡公钥余项";
    0x9F49 DDOL "DDOL" Card B [0x70, 0x77] Fixed, ANY, ObjectList,
        "dynamic data authentication data object list", "动态数据认证数据对象列表";
    0x9F4A STATIC_DATA_TAG_LIST "-" Card Var [0x70, 0x77] Fixed, ANY, TagList,
        "static data authentication tag list", "静态数据认证标签列表";
    0x9F4B SIGNED_DYNAMIC_DATA "SDAD" Card B [0x77, 0x80] Random, ANY, Bytes,
        "signed dynamic application data", "签名的动态应用数据";
    0x9F4C ICC_DYNAMIC_NUMBER "IDN" Card B [] Random, ANY, Bytes,
        "card dynamic number", "IC卡动态数";
    0x9F4D TRANSACTION_LOG_ENTRY "-" Card B [0x73, 0xBF0C] Fixed, exactly(2), LogEntry,
        "transaction log entry", "交易日志入口";
    0x9F4E MERCHANT_NAME "-" Terminal Ans [] Fixed, ANY, Gbk,
        "merchant name and location", "商户名称";
    0x9F4F TRANSACTION_LOG_FORMAT "-" Card B [] Fixed, ANY, ObjectList,
        "transaction log format", "交易日志格式";
    0x9F50 OFFLINE_BALANCE "-" Card B [0x70, 0x77] Fixed, ANY, Bytes,
        "offline balance", "脱机余额";
    0x9F51 RISK_CURRENCY "-" Card N [] Fixed, exactly(2), Currency,
        "application currency code of card risk management", "应用货币代码";
    0x9F52 DEFAULT_ACTION "ADA" Card B [] Fixed, exactly(2), Bits(ApplicationDefaultAction::BITS),
        "application default action", "应用缺省行为";
    0x9F53 INTERNATIONAL_CURRENCY_LIMIT "-" Card B [] Fixed, exactly(1), Number,
        "consecutive transaction limit, international currency", "连续脱机交易限制数（国际-货币）";
    0x9F54 CUMULATIVE_LIMIT "CTTAL" Card N [] Fixed, exactly(6), Amount,
        "cumulative total transaction amount limit", "累计脱机交易金额限制";
    0x9F56 ISSUER_AUTHENTICATION_INDICATOR "-" Card B [] Fixed, exactly(1), Bits(IssuerAuthenticationIndicator::BITS),
        "issuer authentication indicator", "发卡机构认证指示位";
    0x9F57 RISK_COUNTRY "-" Card N [] Fixed, exactly(2), Country,
        "issuer country code of card risk management", "发卡机构国家代码";
    0x9F58 LOWER_OFFLINE_LIMIT_OF_CARD "-" Card B [] Fixed, exactly(1), Number,
        "lower consecutive offline limit of the card", "连续脱机交易下限（卡片）";
    0x9F59 UPPER_OFFLINE_LIMIT_OF_CARD "-" Card B [] Fixed, exactly(1), Number,
        "upper consecutive offline limit of the card", "连续脱机交易上限（卡片）";
    0x9F5C CUMULATIVE_UPPER_LIMIT "CTTAUL" Card N [] Fixed, exactly(6), Amount,
        "cumulative total transaction amount upper limit", "累计脱机交易金额上限";
    0x9F5D AVAILABLE_OFFLINE_AMOUNT "-" Card N [0x77] Fixed, ANY, Amount,
        "available offline spending amount", "可用脱机消费金额";
    0x9F61 IDENTITY_DOCUMENT_NUMBER "-" Card Ans [0x70] Fixed, ANY, Gbk,
        "cardholder identity document number", "持卡人证件号";
    0x9F62 IDENTITY_DOCUMENT_TYPE "-" Card An [0x70] Fixed, exactly(1), IdentityType,
        "cardholder identity document type", "持卡人证件类型";
    0x9F63 CARD_PRODUCT_IDENTIFICATION "-" Card B [0x70, 0x77] Fixed, ANY, Bytes,
        "card product identification", "卡产品标识信息";
    0x9F66 TERMINAL_QUALIFIERS "TTQ" Terminal B [] Fixed, exactly(4), Bits(TerminalTransactionQualifiers::BITS),
        "terminal transaction qualifiers", "终端交易属性";
    0x9F68 ADDITIONAL_PROCESSES "-" Card B [] Fixed, exactly(4), Bits(CardAdditionalProcesses::BITS),
        "card additional processes", "卡片附加处理";
    0x9F69 CARD_AUTHENTICATION_DATA "-" Card B [0x70, 0x77] Fixed, ANY, Bytes,
        "card authentication related data", "卡片认证相关数据";
    0x9F6B CARD_CVM_LIMIT "-" Card N [] Fixed, exactly(6), Amount,
        "card CVM limit", "卡片CVM限额";
    0x9F6C CARD_QUALIFIERS "CTQ" Card B [0x77] Fixed, exactly(2), Bits(CardTransactionQualifiers::BITS),
        "card transaction qualifiers", "卡片交易属性";
    0x9F6D CASH_RESET_THRESHOLD "-" Card N [] Fixed, exactly(6), Amount,
        "e-cash reset threshold", "电子现金重置阈值";
    0x9F72 INTERNATIONAL_COUNTRY_LIMIT "-" Card B [] Fixed, exactly(1), Number,
        "consecutive transaction limit, international country", "连续脱机交易限制数（国际-国家）";
    0x9F73 CONVERSION_FACTOR "-" Card N [] Fixed, exactly(4), Bytes,
        "currency conversion factor", "货币转换因子";
    0x9F74 CASH_AUTHORISATION_CODE "-" Card Ans [0x70] Fixed, exactly(6), Text,
        "e-cash issuer authorisation code", "电子现金发卡机构授权码";
    0x9F75 DUAL_CUMULATIVE_LIMIT "-" Card N [] Fixed, exactly(6), Amount,
        "cumulative total transaction amount limit, dual currency", "累计脱机交易金额限制（双货币）";
    0x9F76 SECOND_CURRENCY "-" Card N [] Fixed, exactly(2), Currency,
        "secondary application currency code", "第二应用货币代码";
    0x9F77 CASH_BALANCE_LIMIT "-" Card N [] Fixed, exactly(6), Amount,
        "e-cash balance limit", "电子现金余额上限";
    0x9F78 CASH_SINGLE_LIMIT "-" Card N [] Fixed, exactly(6), Amount,
        "e-cash single transaction limit", "电子现金单笔交易限额";
    0x9F79 CASH_BALANCE "-" Card N [] Fixed, exactly(6), Amount,
        "e-cash balance", "电子现金余额";
    0x9F7A CASH_SUPPORT_INDICATOR "-" Terminal N [] Fixed, exactly(1), Number,
        "e-cash terminal support indicator", "电子现金终端支持指示器";
    0x9F7B CASH_TERMINAL_LIMIT "-" Terminal N [] Fixed, exactly(6), Amount,
        "e-cash terminal transaction limit", "电子现金终端交易限额";
    0xBF0C FCI_DISCRETIONARY "-" Card Var [0xA5] Fixed, ANY, Template,
        "file control information issuer discretionary data", "发卡机构自定义数据";
    0xDF31 ISSUER_SCRIPT_RESULTS "-" Terminal B [] Fixed, ANY, ScriptResult,
        "issuer script results", "发卡机构脚本结果";
    0xDF4D LOAD_LOG_ENTRY "-" Card B [0xBF0C] Fixed, exactly(2), LogEntry,
        "load log entry", "圈存日志入口";
    0xDF4F LOAD_LOG_FORMAT "-" Card B [] Fixed, ANY, ObjectList,
        "load log format", "圈存日志格式";
    0xDF60 FARE_INDICATOR "-" Terminal B [] Fixed, exactly(1), Number,
        "segment fare processing indicator", "CAPP交易指示位";
    0xDF61 FARE_APPLICATION_IDENTIFIER "-" Card B [] Fixed, exactly(1), Bytes,
        "segment fare application identifier", "分段扣费应用标识";
    0xDF62 FARE_DEPOSIT_LIMIT "-" Card N [] Fixed, exactly(6), Amount,
        "segment fare deposit limit", "分段扣费抵扣限额";
    0xDF63 FARE_AMOUNT_DEDUCTED "-" Card N [] Fixed, exactly(6), Amount,
        "segment fare amount deducted", "分段扣费已抵扣额";
    0xDF69 SM_SUPPORT_INDICATOR "-" Terminal B [] Fixed, exactly(1), Number,
        "SM algorithm support indicator", "SM算法支持指示器";
    0xDF71 SECOND_CASH_CURRENCY "-" Card N [] Fixed, exactly(2), Currency,
        "second e-cash currency code", "第二币种电子现金应用货币代码";
    0xDF72 SECOND_CARD_CVM_LIMIT "-" Card N [] Fixed, exactly(6), Amount,
        "second e-cash card CVM limit", "第二币种卡片CVM限额";
    0xDF76 SECOND_CASH_RESET_THRESHOLD "-" Card N [] Fixed, exactly(6), Amount,
        "second e-cash reset threshold", "第二币种电子现金重置阈值";
    0xDF77 SECOND_CASH_BALANCE_LIMIT "-" Card N [] Fixed, exactly(6), Amount,
        "second e-cash balance limit", "第二币种电子现金余额上限";
    0xDF78 SECOND_CASH_SINGLE_LIMIT "-" Card N [] Fixed, exactly(6), Amount,
        "second e-cash single transaction limit", "第二币种电子现金单笔交易限额";
    0xDF79 SECOND_CASH_BALANCE "-" Card N [] Fixed, exactly(6), Amount,
        "second e-cash balance", "第二币种电子现金余额";
}
