//! The class byte: logical channel, command chaining and secure messaging.
//!
//! What enters: any byte. What leaves: what its bits say (ISO/IEC 7816-4 §5.4.1). No panics.

/// Number of a logical channel, 0…19.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LogicalChannel(u8);

impl LogicalChannel {
    /// The basic channel 0, always open.
    pub const BASIC: Self = Self(0);

    /// A channel number; `None` above 19.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        if number < 20 { Some(Self(number)) } else { None }
    }

    /// The number.
    #[must_use]
    #[inline]
    pub const fn number(self) -> u8 {
        self.0
    }
}

/// Coding of a class byte.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ClassKind {
    /// 00…1F: channels 0…3.
    FirstInterindustry,
    /// 80…9F: proprietary, coded as 00…1F (GlobalPlatform Card Specification §11.1.4).
    FirstProprietary,
    /// 40…7F: channels 4…19.
    FurtherInterindustry,
    /// C0…FE: proprietary, coded as 40…7F.
    FurtherProprietary,
    /// FF: not a class.
    Invalid,
    /// A0…BF: proprietary without known structure.
    OtherProprietary,
    /// 20…3F: reserved.
    Reserved,
}

/// Secure messaging as the class byte announces it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SecureMessaging {
    /// ISO 7816-4 §10, header not authenticated; also the only form of channels 4…19.
    Iso,
    /// ISO 7816-4 §10, header authenticated.
    IsoHeaderAuthenticated,
    /// None.
    None,
    /// Proprietary: class 04 and 84.
    Proprietary,
}

/// The first byte of a command.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ClassByte(u8);

impl ClassByte {
    /// Any byte is a class byte; [`ClassByte::kind`] tells what kind.
    #[must_use]
    #[inline]
    pub const fn new(byte: u8) -> Self {
        Self(byte)
    }

    /// The byte.
    #[must_use]
    #[inline]
    pub const fn byte(self) -> u8 {
        self.0
    }

    /// How the byte is coded.
    #[must_use]
    #[inline]
    pub const fn kind(self) -> ClassKind {
        match self.0 {
            0x00..=0x1F => ClassKind::FirstInterindustry,
            0x20..=0x3F => ClassKind::Reserved,
            0x40..=0x7F => ClassKind::FurtherInterindustry,
            0x80..=0x9F => ClassKind::FirstProprietary,
            0xA0..=0xBF => ClassKind::OtherProprietary,
            0xC0..=0xFE => ClassKind::FurtherProprietary,
            0xFF => ClassKind::Invalid,
        }
    }

    /// The logical channel; the basic one where the class has no channel bits.
    #[must_use]
    #[inline]
    pub const fn channel(self) -> LogicalChannel {
        match self.kind() {
            ClassKind::FirstInterindustry | ClassKind::FirstProprietary => {
                LogicalChannel(self.0 & 0x03)
            }
            ClassKind::FurtherInterindustry | ClassKind::FurtherProprietary => {
                LogicalChannel((self.0 & 0x0F).wrapping_add(4))
            }
            ClassKind::OtherProprietary | ClassKind::Reserved | ClassKind::Invalid => {
                LogicalChannel::BASIC
            }
        }
    }

    /// The announced secure messaging.
    #[must_use]
    #[inline]
    pub const fn secure_messaging(self) -> SecureMessaging {
        match self.kind() {
            ClassKind::FirstInterindustry | ClassKind::FirstProprietary => match self.0 & 0x0C {
                0x00 => SecureMessaging::None,
                0x04 => SecureMessaging::Proprietary,
                0x08 => SecureMessaging::Iso,
                _ => SecureMessaging::IsoHeaderAuthenticated,
            },
            ClassKind::FurtherInterindustry | ClassKind::FurtherProprietary
                if self.0 & 0x20 != 0 =>
            {
                SecureMessaging::Iso
            }
            _ => SecureMessaging::None,
        }
    }

    /// Whether the command is not the last of a chain (bit 5).
    #[must_use]
    #[inline]
    pub const fn is_chained(self) -> bool {
        self.has_structure() && self.0 & 0x10 != 0
    }

    /// The class without channel, secure messaging and chaining: 00, 80, or the byte itself where
    /// it has no structure.
    #[must_use]
    #[inline]
    pub const fn base(self) -> u8 {
        match self.kind() {
            ClassKind::FirstInterindustry | ClassKind::FurtherInterindustry => 0x00,
            ClassKind::FirstProprietary | ClassKind::FurtherProprietary => 0x80,
            ClassKind::OtherProprietary | ClassKind::Reserved | ClassKind::Invalid => self.0,
        }
    }

    /// The same class on another channel, coded anew where the channel needs the other form. A
    /// class without structure stays as it is; so does a chained and protected proprietary one that
    /// would have to go to channel 19, because its code would be FF.
    #[must_use]
    pub const fn with_channel(self, channel: LogicalChannel) -> Self {
        if !self.has_structure() {
            return self;
        }
        let chained = self.0 & 0x10;
        let is_first =
            matches!(self.kind(), ClassKind::FirstInterindustry | ClassKind::FirstProprietary);
        let protected = !matches!(self.secure_messaging(), SecureMessaging::None);
        if channel.0 < 4 {
            let messaging = match (is_first, protected) {
                (true, _) => self.0 & 0x0C,
                (false, true) => 0x08,
                (false, false) => 0x00,
            };
            Self(self.base() | chained | messaging | channel.0)
        } else {
            let messaging = if protected { 0x20 } else { 0x00 };
            let moved = Self(self.base() | 0x40 | messaging | chained | channel.0.wrapping_sub(4));
            if moved.0 == 0xFF { self } else { moved }
        }
    }

