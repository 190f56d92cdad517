//! SELECT (INS A4): by DF name, whole or the beginning of it; by file identifier; by path.
//!
//! What enters: P1, P2 and the data field. What leaves: the FCI of a DF, nothing for an EF, and a
//! channel that stands in the new place; a refused selection leaves everything as it was.
//!
//! # Status
//! `9000`; `6283` with the FCI: the environment is deactivated; `6700` a name not 5…16 bytes, an
//! identifier not 2; `6985` not available while deactivated; `6A82`; `6A86`; `6A81` the card is
//! blocked; `9303` the environment, or the application in it, is blocked for good.
//!
//! # Reference
//! 《社会保障（个人）卡规范》 part 5; ISO/IEC 7816-4 §11.2.2. The order in which a file identifier
//! is looked for (the DF itself, its children, its siblings, its parent) is a \[choice\].

use sscard_apdu::{FileId, StatusWord};
use sscard_elements::social;

use crate::applet::{Context, PlainCommand, Reply};
use crate::catalogue;
use crate::channel::{FILE_SYSTEM, MASTER_FILE};
use crate::life_cycle::LifeCycle;
use crate::profile::{CardArea, Profile};
use crate::residents::Applets;

/// What a selection leads to.
#[derive(Clone, Copy)]
enum Target {
    Directory(u8),
    File(u8, u8),
    Applet(u8),
}

pub(crate) fn select(
    command: &PlainCommand<'_>,
    applets: &mut Applets<'_>,
    context: &mut Context<'_>,
    reply: &mut Reply<'_>,
) -> Result<StatusWord, StatusWord> {
    let next = match command.p2 {
        0x00 => false,
        0x02 => true,
        _ => return Err(StatusWord::INCORRECT_P1_P2),
    };
    let target = match command.p1 {
        0x04 => by_name(command.data, next, applets, context),
        _ if next => return Err(StatusWord::INCORRECT_P1_P2),
        0x00 if command.data.is_empty() => Ok(Target::Directory(MASTER_FILE)),
        0x00..=0x02 => {
            let fid = identifier(command.data)?;
            match beside_the_files(applets, context, fid) {
                Some(target) => target,
                None => by_identifier(context, fid),
            }
        }
        0x03 if command.data.is_empty() => {
            let parent = context.profile.df(context.channel.cursor.df).and_then(|df| df.parent);
            parent.map(Target::Directory).ok_or(StatusWord::FILE_NOT_FOUND)
        }
        0x08 => by_path(context.profile, MASTER_FILE, command.data),
        0x09 => by_path(context.profile, context.channel.cursor.df, command.data),
        _ => Err(StatusWord::INCORRECT_P1_P2),
    }?;
    match target {
        Target::Directory(df) => enter_directory(df, applets, context, reply),
        Target::File(df, ef) => enter_file(df, ef, applets, context),
        Target::Applet(position) => enter_applet(position, command, applets, context, reply),
    }
}

fn identifier(data: &[u8]) -> Result<FileId, StatusWord> {
    data.try_into().map(FileId::from_bytes).map_err(|_| StatusWord::WRONG_LENGTH)
}

/// The first name that matches; with "next" the one after the current, when the current one matches too.
struct Search {
    next: bool,
    found: Option<Target>,
    after_current: bool,
}

impl Search {
    fn consider(&mut self, target: Target, matches: bool, current: bool) {
        if matches && (self.found.is_none() || self.after_current) {
            self.found = Some(target);
            self.after_current = false;
        }
        if self.next && matches && current {
            self.after_current = true;
            self.found = None;
        }
    }
}

fn by_name(
    name: &[u8],
    next: bool,
    applets: &mut Applets<'_>,
    context: &Context<'_>,
) -> Result<Target, StatusWord> {
    if !(5..=16).contains(&name.len()) {
        return Err(StatusWord::WRONG_LENGTH);
    }
    let channel = &*context.channel;
    let profile = context.profile;
    let mut search = Search { next, found: None, after_current: false };
    // The whole name goes before names that only begin so.
    for whole in [true, false] {
        let is = |known: &[u8]| known.starts_with(name) && (known.len() == name.len()) == whole;
        // A payment directory goes before an MF of the same name.
        for position in applets.of_profile() {
            let matches = applets.get(position).is_some_and(|one| is(one.aid()));
            search.consider(Target::Applet(position), matches, channel.applet == position);
        }
        for position in profile.df_positions() {
            let matches = profile.df(position).is_some_and(|df| is(&df.name));
            let current = channel.applet == FILE_SYSTEM && channel.cursor.df == position;
            search.consider(Target::Directory(position), matches, current);
        }
        for position in applets.registered() {
            let matches = applets.at(position).is_some_and(|one| is(one.aid.as_bytes()));
            search.consider(Target::Applet(position), matches, channel.applet == position);
        }
        if !next
            && whole
            && let Some(target) = search.found
        {
            return Ok(target);
        }
    }
    search.found.ok_or(StatusWord::FILE_NOT_FOUND)
}

