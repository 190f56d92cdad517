//! The library is known to the loader as pcsc-lite's, so that a program that looks for that one takes this one.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libpcsclite.so.1");
    }
}
