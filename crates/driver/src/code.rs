//! What a function answers when it did not do what it was asked: the field's numbers and words.
//!
//! What enters: why a card, a security module, a reader or an argument did not do. What leaves: the number that the
//! function returns and the Chinese text for its output; beside them what happened here, for a person.

use sscard_apdu::StatusWord;
use sscard_core::KeyId;
use sscard_core::catalogue::{PsamClass, psam_key};
use sscard_host::TransportError;
use sscard_terminal::pki::PkiError;
use sscard_terminal::purse::PurseError;
use sscard_terminal::{ModuleError, ReadError};

/// The kinds of failure that the interface knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "each is said by its row in the table below")]
#[non_exhaustive]
pub enum DriverCode {
    CardType,
    NoCard,
    NotPowered,
    NoAnswer,
    Library,
    Reader,
    NotConnected,
    NotSupported,
    Argument,
    Checksum,
    CodeFormat,
    NotGenuine,
    OtherCard,
    Unlawful,
    ModuleLevel,
    OtherHsm,
    Cancelled,
    TimedOut,
    PinLength,
    PinsDiffer,
    InitialPinPays,
    InitialPinAgain,
    Character,
    Length,
    /// The PIN was wrong, with so many tries left.
    WrongPin(u8),
    PinLocked,
    NoModule,
    ModuleAlgorithm,
    NoReadKey,
    NoHsmNeeded,
    /// A card or a security module answered this: the number is minus the status word.
    Refused(StatusWord),
    /// A mistake of this library itself.
    Internal,
}

impl DriverCode {
    /// The number that the function returns.
    #[must_use]
    pub fn number(self) -> i32 {
        match self {
            Self::CardType => -1,
            Self::NoCard => -2,
            Self::NotPowered => -3,
            Self::NoAnswer => -4,
            Self::Library => -5,
            Self::Reader => -11,
            Self::NotConnected => -12,
            Self::NotSupported => -13,
            Self::Argument => -14,
            Self::Checksum => -15,
            Self::CodeFormat => -20,
            Self::NotGenuine => -21,
            Self::OtherCard => -22,
            Self::Unlawful => -23,
            Self::ModuleLevel => -24,
            Self::OtherHsm => -25,
            Self::Cancelled => -31,
            Self::TimedOut => -32,
            Self::PinLength => -33,
            Self::PinsDiffer => -34,
            Self::InitialPinPays => -35,
            Self::InitialPinAgain => -36,
            Self::Character => -41,
            Self::Length => -42,
            Self::WrongPin(_) => -51,
            Self::PinLocked => -52,
            Self::Internal => -99,
            Self::NoModule => -2201,
            Self::ModuleAlgorithm => -2202,
            Self::NoReadKey => -2203,
            Self::NoHsmNeeded => -2204,
            Self::Refused(status) => i32::from(status.value()).wrapping_neg(),
        }
    }

    /// The text that stands in the function's output.
    #[must_use]
    pub fn text(self) -> String {
        let fixed = match self {
            Self::CardType => "卡类型不对",
            Self::NoCard => "无卡",
            Self::NotPowered => "有卡未上电",
            Self::NoAnswer => "卡无应答",
            Self::Library => "加载动态库错",
            Self::Reader => "读卡器连接错",
            Self::NotConnected => "未建立连接",
            Self::NotSupported => "不支持该命令",
            Self::Argument => "命令参数错",
            Self::Checksum => "校验和出错",
            Self::CodeFormat => "卡识别码格式错",
            Self::NotGenuine => "内部认证失败（用户卡不合法）",
            Self::OtherCard => "传入数据与卡内不符",
            Self::Unlawful => "传入数据不合法",
            Self::ModuleLevel => "PSAM卡密钥级别不够",
            Self::OtherHsm => "内部认证与加密机不一致",
            Self::Cancelled => "用户取消密码输入",
            Self::TimedOut => "密码输入操作超时",
            Self::PinLength => "输入密码长度错",
            Self::PinsDiffer => "两次输入密码不一致",
            Self::InitialPinPays => "初始密码不能交易",
            Self::InitialPinAgain => "不能改为初始密码",
            Self::Character => "运算数据含非法字符",
            Self::Length => "运算数据长度错",
            Self::WrongPin(left) => return format!("PIN校验失败，剩余次数{left}次"),
            Self::PinLocked => "PIN锁定",
            Self::NoModule => "无PSAM卡",
            Self::ModuleAlgorithm => "PSAM卡算法不支持",
            Self::NoReadKey => "PSAM卡内没有RKSSSE密钥",
            Self::NoHsmNeeded => "不需要加密机认证",
            Self::Refused(status) => return refused(status),
            Self::Internal => "未知错误",
        };
        fixed.to_owned()
    }
}

