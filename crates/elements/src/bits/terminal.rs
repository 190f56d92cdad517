//! Bit fields that a terminal keeps.

use super::bit_field;

bit_field! {
    /// Terminal verification results, tag 95; the action codes 9F0D, 9F0E and 9F0F, and the terminal's own, are masks of
    /// them.
    ///
    /// Source: EMV 4.3 book 3 annex C.5.
    TerminalVerificationResults, 5, [0; 5];
    AUTHENTICATION_NOT_PERFORMED = 1, 0x80, 0x80,
        "offline data authentication was not performed", "未进行脱机数据认证";
    SDA_FAILED = 1, 0x40, 0x40, "static data authentication failed", "静态数据认证失败";
    CARD_DATA_MISSING = 1, 0x20, 0x20, "card data missing", "IC卡数据缺失";
    ON_EXCEPTION_FILE = 1, 0x10, 0x10, "card is on the exception file", "卡片出现在终端异常文件中";
    DDA_FAILED = 1, 0x08, 0x08, "dynamic data authentication failed", "动态数据认证失败";
    CDA_FAILED = 1, 0x04, 0x04, "combined data authentication failed", "复合动态数据认证失败";
    SDA_SELECTED = 1, 0x02, 0x02, "static data authentication selected", "已选择静态数据认证";
    VERSIONS_DIFFER = 2, 0x80, 0x80, "card and terminal have different application versions", "IC卡和终端应用版本不一致";
    EXPIRED = 2, 0x40, 0x40, "expired application", "应用已过期";
    NOT_YET_EFFECTIVE = 2, 0x20, 0x20, "application not yet effective", "应用尚未生效";
    SERVICE_NOT_ALLOWED = 2, 0x10, 0x10, "service not allowed for this card", "卡片不允许所请求的服务";
    NEW_CARD = 2, 0x08, 0x08, "new card", "新卡";
    HOLDER_NOT_VERIFIED = 3, 0x80, 0x80, "cardholder verification was not successful", "持卡人验证未成功";
    UNKNOWN_METHOD = 3, 0x40, 0x40, "unrecognised verification method", "未知的持卡人验证方法";
    PIN_TRIES_EXCEEDED = 3, 0x20, 0x20, "PIN try limit exceeded", "PIN重试次数超限";
    NO_PIN_PAD = 3, 0x10, 0x10, "PIN required, but the PIN pad is missing or broken", "要求输入PIN但密码键盘不存在或故障";
    PIN_NOT_ENTERED = 3, 0x08, 0x08,
        "PIN required, PIN pad present, but no PIN entered", "要求输入PIN且密码键盘存在但未输入";
    ONLINE_PIN_ENTERED = 3, 0x04, 0x04, "online PIN entered", "已输入联机PIN";
    OVER_FLOOR_LIMIT = 4, 0x80, 0x80, "transaction exceeds the floor limit", "交易超过最低限额";
    LOWER_LIMIT_EXCEEDED = 4, 0x40, 0x40, "lower consecutive offline limit exceeded", "超过连续脱机交易下限";
    UPPER_LIMIT_EXCEEDED = 4, 0x20, 0x20, "upper consecutive offline limit exceeded", "超过连续脱机交易上限";
    SELECTED_AT_RANDOM = 4, 0x10, 0x10, "transaction selected at random to go online", "交易被随机选择联机处理";
    FORCED_ONLINE = 4, 0x08, 0x08, "merchant forced the transaction online", "商户要求联机交易";
    DEFAULT_TDOL = 5, 0x80, 0x80, "default TDOL used", "使用缺省TDOL";
    ISSUER_AUTHENTICATION_FAILED = 5, 0x40, 0x40, "issuer authentication failed", "发卡机构认证失败";
    SCRIPT_FAILED_BEFORE_LAST_CRYPTOGRAM = 5, 0x20, 0x20,
        "script failed before the last GENERATE AC", "最后一次GENERATE AC之前脚本处理失败";
    SCRIPT_FAILED_AFTER_LAST_CRYPTOGRAM = 5, 0x10, 0x10,
        "script failed after the last GENERATE AC", "最后一次GENERATE AC之后脚本处理失败";
}