/// Whether what an applet keeps on the channel outlasts that it is selected again, as with a DF of the file
/// system.
#[cfg(feature = "pki")]
fn keeps_state(applets: &Applets<'_>, position: u8) -> bool {
    applets.pki(position).is_some()
}

/// A payment begins anew, and so does what an integrator's applet keeps.
#[cfg(not(feature = "pki"))]
const fn keeps_state(_: &Applets<'_>, _: u8) -> bool {
    false
}

/// What a file identifier means in the PKI application: its DF and files, and nothing of the file system but
/// the MF.
#[cfg(feature = "pki")]
fn beside_the_files(
    applets: &Applets<'_>,
    context: &Context<'_>,
    fid: FileId,
) -> Option<Result<Target, StatusWord>> {
    let here = applets.pki(context.channel.applet).filter(|_| fid != FileId::MASTER_FILE)?;
    let found = crate::pki::leads_to(here, fid).map(|df| Target::Applet(applets.position_of(df)));
    Some(found.ok_or(StatusWord::FILE_NOT_FOUND))
}

/// There is nothing but the file system.
#[cfg(not(feature = "pki"))]
const fn beside_the_files(
    _: &Applets<'_>,
    _: &Context<'_>,
    _: FileId,
) -> Option<Result<Target, StatusWord>> {
    None
}

fn by_identifier(context: &Context<'_>, fid: FileId) -> Result<Target, StatusWord> {
    if fid == FileId::MASTER_FILE {
        return Ok(Target::Directory(MASTER_FILE));
    }
    let profile = context.profile;
    let here = context.channel.cursor.df;
    let parent = profile.df(here).and_then(|df| df.parent);
    let is = |df: u8| profile.df(df).is_some_and(|df| df.fid == fid);
    if is(here) {
        return Ok(Target::Directory(here));
    }
    child(profile, here, fid)
        .or_else(|| {
            let siblings = parent.and_then(|parent| child_directory(profile, parent, fid));
            siblings.map(Target::Directory)
        })
        .or_else(|| parent.filter(|parent| is(*parent)).map(Target::Directory))
        .ok_or(StatusWord::FILE_NOT_FOUND)
}

fn by_path(profile: &Profile, start: u8, path: &[u8]) -> Result<Target, StatusWord> {
    let (steps, []) = path.as_chunks::<2>() else { return Err(StatusWord::WRONG_LENGTH) };
    let (last, steps) = steps.split_last().ok_or(StatusWord::WRONG_LENGTH)?;
    let mut df = start;
    for step in steps {
        df = child_directory(profile, df, FileId::from_bytes(*step))
            .ok_or(StatusWord::FILE_NOT_FOUND)?;
    }
    child(profile, df, FileId::from_bytes(*last)).ok_or(StatusWord::FILE_NOT_FOUND)
}

fn child(profile: &Profile, parent: u8, fid: FileId) -> Option<Target> {
    let files = &profile.df(parent)?.files;
    let file = files.iter().position(|file| file.fid == fid);
    match file.and_then(|position| u8::try_from(position).ok()) {
        Some(position) => Some(Target::File(parent, position)),
        None => child_directory(profile, parent, fid).map(Target::Directory),
    }
}

fn child_directory(profile: &Profile, parent: u8, fid: FileId) -> Option<u8> {
    let is_child = |position: &u8| {
        profile.df(*position).is_some_and(|df| df.parent == Some(parent) && df.fid == fid)
    };
    profile.df_positions().find(is_child)
}

fn enter_directory(
    df: u8,
    applets: &mut Applets<'_>,
    context: &mut Context<'_>,
    reply: &mut Reply<'_>,
) -> Result<StatusWord, StatusWord> {
    let mut status = StatusWord::SUCCESS;
    if context.profile.is_in_environment(df) {
        match environment_state(context) {
            LifeCycle::Activated => {}
            LifeCycle::Deactivated if context.profile.environment() == Some(df) => {
                status = StatusWord::SELECTED_FILE_DEACTIVATED;
            }
            LifeCycle::Deactivated => return Err(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED),
            _ => return Err(StatusWord::APPLICATION_PERMANENTLY_BLOCKED),
        }
        require_usable(context, df)?;
    }
    deselect(applets, context);
    context.channel.enter(context.profile, df);
    control_information(context.profile, df, reply);
    Ok(status)
}