/// The words for a status word.
fn refused(status: StatusWord) -> String {
    if let Some(left) = status.tries_left() {
        return format!("外部认证失败，剩余次数{left}次");
    }
    let fixed = match status {
        StatusWord::WRONG_LENGTH => "Lc/Le不正确",
        StatusWord::COMMAND_NOT_ACCEPTED => "命令不接受（无效状态）",
        StatusWord::COMMAND_INCOMPATIBLE_WITH_FILE_STRUCTURE => "命令与文件结构不相符",
        StatusWord::SECURITY_STATUS_NOT_SATISFIED => "不满足安全条件",
        StatusWord::AUTHENTICATION_METHOD_BLOCKED => "密钥锁定",
        StatusWord::REFERENCE_DATA_NOT_USABLE => "引用数据无效、随机数无效",
        StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED => "不满足使用条件",
        StatusWord::COMMAND_NOT_ALLOWED_NO_CURRENT_EF => "不满足命令执行的条件",
        StatusWord::EXPECTED_SECURE_MESSAGING_OBJECTS_MISSING => "安全报文数据项丢失",
        StatusWord::INCORRECT_SECURE_MESSAGING_OBJECTS => "安全报文数据项不正确",
        StatusWord::INCORRECT_DATA => "数据域参数不正确",
        StatusWord::FUNCTION_NOT_SUPPORTED => "不支持该功能、卡被锁定",
        StatusWord::FILE_NOT_FOUND => "未找到文件",
        StatusWord::RECORD_NOT_FOUND => "未找到记录",
        StatusWord::REFERENCED_DATA_NOT_FOUND => "未找到密钥",
        StatusWord::MAC_INVALID => "MAC无效",
        StatusWord::APPLICATION_PERMANENTLY_BLOCKED => "应用已被永久锁定",
        StatusWord::KEY_INDEX_NOT_SUPPORTED => "PSAM卡不支持消费交易",
        StatusWord::MAC_NOT_AVAILABLE => "所需MAC不可用",
        other => return format!("未知错误（{other}）"),
    };
    fixed.to_owned()
}

/// Why a function did not do what it was asked.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}: {detail}", .code.number())]
pub struct DriverError {
    /// The field's number and words.
    pub code: DriverCode,
    /// What happened here, for a person.
    pub detail: String,
}

impl DriverError {
    /// A failure and what happened.
    #[must_use]
    pub fn new(code: DriverCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }

    /// What the holder's PIN command answered, as it stands in the output: tries left, or locked.
    pub(crate) fn of_pin(status: StatusWord) -> Self {
        match status.tries_left() {
            Some(left) => Self::new(DriverCode::WrongPin(left), "the card refused the PIN"),
            None if status == StatusWord::AUTHENTICATION_METHOD_BLOCKED => {
                Self::new(DriverCode::PinLocked, "the card's PIN is locked")
            }
            None => Self::refused("a command with the PIN", status),
        }
    }

    /// What a card answered to a command.
    pub(crate) fn refused(command: &str, status: StatusWord) -> Self {
        Self::new(
            DriverCode::Refused(status),
            format!("{command} answered {status}: {}", status.meaning()),
        )
    }
}

/// `Ok` for 9000.
pub(crate) fn expect(command: &str, status: StatusWord) -> Result<(), DriverError> {
    if status.is_success() { Ok(()) } else { Err(DriverError::refused(command, status)) }
}

impl From<TransportError> for DriverError {
    fn from(error: TransportError) -> Self {
        let code = match &error {
            TransportError::NoCard { .. } | TransportError::Removed => DriverCode::NoCard,
            TransportError::Timeout { .. } | TransportError::Protocol(_) => DriverCode::NoAnswer,
            TransportError::Reset => DriverCode::NotConnected,
            TransportError::TooShort { .. } | TransportError::Unwritable(_) => DriverCode::Argument,
            _ => DriverCode::Reader,
        };
        Self::new(code, error.to_string())
    }
}

