//! SELECT (INS A4): by name, whole or its beginning; by file identifier; by path.
//!
//! # Reference
//! 《社会保障（个人）卡规范》 part 5; ISO/IEC 7816-4 §11.2.2; spec/social-security.md §1.2, §2.1, §8.13 (the order in which a file identifier is
//! looked for) and §2.12 (what a deactivated environment lets through).

use sscard_apdu::{FileId, StatusWord};
use sscard_core::DirectoryState;

use super::answer::Answer;
use super::channel::Selected;
use super::plan::Plan;
use super::stand::{Outcome, Plain, Stand};
use super::{payment, pki, social};

/// What a selection leads to.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Target {
    Directory(u8),
    File(u8, u8),
    Application(Selected),
}

pub(super) fn select(plain: Plain<'_>, stand: &mut Stand<'_>, answer: &mut Answer) -> Outcome {
    let next = match plain.p2 {
        0x00 => false,
        0x02 if plain.p1 == 0x04 => true,
        _ => return Err(StatusWord::INCORRECT_P1_P2),
    };
    let files = &stand.plan.social;
    let here = stand.channel.social.df();
    let target = match plain.p1 {
        0x04 => by_name(plain.data, next, stand)?,
        0x00 if plain.data.is_empty() => Target::Directory(0),
        0x00..=0x02 => {
            let fid: [u8; 2] = plain.data.try_into().map_err(|_| StatusWord::WRONG_LENGTH)?;
            let is_master = fid == FileId::MASTER_FILE.to_bytes();
            let found = match stand.channel.selected {
                selected @ (Selected::PkiEnvironment | Selected::PkiApplication) if !is_master => {
                    pki::by_identifier(selected, fid).map(Target::Application)
                }
                _ => files.by_identifier(here, fid),
            };
            found.ok_or(StatusWord::FILE_NOT_FOUND)?
        }
        0x03 if plain.data.is_empty() => {
            Target::Directory(files.parent(here).ok_or(StatusWord::FILE_NOT_FOUND)?)
        }
        0x08 => by_path(stand, 0, plain.data)?,
        0x09 => by_path(stand, here, plain.data)?,
        _ => return Err(StatusWord::INCORRECT_P1_P2),
    };
    match target {
        Target::Directory(df) => social::enter_directory(df, stand, answer),
        Target::File(df, ef) => social::enter_file(df, ef, stand),
        Target::Application(selected @ (Selected::PkiEnvironment | Selected::PkiApplication)) => {
            pki::enter(selected, plain, stand, answer)
        }
        Target::Application(Selected::Payment(place)) => payment::enter(place, stand, answer),
        Target::Application(here @ (Selected::Pse | Selected::Ppse)) => {
            payment::enter_directory(here, stand, answer)
        }
        Target::Application(_) => Err(StatusWord::FILE_NOT_FOUND),
    }
}

/// Everything that has a name, in the order in which it is looked at.
pub(super) fn named(plan: &Plan) -> impl Iterator<Item = (Target, &[u8])> {
    let files = (0..).zip(&plan.blueprint.dfs);
    let files = files.map(|(place, df)| (Target::Directory(place), df.name.as_slice()));
    let pki = [
        (Target::Application(Selected::PkiEnvironment), pki::ENVIRONMENT),
        (Target::Application(Selected::PkiApplication), pki::APPLICATION),
    ];
    let pki = pki.into_iter().filter(|_| plan.pki.is_some());
    payments(plan).chain(pki).chain(files)
}

/// Payment directories that the card has, then its payment applications.
fn payments(plan: &Plan) -> impl Iterator<Item = (Target, &[u8])> {
    let financial = &plan.blueprint.financial;
    let directories = [
        (Selected::Pse, payment::PSE, financial.pse),
        (Selected::Ppse, payment::PPSE, financial.ppse),
    ];
    let has_directory =
        move |state| !financial.applications.is_empty() && state != DirectoryState::Absent;
    let directories = directories.into_iter().filter(move |(_, _, state)| has_directory(*state));
    let applications = (0..)
        .zip(&financial.applications)
        .map(|(place, application)| (Selected::Payment(place), application.aid.as_bytes()));
    let all = directories.map(|(selected, name, _)| (selected, name)).chain(applications);
    all.map(|(selected, name)| (Target::Application(selected), name))
}

fn by_name(name: &[u8], next: bool, stand: &Stand<'_>) -> Result<Target, StatusWord> {
    if !(5..=16).contains(&name.len()) {
        return Err(StatusWord::WRONG_LENGTH);
    }
    // The whole name goes before names that only begin so.
    let whole = named(stand.plan).filter(|(_, known)| *known == name);
    let begun = named(stand.plan).filter(|(_, known)| known.starts_with(name) && *known != name);
    let fitting: Vec<Target> = whole.chain(begun).map(|(target, _)| target).collect();
    let current = match stand.channel.selected {
        Selected::Files => Target::Directory(stand.channel.social.df()),
        selected => Target::Application(selected),
    };
    let here = fitting.iter().position(|target| *target == current);
    let found = match here {
        Some(here) if next => fitting.get(here + 1),
        _ => fitting.first(),
    };
    found.copied().ok_or(StatusWord::FILE_NOT_FOUND)
}

fn by_path(stand: &Stand<'_>, start: u8, path: &[u8]) -> Result<Target, StatusWord> {
    let files = &stand.plan.social;
    let (steps, []) = path.as_chunks::<2>() else { return Err(StatusWord::WRONG_LENGTH) };
    let (last, steps) = steps.split_last().ok_or(StatusWord::WRONG_LENGTH)?;
    let mut df = start;
    for step in steps {
        df = files.child_directory(df, *step).ok_or(StatusWord::FILE_NOT_FOUND)?;
    }
    files.child(df, *last).ok_or(StatusWord::FILE_NOT_FOUND)
}
