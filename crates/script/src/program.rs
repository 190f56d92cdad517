//! A script with everything it includes: read and parsed as a whole.
//!
//! What enters: a path and a way to read files. What leaves: a [`Program`], or what is wrong in
//! which file. A cell of a CSV file is a word, read as the place wants it.

mod table;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::ast::{CardState, Directive, Protocol, Script, Span, Statement, StatementKind};
use crate::error::MOST_ERRORS;
use crate::{ScriptError, SourceText, parse};
pub(crate) use table::{Cell, Table};

/// What a script will speak to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    /// A card that nobody needs.
    Virtual,
    /// A card in a reader: tries and blocks count.
    Reader,
}

/// Includes lie in includes no deeper than this.
const DEEPEST: usize = 32;

/// A script, its includes and its tables.
#[derive(Debug)]
pub struct Program {
    main: File,
    /// What it includes.
    included: Vec<File>,
    /// What it says of the card and of the whole run.
    pub settings: ScriptSettings,
}

/// One file of a program.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) source: SourceText,
    pub(crate) script: Script,
    /// What the statements at these places include or go through.
    links: Vec<(usize, Link)>,
}

#[derive(Clone, Debug)]
enum Link {
    File(usize),
    Table(Arc<Table>),
}

/// What a script says of the card and of the whole run, on its own first level.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct ScriptSettings {
    /// `@seed`
    pub seed: Option<u64>,
    /// `@profile`: a name, or a file, which is looked for from the script's folder.
    pub profile: Option<String>,
    /// `@state`
    pub state: Option<CardState>,
    /// `@card`, from the script's folder.
    pub card: Option<PathBuf>,
    /// `@timeout`, in milliseconds.
    pub timeout: Option<u64>,
    /// `@protocol`
    pub protocol: Option<Protocol>,
    /// `@destructive`
    pub destructive: bool,
    /// `@contactless`
    pub contactless: bool,
    /// `@psam`: a profile's name, or a file, which is looked for from the script's folder.
    pub psam: Option<String>,
}

/// Reads a file, or says why it cannot.
pub type ReadFile<'r> = dyn Fn(&Path) -> Result<Vec<u8>, String> + 'r;

impl Program {
    /// Reads and parses a script, what it includes, and its tables.
    ///
    /// # Errors
    /// The first thing that is wrong in each file.
    pub fn load(path: &Path, read: &ReadFile<'_>) -> Result<Self, Vec<ScriptError>> {
        let name = path.to_string_lossy();
        let text = text_of(path, read).map_err(|reason| {
            vec![*ScriptError::new(&SourceText::new(&name, ""), Span::default(), reason)]
        })?;
        Self::parse(SourceText::new(&name, &text), read)
    }

    /// The same for a text that was read; its name is a path, or at least stands in a folder.
    ///
    /// # Errors
    /// As [`Program::load`].
    pub fn parse(source: SourceText, read: &ReadFile<'_>) -> Result<Self, Vec<ScriptError>> {
        let script = parse(&source);
        Self::of(source, script, read)
    }

    /// The same for a script that was imported from this text; what it says is where the text says it.
    ///
    /// # Errors
    /// As [`Program::load`].
    pub fn imported(
        source: SourceText,
        script: Script,
        read: &ReadFile<'_>,
    ) -> Result<Self, Vec<ScriptError>> {
        Self::of(source, Ok(script), read)
    }

    fn of(
        source: SourceText,
        script: Result<Script, Box<ScriptError>>,
        read: &ReadFile<'_>,
    ) -> Result<Self, Vec<ScriptError>> {
        let mut loader = Loader { included: Vec::new(), errors: Vec::new(), read };
        let main = loader.file(source, script, &mut Vec::new());
        match loader.errors.is_empty() {
            true => {
                let settings = ScriptSettings::of(&main);
                Ok(Self { main, included: loader.included, settings })
            }
            false => Err(loader.errors),
        }
    }

    /// Whether it sets faults, here or in what it includes.
    #[must_use]
    pub fn sets_faults(&self) -> bool {
        fn among(items: &[Statement]) -> bool {
            items.iter().any(|item| match &item.kind {
                StatementKind::Fault(_) => true,
                StatementKind::Case { body, .. } | StatementKind::For { body, .. } => among(body),
                _ => false,
            })
        }
        among(&self.main.script.items) || self.included.iter().any(|file| among(&file.script.items))
    }

    /// The script itself.
    pub(crate) fn main(&self) -> &File {
        &self.main
    }

    /// The script's text.
    #[must_use]
    pub fn source(&self) -> &SourceText {
        &self.main().source
    }

    /// Where a directive of the whole run stands, the last of its kind; the beginning when it is not
    /// there.
    #[must_use]
    pub fn directive(&self, is_wanted: impl Fn(&Directive) -> bool) -> Span {
        let wanted = |item: &&Statement| matches!(&item.kind, StatementKind::Directive(said) if is_wanted(said));
        self.main().script.items.iter().rfind(wanted).map_or(Span::default(), |item| item.span)
    }

    /// The file that a statement includes.
    pub(crate) fn included(&self, by: &File, span: Span) -> Option<&File> {
        match by.link(span)? {
            Link::File(at) => self.included.get(*at),
            Link::Table(_) => None,
        }
    }
}

impl File {
    fn link(&self, span: Span) -> Option<&Link> {
        let at = self.links.binary_search_by_key(&span.start, |(start, _)| *start).ok()?;
        self.links.get(at).map(|(_, link)| link)
    }

