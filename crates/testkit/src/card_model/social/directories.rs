//! Standing in a DF or at a file of it: what the life cycle lets through, what is kept and what is lost on the way, the FCI.

use sscard_apdu::tlv::Writer;
use sscard_apdu::{FileId, StatusWord};
use sscard_core::LifeCycle;
use sscard_elements::social;

use crate::card_model::answer::Answer;
use crate::card_model::channel::Selected;
use crate::card_model::stand::{Outcome, Stand};

/// EF05, which is read even while the environment is deactivated.
const ISSUER_DATA: FileId = FileId::new(0xEF05);

pub(in crate::card_model) fn enter_directory(
    df: u8,
    stand: &mut Stand<'_>,
    answer: &mut Answer,
) -> Outcome {
    let plan = &stand.plan.social;
    let mut status = StatusWord::SUCCESS;
    if plan.is_in_environment(df) {
        match stand.lasting.social.environment {
            LifeCycle::Activated => {}
            LifeCycle::Deactivated if plan.environment() == Some(df) => {
                status = StatusWord::SELECTED_FILE_DEACTIVATED;
            }
            LifeCycle::Deactivated => return Err(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED),
            _ => return Err(StatusWord::APPLICATION_PERMANENTLY_BLOCKED),
        }
    }
    stand_in(df, stand);
    control_information(df, stand, answer);
    Ok(status)
}

pub(in crate::card_model) fn enter_file(df: u8, ef: u8, stand: &mut Stand<'_>) -> Outcome {
    let plan = &stand.plan.social;
    if plan.is_in_environment(df) {
        let is_free =
            plan.environment() == Some(df) && plan.df(df).files[usize::from(ef)].fid == ISSUER_DATA;
        match stand.lasting.social.environment {
            LifeCycle::Activated => {}
            LifeCycle::Deactivated if is_free => {}
            LifeCycle::Deactivated => return Err(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED),
            _ => return Err(StatusWord::APPLICATION_PERMANENTLY_BLOCKED),
        }
    }
    if stand.channel.selected != Selected::Files || stand.channel.social.df != df {
        stand_in(df, stand);
    }
    stand.channel.social.ef = Some(ef);
    stand.channel.social.record = 0;
    Ok(StatusWord::SUCCESS)
}

/// The same DF again keeps every state; another drops the challenge and what the old one's keys proved, and outside the environment what its
/// keys proved; the PIN lasts until the power goes (part 7 §5.8).
fn stand_in(df: u8, stand: &mut Stand<'_>) {
    let plan = &stand.plan.social;
    let is_another = stand.channel.selected != Selected::Files || stand.channel.social.df != df;
    if is_another {
        stand.channel.challenge = None;
        let leaves = !plan.is_in_environment(df);
        stand.channel.social.keys.retain(|key| key & 0x80 == 0 && !leaves);
    }
    stand.channel.selected = Selected::Files;
    let session = &mut stand.channel.social;
    session.df = df;
    session.ef = None;
    session.record = 0;
}

/// `6F{84 name}`, of the environment with `A5{88 DIR, BF0C or 9F0C{86 algorithm}}` (part 5 tables 36 and 38).
fn control_information(df: u8, stand: &Stand<'_>, answer: &mut Answer) {
    let plan = &stand.plan.social;
    let blueprint = stand.blueprint();
    let own = plan.df(df);
    let algorithm = (plan.environment() == Some(df) && blueprint.announces_algorithm)
        .then_some(blueprint.algorithm);
    Writer::new(&mut answer.data).constructed(social::FCI_TEMPLATE, |fci| {
        if !own.name.is_empty() {
            fci.primitive(social::DF_NAME, &own.name);
        }
        if own.dir.is_some() || algorithm.is_some() {
            fci.constructed(social::PROPRIETARY_TEMPLATE, |inner| {
                if let Some(dir) = own.dir {
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
}
