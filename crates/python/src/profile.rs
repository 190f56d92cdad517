//! Profiles, and the cards that are made from them.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyString;
use sscard_core::{Card, LifeCycle, Profile};
use sscard_profile::{
    BUILT_IN, BUILT_IN_MODULES, IccKeys, MasterKeys, NamedProfileError, fields, from_file,
    holder_of, issue_in, load_beside, state_of,
};

use crate::error::{exception, of_file};

/// What a card is made from: a built-in profile by name, or a TOML file.
#[pyclass(frozen, module = "sscard", name = "Profile")]
pub(crate) struct PyProfile {
    pub(crate) profile: Profile,
}

#[pymethods]
impl PyProfile {
    /// A built-in profile by its name, or the file at this path.
    #[new]
    fn new(name_or_path: &Bound<'_, PyAny>) -> PyResult<Self> {
        named(name_or_path).map(|profile| Self { profile })
    }

    /// A profile from a text of TOML, which names no other files.
    #[staticmethod]
    fn parse(text: &str) -> PyResult<Self> {
        let nothing =
            |_: &str| Err("a profile that is no file itself names no other file".to_owned());
        let loaded = load_beside(text, &nothing);
        loaded.map(|profile| Self { profile }).map_err(|error| exception("InvalidProfile", error))
    }

    /// Its name.
    #[getter]
    fn name(&self) -> String {
        self.profile.blueprint().name.to_string()
    }

    /// Algorithm of the social security application: `3DES` or `SM4`.
    #[getter]
    fn algorithm(&self) -> &'static str {
        self.profile.algorithm().name()
    }

    fn __repr__(&self) -> String {
        format!("Profile({:?})", self.name())
    }
}

/// The names of the built-in profiles.
#[pyfunction]
pub(crate) fn built_in_profiles() -> Vec<&'static str> {
    BUILT_IN.iter().chain(&BUILT_IN_MODULES).map(|(name, _)| *name).collect()
}

/// A profile by name, by path, or as it is.
pub(crate) fn named(object: &Bound<'_, PyAny>) -> PyResult<Profile> {
    if let Ok(profile) = object.cast::<PyProfile>() {
        return Ok(profile.get().profile.clone());
    }
    if let Ok(name) = object.cast::<PyString>() {
        return sscard_profile::named(&name.to_string(), Path::new(""))
            .map_err(|error| refused(&error));
    }
    let path: PathBuf = object
        .extract()
        .map_err(|_| PyTypeError::new_err("a profile is a name, a path or a Profile"))?;
    of_path(&path)
}

/// A profile from a TOML file; what it names is looked for beside it.
pub(crate) fn of_path(path: &Path) -> PyResult<Profile> {
    from_file(path).map_err(|error| refused(&error))
}

fn refused(error: &NamedProfileError) -> PyErr {
    match error {
        NamedProfileError::Unreadable { path, source }
            if source.kind() != ErrorKind::InvalidData =>
        {
            of_file(path, source)
        }
        _ => exception("InvalidProfile", error),
    }
}

/// A card of this profile for the holder of a seed, who has these items instead.
pub(crate) fn issue(
    profile: &Profile,
    seed: Option<u64>,
    items: &[(String, String)],
    life_cycle: Option<LifeCycle>,
) -> PyResult<Card> {
    let mut holder = holder_of(profile, seed);
    if let Some(life_cycle) = life_cycle {
        holder.life_cycle = life_cycle;
    }
    for (name, value) in items {
        fields::set(&mut holder, &format!("{name}={value}"))
            .map_err(|error| exception("InvalidProfile", format!("{name}: {error}")))?;
    }
    let state = state_of(profile);
    issue_in(profile, &holder, &MasterKeys::test(), IccKeys::Shared, &state)
        .map_err(|error| exception("InvalidProfile", format!("this card cannot be made: {error}")))
}
