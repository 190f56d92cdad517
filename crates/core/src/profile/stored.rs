//! How the wire's types stand in a stored plan: types that know nothing of that.
//!
//! Invariant owned here: a type of its own changes no byte of an image. What is no value of the type refuses the plan.

use alloc::vec::Vec;

use serde::de::Error;
use serde::ser::Error as SerializeError;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sscard_apdu::Protocol;

/// The protocol, by its position.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Protocol")]
pub(super) enum StoredProtocol {
    T0,
    T1,
}

/// A file identifier, as its number.
pub(super) mod file_id {
    use sscard_apdu::FileId;

    use super::{Deserialize, Deserializer, Serialize, Serializer};

    pub(in crate::profile) fn serialize<S: Serializer>(
        fid: &FileId,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        fid.value().serialize(to)
    }

    pub(in crate::profile) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<FileId, D::Error> {
        u16::deserialize(from).map(FileId::new)
    }
}

/// A short file identifier, as its number.
pub(super) mod sfi {
    use sscard_apdu::Sfi;

    use super::{Deserialize, Deserializer, Error, Serialize, Serializer};

    pub(in crate::profile) fn serialize<S: Serializer>(
        sfi: &Sfi,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        sfi.number().serialize(to)
    }

    pub(in crate::profile) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Sfi, D::Error> {
        Sfi::try_from(u8::deserialize(from)?).map_err(D::Error::custom)
    }
}

/// The same, when there is one.
pub(super) mod optional_sfi {
    use sscard_apdu::Sfi;

    use super::{Deserialize, Deserializer, Error, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "what the derived code calls")]
    pub(in crate::profile) fn serialize<S: Serializer>(
        sfi: &Option<Sfi>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        sfi.map(Sfi::number).serialize(to)
    }

    pub(in crate::profile) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Sfi>, D::Error> {
        let number = Option::<u8>::deserialize(from)?;
        number.map(Sfi::try_from).transpose().map_err(D::Error::custom)
    }
}

/// An application identifier, as its bytes.
pub(super) mod aid {
    use sscard_apdu::Aid;

    use super::{Deserialize, Deserializer, Error, Serialize, Serializer, Vec};

    pub(in crate::profile) fn serialize<S: Serializer>(
        aid: &Aid,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        aid.as_bytes().serialize(to)
    }

    pub(in crate::profile) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Aid, D::Error> {
        Aid::try_from(Vec::<u8>::deserialize(from)?.as_slice()).map_err(D::Error::custom)
    }
}

/// An algorithm, as the identifier that the card names.
pub(super) mod algorithm {
    use sscard_crypto::Algorithm;

    use super::{Deserialize, Deserializer, Error, Serialize, Serializer};

    pub(in crate::profile) fn serialize<S: Serializer>(
        algorithm: &Algorithm,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        algorithm.id().serialize(to)
    }

    pub(in crate::profile) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Algorithm, D::Error> {
        let id = u8::deserialize(from)?;
        Algorithm::from_id(id).ok_or_else(|| D::Error::custom("an algorithm is 01, 02 or 03"))
    }
}

/// A tag of two bytes, as a number of that size.
pub(super) mod tag_of_two_bytes {
    use sscard_apdu::tlv::Tag;

    use super::{Deserialize, Deserializer, Error, Serialize, SerializeError, Serializer};

    pub(in crate::profile) fn serialize<S: Serializer>(
        tag: &Tag,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        let number = u16::try_from(tag.number()).map_err(S::Error::custom)?;
        number.serialize(to)
    }

    pub(in crate::profile) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Tag, D::Error> {
        let number = u16::deserialize(from)?;
        Tag::try_from(u32::from(number)).map_err(D::Error::custom)
    }
}

/// A tag, as its number.
pub(super) mod tag_number {
    use sscard_apdu::tlv::Tag;

    use super::{Deserialize, Deserializer, Error, Serialize, Serializer};

    pub(in crate::profile) fn serialize<S: Serializer>(
        tag: &Tag,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        tag.number().serialize(to)
    }

    pub(in crate::profile) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Tag, D::Error> {
        Tag::new(u32::deserialize(from)?).ok_or_else(|| D::Error::custom("no tag"))
    }
}

/// A scheme of cryptograms, by its position.
pub(super) mod cryptogram_scheme {
    use sscard_crypto::financial::CryptogramScheme;

    use super::{Deserialize, Deserializer, Error, Serialize, Serializer};

    const ALL: [CryptogramScheme; 4] = [
        CryptogramScheme::Pboc,
        CryptogramScheme::EmvCsk,
        CryptogramScheme::VisaCvn10,
        CryptogramScheme::VisaCvn18,
    ];

    pub(in crate::profile) fn serialize<S: Serializer>(
        scheme: &CryptogramScheme,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        let position = ALL.iter().position(|known| known == scheme).unwrap_or(0);
        u8::try_from(position).unwrap_or(0).serialize(to)
    }

    pub(in crate::profile) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<CryptogramScheme, D::Error> {
        let position = usize::from(u8::deserialize(from)?);
        ALL.get(position).copied().ok_or_else(|| D::Error::custom("no scheme of cryptograms"))
    }
}