fn enter_file(
    df: u8,
    ef: u8,
    applets: &mut Applets<'_>,
    context: &mut Context<'_>,
) -> Result<StatusWord, StatusWord> {
    if context.profile.is_in_environment(df) {
        let profile = context.profile;
        let is_issuer_data = || {
            profile.environment() == Some(df)
                && profile.ef(df, ef).is_some_and(|file| file.fid == crate::social::ISSUER_DATA)
        };
        match environment_state(context) {
            LifeCycle::Activated => {}
            LifeCycle::Deactivated if is_issuer_data() => {}
            LifeCycle::Deactivated => return Err(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED),
            _ => return Err(StatusWord::APPLICATION_PERMANENTLY_BLOCKED),
        }
        require_usable(context, df)?;
    }
    if context.channel.applet != FILE_SYSTEM || context.channel.cursor.df != df {
        deselect(applets, context);
        context.channel.enter(context.profile, df);
    }
    context.channel.cursor.ef = Some(ef);
    context.channel.cursor.record = 0;
    Ok(StatusWord::SUCCESS)
}

fn enter_applet(
    position: u8,
    command: &PlainCommand<'_>,
    applets: &mut Applets<'_>,
    context: &mut Context<'_>,
    reply: &mut Reply<'_>,
) -> Result<StatusWord, StatusWord> {
    let region = core::mem::replace(&mut context.region, applets.region(position));
    let mut left = context.channel.state.take();
    let challenge = context.channel.challenge.take();
    let applet = applets.get(position).ok_or(StatusWord::FILE_NOT_FOUND)?;
    let selected = applet.select(command, context, reply);
    let status = match selected.and_then(|status| applets.judge(position, status)) {
        Ok(status) => status,
        Err(status) => {
            context.channel.state = left;
            context.channel.challenge = challenge;
            return Err(status);
        }
    };
    // A challenge that the applet gave as it was selected is its own; an earlier one stays where it was given.
    let given = context.channel.challenge.take();
    if context.channel.applet == position {
        context.channel.challenge = given.or(challenge);
        if keeps_state(applets, position) {
            context.channel.state = left;
        }
    } else {
        let entered = core::mem::replace(&mut context.channel.state, left.take());
        context.region = region;
        deselect(applets, context);
        context.channel.state = entered;
        context.channel.leave_file_system(position);
        context.channel.challenge = given;
    }
    Ok(status)
}

/// Tells the applet that was selected so far; what it keeps on the channel is dropped by the caller.
fn deselect(applets: &mut Applets<'_>, context: &mut Context<'_>) {
    if context.channel.applet != FILE_SYSTEM
        && let Some(applet) = applets.get(context.channel.applet)
    {
        applet.deselect(context);
    }
}

/// An application that was blocked by itself is not entered, and neither are its files.
fn require_usable(context: &Context<'_>, df: u8) -> Result<(), StatusWord> {
    if context.is_blocked(df) { Err(StatusWord::APPLICATION_PERMANENTLY_BLOCKED) } else { Ok(()) }
}

fn environment_state(context: &Context<'_>) -> LifeCycle {
    LifeCycle::from_byte(context.nvm.byte(CardArea::ENVIRONMENT))
}

/// The FCI: `6F{84 name}`, and for the environment `A5{88 DIR, 9F0C{86 algorithm}}` (part 5
/// tables 36 and 38).
fn control_information(profile: &Profile, position: u8, reply: &mut Reply<'_>) {
    let Some(df) = profile.df(position) else { return };
    let blueprint = profile.blueprint();
    let is_environment = df.fid == catalogue::SSSE;
    let algorithm =
        (is_environment && blueprint.announces_algorithm).then_some(blueprint.algorithm);
    reply.tlv().constructed(social::FCI_TEMPLATE, |fci| {
        if !df.name.is_empty() {
            fci.primitive(social::DF_NAME, &df.name);
        }
        if df.dir.is_some() || algorithm.is_some() {
            fci.constructed(social::PROPRIETARY_TEMPLATE, |own| {
                if let Some(dir) = df.dir {
                    own.primitive(social::DIRECTORY_FILE, &[dir.number()]);
                }
                if let Some(algorithm) = algorithm {
                    own.constructed(social::ISSUER_DATA, |data| {
                        data.primitive(social::ALGORITHM_IDENTIFIER, &[algorithm.id()]);
                    });
                }
            });
        }
    });
}
