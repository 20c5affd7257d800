//! The part of a list for people in which they add to the folder.
//!
//! Without scripts it is a form; the script in it sends each file by itself, shows how far it is, and asks before it replaces or
//! deletes. The page allows that script by its digest and no other (CSP3 §2.3.1), so what a file name smuggles in cannot run.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use super::Grant;

pub(super) const STYLE: &str = include_str!("upload.css");
const SCRIPT: &str = include_str!("upload.js");

/// The Content-Security-Policy of a page with this part.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let digest = base64(&Sha256::digest(SCRIPT));
    format!(
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; \
         connect-src 'self'; frame-ancestors 'none'; script-src 'sha256-{digest}'"
    )
});

pub(super) fn policy() -> &'static str {
    &POLICY
}

/// The form, for what the client may do here.
pub(super) fn form(grant: Grant, out: &mut Vec<u8>) {
    let (only, folder) = match grant {
        Grant::Nothing => return,
        Grant::Adding => (" data-add", ""),
        Grant::Everything => ("", FOLDER),
    };
    let form = format!(
        "<section class=up aria-label=\"Add to this folder\">\n\
         <form id=up method=post action=\"?then=see\" enctype=\"multipart/form-data\"{only}>\n\
         <label for=files>Add files</label>\n<input id=files type=file name=file multiple required>\n\
         <button>Upload</button>\n<span id=hint hidden>or drop them anywhere on this page</span>\n</form>\n\
         {folder}<p id=say role=status></p>\n<ul id=queue></ul>\n</section>\n"
    );
    out.extend(form.as_bytes());
}

/// It needs a method that forms do not have, so the script shows it.
const FOLDER: &str = "<form id=make hidden>\n<label for=name>New folder</label>\n\
     <input id=name required maxlength=255 autocomplete=off>\n<button>Create</button>\n</form>\n";

/// The script, at the end of the page, where all that it works on is there.
pub(super) fn script(grant: Grant, out: &mut Vec<u8>) {
    if grant != Grant::Nothing {
        for piece in ["<script>", SCRIPT, "</script>\n"] {
            out.extend(piece.as_bytes());
        }
    }
}

/// RFC 4648 §4
fn base64(octets: &[u8]) -> String {
    const CHARACTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(octets.len().div_ceil(3) * 4);
    for group in octets.chunks(3) {
        let octet = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = octet(0) << 16 | octet(1) << 8 | octet(2);
        for at in 0..4 {
            let character = CHARACTERS[(bits >> (18 - 6 * at) & 63) as usize];
            out.push(if at > group.len() { '=' } else { char::from(character) });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4648 §10
    #[test]
    fn base64_is_that_of_the_rfc() {
        for (octets, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
            ("\u{3ff}\u{7ff}", "z7/fvw=="),
        ] {
            assert_eq!(base64(octets.as_bytes()), text);
        }
    }

    #[test]
    fn the_policy_allows_this_script_and_no_other() {
        let (before, digest) = policy().split_once("script-src 'sha256-").expect("a digest");
        assert!(
            before.ends_with("connect-src 'self'; frame-ancestors 'none'; ")
                && before.starts_with("default-src 'none'; ")
        );
        assert_eq!((digest.len(), &digest[43..]), (45, "='"), "{digest}");
        assert!(policy().is_ascii() && !policy().contains("script-src 'unsafe"));
        let mut out = Vec::new();
        script(Grant::Everything, &mut out);
        let text = String::from_utf8(out).expect("it is text");
        let inner = text.split_once("<script>").and_then(|(_, rest)| rest.split_once("</script>"));
        assert_eq!(inner, Some((SCRIPT, "\n")), "the script ends where it should, and is what is digested");
    }

    /// What the script asks for by id is in the form.
    #[test]
    fn script_and_form_fit() {
        let mut out = Vec::new();
        form(Grant::Everything, &mut out);
        let form = String::from_utf8(out).expect("it is text");
        let mut ids = 0;
        for id in SCRIPT.split("$('").skip(1).filter_map(|rest| rest.split_once("')")).map(|(id, _)| id) {
            assert!(form.contains(&format!(" id={id}")), "{id}");
            ids += 1;
        }
        assert!(ids >= 6);
        for outside in ["http:", "https:", "innerHTML", "eval(", "<!--"] {
            assert!(!SCRIPT.contains(outside) && !STYLE.contains(outside), "{outside}");
        }
    }
}