    /// The table that a statement goes through.
    pub(crate) fn table(&self, span: Span) -> Option<&Arc<Table>> {
        match self.link(span)? {
            Link::File(_) => None,
            Link::Table(table) => Some(table),
        }
    }
}

impl ScriptSettings {
    fn of(main: &File) -> Self {
        let mut settings = Self::default();
        let folder = folder(&main.source);
        for item in &main.script.items {
            let StatementKind::Directive(directive) = &item.kind else { continue };
            match directive {
                Directive::Seed(seed) => settings.seed = Some(*seed),
                Directive::Profile(profile) => {
                    let is_file = Path::new(profile).extension().is_some();
                    let path = || folder.join(profile).to_string_lossy().into_owned();
                    settings.profile = Some(if is_file { path() } else { profile.clone() });
                }
                Directive::State(state) => settings.state = Some(*state),
                Directive::Card(card) => settings.card = Some(folder.join(card)),
                Directive::Timeout(time) => settings.timeout = Some(*time),
                Directive::Protocol(protocol) => settings.protocol = Some(*protocol),
                Directive::Destructive => settings.destructive = true,
                Directive::Contactless => settings.contactless = true,
                Directive::Psam(psam) => {
                    let is_file = Path::new(psam).extension().is_some();
                    let path = || folder.join(psam).to_string_lossy().into_owned();
                    settings.psam = Some(if is_file { path() } else { psam.clone() });
                }
                Directive::Mode(_)
                | Directive::OnError(_)
                | Directive::Expect(_)
                | Directive::Slot(_) => {}
            }
        }
        settings
    }
}

fn folder(source: &SourceText) -> PathBuf {
    Path::new(&*source.name).parent().map(Path::to_owned).unwrap_or_default()
}

fn text_of(path: &Path, read: &ReadFile<'_>) -> Result<String, String> {
    let bytes = read(path).map_err(|reason| format!("cannot be read: {reason}"))?;
    String::from_utf8(bytes).map_err(|error| {
        format!(
            "is not UTF-8 text: byte {} of the file",
            error.utf8_error().valid_up_to().saturating_add(1)
        )
    })
}

struct Loader<'l> {
    included: Vec<File>,
    errors: Vec<ScriptError>,
    read: &'l ReadFile<'l>,
}

impl Loader<'_> {
    /// A file; what it includes is added.
    fn file(
        &mut self,
        source: SourceText,
        script: Result<Script, Box<ScriptError>>,
        stack: &mut Vec<PathBuf>,
    ) -> File {
        let script = script.unwrap_or_else(|error| {
            self.errors.push(*error);
            Script::default()
        });
        stack.push(plain(Path::new(&*source.name)));
        let mut links = Vec::new();
        self.links(&source, &script.items, stack, &mut links);
        stack.pop();
        links.sort_by_key(|(start, _)| *start);
        File { source, script, links }
    }

    fn links(
        &mut self,
        source: &SourceText,
        items: &[Statement],
        stack: &mut Vec<PathBuf>,
        links: &mut Vec<(usize, Link)>,
    ) {
        for item in items {
            let link = match &item.kind {
                StatementKind::Include { path } => self.include(source, item.span, path, stack),
                StatementKind::For { file, body, .. } => {
                    self.links(source, body, stack, links);
                    self.table(source, item.span, file)
                }
                StatementKind::Case { body, .. } => {
                    self.links(source, body, stack, links);
                    continue;
                }
                _ => continue,
            };
            match link {
                Ok(link) => links.push((item.span.start, link)),
                Err(error) if self.errors.len() < MOST_ERRORS => self.errors.push(*error),
                Err(_) => {}
            }
        }
    }

    fn include(
        &mut self,
        source: &SourceText,
        span: Span,
        path: &str,
        stack: &mut Vec<PathBuf>,
    ) -> Result<Link, Box<ScriptError>> {
        let path = plain(&folder(source).join(path));
        if stack.contains(&path) {
            let message = format!("'{}' includes itself", path.display());
            return Err(ScriptError::new(source, span, message)
                .with_advice("an include must not lead back to a script that is being read"));
        }
        if stack.len() == DEEPEST {
            let message = format!("includes lie more than {DEEPEST} deep");
            return Err(ScriptError::new(source, span, message));
        }
        let name = path.to_string_lossy().into_owned();
        let known = self.included.iter().position(|file| *file.source.name == *name);
        if let Some(at) = known {
            return Ok(Link::File(at));
        }
        let text = text_of(&path, self.read).map_err(|reason| {
            ScriptError::new(source, span, format!("the script '{}' {reason}", path.display()))
        })?;
        let source = SourceText::new(&name, &text);
        let script = parse(&source);
        let file = self.file(source, script, stack);
        let at = self.included.len();
        self.included.push(file);
        Ok(Link::File(at))
    }

    fn table(&self, source: &SourceText, span: Span, file: &str) -> Result<Link, Box<ScriptError>> {
        let path = folder(source).join(file);
        let bytes = (self.read)(&path).map_err(|reason| {
            let message = format!("the table '{}' cannot be read: {reason}", path.display());
            ScriptError::new(source, span, message)
        })?;
        let text = String::from_utf8(bytes).map_err(|error| table::no_text(&path, &error))?;
        Table::parse(&path, &text).map(|table| Link::Table(Arc::new(table)))
    }
}

/// A path without `.` and without `..` behind a folder.
fn plain(path: &Path) -> PathBuf {
    use std::path::Component;
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(plain.components().next_back(), Some(Component::Normal(_))) =>
            {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}
