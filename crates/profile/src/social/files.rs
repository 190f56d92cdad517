//! The tables `[[files]]`, and whether rules name keys that are there.

use sscard_apdu::FileId;
use sscard_apdu::Sfi;
use sscard_apdu::simple_tlv::SimpleTlv;
use sscard_core::catalogue;
use sscard_core::inspect::directory_name;
use sscard_core::{AccessRule, ElementaryFile, Structure};

use super::{Social, contradiction, value};
use crate::file::ProfileFile;
use crate::own::{FileTable, StructureName};
use crate::refusal::LoadError;
use crate::rules::{bytes, directory, identifier, rule};

/// Adds files, and changes those of the catalogue that are named.
pub(super) fn add(social: &mut Social, file: &ProfileFile) -> Result<(), LoadError> {
    let tables = file.files.as_deref().unwrap_or_default();
    let mut said = Vec::new();
    for (place, table) in tables.iter().enumerate() {
        let table = Table { place, table };
        let df = directory(&table.table.df)
            .and_then(|df| social.dfs.iter().position(|known| known.fid == df))
            .ok_or_else(|| table.no_df())?;
        let fid = table.identifier()?;
        let Some(df) = social.dfs.get_mut(df) else { continue };
        if said.contains(&(df.fid, fid)) {
            let reason = format!("{}/{} stands here twice", table.table.df, table.table.id);
            return Err(contradiction(table.setting("id"), reason));
        }
        said.push((df.fid, fid));
        table.is_not_in_access(file, df.fid, fid)?;
        let position = df.files.iter().position(|file| file.fid == fid);
        let before = position.and_then(|position| df.files.get(position));
        let new = table.file(fid, before)?;
        let taken = df.files.iter().find(|file| file.sfi == new.sfi && file.fid != fid);
        if let Some(taken) = taken {
            let other = taken.fid;
            let reason =
                format!("short identifier {} is that of {other} already", new.sfi.number());
            let setting = if table.table.sfi.is_some() { "sfi" } else { "id" };
            return Err(contradiction(table.setting(setting), reason));
        }
        let owner = df.fid;
        match position.and_then(|position| df.files.get_mut(position)) {
            Some(file) => *file = new,
            None => df.files.push(new),
        }
        if let Some(name) = &table.table.name {
            social.names.name_file(owner, fid, name.clone());
        }
    }
    Ok(())
}

/// Every key that a rule names is one of the file's DF, or a global one of the environment.
pub(super) fn rules_name_keys(social: &Social, file: &ProfileFile) -> Result<(), LoadError> {
    let tables = file.files.as_deref().unwrap_or_default();
    for df in &social.dfs {
        let environment = social.dfs.iter().find(|df| df.fid == catalogue::SSSE);
        for ef in &df.files {
            for (which, rule) in [("read", ef.read), ("update", ef.update)] {
                let Some(id) = rule.key() else { continue };
                let owner = if id.is_global() { environment } else { Some(df) };
                if owner.is_some_and(|df| df.keys.iter().any(|key| key.id == id)) {
                    continue;
                }
                let is_this = |table: &FileTable| {
                    directory(&table.df) == Some(df.fid) && identifier(&table.id) == Some(ef.fid)
                };
                let path = format!("{}/{}", directory_name(df.fid), ef.fid);
                let setting = match tables.iter().position(is_this) {
                    Some(place) => format!("files[{place}].{which}"),
                    None => format!("access.\"{path}\".{which}"),
                };
                let where_ =
                    if id.is_global() { "SSSE".to_owned() } else { directory_name(df.fid) };
                let reason = format!("the rule names key {:02X}, but {where_} has none", id.0);
                return Err(contradiction(setting, reason));
            }
        }
    }
    Ok(())
}

/// One table with its place among them.
struct Table<'f> {
    place: usize,
    table: &'f FileTable,
}

