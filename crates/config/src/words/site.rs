//! The words of a site.

use super::Kind::{Below, Name, Path, Text as Free};
use super::Shape::{Any, Bool, Count, False, List, Listed, Size, Table, Text};
use super::{Home, Row, SITE};

const AT_QUOTA: &[Home] = &[Home::Quota];

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    Row::new("folder", SITE, Text(Path), "folder = \"public\"",
        "The folder that is served").statuses(&[200, 404])
        .also(&["root", "document-root", "documentroot", "dir", "directory", "docroot", "public", "www"]),
    Row::new("index", SITE, List(&Text(Name)), "index = [\"index.html\"]",
        "Files shown for a folder, in order of preference").also(&["directory-index", "indexes", "default"]),
    Row::new("listing", SITE, Bool, "listing = false",
        "Are folders listed that have no index file?").statuses(&[404])
        .also(&["no-listing", "autoindex", "browse", "directory-listing", "dirlist", "list"]),
    Row::new("hidden", SITE, Bool, "hidden = true",
        "Are names served that begin with a dot?").statuses(&[404]).also(&["dotfiles", "dot-files"]),
    Row::new("trace", SITE, Bool, "trace = true",
        "Is TRACE answered, which shows a client its own request?").statuses(&[405]),
    Row::new("show-because", SITE, Bool, "show-because = true",
        "Are clients told the number of the walk?").also(&["because", "explain", "debug"]),
    Row::new("write", SITE, Bool, "write = true",
        "May clients add, change and remove what is in the folder, by HTTP and WebDAV?").statuses(&[201, 204, 405])
        .also(&["dav", "webdav", "upload", "uploads", "writable", "writeable", "put"]),
    Row::new("drop", SITE, Listed(&Text(Below)), "drop = [\"inbox\"]",
        "Folders in which anybody may put files, and change nothing").statuses(&[201, 403])
        .also(&["dropbox", "inbox", "drops"]),
    Row::new("fsync", SITE, Bool, "fsync = false",
        "Is what was written on the disk before that is answered?").also(&["no-fsync", "sync", "durable"]),
    Row::new("quota", SITE, Any(&[Size, Table(Home::Quota), False]), "quota = \"10G\"",
        "The most that all files together may have").statuses(&[507]).also(&["quota-files", "space", "max-size"]),
    Row::new("gzip", SITE, Bool, "gzip = true",
        "Is content taken that comes compressed by gzip, and stored as what it is?").statuses(&[415])
        .also(&["accept-gzip", "compress", "compression"]),
    Row::new("depth-infinity", SITE, Bool, "depth-infinity = true",
        "Is PROPFIND of infinite depth answered, which can be much?").statuses(&[403]),
    Row::new("redirects", SITE, Text(Path), "redirects = \"_redirects\"",
        "A file of redirections, a line each: /old /new 301").statuses(&[301, 302, 303, 307, 308])
        .also(&["redirects-file", "redirect-file"]),
    Row::new("realm", SITE, Text(Free), "realm = \"Example\"",
        "The name of the space that passwords are asked for").statuses(&[401]).also(&["auth-name", "authname"]),

    Row::new("size", AT_QUOTA, Size, "size = \"10G\"",
        "The most octets").statuses(&[507]).also(&["bytes", "octets", "space"]),
    Row::new("files", AT_QUOTA, Count(0, u64::MAX), "files = 1000",
        "The most files").statuses(&[507]).also(&["count", "inodes"]),
];
