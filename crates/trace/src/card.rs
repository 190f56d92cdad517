//! The card as a session showed it: directories, files, records.

use sscard_commands::ins;
use sscard_lexicon::financial::Node;
use sscard_lexicon::{Annotation, Meaning, label};

/// So many parts of files are kept; a trace that reads more says so.
const LIMIT: usize = 4096;
/// Values longer than this are cut.
const LONGEST: usize = 64;

/// What was selected and read.
#[derive(Default)]
pub(super) struct CardSeen {
    pub(super) directories: Vec<DirectorySeen>,
    parts: usize,
    /// Whether more was read than is kept.
    pub(super) cut: bool,
}

pub(super) struct DirectorySeen {
    pub(super) name: String,
    /// The directory's own answers first.
    pub(super) files: Vec<FileSeen>,
}

pub(super) struct FileSeen {
    /// `EF06`, `file 2`; empty for the directory itself.
    pub(super) name: String,
    pub(super) meaning: Option<Meaning>,
    pub(super) parts: Vec<PartSeen>,
}

pub(super) struct PartSeen {
    /// `record 3`, `tag 09`, `9F36`; empty for an answer to SELECT.
    pub(super) name: String,
    pub(super) rows: Vec<Row>,
    /// The status word's meaning, when it was refused.
    pub(super) refused: Option<String>,
}

/// One line of a tree.
pub(super) struct Row {
    pub(super) depth: usize,
    pub(super) label: String,
    pub(super) name: String,
    pub(super) hex: String,
    pub(super) text: String,
    pub(super) notes: Vec<String>,
}

impl Row {
    pub(super) fn of(node: &Node<'_>) -> Self {
        let hex = if node.template { String::new() } else { shortened(node.value) };
        let text = node.explained.text.clone().filter(|text| *text != hex).unwrap_or_default();
        Self {
            depth: node.depth,
            label: label(node),
            name: node.name.as_ref().map(ToString::to_string).unwrap_or_default(),
            hex,
            text,
            notes: node.explained.notes.iter().map(ToString::to_string).collect(),
        }
    }
}

/// Upper-case hexadecimal, long values cut.
pub(super) fn shortened(bytes: &[u8]) -> String {
    match bytes.get(..LONGEST) {
        Some(start) if bytes.len() > LONGEST => {
            format!(
                "{}… ({})",
                hex::encode_upper(start),
                sscard_lexicon::counted(bytes.len(), "byte")
            )
        }
        _ => hex::encode_upper(bytes),
    }
}

impl CardSeen {
    /// Takes note of what an exchange shows of the card.
    pub(super) fn note(&mut self, command: &[u8], annotation: &Annotation<'_>) {
        let (Some(place), Some((status, meaning))) = (&annotation.place, &annotation.status) else {
            return;
        };
        // An answer that comes in pieces is noted with its last one; updates show nothing.
        let unfinished = status.bytes_available().is_some() || status.exact_ne().is_some();
        let updates = matches!(
            command.get(1).copied(),
            Some(ins::UPDATE_BINARY | ins::PUT_DATA | ins::UPDATE_RECORD)
        );
        if unfinished || updates {
            return;
        }
        let good = status.is_success() || matches!(status.sw1(), 0x62 | 0x63);
        let mut rows: Vec<Row> = annotation.answer.iter().map(Row::of).collect();
        if rows.is_empty() && !annotation.data.is_empty() {
            rows.push(Row {
                depth: 0,
                label: String::new(),
                name: String::new(),
                hex: shortened(annotation.data),
                text: String::new(),
                notes: Vec::new(),
            });
        }
        let refused = (!good).then(|| format!("{status} {meaning}"));
        let name = place.part.clone().unwrap_or_default();
        let limit = self.parts >= LIMIT;
        let file = self.file(
            &place.directory,
            place.file.as_deref().unwrap_or_default(),
            place.name.as_ref(),
            limit,
        );
        let Some(file) = file else {
            self.cut = true;
            return;
        };
        match file.parts.iter_mut().find(|part| part.name == name) {
            // What was read stays when a later reading is refused.
            Some(part) if good => *part = PartSeen { name, rows, refused },
            Some(_) => {}
            None if limit => self.cut = true,
            None => {
                file.parts.push(PartSeen { name, rows, refused });
                self.parts = self.parts.saturating_add(1);
            }
        }
    }

    fn file(
        &mut self,
        directory: &str,
        name: &str,
        meaning: Option<&Meaning>,
        limit: bool,
    ) -> Option<&mut FileSeen> {
        let at = match self.directories.iter().position(|seen| seen.name == directory) {
            Some(at) => at,
            None if limit => return None,
            None => {
                let at = self.directories.len();
                self.directories
                    .push(DirectorySeen { name: directory.to_owned(), files: Vec::new() });
                at
            }
        };
        let files = &mut self.directories.get_mut(at)?.files;
        let at = match files.iter().position(|seen| seen.name == name) {
            Some(at) => at,
            None if limit => return None,
            None => {
                let at = files.len();
                files.push(FileSeen {
                    name: name.to_owned(),
                    meaning: meaning.cloned(),
                    parts: Vec::new(),
                });
                at
            }
        };
        let file = files.get_mut(at)?;
        if file.meaning.is_none() {
            file.meaning = meaning.cloned();
        }
        Some(file)
    }
}
