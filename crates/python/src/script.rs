//! Scripts of the `.apdu` language, on a card of Python's or on the one that they name.

use std::path::{Path, PathBuf};

use pyo3::prelude::*;
use pyo3::types::PyString;
use sscard_core::{Card, Interface, LifeCycle};
use sscard_documents::run::{ScriptOutcome, outcome};
use sscard_host::{CardFile, Secrets, Transport};
use sscard_profile::built_in;
use sscard_script::ast::{CardState, Protocol};
use sscard_script::{
    Checked, Options, Program, ScriptError, ScriptSettings, SourceText, Target, check, run_with,
};

use crate::card::PyCard;
use crate::error::{exception, exception_with, of_card_file, of_transport};
use crate::held::{Held, SharedCard};
use crate::json;
use crate::profile::{issue, of_path};
use crate::read_file;

/// Runs a script, a text or the file at a path, on a card, or on a fresh one that the script names (`@profile`, `@card`, `@state`,
/// `@contactless`): the report is as `sscard run --json` says it of one script. Whether it passed is in the report.
#[pyfunction]
#[pyo3(signature = (script, card = None))]
pub(crate) fn run_script<'py>(
    script: &Bound<'py, PyAny>,
    card: Option<&Bound<'py, PyCard>>,
) -> PyResult<Bound<'py, PyAny>> {
    if let Some(card) = card {
        return run_on(script, &card.get().shared);
    }
    let checked = checked(script)?;
    let settings = &checked.program().settings;
    let mut held = Held::new(of_script(settings)?, None).map_err(|error| of_transport(&error))?;
    if settings.contactless {
        held.power_by(Interface::Contactless).map_err(|error| of_transport(&error))?;
    }
    carry_out(script.py(), &checked, &SharedCard::new(held))
}

/// Runs a script on this card, which is powered if it has no power.
pub(crate) fn run_on<'py>(
    script: &Bound<'py, PyAny>,
    shared: &SharedCard,
) -> PyResult<Bound<'py, PyAny>> {
    carry_out(script.py(), &checked(script)?, shared)
}

fn carry_out<'py>(
    py: Python<'py>,
    checked: &Checked,
    shared: &SharedCard,
) -> PyResult<Bound<'py, PyAny>> {
    let program = checked.program();
    let mut psam = module(&program.settings)?;
    let mut done =
        ScriptOutcome { name: program.source().name.to_string(), ..ScriptOutcome::default() };
    let ran = shared.at_length(py, |held| {
        if !held.card().is_powered() {
            Transport::reset(held)?;
        }
        let options = Options::new(Secrets::Redacted, Target::Virtual);
        let psam = psam.as_mut();
        done.summary = run_with(checked, held, psam, options, &mut done.report);
        Ok(())
    });
    ran.map_err(|error| of_transport(&error))?;
    let mut report = outcome::runs(&[done]);
    json::document(py, &report.scripts.pop())
}

/// Reads, parses and checks: a text of several lines is a script itself, else it is a path.
fn checked(script: &Bound<'_, PyAny>) -> PyResult<Checked> {
    let read = |path: &Path| read_file::read(path).map_err(|error| error.to_string());
    let text = script.cast::<PyString>().ok().map(ToString::to_string);
    let program = match text.filter(|text| text.contains('\n') || !Path::new(text).exists()) {
        Some(text) => Program::parse(SourceText::new("<script>", &text), &read),
        None => Program::load(&script.extract::<PathBuf>()?, &read),
    };
    program.and_then(|program| check(program, Target::Virtual)).map_err(|errors| refused(&errors))
}

/// What is wrong with a script, each with its place.
fn refused(errors: &[ScriptError]) -> PyErr {
    let said = |error: &ScriptError| {
        let advice = error.advice.as_ref().map(|advice| format!("; {advice}")).unwrap_or_default();
        format!("{}:{}:{}: {}{advice}", error.name, error.line, error.column, error.message)
    };
    let all: Vec<String> = errors.iter().map(said).collect();
    exception_with("InvalidScript", |class| class.call1((all.join("\n"), all)))
}

fn of_script(settings: &ScriptSettings) -> PyResult<Card> {
    if let Some(path) = &settings.card {
        return CardFile::read(path).map_err(|error| of_card_file(&error));
    }
    let name = settings.profile.as_deref().unwrap_or("gen3");
    let profile = match (built_in(name), settings.protocol) {
        (Some(profile), None) => profile,
        (Some(_), Some(protocol)) => {
            let protocol = if protocol == Protocol::T0 { "T=0" } else { "T=1" };
            let text = format!("base = \"{name}\"\nprotocol = \"{protocol}\"\n");
            sscard_profile::load(&text).map_err(|error| exception("InvalidProfile", error))?
        }
        (None, _) => of_path(Path::new(name))?,
    };
    let state = settings.state.map(|state| match state {
        CardState::Produced => LifeCycle::Deactivated,
        CardState::Active => LifeCycle::Activated,
    });
    issue(&profile, settings.seed, &[], state)
}

/// The security module that a script names, in the second slot, with power.
fn module(settings: &ScriptSettings) -> PyResult<Option<Held>> {
    let Some(name) = &settings.psam else { return Ok(None) };
    let is_image = Path::new(name).extension().is_some_and(|ending| ending == "img");
    let card = if is_image {
        CardFile::read(Path::new(name)).map_err(|error| of_card_file(&error))?
    } else {
        let profile = built_in(name).map_or_else(|| of_path(Path::new(name)), Ok)?;
        issue(&profile, settings.seed, &[], Some(LifeCycle::Activated))?
    };
    if card.inspect_psam().is_none() {
        let words = format!("@psam {name}: it is a holder's card, and no security module");
        return Err(exception("InvalidScript", words));
    }
    let mut held = Held::new(card, None).map_err(|error| of_transport(&error))?;
    Transport::reset(&mut held).map_err(|error| of_transport(&error))?;
    Ok(Some(held))
}
