//! Standing in a DF or at a file of it: what the life cycle lets through, what is kept and what is lost on the way, the FCI.

use sscard_apdu::StatusWord;
use sscard_apdu::tlv::Writer;
use sscard_core::{Blueprint, DedicatedFile, LifeCycle};
use sscard_elements::social;

use crate::card_model::answer::Answer;
use crate::card_model::channel::Selected;
use crate::card_model::stand::{Outcome, Stand};

pub(in crate::card_model) fn enter_directory(
    df: u8,
    stand: &mut Stand<'_>,
    answer: &mut Answer,
) -> Outcome {
    let is_environment = stand.plan.social.environment() == Some(df);
    let status = match may_enter(df, stand) {
        Err(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED) if is_environment => {
            StatusWord::SELECTED_FILE_DEACTIVATED
        }
        refused => refused.map(|()| StatusWord::SUCCESS)?,
    };
    stand_in(df, stand);
    answer.extend(stand.plan.social.fci(df));
    Ok(status)
}

pub(in crate::card_model) fn enter_file(df: u8, ef: u8, stand: &mut Stand<'_>) -> Outcome {
    let is_issuer_data = stand.plan.social.files(df)[usize::from(ef)].is_issuer_data;
    match may_enter(df, stand) {
        Err(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED) if is_issuer_data => {}
        outcome => outcome?,
    }
    if stand.channel.selected != Selected::Files || stand.channel.social.df != df {
        stand_in(df, stand);
    }
    stand.channel.social.ef = Some(ef);
    stand.channel.social.record = 0;
    Ok(StatusWord::SUCCESS)
}

/// A deactivated environment is not entered, nor is what lies in it; a blocked one never again, nor an application that was blocked by
/// itself (spec/social-security.md §2.12, spec/real-cards.md A4).
fn may_enter(df: u8, stand: &Stand<'_>) -> Result<(), StatusWord> {
    if !stand.plan.social.is_in_environment(df) {
        return Ok(());
    }
    match stand.lasting.social.environment {
        LifeCycle::Activated if !stand.lasting.social.is_blocked(df) => Ok(()),
        LifeCycle::Deactivated => Err(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED),
        _ => Err(StatusWord::APPLICATION_PERMANENTLY_BLOCKED),
    }
}

/// The same DF again keeps every state; another drops the challenge and what keys proved.
fn stand_in(df: u8, stand: &mut Stand<'_>) {
    let in_environment = stand.plan.social.is_in_environment(df);
    stand.channel.leave_application();
    let session = &mut stand.channel.social;
    if stand.channel.selected != Selected::Files || session.df != df {
        stand.channel.challenge = None;
        session.enter(df, in_environment);
    }
    stand.channel.selected = Selected::Files;
    session.ef = None;
    session.record = 0;
}

/// `6F{84 name}`, of the environment with `A5{88 DIR, 9F0C{86 algorithm}}` (part 5 tables 36 and 38).
pub(super) fn control_information(
    blueprint: &Blueprint,
    df: &DedicatedFile,
    is_environment: bool,
) -> Vec<u8> {
    let algorithm =
        (is_environment && blueprint.announces_algorithm).then_some(blueprint.algorithm);
    let mut bytes = Vec::new();
    Writer::new(&mut bytes).constructed(social::FCI_TEMPLATE, |fci| {
        if !df.name.is_empty() {
            fci.primitive(social::DF_NAME, &df.name);
        }
        if df.dir.is_some() || algorithm.is_some() {
            fci.constructed(social::PROPRIETARY_TEMPLATE, |inner| {
                if let Some(dir) = df.dir {
                    inner.primitive(social::DIRECTORY_FILE, &[dir.number()]);
                }
                if let Some(algorithm) = algorithm {
                    inner.constructed(social::ISSUER_DATA, |data| {
                        data.primitive(social::ALGORITHM_IDENTIFIER, &[algorithm.id()]);
                    });
                }
            });
        }
    });
    bytes
}
