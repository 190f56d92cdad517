//! The page of `/`, and what a browser lets it do.
//!
//! It is one text with all it needs in it. Its policy names its own scripts and its own style by their hashes: what anybody else
//! puts into it is not run.

use std::sync::LazyLock;

use base64ct::{Base64, Encoding};
use hyper::Response;
use hyper::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use sha2::{Digest, Sha256};

use super::Body;

/// The page of `/`.
pub const PAGE: &str = concat!(
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n",
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
    "<title>sscard</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>",
    include_str!("../../page/page.css"),
    "</style>\n</head>\n",
    include_str!("../../page/page.html"),
    "<script>",
    include_str!("../../page/words.js"),
    "</script>\n<script>",
    include_str!("../../page/page.js"),
    "</script>\n</body>\n</html>\n",
);

const STYLE: &str = include_str!("../../page/page.css");
const SCRIPTS: [&str; 2] =
    [include_str!("../../page/words.js"), include_str!("../../page/page.js")];

/// The answer with the page, or with another one, which runs nothing then.
pub(super) fn answer(page: &'static str) -> Response<Body> {
    let mut response = super::answer::with(200, "text/html; charset=utf-8", page);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy());
    response
}

/// The content security policy of the page.
fn policy() -> HeaderValue {
    static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
        let scripts = SCRIPTS.map(hash).join(" ");
        let style = hash(STYLE);
        let policy = format!(
            "default-src 'none'; script-src {scripts}; style-src {style}; img-src data:; connect-src 'self'; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        );
        // Without its policy the page does nothing at all.
        let nothing = HeaderValue::from_static("default-src 'none'");
        HeaderValue::from_str(&policy).unwrap_or(nothing)
    });
    POLICY.clone()
}

fn hash(text: &str) -> String {
    format!("'sha256-{}'", Base64::encode_string(&Sha256::digest(text.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_brings_everything_and_makes_no_markup() {
        for asked_elsewhere in ["http:", "https:", " src=", "@import", "url("] {
            assert!(!PAGE.contains(asked_elsewhere), "{asked_elsewhere}");
        }
        for made in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
            ".style",
            " style=",
        ] {
            assert!(!PAGE.contains(made), "{made}");
        }
        assert_eq!(PAGE.matches("<script>").count(), SCRIPTS.len());
        assert_eq!(PAGE.matches("<style>").count(), 1);
    }

    #[test]
    fn the_policy_names_the_pages_own_scripts_alone() {
        let policy = policy();
        let policy = policy.to_str().expect("text");
        assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
        assert_eq!(policy.matches("'sha256-").count(), 3, "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
    }

    /// Every word that the page asks for is there, in both languages.
    #[test]
    fn every_word_has_both_languages() {
        let [words, page] = SCRIPTS;
        let html = include_str!("../../page/page.html");
        let known = |word: &str| {
            words.contains(&format!("\n  {word}: [\""))
                || words.contains(&format!("\n  \"{word}\": [\""))
        };
        let after = |text: &'static str, mark: &'static str| {
            text.split(mark).skip(1).filter_map(|rest| rest.split_once('"').map(|(word, _)| word))
        };
        let asked =
            after(html, "data-word=\"").chain(after(page, "say(\"")).chain(after(page, "air(\""));
        let mut count = 0;
        for word in asked {
            assert!(known(word), "{word}");
            count += 1;
        }
        assert!(count > 50, "{count}");
        assert_eq!(
            words.matches("\", \"").count() + words.matches("\",\n    \"").count(),
            words.matches(": [\"").count()
        );
    }
}