impl Table<'_> {
    fn setting(&self, what: &str) -> String {
        format!("files[{}].{what}", self.place)
    }

    /// A rule of a file is said once.
    fn is_not_in_access(
        &self,
        file: &ProfileFile,
        df: FileId,
        fid: FileId,
    ) -> Result<(), LoadError> {
        let path = format!("{}/{fid}", directory_name(df));
        let access = file.access.iter().flatten().find(|(known, _)| **known == path);
        let access = access.filter(|_| file.own_access.contains(&path)).map(|(_, access)| access);
        for (which, here, there) in [
            ("read", &self.table.read, access.and_then(|access| access.read.as_ref())),
            ("update", &self.table.update, access.and_then(|access| access.update.as_ref())),
        ] {
            if here.is_some() && there.is_some() {
                let reason = format!("[access.\"{path}\"] says it, too: leave one out");
                return Err(contradiction(self.setting(which), reason));
            }
        }
        Ok(())
    }

    fn no_df(&self) -> LoadError {
        let reason = format!(
            "this card has no DF '{}'; a DF of one's own stands in [[applications]]",
            self.table.df
        );
        contradiction(self.setting("df"), reason)
    }

    fn identifier(&self) -> Result<FileId, LoadError> {
        let fid = identifier(&self.table.id).filter(|fid| *fid != FileId::MASTER_FILE);
        fid.ok_or_else(|| {
            value(&self.setting("id"), &self.table.id, "a file identifier such as EF0D")
        })
    }

    fn rule(
        &self,
        which: &str,
        text: Option<&String>,
        default: AccessRule,
    ) -> Result<AccessRule, LoadError> {
        let of_df = directory(&self.table.df).map(directory_name).unwrap_or_default();
        let parse = |text: &String| rule(|| self.setting(which), &of_df, text);
        text.map(parse).transpose().map(|rule| rule.unwrap_or(default))
    }

    /// The file as the table has it; what it does not say is the catalogue's, or that of the file there.
    fn file(
        &self,
        fid: FileId,
        before: Option<&ElementaryFile>,
    ) -> Result<ElementaryFile, LoadError> {
        let of_df = directory(&self.table.df).map(directory_name).unwrap_or_default();
        let path = format!("{of_df}/{fid}");
        let entry = catalogue::files().find(|entry| entry.is_at(&path));
        let read = before.map(|file| file.read).or(entry.map(|entry| entry.read));
        let update = before.map(|file| file.update).or(entry.map(|entry| entry.update));
        let sfi = match self.table.sfi {
            Some(number) => Sfi::new(number).ok_or_else(|| {
                value(&self.setting("sfi"), &number.to_string(), "a short identifier from 1 to 30")
            })?,
            None => before.map(|file| file.sfi).or(fid.sfi()).ok_or_else(|| {
                let reason = "the low byte of this identifier is no short identifier: say sfi";
                contradiction(self.setting("id"), reason)
            })?,
        };
        let structure = before.map(|file| file.structure).or(entry.map(|entry| entry.structure));
        let content = self.content(structure, before)?;
        let structure = self.structure(structure, &content)?;
        Ok(ElementaryFile {
            fid,
            sfi,
            structure,
            read: self.rule("read", self.table.read.as_ref(), read.unwrap_or(AccessRule::Free))?,
            update: self.rule(
                "update",
                self.table.update.as_ref(),
                update.unwrap_or(AccessRule::Never),
            )?,
            content: content.bytes,
        })
    }

    fn name(&self, known: Option<Structure>) -> Result<StructureName, LoadError> {
        let of_known = known.map(|known| match known {
            Structure::Transparent { .. } => StructureName::Transparent,
            Structure::LinearFixed { .. } => StructureName::Fixed,
            Structure::LinearVariable { .. } => StructureName::Variable,
            Structure::Cyclic { .. } => StructureName::Cyclic,
        });
        self.table.structure.or(of_known).ok_or_else(|| {
            let reason =
                "a file of one's own says its structure: transparent, fixed, variable or cyclic";
            contradiction(self.setting("structure"), reason)
        })
    }

    /// What lies in the file, in the order of the card's memory.
    fn content(
        &self,
        known: Option<Structure>,
        before: Option<&ElementaryFile>,
    ) -> Result<Content, LoadError> {
        let name = self.name(known)?;
        let transparent = name == StructureName::Transparent;
        if self.table.data.is_some() && !transparent {
            let reason = format!("a {} file has records, no data", name.text());
            return Err(contradiction(self.setting("data"), reason));
        }
        if self.table.records.is_some() && transparent {
            let reason = "a transparent file has data, no records";
            return Err(contradiction(self.setting("records"), reason));
        }
        let kept = || {
            let same =
                self.table.structure.is_none() || known.map(|known| self.is(known)) == Some(true);
            let bytes = before.filter(|_| same).map(|file| file.content.clone());
            Content { name, records: Vec::new(), bytes: bytes.unwrap_or_default() }
        };
        if let Some(text) = &self.table.data {
            let wanted = "bytes in hexadecimal";
            let bytes = bytes(text).ok_or_else(|| value(&self.setting("data"), text, wanted))?;
            return Ok(Content { name, records: Vec::new(), bytes });
        }
        let Some(texts) = &self.table.records else { return Ok(kept()) };
        let mut records = Vec::with_capacity(texts.len());
        for (number, text) in texts.iter().enumerate() {
            let setting = self.setting(&format!("records[{number}]"));
            let wanted = "a record in hexadecimal";
            let record = bytes(text).filter(|record| !record.is_empty());
            let record = record.ok_or_else(|| value(&setting, text, wanted))?;
            if name != StructureName::Cyclic {
                SimpleTlv::parse_exact(&record).map_err(|error| {
                    contradiction(
                        setting,
                        format!("'{text}' is no record with tag and length: {error}"),
                    )
                })?;
            }
            records.push(record);
        }
        if name == StructureName::Cyclic {
            records.reverse();
        }
        Ok(Content { name, bytes: records.concat(), records })
    }

    fn is(&self, known: Structure) -> bool {
        matches!(
            (self.table.structure, known),
            (Some(StructureName::Transparent), Structure::Transparent { .. })
                | (Some(StructureName::Fixed), Structure::LinearFixed { .. })
                | (Some(StructureName::Variable), Structure::LinearVariable { .. })
                | (Some(StructureName::Cyclic), Structure::Cyclic { .. })
        )
    }

    fn structure(
        &self,
        known: Option<Structure>,
        content: &Content,
    ) -> Result<Structure, LoadError> {
        let needed = u16::try_from(content.bytes.len())
            .map_err(|_| contradiction(self.setting("id"), "a file holds at most 65,535 bytes"))?;
        match content.name {
            StructureName::Transparent | StructureName::Variable => {
                self.of_size(known, content, needed)
            }
            StructureName::Fixed | StructureName::Cyclic => self.of_records(known, content),
        }
    }

    fn of_size(
        &self,
        known: Option<Structure>,
        content: &Content,
        needed: u16,
    ) -> Result<Structure, LoadError> {
        for (what, given) in [
            ("record_length", self.table.record_length.is_some()),
            ("records_max", self.table.records_max.is_some()),
        ] {
            if given {
                let reason = format!("a {} file has size, no {what}", content.name.text());
                return Err(contradiction(self.setting(what), reason));
            }
        }
        let of_known = match known {
            Some(Structure::Transparent { size }) => Some(size),
            Some(Structure::LinearVariable { capacity }) => Some(capacity),
            _ => None,
        };
        let size = self.table.size.or(of_known).unwrap_or(needed);
        if needed > size {
            let inside = content.records.iter().scan(0_usize, |sum, record| {
                *sum = sum.saturating_add(record.len());
                Some(*sum)
            });
            let first = inside.take_while(|end| *end <= usize::from(size)).count();
            let (what, part) = match content.records.is_empty() {
                true => ("data".to_owned(), "the content".to_owned()),
                false => {
                    (format!("records[{first}]"), format!("record {}", first.saturating_add(1)))
                }
            };
            let what = if self.table.records.is_none() && self.table.data.is_none() {
                "size".to_owned()
            } else {
                what
            };
            let reason = format!("{part} ends outside of the file: {needed} bytes in {size}");
            return Err(contradiction(self.setting(&what), reason));
        }
        Ok(match content.name {
            StructureName::Variable => Structure::LinearVariable { capacity: size },
            _ => Structure::Transparent { size },
        })
    }

    fn of_records(
        &self,
        known: Option<Structure>,
        content: &Content,
    ) -> Result<Structure, LoadError> {
        if self.table.size.is_some() {
            let reason = format!(
                "a {} file has record_length and records_max, no size",
                content.name.text()
            );
            return Err(contradiction(self.setting("size"), reason));
        }
        let (of_length, of_count) = match known {
            Some(
                Structure::LinearFixed { records, length } | Structure::Cyclic { records, length },
            ) => (Some(length), Some(records)),
            _ => (None, None),
        };
        let first = content.records.first().and_then(|record| u8::try_from(record.len()).ok());
        let length = self.table.record_length.or(of_length).or(first).ok_or_else(|| {
            let reason = "a file without records says the length of each";
            contradiction(self.setting("record_length"), reason)
        })?;
        let least = if content.name == StructureName::Fixed { 3 } else { 1 };
        if length < least {
            let wanted =
                "at least 3 bytes in a fixed file, tag and length included, and 1 in a cyclic one";
            return Err(value(&self.setting("record_length"), &length.to_string(), wanted));
        }
        let order = |number: usize| match content.name {
            StructureName::Cyclic => content.records.len().saturating_sub(number).saturating_sub(1),
            _ => number,
        };
        let other = content.records.iter().position(|record| record.len() != usize::from(length));
        if let Some(number) = other {
            let found = content.records.get(number).map_or(0, Vec::len);
            let reason = format!("a record has {length} bytes here, this one {found}");
            return Err(contradiction(
                self.setting(&format!("records[{}]", order(number))),
                reason,
            ));
        }
        let count = u8::try_from(content.records.len()).ok();
        let count = self.table.records_max.or(of_count).or(count.filter(|count| *count > 0));
        let most = count.filter(|count| *count > 0).ok_or_else(|| {
            let reason = "a file without records says how many it holds, 1 to 255";
            contradiction(self.setting("records_max"), reason)
        })?;
        if content.bytes.len() > usize::from(most).saturating_mul(length.into()) {
            let reason = format!(
                "record {} is outside of the file, which holds {most}",
                u16::from(most).saturating_add(1)
            );
            return Err(contradiction(self.setting(&format!("records[{most}]")), reason));
        }
        Ok(match content.name {
            StructureName::Cyclic => Structure::Cyclic { records: most, length },
            _ => Structure::LinearFixed { records: most, length },
        })
    }
}

/// What lies in a file.
struct Content {
    name: StructureName,
    /// Records as the card has them in memory, when the table gives them.
    records: Vec<Vec<u8>>,
    bytes: Vec<u8>,
}