/// Key of DF04 that pays.
const PURCHASE: (&str, KeyId) = ("DF04", KeyId(0x87));

impl From<ModuleError> for DriverError {
    fn from(error: ModuleError) -> Self {
        let code = match &error {
            ModuleError::NoKey { application, id } => {
                let class = psam_key(application, *id, 1).map(|entry| entry.class);
                match (application.as_str(), *id) {
                    ("SSSE", KeyId::RK_SSSE) => DriverCode::NoReadKey,
                    PURCHASE => DriverCode::Refused(StatusWord::KEY_INDEX_NOT_SUPPORTED),
                    _ if class == Some(PsamClass::Province) => DriverCode::ModuleLevel,
                    _ => DriverCode::Refused(StatusWord::REFERENCED_DATA_NOT_FOUND),
                }
            }
            ModuleError::Encipher(_) => DriverCode::Length,
            ModuleError::Algorithm(_) | ModuleError::OtherAlgorithm { .. } => {
                DriverCode::ModuleAlgorithm
            }
            ModuleError::Refused(status) => DriverCode::Refused(*status),
            _ => DriverCode::NoModule,
        };
        Self::new(code, error.to_string())
    }
}

impl From<ReadError> for DriverError {
    fn from(error: ReadError) -> Self {
        let code = match &error {
            ReadError::Transport(inner) => return inner.clone().into(),
            ReadError::Module(inner) => return inner.clone().into(),
            ReadError::NotSocialSecurityCard(_) => DriverCode::CardType,
            ReadError::Blocked(status) | ReadError::Refused { status, .. } => {
                DriverCode::Refused(*status)
            }
            ReadError::NotGenuine { .. } => DriverCode::NotGenuine,
            ReadError::AlgorithmNotAvailable(_) => DriverCode::ModuleAlgorithm,
            ReadError::Malformed { what: "the card identification code", .. } => {
                DriverCode::CodeFormat
            }
            ReadError::Malformed { what: "the ATR", .. } => DriverCode::CardType,
            _ => DriverCode::Checksum,
        };
        Self::new(code, error.to_string())
    }
}

impl From<PurseError> for DriverError {
    fn from(error: PurseError) -> Self {
        let code = match &error {
            PurseError::Transport(inner) => return inner.clone().into(),
            PurseError::Module(inner) => return inner.clone().into(),
            PurseError::Refused { status, .. } => DriverCode::Refused(*status),
            PurseError::WrongMac(_) => DriverCode::Refused(StatusWord::MAC_INVALID),
            _ => DriverCode::Checksum,
        };
        Self::new(code, error.to_string())
    }
}

