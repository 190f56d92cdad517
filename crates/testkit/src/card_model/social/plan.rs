//! Which files there are, and where.

use sscard_apdu::FileId;
use sscard_core::{Card, DedicatedFile};

use crate::card_model::select::Target;

/// The tree of files.
#[derive(Debug)]
pub(crate) struct Plan {
    dfs: Vec<DedicatedFile>,
    purse: Option<u8>,
}

impl Plan {
    pub(crate) fn of(card: &Card) -> Self {
        let blueprint = card.profile().blueprint();
        let purse = blueprint.purse.as_ref().and_then(|_| {
            let df04 = blueprint.dfs.iter().position(|df| df.fid == FileId::new(0xDF04))?;
            u8::try_from(df04).ok()
        });
        Self { dfs: blueprint.dfs.clone(), purse }
    }

    /// The DF with the medical purse.
    pub(crate) fn purse_df(&self) -> Option<u8> {
        self.purse
    }

    pub(crate) fn parent(&self, df: u8) -> Option<u8> {
        self.dfs.get(usize::from(df))?.parent
    }

    pub(crate) fn df(&self, df: u8) -> &DedicatedFile {
        &self.dfs[usize::from(df)]
    }

    fn is(&self, df: u8, fid: [u8; 2]) -> bool {
        self.df(df).fid == FileId::from_bytes(fid)
    }

    /// The environment's place: the DF named `sx1.sh.社会保障`.
    pub(crate) fn environment(&self) -> Option<u8> {
        let place = self.dfs.iter().position(|df| df.fid == FileId::new(0xDDF1))?;
        u8::try_from(place).ok()
    }

    /// Whether a DF is the environment or lies in it.
    pub(crate) fn is_in_environment(&self, df: u8) -> bool {
        let environment = self.environment();
        let mut at = Some(df);
        while let Some(df) = at {
            if Some(df) == environment {
                return true;
            }
            at = self.parent(df);
        }
        false
    }

    pub(crate) fn child_directory(&self, parent: u8, fid: [u8; 2]) -> Option<u8> {
        (0..).zip(&self.dfs).find_map(|(place, df)| {
            (df.parent == Some(parent) && df.fid == FileId::from_bytes(fid)).then_some(place)
        })
    }

    pub(crate) fn child(&self, parent: u8, fid: [u8; 2]) -> Option<Target> {
        let files = (0..).zip(&self.df(parent).files);
        let file = files.into_iter().find(|(_, file)| file.fid == FileId::from_bytes(fid));
        match file {
            Some((place, _)) => Some(Target::File(parent, place)),
            None => self.child_directory(parent, fid).map(Target::Directory),
        }
    }

    /// The DF itself, its children, its siblings, its parent.
    pub(crate) fn by_identifier(&self, here: u8, fid: [u8; 2]) -> Option<Target> {
        let parent = self.parent(here);
        if fid == FileId::MASTER_FILE.to_bytes() {
            Some(Target::Directory(0))
        } else if self.is(here, fid) {
            Some(Target::Directory(here))
        } else {
            let sibling = || self.child_directory(parent?, fid).map(Target::Directory);
            let above = || parent.filter(|parent| self.is(*parent, fid)).map(Target::Directory);
            self.child(here, fid).or_else(sibling).or_else(above)
        }
    }
}
