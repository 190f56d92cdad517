//! Elementary files: finding the one a command means, its access rule, its bytes and records.
//!
//! What enters: positions of DF and EF from the profile, bytes from memory. What leaves: bytes in
//! the reply, or 6986 (no current EF), 6A82 (no such file), 6981 (wrong structure), 6982 (access
//! rule not met), 6A83 (no such record). Invariant owned here: I-12.

pub(crate) mod binary;
pub(crate) mod record;
mod records;

use sscard_apdu::{Sfi, StatusWord};

use crate::access::AccessRule;
use crate::applet::Context;
use crate::profile::{ElementaryFile, Structure};
pub(crate) use records::Records;

/// A file found for a command.
#[derive(Clone, Copy)]
pub(crate) struct FoundFile<'p> {
    /// Position in its DF.
    pub(crate) position: u8,
    pub(crate) plan: &'p ElementaryFile,
    pub(crate) address: usize,
}

/// The EF with this short identifier in the current DF, or the current EF.
#[inline]
pub(crate) fn find<'p>(
    context: &Context<'p>,
    sfi: Option<Sfi>,
) -> Result<FoundFile<'p>, StatusWord> {
    let profile = context.profile;
    let cursor = context.channel.cursor;
    let position = match sfi {
        Some(sfi) => {
            let files = profile.df(cursor.df).map_or(&[][..], |df| &df.files);
            let found = files.iter().position(|file| file.sfi == sfi);
            found
                .and_then(|position| u8::try_from(position).ok())
                .ok_or(StatusWord::FILE_NOT_FOUND)?
        }
        None => cursor.ef.ok_or(StatusWord::COMMAND_NOT_ALLOWED_NO_CURRENT_EF)?,
    };
    let plan = profile.ef(cursor.df, position).ok_or(StatusWord::FILE_NOT_FOUND)?;
    Ok(FoundFile { position, plan, address: profile.layout().file(cursor.df, position) })
}

impl FoundFile<'_> {
    pub(crate) fn require_records(&self) -> Result<(), StatusWord> {
        match self.plan.structure {
            Structure::Transparent { .. } => {
                Err(StatusWord::COMMAND_INCOMPATIBLE_WITH_FILE_STRUCTURE)
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn require_bytes(&self) -> Result<usize, StatusWord> {
        match self.plan.structure {
            Structure::Transparent { size } => Ok(usize::from(size)),
            _ => Err(StatusWord::COMMAND_INCOMPATIBLE_WITH_FILE_STRUCTURE),
        }
    }
}

/// Holds an access rule against what the channel has proved.
#[inline]
pub(crate) fn require(context: &Context<'_>, rule: AccessRule) -> Result<(), StatusWord> {
    if context.channel.security.satisfies(rule) {
        Ok(())
    } else {
        Err(StatusWord::SECURITY_STATUS_NOT_SATISFIED)
    }
}