bit_field! {
    /// Transaction status information, tag 9B: what was performed.
    ///
    /// Source: EMV 4.3 book 3 annex C.6.
    TransactionStatusInformation, 2, [0; 2];
    DATA_AUTHENTICATION = 1, 0x80, 0x80, "offline data authentication was performed", "已进行脱机数据认证";
    HOLDER_VERIFICATION = 1, 0x40, 0x40, "cardholder verification was performed", "已进行持卡人验证";
    CARD_RISK_MANAGEMENT = 1, 0x20, 0x20, "card risk management was performed", "已进行卡片风险管理";
    ISSUER_AUTHENTICATION = 1, 0x10, 0x10, "issuer authentication was performed", "已进行发卡机构认证";
    TERMINAL_RISK_MANAGEMENT = 1, 0x08, 0x08, "terminal risk management was performed", "已进行终端风险管理";
    SCRIPT_PROCESSING = 1, 0x04, 0x04, "script processing was performed", "已进行脚本处理";
}

bit_field! {
    /// Terminal capabilities, tag 9F33.
    ///
    /// Source: EMV 4.3 book 4 annex A.2.
    TerminalCapabilities, 3, [0; 3];
    MANUAL_KEY_ENTRY = 1, 0x80, 0x80, "manual key entry", "手工键盘输入";
    MAGNETIC_STRIPE = 1, 0x40, 0x40, "magnetic stripe", "磁条";
    CONTACTS = 1, 0x20, 0x20, "IC with contacts", "接触式IC卡";
    PLAINTEXT_PIN = 2, 0x80, 0x80, "plaintext PIN for the card", "IC卡明文PIN验证";
    ONLINE_PIN = 2, 0x40, 0x40, "enciphered PIN for the issuer", "加密PIN联机验证";
    SIGNATURE = 2, 0x20, 0x20, "signature on paper", "签名（纸）";
    ENCIPHERED_PIN = 2, 0x10, 0x10, "enciphered PIN for the card", "IC卡密文PIN验证";
    NO_VERIFICATION = 2, 0x08, 0x08, "no verification needed", "无需CVM";
    IDENTITY_DOCUMENT = 2, 0x01, 0x01, "cardholder identity document", "持卡人证件验证";
    SDA = 3, 0x80, 0x80, "static data authentication", "静态数据认证";
    DDA = 3, 0x40, 0x40, "dynamic data authentication", "动态数据认证";
    CARD_CAPTURE = 3, 0x20, 0x20, "card capture", "吞卡";
    CDA = 3, 0x08, 0x08, "combined data authentication", "复合动态数据认证";
}

bit_field! {
    /// Terminal transaction qualifiers, tag 9F66.
    ///
    /// Source: JR/T 0025.12 annex C.
    TerminalTransactionQualifiers, 4, [0; 4];
    CONTACTLESS = 1, 0x40, 0x40, "contactless debit and credit", "支持非接触借贷记";
    QPBOC = 1, 0x20, 0x20, "qPBOC", "支持qPBOC";
    CONTACT = 1, 0x10, 0x10, "contact debit and credit", "支持接触借贷记";
    OFFLINE_ONLY = 1, 0x08, 0x08, "offline-only terminal", "终端仅支持脱机";
    ONLINE_PIN = 1, 0x04, 0x04, "online PIN", "支持联机PIN";
    SIGNATURE = 1, 0x02, 0x02, "signature", "支持签名";
    ONLINE_CRYPTOGRAM = 2, 0x80, 0x80, "online cryptogram required", "要求联机密文";
    HOLDER_VERIFICATION = 2, 0x40, 0x40, "cardholder verification required", "要求CVM";
    FDDA_01 = 4, 0x80, 0x80, "fDDA version 01", "支持01版本的fDDA";
}
