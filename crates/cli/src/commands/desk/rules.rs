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
    let texts = RULES.map(|rule| [rule.id(), rule.text().to_owned()]);
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

const RULES: [Rule; 22] = [
    Rule::D01,
    Rule::D02,
    Rule::D03,
    Rule::D04,
    Rule::D05,
    Rule::D06,
    Rule::D07,
    Rule::D08,
    Rule::D09,
    Rule::D10,
    Rule::D11,
    Rule::D12,
    Rule::D13,
    Rule::D14,
    Rule::D15,
    Rule::D16,
    Rule::D17,
    Rule::D18,
    Rule::D19,
    Rule::D20,
    Rule::D21,
    Rule::D22,
];
