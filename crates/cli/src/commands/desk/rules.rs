//! `sscard desk rules`: which operation is done where.

use std::io::Write;

use sscard_desk::{Capability, Operation, PointKind, Rule, cell, table};

use crate::documents;
use crate::documents::desk::{CapabilitiesDocument, CapabilityEntry};
use crate::failure::Failure;

pub(super) fn run(json: bool, out: &mut dyn Write) -> Result<(), Failure> {
    if json {
        documents::print(out, &CapabilitiesDocument(table().map(entry).collect()))?;
        return Ok(());
    }
    let names = PointKind::ALL.map(|point| format!("{}\n{}", point.name_zh(), point.name()));
    let mut headings = vec!["operation"];
    headings.extend(names.iter().map(String::as_str));
    let rows = Operation::ALL.map(|operation| {
        let cells = PointKind::ALL.map(|point| cell_text(cell(operation, point)));
        [operation.name().to_owned()].into_iter().chain(cells)
    });
    super::table::print(out, &headings, rows)?;
    writeln!(out, "\nyes: done there; else the rule that refuses\n")?;
    let texts = Rule::ALL.map(|rule| [rule.id(), rule.text().to_owned()]);
    super::table::print(out, &["rule", ""], texts)?;
    Ok(())
}

fn entry(cell: Capability) -> CapabilityEntry {
    CapabilityEntry {
        operation: cell.operation.name(),
        service_point: cell.point.name(),
        allowed: cell.allowed,
        rules: cell.rules.iter().map(|rule| rule.id()).collect(),
    }
}

fn cell_text(cell: Capability) -> String {
    match cell.rules.first() {
        Some(rule) if !cell.allowed => rule.id(),
        _ => "yes".to_owned(),
    }
}