impl From<PkiError> for DriverError {
    fn from(error: PkiError) -> Self {
        let code = match &error {
            PkiError::Transport(inner) => return inner.clone().into(),
            PkiError::NoApplication(status) => DriverCode::Refused(*status),
            PkiError::Refused { status, .. }
                if status.tries_left().is_some()
                    || *status == StatusWord::AUTHENTICATION_METHOD_BLOCKED =>
            {
                return Self::of_pin(*status);
            }
            PkiError::Refused { status, .. } => DriverCode::Refused(*status),
            PkiError::Certificate(_) => DriverCode::Checksum,
            PkiError::Unusable(_) => DriverCode::Unlawful,
            _ => DriverCode::Checksum,
        };
        Self::new(code, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every row of the field's table, in its order; the words of status words are cut where it lists several.
    #[test]
    fn the_numbers_and_words_are_the_field_s() {
        let refused = |status: u16| DriverCode::Refused(StatusWord::new(status));
        for (code, number, words) in [
            (DriverCode::CardType, -1, "卡类型不对"),
            (DriverCode::NoCard, -2, "无卡"),
            (DriverCode::NotPowered, -3, "有卡未上电"),
            (DriverCode::NoAnswer, -4, "卡无应答"),
            (DriverCode::Library, -5, "加载动态库错"),
            (DriverCode::Reader, -11, "读卡器连接错"),
            (DriverCode::NotConnected, -12, "未建立连接"),
            (DriverCode::NotSupported, -13, "不支持该命令"),
            (DriverCode::Argument, -14, "命令参数错"),
            (DriverCode::Checksum, -15, "校验和出错"),
            (DriverCode::CodeFormat, -20, "卡识别码格式错"),
            (DriverCode::NotGenuine, -21, "内部认证失败（用户卡不合法）"),
            (DriverCode::OtherCard, -22, "传入数据与卡内不符"),
            (DriverCode::Unlawful, -23, "传入数据不合法"),
            (DriverCode::ModuleLevel, -24, "PSAM卡密钥级别不够"),
            (DriverCode::OtherHsm, -25, "内部认证与加密机不一致"),
            (DriverCode::Cancelled, -31, "用户取消密码输入"),
            (DriverCode::TimedOut, -32, "密码输入操作超时"),
            (DriverCode::PinLength, -33, "输入密码长度错"),
            (DriverCode::PinsDiffer, -34, "两次输入密码不一致"),
            (DriverCode::InitialPinPays, -35, "初始密码不能交易"),
            (DriverCode::InitialPinAgain, -36, "不能改为初始密码"),
            (DriverCode::Character, -41, "运算数据含非法字符"),
            (DriverCode::Length, -42, "运算数据长度错"),
            (DriverCode::WrongPin(5), -51, "PIN校验失败，剩余次数5次"),
            (DriverCode::PinLocked, -52, "PIN锁定"),
            (DriverCode::Internal, -99, "未知错误"),
            (DriverCode::NoModule, -2201, "无PSAM卡"),
            (DriverCode::ModuleAlgorithm, -2202, "PSAM卡算法不支持"),
            (DriverCode::NoReadKey, -2203, "PSAM卡内没有RKSSSE密钥"),
            (DriverCode::NoHsmNeeded, -2204, "不需要加密机认证"),
            (refused(0x63C0), -25536, "外部认证失败，剩余次数0次"),
            (refused(0x63C1), -25537, "外部认证失败，剩余次数1次"),
            (refused(0x63C2), -25538, "外部认证失败，剩余次数2次"),
            (refused(0x6700), -26368, "Lc/Le不正确"),
            (refused(0x6901), -26881, "命令不接受（无效状态）"),
            (refused(0x6981), -27009, "命令与文件结构不相符"),
            (refused(0x6982), -27010, "不满足安全条件"),
            (refused(0x6983), -27011, "密钥锁定"),
            (refused(0x6984), -27012, "引用数据无效、随机数无效"),
            (refused(0x6985), -27013, "不满足使用条件"),
            (refused(0x6986), -27014, "不满足命令执行的条件"),
            (refused(0x6987), -27015, "安全报文数据项丢失"),
            (refused(0x6988), -27016, "安全报文数据项不正确"),
            (refused(0x6A80), -27264, "数据域参数不正确"),
            (refused(0x6A81), -27265, "不支持该功能、卡被锁定"),
            (refused(0x6A82), -27266, "未找到文件"),
            (refused(0x6A83), -27267, "未找到记录"),
            (refused(0x6A88), -27272, "未找到密钥"),
            (refused(0x9302), -37634, "MAC无效"),
            (refused(0x9303), -37635, "应用已被永久锁定"),
            (refused(0x9403), -37891, "PSAM卡不支持消费交易"),
            (refused(0x9406), -37894, "所需MAC不可用"),
            (refused(0x6F00), -28416, "未知错误（6F00）"),
        ] {
            assert_eq!((code.number(), code.text().as_str()), (number, words));
        }
    }

    #[test]
    fn a_transport_s_failures_are_those_of_readers() {
        let code = |error: TransportError| DriverError::from(error).code.number();
        let no_service = TransportError::NoService {
            service: "PC/SC service",
            reason: String::new(),
            code: None,
        };
        for (error, number) in [
            (no_service, -11),
            (TransportError::NoReader { wanted: String::new(), found: Vec::new() }, -11),
            (TransportError::NoCard { reader: String::new() }, -2),
            (TransportError::Busy { code: None }, -11),
            (TransportError::Reset, -12),
            (TransportError::Removed, -2),
            (TransportError::Timeout { milliseconds: None }, -4),
            (TransportError::Protocol(String::new()), -4),
            (TransportError::TooShort { bytes: 1 }, -14),
            (TransportError::told("anything"), -11),
        ] {
            let said = error.to_string();
            assert_eq!(code(error), number, "{said}");
        }
    }
}
