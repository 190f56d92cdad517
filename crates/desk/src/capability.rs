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
    operation: Operation,
    points: &'static [PointKind],
    rules: &'static [Rule],
    /// Elsewhere.
    refused_by: &'static [Rule],
    /// Places that another rule refuses.
    exceptions: &'static [(PointKind, &'static [Rule])],
}

const ROWS: [Row; 11] = [
    Row {
        operation: Operation::ActivateBoth,
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
    Row {
        operation: Operation::ActivateSocial,
        points: &[Village, Community, ConvenienceCenter],
        rules: &[Rule::D03, Rule::D05, Rule::D07, Rule::D08, Rule::D09, Rule::D10, Rule::D11],
        refused_by: &[Rule::D05],
        exceptions: &[(BankBranch, &[Rule::D04])],
    },
    Row {
        operation: Operation::ActivateFinancial,
        points: &[BankBranch],
        rules: &[Rule::D03, Rule::D05, Rule::D06, Rule::D07, Rule::D08],
        refused_by: &[Rule::D05],
        exceptions: &[],
    },
    Row {
        operation: Operation::PinChange,
        points: &[BankBranch, Village, Community, ConvenienceCenter, Pharmacy],
        rules: &[Rule::D12, Rule::D13, Rule::D15],
        refused_by: &[Rule::D13],
        exceptions: &[],
    },
    Row {
        operation: Operation::PinReset,
        points: &[BankBranch, Village, Community, ConvenienceCenter],
        rules: &[Rule::D14, Rule::D16],
        refused_by: &[Rule::D14],
        exceptions: &[],
    },
    Row {
        operation: Operation::QueryPinChange,
        points: &[BankBranch, Village, Community, ConvenienceCenter],
        rules: &[Rule::D14],
        refused_by: &[Rule::D14],
        exceptions: &[],
    },
    Row {
        operation: Operation::Replace,
        points: &[CardOutlet],
        rules: &[Rule::D17, Rule::D18],
        refused_by: &[Rule::D17],
        exceptions: &[],
    },
    Row {
        operation: Operation::ChangeCard,
        points: &[CardOutlet],
        rules: &[Rule::D19, Rule::D20],
        refused_by: &[Rule::D19],
        exceptions: &[],
    },
    Row {
        operation: Operation::MobileChange,
        points: &[Village, Community, ConvenienceCenter, Kiosk, Website],
        rules: &[Rule::D21],
        refused_by: &[Rule::D21],
        exceptions: &[],
    },
    Row {
        operation: Operation::CancelSocial,
        points: &[HrOutlet],
        rules: &[Rule::D20, Rule::D22],
        refused_by: &[Rule::D22, Rule::D20],
        exceptions: &[],
    },
    Row {
        operation: Operation::CloseAccount,
        points: &[BankBranch, CardOutlet],
        rules: &[Rule::D20, Rule::D22],
        refused_by: &[Rule::D22, Rule::D20],
        exceptions: &[],
    },
];

impl Row {
    fn cell(&self, point: PointKind) -> Capability {
        let allowed = self.points.contains(&point);
        let exception = self.exceptions.iter().find(|(exception, _)| *exception == point);
        let rules = match exception {
            _ if allowed => self.rules,
            Some((_, rules)) => rules,
            None => self.refused_by,
        };
        Capability { operation: self.operation, point, allowed, rules }
    }
}

/// The whole table, row by row.
pub fn table() -> impl Iterator<Item = Capability> {
    ROWS.iter().flat_map(|row| PointKind::ALL.map(|point| row.cell(point)))
}

/// One cell.
#[must_use]
pub fn cell(operation: Operation, point: PointKind) -> Capability {
    // Rows stand in the order of the operations.
    let row = &ROWS[operation as usize];
    row.cell(point)
}

/// Where an operation is done.
#[must_use]
pub(crate) fn places(operation: Operation) -> &'static [PointKind] {
    ROWS[operation as usize].points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_in_the_order_of_the_operations() {
        for (row, operation) in ROWS.iter().zip(Operation::ALL) {
            assert_eq!(row.operation, operation);
        }
        assert_eq!(table().count(), 99);
        assert!(table().all(|cell| !cell.rules.is_empty()));
    }
}
