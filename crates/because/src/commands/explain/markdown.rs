//! The table of statuses as a document: `docs/statuses.md`.

use std::fmt::Write as _;

use semantics::status::{Class, Status, StatusRow};

/// All that is known of these statuses.
pub(super) fn document(statuses: &[Status]) -> String {
    let mut out = String::from(
        "# Statuses\n\nWritten by `because explain --format markdown`, from the table that the server, the command line and the \
         tests read.\n",
    );
    // writing to memory does not fail
    let _ = write(&mut out, statuses);
    out
}

fn write(out: &mut String, statuses: &[Status]) -> std::fmt::Result {
    for class in Class::ALL {
        let rows: Vec<&StatusRow> = statuses.iter().filter(|s| s.class() == class).map(|s| s.row()).collect();
        if rows.is_empty() {
            continue;
        }
        writeln!(out, "\n## {}xx {}\n\n{}\n", class.digit(), class.name(), class.meaning())?;
        writeln!(out, "| code | name | standing | temporary or permanent | stored by caches | defined in |")?;
        writeln!(out, "| --- | --- | --- | --- | --- | --- |")?;
        for row in &rows {
            let (code, standing) = (row.status, row.standing.name());
            let (permanence, stored) = (row.permanence.name(), row.stored.name());
            writeln!(
                out,
                "| [{code}](#{code}) | {} | {standing} | {permanence} | {stored} | {} |",
                row.name, row.spec
            )?;
        }
        for row in rows {
            page(out, row)?;
        }
    }
    Ok(())
}

fn page(out: &mut String, row: &StatusRow) -> std::fmt::Result {
    let code = row.status;
    writeln!(out, "\n<a id=\"{code}\"></a>\n\n### {code} {}\n\n{}\n", row.name, row.meaning)?;
    writeln!(out, "Why it happens here:\n")?;
    for cause in row.causes {
        writeln!(out, "* {cause}")?;
    }
    writeln!(out, "\nTemporary or permanent: {}\n", row.permanence_note)?;
    if !row.carries.is_empty() {
        writeln!(out, "| field | | |\n| --- | --- | --- |")?;
        for carry in row.carries {
            writeln!(out, "| {} | {} | {} |", carry.field, carry.level.name(), carry.note.replace('|', "\\|"))?;
        }
        writeln!(out)?;
    }
    writeln!(out, "* client: {}\n* server: {}\n* proxy: {}", row.client, row.server, row.proxy)
}
