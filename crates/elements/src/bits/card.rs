//! Bit fields that a card gives.

use super::bit_field;

bit_field! {
    /// Application interchange profile, tag 82: what the card can do.
    ///
    /// Source: EMV 4.3 book 3 annex C.1; JR/T 0025.5 annex A.
    ApplicationInterchangeProfile, 2, [0; 2];
    SDA = 1, 0x40, 0x40, "static data authentication", "支持静态数据认证";
    DDA = 1, 0x20, 0x20, "dynamic data authentication", "支持动态数据认证";
    HOLDER_VERIFICATION = 1, 0x10, 0x10, "cardholder verification", "支持持卡人验证";
    TERMINAL_RISK_MANAGEMENT = 1, 0x08, 0x08, "terminal risk management is to be performed", "执行终端风险管理";
    ISSUER_AUTHENTICATION = 1, 0x04, 0x04, "issuer authentication by EXTERNAL AUTHENTICATE", "支持发卡机构认证";
    CDA = 1, 0x01, 0x01, "combined data authentication", "支持复合动态数据认证";
}

bit_field! {
    /// Application usage control, tag 9F07: where the card may be used, and for what.
    ///
    /// Source: EMV 4.3 book 3 annex C.2.
    ApplicationUsageControl, 2, [0; 2];
    DOMESTIC_CASH = 1, 0x80, 0x80, "domestic cash", "国内现金交易有效";
    INTERNATIONAL_CASH = 1, 0x40, 0x40, "international cash", "国际现金交易有效";
    DOMESTIC_GOODS = 1, 0x20, 0x20, "domestic goods", "国内商品有效";
    INTERNATIONAL_GOODS = 1, 0x10, 0x10, "international goods", "国际商品有效";
    DOMESTIC_SERVICES = 1, 0x08, 0x08, "domestic services", "国内服务有效";
    INTERNATIONAL_SERVICES = 1, 0x04, 0x04, "international services", "国际服务有效";
    AT_ATMS = 1, 0x02, 0x02, "at ATMs", "ATM有效";
    ELSEWHERE_THAN_ATMS = 1, 0x01, 0x01, "at terminals other than ATMs", "除ATM外的终端有效";
    DOMESTIC_CASHBACK = 2, 0x80, 0x80, "domestic cashback", "允许国内返现";
    INTERNATIONAL_CASHBACK = 2, 0x40, 0x40, "international cashback", "允许国际返现";
}

bit_field! {
    /// Cryptogram information data, tag 9F27.
    ///
    /// Source: EMV 4.3 book 3 §6.5.5; JR/T 0025.5 annex A.
    CryptogramInformationData, 1, [0; 1];
    AAC = 1, 0xC0, 0x00, "AAC: the transaction is declined", "AAC：交易拒绝";
    TC = 1, 0xC0, 0x40, "TC: the transaction is approved", "TC：交易接受";
    ARQC = 1, 0xC0, 0x80, "ARQC: the issuer is to decide", "ARQC：请求联机授权";
    AAR = 1, 0xC0, 0xC0, "AAR", "AAR";
    ADVICE_REQUIRED = 1, 0x08, 0x08, "advice required", "需要通知";
    SERVICE_NOT_ALLOWED = 1, 0x07, 0x01, "reason: service not allowed", "原因：服务不允许";
    PIN_TRIES_EXCEEDED = 1, 0x07, 0x02, "reason: PIN try limit exceeded", "原因：PIN重试次数超限";
    ISSUER_AUTHENTICATION_FAILED = 1, 0x07, 0x03, "reason: issuer authentication failed", "原因：发卡机构认证失败";
}

