//! Where the program finds our PC/SC: a folder of its own with the socket, and the library under the name that programs load.

use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fs};

use sscard_stand::ApiAddress;
use tempfile::TempDir;

use crate::failure::Failure;
use crate::outside::shown_path;

/// The library, as it is built.
const LIBRARY: &str = "libsscard_pcsc.so";
/// Where it lies, for whoever has it elsewhere.
const LIBRARY_VARIABLE: &str = "SSCARD_PCSC_LIBRARY";
/// What programs load: by its version, or as one that was linked at build time.
const NAMES: [&str; 2] = ["libpcsclite.so.1", "libpcsclite.so"];
/// What the folders are called, and the socket in each.
const PREFIX: &str = "sscard-with-";
const SOCKET: &str = "pcsc";
/// A folder of this age has its socket.
const GROWN_UP: Duration = Duration::from_secs(60);
/// A socket's name has room for 107 bytes.
const LONGEST_SOCKET: usize = 107;

/// A folder that only its owner enters; it goes with this value.
pub(super) struct Place {
    folder: TempDir,
    library: PathBuf,
}

impl Place {
    /// Makes the folder, with links to the library.
    pub(super) fn new() -> Result<Self, Failure> {
        let library = library()?;
        let folder = folder()?;
        let unwritable =
            |path: &Path, source| Failure::Unwritable { path: path.to_owned(), source };
        for name in NAMES {
            let link = folder.path().join(name);
            symlink(&library, &link).map_err(|source| unwritable(&link, source))?;
        }
        Ok(Self { folder, library })
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join(SOCKET)
    }

    /// Where programs' connections come in.
    pub(super) fn listen(&self) -> Result<UnixListener, Failure> {
        let path = self.socket();
        UnixListener::bind(&path).map_err(|source| Failure::Unwritable { path, source })
    }

    /// The variables by which the program comes here, and whatever it starts.
    pub(super) fn variables(
        &self,
        api: Option<&ApiAddress>,
        token: Option<&str>,
    ) -> Vec<(&'static str, OsString)> {
        let loaded = self.folder.path().join(NAMES[0]);
        let mut folders = self.folder.path().as_os_str().to_owned();
        if let Some(others) = env::var_os("LD_LIBRARY_PATH").filter(|others| !others.is_empty()) {
            folders.push(":");
            folders.push(others);
        }
        // Java looks in fixed places, and nowhere else unless it is told.
        let mut java = env::var_os("JAVA_TOOL_OPTIONS").unwrap_or_default();
        if !java.is_empty() {
            java.push(" ");
        }
        java.push("-Dsun.security.smartcardio.library=");
        java.push(&loaded);
        let mut variables = vec![
            ("SSCARD_PCSC_SOCKET", self.socket().into_os_string()),
            ("LD_LIBRARY_PATH", folders),
            ("LIBPCSCLITE_DELEGATE", loaded.into_os_string()),
            ("JAVA_TOOL_OPTIONS", java),
            (LIBRARY_VARIABLE, self.library.clone().into_os_string()),
        ];
        if let Some(api) = api {
            variables.push(("SSCARD_API", api.to_string().into()));
        }
        if let Some(token) = token {
            variables.push(("SSCARD_API_TOKEN", token.into()));
        }
        variables
    }
}

/// What killed programs left: folders whose socket nobody answers any more. One that is just being made has none yet, or is young.
fn sweep(place: &Path) {
    let old = |folder: &Path| {
        let made = folder.metadata().and_then(|it| it.modified()).ok();
        made.and_then(|made| made.elapsed().ok()).is_some_and(|age| age > GROWN_UP)
    };
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        let folder = entry.path();
        let is_ours = entry.file_name().as_encoded_bytes().starts_with(PREFIX.as_bytes());
        let is_left = || {
            let answer = UnixStream::connect(folder.join(SOCKET));
            answer.is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
        };
        if is_ours && old(&folder) && is_left() {
            // What is not ours in it, or another's, stays.
            for name in NAMES.iter().chain([&SOCKET]) {
                let _ = fs::remove_file(folder.join(name));
            }
            let _ = fs::remove_dir(&folder);
        }
    }
}

/// A folder for one run: in the usual place, or in `/tmp` where that has a name that would be misread.
fn folder() -> Result<TempDir, Failure> {
    let places = [env::temp_dir(), PathBuf::from("/tmp")];
    let [usual, _] = &places;
    let mut why = "it has a name that LD_LIBRARY_PATH, Java or a socket cannot take".to_owned();
    for place in &places {
        match tempfile::Builder::new().prefix(PREFIX).tempdir_in(place) {
            Ok(folder) if is_plain(folder.path()) => {
                sweep(place);
                return Ok(folder);
            }
            Ok(_) => {}
            Err(error) => why = error.to_string(),
        }
    }
    let advice = format!(
        "no folder for readers can be made there, nor in /tmp: {why}; TMPDIR says where else"
    );
    Err(Failure::Input { place: usual.display().to_string(), reason: advice })
}

/// Whether a folder can be named wherever its name goes: the loader splits `LD_LIBRARY_PATH` at colons and semicolons and replaces `$`,
/// Java splits its options at blanks and reads quotes, and a socket's name is short.
fn is_plain(folder: &Path) -> bool {
    let name = folder.as_os_str().as_encoded_bytes();
    let is_taken_as_it_is = |byte: &u8| !byte.is_ascii_whitespace() && !b":;$'\"\\".contains(byte);
    folder.join(SOCKET).as_os_str().len() <= LONGEST_SOCKET && name.iter().all(is_taken_as_it_is)
}

/// The library: where the variable says, beside this program, or in the folder `lib` next to the program's.
fn library() -> Result<PathBuf, Failure> {
    let missing = |what: String| {
        let advice = format!(
            "{what}; cargo build makes it beside the program, and {LIBRARY_VARIABLE} says where else it is"
        );
        Failure::Input { place: LIBRARY.to_owned(), reason: advice }
    };
    if let Some(given) = env::var_os(LIBRARY_VARIABLE).filter(|given| !given.is_empty()) {
        let given = PathBuf::from(given);
        let wrong =
            || format!("{LIBRARY_VARIABLE} is {}, and no file is there", shown_path(&given));
        let real = given.canonicalize().ok().filter(|real| real.is_file());
        return real.ok_or_else(|| missing(wrong()));
    }
    let program = env::current_exe().and_then(|program| program.canonicalize());
    let program = program.map_err(|error| missing(format!("this program's place: {error}")))?;
    let beside = program.parent().unwrap_or_else(|| Path::new("/"));
    let places = [beside.join(LIBRARY), beside.join("..").join("lib").join(LIBRARY)];
    let found = places.iter().find_map(|place| place.canonicalize().ok().filter(|it| it.is_file()));
    found.ok_or_else(|| {
        let places: Vec<String> = places.iter().map(|place| shown_path(place)).collect();
        missing(format!("it is neither {}", places.join(" nor ")))
    })
}

/// What a person calls the program.
pub(super) fn named(program: &OsStr) -> String {
    shown_path(Path::new(program))
}
