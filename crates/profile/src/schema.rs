//! The JSON schema of a profile, for editors that complete and check TOML.
//!
//! It is made of the types that read a profile and their comments; a test compares it with them.

/// The schema, JSON.
pub const SCHEMA: &str = include_str!("../profile.schema.json");

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    /// `BLESS=1 cargo test -p sscard-profile schema` writes it anew.
    #[test]
    fn the_schema_is_that_of_the_types() {
        let schema = schemars::schema_for!(crate::file::ProfileFile);
        let text = serde_json::to_string_pretty(&schema).expect("JSON") + "\n";
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("profile.schema.json");
        if std::env::var_os("BLESS").is_some() {
            fs::write(&path, &text).expect("written");
        }
        let there = fs::read_to_string(&path).expect("a schema");
        assert!(there == text, "it is stale: BLESS=1 cargo test -p sscard-profile schema");
    }
}
