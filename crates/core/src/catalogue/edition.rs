//! The items that mean something else, or are of another length, on cards of generation 1 (LB002-2000), and how a value
//! of later meaning stands on such a card.
//!
//! Which meanings a card has is said by record 03 of EF05. What the standard of then calls an item is known of some
//! only; of the others, coding and length.

use alloc::vec::Vec;

use super::{FileEntry, Item};
use crate::profile::Structure;

/// What fills a value of later meaning to the length of the item that it stands in.
const FILL: u8 = 0xEE;

/// The meanings that a card's items have.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Edition {
    /// Version 1.0.
    First,
    /// Every later version.
    #[default]
    Later,
}

struct EarlierItem(&'static str, u16, Item);

const fn unnamed(tag: u8, length: u8) -> Item {
    Item::cn(tag, length, "1.00 版数据项", "item of version 1.00")
}

const FIRST: &[EarlierItem] = &[
    EarlierItem("DF01", 0xEF09, Item::an(0x32, 3, "单位经济类型", "economic type")),
    EarlierItem("DF01", 0xEF0A, Item::cn(0x37, 4, "缴费基数", "contribution base")),
    EarlierItem("DF01", 0xEF0A, Item::cn(0x38, 4, "上年度工资", "wages of the last year")),
    EarlierItem("DF01", 0xEF0A, Item::cn(0x39, 4, "工资更新日期", "date of the wages")),
    EarlierItem("DF02", 0xEF06, Item::cn(0x4B, 4, "首次参加工作日期", "date of the first job")),
    EarlierItem("DF02", 0xEF06, Item::cn(0x4D, 4, "合同签订日期", "contract signed on")),
    EarlierItem("DF02", 0xEF06, Item::cn(0x4F, 4, "合同终止日期", "contract ended on")),
    EarlierItem("DF02", 0xEF06, Item::cn(0x50, 4, "合同开始日期", "contract begins on")),
    EarlierItem("DF02", 0xEF09, unnamed(0x55, 0x10)),
    EarlierItem("DF02", 0xEF09, unnamed(0x56, 4)),
    EarlierItem("DF02", 0xEF09, unnamed(0x96, 4)),
    EarlierItem("DF02", 0xEF09, unnamed(0x97, 4)),
    EarlierItem("DF03", 0xEF05, unnamed(0x61, 4)),
    EarlierItem("DF03", 0xEF07, unnamed(0x6F, 4)),
    EarlierItem("DF03", 0xEF07, unnamed(0x70, 4)),
    EarlierItem("DF03", 0xEF07, unnamed(0x71, 4)),
    EarlierItem("DF04", 0xEF05, Item::an(0x81, 0x46, "定点医疗机构名称1", "name of hospital 1")),
    EarlierItem("DF04", 0xEF05, Item::an(0x84, 0x46, "定点医疗机构名称2", "name of hospital 2")),
    EarlierItem("DF04", 0xEF05, Item::an(0x87, 0x46, "定点医疗机构名称3", "name of hospital 3")),
    EarlierItem("DF04", 0xEF06, Item::cn(0x90, 4, "个人账户余额", "balance of the account")),
    EarlierItem("DF04", 0xEF06, unnamed(0x92, 4)),
    EarlierItem("DF04", 0xEF06, unnamed(0x93, 4)),
];

impl Edition {
    /// The edition of a specification version, record 03 of EF05: readers look at its first three characters, and a card
    /// without one is of the first generation.
    #[must_use]
    pub fn of(version: &[u8]) -> Self {
        match version {
            [b'1', b'.', b'0', ..] | [] | [0x00 | 0xFF | b' ', ..] => Self::First,
            _ => Self::Later,
        }
    }

    /// The item of a file as this edition has it, for the item of the catalogue.
    #[must_use]
    pub fn this(self, file: &FileEntry, item: &'static Item) -> &'static Item {
        if self == Self::Later {
            return item;
        }
        let earlier = FIRST.iter().find(|EarlierItem(application, fid, earlier)| {
            (*application, *fid, earlier.tag) == (file.application, file.fid, item.tag)
        });
        earlier.map_or(item, |EarlierItem(_, _, earlier)| earlier)
    }

    /// The item with this record identifier.
    #[must_use]
    pub fn item(self, file: &FileEntry, tag: u8) -> Option<&'static Item> {
        file.item(tag).map(|item| self.this(file, item))
    }

    /// Structure and size of a file: items of other lengths need another room.
    #[must_use]
    pub fn structure(self, file: &FileEntry) -> Structure {
        let Structure::LinearVariable { capacity } = file.structure else { return file.structure };
        let (more, less) = file.items.iter().fold((0_u16, 0_u16), |(more, less), item| {
            let here = u16::from(self.this(file, item).length);
            (more.saturating_add(here), less.saturating_add(u16::from(item.length)))
        });
        Structure::LinearVariable { capacity: capacity.saturating_add(more).saturating_sub(less) }
    }

    /// What a value that stands in an item means here, and the value itself: one of later meaning ends in hexadecimal E.
    #[must_use]
    pub fn meaning<'v>(
        self,
        file: &FileEntry,
        tag: u8,
        value: &'v [u8],
    ) -> Option<(&'static Item, &'v [u8])> {
        let later = file.item(tag)?;
        let here = self.this(file, later);
        let (kept, fill) = value.split_at_checked(later.length.into()).unwrap_or((value, &[]));
        let is_later = here != later
            && value.len() == usize::from(here.length)
            && !fill.is_empty()
            && fill.iter().all(|byte| *byte == FILL);
        Some(if is_later { (later, kept) } else { (here, value) })
    }

    /// A value of the latest meaning as it is written to a card of this edition: filled at the right with hexadecimal E
    /// to the length of the item there. `None` when the item there is shorter, so that it has no room.
    #[must_use]
    pub fn stored(self, file: &FileEntry, tag: u8, value: &[u8]) -> Option<Vec<u8>> {
        let later = file.item(tag)?;
        let here = self.this(file, later);
        let mut stored = Vec::from(value);
        if here != later {
            let length = usize::from(here.length);
            if value.len() > length {
                return None;
            }
            stored.resize(length, FILL);
        }
        Some(stored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::file;

    #[test]
    fn a9_every_earlier_item_stands_in_the_catalogue_and_differs_there() {
        for EarlierItem(application, fid, item) in FIRST {
            let path = alloc::format!("{application}/{fid:04X}");
            let later = file(&path).and_then(|file| file.item(item.tag)).expect("an item");
            assert_ne!(later, item, "{path} {:02X}", item.tag);
        }
    }

    #[test]
    fn a9_the_first_three_characters_of_the_version_decide() {
        for (version, edition) in [
            (&b"1.00"[..], Edition::First),
            (b"1.0\0", Edition::First),
            (b"", Edition::First),
            (&[0; 4], Edition::First),
            (b"2.00", Edition::Later),
            (b"2.0\0", Edition::Later),
            (b"3.00", Edition::Later),
            (b"1.10", Edition::Later),
        ] {
            assert_eq!(Edition::of(version), edition, "{version:?}");
        }
    }

    #[test]
    fn a9_a_later_value_is_filled_with_e_and_read_by_it() {
        let personal = file("DF01/EF0A").expect("a file");
        let written = Edition::First.stored(personal, 0x38, b"01").expect("room");
        assert_eq!(written, [b'0', b'1', 0xEE, 0xEE]);
        let (item, value) = Edition::First.meaning(personal, 0x38, &written).expect("an item");
        assert_eq!((item.name_en, value), ("political status", &b"01"[..]));
        let wages = [0x00, 0x12, 0x34, 0x56];
        let (item, value) = Edition::First.meaning(personal, 0x38, &wages).expect("an item");
        assert_eq!((item.name_en, value), ("wages of the last year", &wages[..]));
        let (item, _) = Edition::Later.meaning(personal, 0x38, b"01").expect("an item");
        assert_eq!(item.name_en, "political status");
        let employment = file("DF02/EF06").expect("a file");
        assert_eq!(Edition::First.stored(employment, 0x4B, b"12345"), None, "four bytes of room");
        assert_eq!(
            Edition::Later.stored(employment, 0x4B, b"12345").as_deref(),
            Some(&b"12345"[..])
        );
    }
}