    /// The same class as the last of its chain.
    #[must_use]
    #[inline]
    pub const fn without_chaining(self) -> Self {
        if self.has_structure() { Self(self.0 & !0x10) } else { self }
    }

    const fn has_structure(self) -> bool {
        !matches!(
            self.kind(),
            ClassKind::OtherProprietary | ClassKind::Reserved | ClassKind::Invalid
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bit_5_chains_where_the_class_has_structure() {
        for (byte, chained) in
            [(0x00, false), (0x10, true), (0x0F, false), (0x90, true), (0x84, false), (0x50, true)]
        {
            assert_eq!(ClassByte::new(byte).is_chained(), chained, "{byte:02X}");
        }
    }

    #[test]
    fn channels_of_both_codings() {
        for (byte, channel) in [(0x00, 0), (0x03, 3), (0x40, 4), (0x44, 8), (0x4F, 19), (0x84, 0)] {
            assert_eq!(ClassByte::new(byte).channel().number(), channel, "{byte:02X}");
        }
        assert_eq!(ClassByte::new(0xC5).channel().number(), 9);
        assert_eq!(ClassByte::new(0xB3).channel().number(), 0);
        assert_eq!(LogicalChannel::new(20), None);
    }

    #[test]
    fn secure_messaging_of_both_codings() {
        let of = |byte| ClassByte::new(byte).secure_messaging();
        assert_eq!(of(0x00), SecureMessaging::None);
        assert_eq!(of(0x04), SecureMessaging::Proprietary);
        assert_eq!(of(0x84), SecureMessaging::Proprietary);
        assert_eq!(of(0x08), SecureMessaging::Iso);
        assert_eq!(of(0x0C), SecureMessaging::IsoHeaderAuthenticated);
        assert_eq!(of(0x40), SecureMessaging::None);
        assert_eq!(of(0x60), SecureMessaging::Iso);
        assert_eq!(of(0xB4), SecureMessaging::None);
    }

    #[test]
    fn chaining_and_base() {
        assert!(ClassByte::new(0x10).is_chained());
        assert!(ClassByte::new(0x50).is_chained());
        assert!(!ClassByte::new(0xB0).is_chained());
        assert_eq!(ClassByte::new(0x90).without_chaining().byte(), 0x80);
        for (byte, base) in [(0x1F, 0x00), (0x7F, 0x00), (0x84, 0x80), (0xC4, 0x80), (0xB0, 0xB0)] {
            assert_eq!(ClassByte::new(byte).base(), base, "{byte:02X}");
        }
    }

    #[test]
    fn every_structured_class_goes_to_every_channel_and_back() {
        for byte in 0..=0xFE {
            let class = ClassByte::new(byte);
            for number in 0..20 {
                let moved = class.with_channel(LogicalChannel::new(number).unwrap());
                let has_no_code = number == 19 && matches!(byte, 0x94..=0x9F | 0xF0..=0xFE);
                if class.has_structure() && !has_no_code {
                    assert_eq!(moved.channel().number(), number, "{byte:02X}");
                    assert_eq!(moved.is_chained(), class.is_chained());
                    assert_eq!(moved.base(), class.base());
                } else {
                    assert_eq!(moved, class);
                }
            }
            let same = class.with_channel(class.channel());
            assert_eq!(same, class);
        }
    }

    #[test]
    fn iso7816_4_5_4_1_kinds_and_bases_by_range() {
        use ClassKind as K;
        for (range, kind, base) in [
            (0x00..=0x1F, K::FirstInterindustry, Some(0x00)),
            (0x20..=0x3F, K::Reserved, None),
            (0x40..=0x7F, K::FurtherInterindustry, Some(0x00)),
            (0x80..=0x9F, K::FirstProprietary, Some(0x80)),
            (0xA0..=0xBF, K::OtherProprietary, None),
            (0xC0..=0xFE, K::FurtherProprietary, Some(0x80)),
            (0xFF..=0xFF, K::Invalid, None),
        ] {
            for byte in range {
                let class = ClassByte::new(byte);
                assert_eq!((class.byte(), class.kind()), (byte, kind));
                assert_eq!(class.base(), base.unwrap_or(byte), "{byte:02X}");
                if base.is_none() {
                    assert_eq!(class.channel(), LogicalChannel::BASIC);
                    assert_eq!(class.secure_messaging(), SecureMessaging::None);
                    assert!(!class.is_chained());
                    assert_eq!(class.without_chaining(), class);
                }
            }
        }
    }

    #[test]
    fn moved_classes_are_coded_exactly() {
        for (byte, number, moved) in [
            (0x00, 1, 0x01),
            (0x0C, 2, 0x0E),
            (0x0C, 4, 0x60),
            (0x04, 5, 0x61),
            (0x10, 19, 0x5F),
            (0x60, 0, 0x08),
            (0x73, 3, 0x1B),
            (0x84, 1, 0x85),
            (0x84, 5, 0xE1),
            (0xE5, 0, 0x88),
            (0x94, 18, 0xFE),
            (0x94, 19, 0x94),
            (0xB0, 3, 0xB0),
        ] {
            let channel = LogicalChannel::new(number).unwrap();
            assert_eq!(ClassByte::new(byte).with_channel(channel).byte(), moved, "{byte:02X}");
        }
    }
}