bit_field! {
    /// Card verification results, in the issuer application data (tag 9F10): the first byte is 03, the length of the rest, and the
    /// high half of the last one counts script commands.
    ///
    /// Source: JR/T 0025.5 table A.1.
    CardVerificationResults, 4, [0x03, 0, 0, 0];
    SECOND_AAC = 2, 0xC0, 0x00, "second GENERATE AC returned AAC", "第二次GENERATE AC返回AAC";
    SECOND_TC = 2, 0xC0, 0x40, "second GENERATE AC returned TC", "第二次GENERATE AC返回TC";
    SECOND_NOT_REQUESTED = 2, 0xC0, 0x80, "second GENERATE AC not requested", "不请求第二次GENERATE AC";
    FIRST_AAC = 2, 0x30, 0x00, "first GENERATE AC returned AAC", "第一次GENERATE AC返回AAC";
    FIRST_TC = 2, 0x30, 0x10, "first GENERATE AC returned TC", "第一次GENERATE AC返回TC";
    FIRST_ARQC = 2, 0x30, 0x20, "first GENERATE AC returned ARQC", "第一次GENERATE AC返回ARQC";
    ISSUER_AUTHENTICATION_FAILED = 2, 0x08, 0x08, "issuer authentication performed and failed", "发卡机构认证执行但失败";
    PIN_PERFORMED = 2, 0x04, 0x04, "offline PIN verification performed", "脱机PIN验证已执行";
    PIN_FAILED = 2, 0x02, 0x02, "offline PIN verification failed", "脱机PIN验证失败";
    UNABLE_ONLINE = 2, 0x01, 0x01, "unable to go online", "不能联机";
    LAST_ONLINE_NOT_COMPLETED = 3, 0x80, 0x80, "last online transaction not completed", "上次联机交易没有完成";
    PIN_TRIES_EXCEEDED = 3, 0x40, 0x40, "PIN try limit exceeded", "PIN锁定";
    VELOCITY = 3, 0x20, 0x20, "velocity check exceeded", "超过频度检查";
    NEW_CARD = 3, 0x10, 0x10, "new card", "新卡";
    LAST_ISSUER_AUTHENTICATION_FAILED = 3, 0x08, 0x08,
        "issuer authentication failed in the last online transaction", "上次联机交易发卡机构认证失败";
    NO_ISSUER_AUTHENTICATION = 3, 0x04, 0x04,
        "issuer authentication not performed after online authorisation", "联机授权后发卡机构认证没有执行";
    BLOCKED_BY_PIN = 3, 0x02, 0x02, "application blocked by the card because of PIN tries", "由于PIN锁卡片锁定应用";
    LAST_SDA_FAILED = 3, 0x01, 0x01,
        "static data authentication failed in the last transaction", "上次交易静态数据认证失败";
    LAST_SCRIPT_FAILED = 4, 0x08, 0x08, "script failed in the last transaction", "上次交易脚本处理失败";
    LAST_DDA_FAILED = 4, 0x04, 0x04,
        "dynamic data authentication failed in the last transaction", "上次交易动态数据认证失败";
    DDA_PERFORMED = 4, 0x02, 0x02, "dynamic data authentication performed", "动态数据认证已执行";
}

bit_field! {
    /// Application default action, tag 9F52: what the card does when its own checks hit.
    ///
    /// Source: JR/T 0025.5 annex A.
    ApplicationDefaultAction, 2, [0; 2];
    ISSUER_AUTHENTICATION_FAILED_ONLINE = 1, 0x80, 0x80,
        "issuer authentication failed: next transaction online", "发卡机构认证失败，下次交易联机";
    ISSUER_AUTHENTICATION_FAILED_DECLINE = 1, 0x40, 0x40,
        "issuer authentication performed and failed: decline", "发卡机构认证执行但失败，拒绝交易";
    NO_ISSUER_AUTHENTICATION_DECLINE = 1, 0x20, 0x20,
        "issuer authentication mandatory and no ARPC: decline", "发卡机构认证必备但无ARPC，拒绝交易";
    ADVICE_WHEN_DECLINED = 1, 0x10, 0x10, "declined: create advice", "交易拒绝，生成通知";
    ADVICE_WHEN_PIN_EXCEEDED = 1, 0x08, 0x08,
        "PIN try limit exceeded now and declined: create advice", "PIN尝试超限且拒绝，生成通知";
    ADVICE_WHEN_ISSUER_FAILED = 1, 0x04, 0x04,
        "declined because of issuer authentication: create advice", "因发卡机构认证拒绝，生成通知";
    NEW_CARD_ONLINE = 1, 0x02, 0x02, "new card: online", "新卡，联机";
    NEW_CARD_OFFLINE_DECLINE = 1, 0x01, 0x01, "new card and unable to go online: decline", "新卡且无法联机，拒绝";
    PIN_EXCEEDED_BLOCK = 2, 0x80, 0x80,
        "PIN try limit exceeded now: block the application", "PIN在本次交易超限，应用锁定";
    PIN_EXCEEDED_BEFORE_DECLINE = 2, 0x40, 0x40, "PIN try limit exceeded earlier: decline", "PIN在前次交易超限，拒绝";
    PIN_EXCEEDED_BEFORE_ONLINE = 2, 0x20, 0x20, "PIN try limit exceeded earlier: online", "PIN在前次交易超限，联机";
    PIN_EXCEEDED_OFFLINE_DECLINE = 2, 0x10, 0x10,
        "PIN try limit exceeded earlier and unable to go online: decline", "PIN在前次交易超限且无法联机，拒绝";
    SCRIPT_FAILED_ONLINE = 2, 0x08, 0x08, "script failed earlier: online", "前次交易脚本失败，联机";
    PIN_EXCEEDED_BEFORE_BLOCK = 2, 0x04, 0x04,
        "PIN try limit exceeded earlier: decline and block the application", "PIN在前次交易超限，拒绝并锁定应用";
}

bit_field! {
    /// Issuer authentication indicator, tag 9F56.
    ///
    /// Source: JR/T 0025.5 annex A.
    IssuerAuthenticationIndicator, 1, [0; 1];
    MANDATORY = 1, 0x80, 0x80, "issuer authentication is mandatory", "发卡机构认证必备";
    OPTIONAL = 1, 0x80, 0x00, "issuer authentication is optional", "发卡机构认证可选";
}

