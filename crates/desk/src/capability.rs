//! Which operation is done at which kind of service point: data, one row an operation.
//!
//! Source: rules D04–D06, D13, D14, D17, D19–D22 of the notice; docs/desk.md.

use PointKind::{
    BankBranch, CardOutlet, Community, ConvenienceCenter, HrOutlet, Kiosk, Pharmacy, Village,
    Website,
};

use crate::{Operation, PointKind, Rule};

/// One cell: an operation at a kind of service point.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Capability {
    /// What is asked for.
    pub operation: Operation,
    /// Where.
    pub point: PointKind,
    /// Whether it is done there at all.
    pub allowed: bool,
    /// The rules that say so; of a cell that is not allowed the first is the one that refuses.
    pub rules: &'static [Rule],
}

struct Row {
    points: &'static [PointKind],
    rules: &'static [Rule],
    /// Elsewhere.
    refused_by: &'static [Rule],
    /// Places that another rule refuses.
    exceptions: &'static [(PointKind, &'static [Rule])],
}

const fn row(operation: Operation) -> &'static Row {
    match operation {
        Operation::ActivateBoth => &Row {
            points: &[BankBranch],
            rules: &[
                Rule::D03,
                Rule::D04,
                Rule::D06,
                Rule::D07,
                Rule::D08,
                Rule::D09,
                Rule::D10,
                Rule::D11,
            ],
            refused_by: &[Rule::D04],
            exceptions: &[
                (Village, &[Rule::D05]),
                (Community, &[Rule::D05]),
                (ConvenienceCenter, &[Rule::D05]),
            ],
        },
        Operation::ActivateSocial => &Row {
            points: &[Village, Community, ConvenienceCenter],
            rules: &[Rule::D03, Rule::D05, Rule::D07, Rule::D08, Rule::D09, Rule::D10, Rule::D11],
            refused_by: &[Rule::D05],
            exceptions: &[(BankBranch, &[Rule::D04])],
        },
        Operation::ActivateFinancial => &Row {
            points: &[BankBranch],
            rules: &[Rule::D03, Rule::D05, Rule::D06, Rule::D07, Rule::D08],
            refused_by: &[Rule::D05],
            exceptions: &[],
        },
        Operation::PinChange => &Row {
            points: &[BankBranch, Village, Community, ConvenienceCenter, Pharmacy],
            rules: &[Rule::D12, Rule::D13, Rule::D15],
            refused_by: &[Rule::D13],
            exceptions: &[],
        },
        Operation::PinReset => &Row {
            points: &[BankBranch, Village, Community, ConvenienceCenter],
            rules: &[Rule::D14, Rule::D16],
            refused_by: &[Rule::D14],
            exceptions: &[],
        },
        Operation::QueryPinChange => &Row {
            points: &[BankBranch, Village, Community, ConvenienceCenter],
            rules: &[Rule::D14],
            refused_by: &[Rule::D14],
            exceptions: &[],
        },
        Operation::Replace => &Row {
            points: &[CardOutlet],
            rules: &[Rule::D17, Rule::D18],
            refused_by: &[Rule::D17],
            exceptions: &[],
        },
        Operation::ChangeCard => &Row {
            points: &[CardOutlet],
            rules: &[Rule::D19, Rule::D20],
            refused_by: &[Rule::D19],
            exceptions: &[],
        },
        Operation::MobileChange => &Row {
            points: &[Village, Community, ConvenienceCenter, Kiosk, Website],
            rules: &[Rule::D21],
            refused_by: &[Rule::D21],
            exceptions: &[],
        },
        Operation::CancelSocial => &Row {
            points: &[HrOutlet],
            rules: &[Rule::D20, Rule::D22],
            refused_by: &[Rule::D22, Rule::D20],
            exceptions: &[],
        },
        Operation::CloseAccount => &Row {
            points: &[BankBranch, CardOutlet],
            rules: &[Rule::D20, Rule::D22],
            refused_by: &[Rule::D22, Rule::D20],
            exceptions: &[],
        },
    }
}

impl Row {
    fn cell(&self, operation: Operation, point: PointKind) -> Capability {
        let allowed = self.points.contains(&point);
        let exception = self.exceptions.iter().find(|(exception, _)| *exception == point);
        let rules = match exception {
            _ if allowed => self.rules,
            Some((_, rules)) => rules,
            None => self.refused_by,
        };
        Capability { operation, point, allowed, rules }
    }
}

/// The whole table, row by row.
pub fn table() -> impl Iterator<Item = Capability> {
    Operation::ALL
        .into_iter()
        .flat_map(|operation| PointKind::ALL.map(|point| cell(operation, point)))
}

/// One cell.
#[must_use]
pub fn cell(operation: Operation, point: PointKind) -> Capability {
    row(operation).cell(operation, point)
}

/// Where an operation is done.
#[must_use]
pub(crate) fn places(operation: Operation) -> &'static [PointKind] {
    row(operation).points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_names_its_rules() {
        assert_eq!(table().count(), 99);
        assert!(table().all(|cell| !cell.rules.is_empty()));
    }
}
