//! Where this library lies.

use std::path::PathBuf;

/// The folder of this library; `None` where the system does not say.
#[cfg(unix)]
#[allow(unsafe_code, reason = "asks the loader")]
pub(crate) fn own_folder() -> Option<PathBuf> {
    use std::ffi::{CStr, OsStr};
    use std::os::unix::ffi::OsStrExt;

    let mut found = std::mem::MaybeUninit::<libc::Dl_info>::zeroed();
    let address: fn() -> Option<PathBuf> = own_folder;
    // SAFETY: the address is one of this library's code; `found` is as large as the loader fills it, and all its
    // fields may be zero.
    let found = unsafe {
        if libc::dladdr(address as *const libc::c_void, found.as_mut_ptr()) == 0 {
            return None;
        }
        found.assume_init()
    };
    if found.dli_fname.is_null() {
        return None;
    }
    // SAFETY: the loader's name ends in 00 and stays as long as the library.
    let name = unsafe { CStr::from_ptr(found.dli_fname) };
    let path = PathBuf::from(OsStr::from_bytes(name.to_bytes()));
    path.canonicalize().ok()?.parent().map(std::path::Path::to_owned)
}

/// The folder of this library; `None` where the system does not say.
#[cfg(not(unix))]
pub(crate) fn own_folder() -> Option<PathBuf> {
    None
}