bit_field! {
    /// Card additional processes, tag 9F68: how the card decides a qPBOC transaction.
    ///
    /// Source: JR/T 0025.12 annex C.
    CardAdditionalProcesses, 4, [0; 4];
    LOW_VALUE = 1, 0x80, 0x80, "low-value check", "支持小额检查";
    LOW_VALUE_AND_SUM = 1, 0x40, 0x40, "low-value check and cumulative check", "支持小额和CTTA检查";
    LOW_VALUE_OR_SUM = 1, 0x20, 0x20, "low-value check or cumulative check", "支持小额或CTTA检查";
    NEW_CARD = 1, 0x10, 0x10, "new-card check", "支持新卡检查";
    PIN_TRIES = 1, 0x08, 0x08, "PIN try counter check", "支持PIN重试次数超过检查";
    OFFLINE_IN_OTHER_CURRENCY = 1, 0x04, 0x04, "offline allowed in another currency", "允许货币不匹配的脱机交易";
    PREFERS_CONTACT = 1, 0x02, 0x02, "prefers contact when online", "卡优先选择接触式联机";
    SHOWS_AVAILABLE_AMOUNT = 1, 0x01, 0x01, "returns the available offline amount", "返回脱机消费可用余额";
    PREPAID = 2, 0x80, 0x80, "prepaid", "支持预付";
    NO_OTHER_CURRENCY = 2, 0x40, 0x40, "no transaction in another currency", "不允许不匹配货币的交易";
    NEW_CARD_OFFLINE_DECLINE = 2, 0x20, 0x20, "new card at an offline-only terminal: decline", "新卡在仅脱机终端上拒绝";
    LOGS_QPBOC = 2, 0x10, 0x10, "logs qPBOC offline transactions", "qPBOC脱机交易记录日志";
    ONLINE_PIN = 3, 0x80, 0x80, "online PIN in the card's currency", "匹配货币的交易支持联机PIN";
    ONLINE_PIN_IN_OTHER_CURRENCY = 3, 0x40, 0x40, "online PIN in another currency", "不匹配货币的交易支持联机PIN";
    VERIFICATION_IN_OTHER_CURRENCY = 3, 0x20, 0x20,
        "verification required in another currency", "不匹配货币交易卡要求CVM";
    SIGNATURE = 3, 0x10, 0x10, "signature", "支持签名";
}

bit_field! {
    /// Card transaction qualifiers, tag 9F6C: what the card wants of the terminal in a qPBOC transaction.
    ///
    /// Source: JR/T 0025.12 annex C.
    CardTransactionQualifiers, 2, [0; 2];
    ONLINE_PIN = 1, 0x80, 0x80, "online PIN required", "需要联机PIN";
    SIGNATURE = 1, 0x40, 0x40, "signature required", "需要签名";
    ONLINE_WITHOUT_AUTHENTICATION = 1, 0x20, 0x20,
        "authentication failed and terminal online-capable: go online", "脱机数据认证失败且终端可联机，联机";
    CONTACT_WITHOUT_AUTHENTICATION = 1, 0x10, 0x10,
        "authentication failed and terminal has contacts: terminate", "脱机数据认证失败且终端支持接触，终止交易";
}

impl CryptogramInformationData {
    /// The kind of cryptogram alone: [`Self::AAC`], [`Self::TC`], [`Self::ARQC`] or [`Self::AAR`].
    #[must_use]
    #[inline]
    pub const fn kind(self) -> Self {
        let [byte] = self.0;
        Self([byte & 0xC0])
    }

    /// Its byte.
    #[must_use]
    #[inline]
    pub const fn byte(self) -> u8 {
        let [byte] = self.0;
        byte
    }
}

impl CardVerificationResults {
    /// The kind of the first cryptogram; it stands in byte 2, bits 6 and 5.
    #[must_use]
    #[inline]
    pub const fn first(self) -> CryptogramInformationData {
        let [_, byte, ..] = self.0;
        CryptogramInformationData([byte << 2 & 0xC0])
    }

    /// Notes the first cryptogram: no second one is asked for yet.
    #[inline]
    pub const fn set_first(&mut self, kind: CryptogramInformationData) {
        let [_, byte, ..] = &mut self.0;
        *byte = *byte & 0x0F | 0x80 | kind.kind().byte() >> 2;
    }

    /// The kind of the second cryptogram, once it has been asked for; byte 2, bits 8 and 7.
    #[must_use]
    #[inline]
    pub const fn second(self) -> Option<CryptogramInformationData> {
        let [_, byte, ..] = self.0;
        match byte & 0xC0 {
            0x80 => None,
            kind => Some(CryptogramInformationData([kind])),
        }
    }

    /// Notes the second cryptogram.
    #[inline]
    pub const fn set_second(&mut self, kind: CryptogramInformationData) {
        let [_, byte, ..] = &mut self.0;
        *byte = *byte & 0x3F | kind.kind().byte();
    }

    /// How many script commands the last transaction brought; byte 4, bits 8 to 5.
    #[must_use]
    #[inline]
    pub const fn scripts(self) -> u8 {
        let [.., byte] = self.0;
        byte >> 4
    }

    /// Notes how many script commands the last transaction brought.
    #[inline]
    pub const fn set_scripts(&mut self, count: u8) {
        let [.., byte] = &mut self.0;
        *byte = *byte & 0x0F | count << 4;
    }
}
