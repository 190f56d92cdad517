//! What SQLite reports, in the words of the desk: no statement and no row is repeated.

use std::path::Path;

use rusqlite::types::Type;
use rusqlite::{Error, ErrorCode};

use crate::DeskError;
use crate::text::quoted;

/// A value that this program never writes, as an error of the row that is read.
pub(crate) fn unsound(column: &str, text: &str) -> Error {
    let what = format!("{column} is '{}'", quoted(text));
    Error::FromSqlConversionFailure(0, Type::Text, what.into())
}

/// Whether a table or a column is missing.
pub(super) fn is_schema(error: &Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::Unknown | ErrorCode::SchemaChanged))
        || matches!(
            error,
            Error::SqlInputError { .. }
                | Error::InvalidColumnName(_)
                | Error::InvalidColumnIndex(_)
        )
}

/// An SQLite error in the words of the desk.
pub(super) fn of(path: &Path, error: &Error) -> DeskError {
    let path = path.to_owned();
    if is_schema(error) {
        let what = "a table or a column is missing or different".to_owned();
        return DeskError::OtherSchema { path, what };
    }
    let reason = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            return DeskError::RegisterBusy { path };
        }
        Some(ErrorCode::NotADatabase) => return DeskError::NotARegister { path },
        Some(ErrorCode::DatabaseCorrupt) => return DeskError::RegisterCorrupt { path },
        Some(ErrorCode::ConstraintViolation) => {
            let what = "its rows are inconsistent".to_owned();
            return DeskError::Unsound { path, what };
        }
        Some(ErrorCode::DiskFull) => "the disk is full",
        Some(ErrorCode::SystemIoFailure) => "the disk failed or is full",
        Some(ErrorCode::ReadOnly) => "it cannot be written",
        Some(ErrorCode::CannotOpen) => "it cannot be opened, or its journal beside it",
        Some(ErrorCode::PermissionDenied) => "permission denied",
        Some(ErrorCode::OutOfMemory) => "out of memory",
        Some(_) => "SQLite cannot work with it",
        None => {
            let what = match error {
                Error::FromSqlConversionFailure(_, _, what) => quoted(&what.to_string()),
                Error::InvalidColumnType(_, column, _) => {
                    format!("{} is of the wrong type", quoted(column))
                }
                _ => "a value is of the wrong type".to_owned(),
            };
            return DeskError::Unsound { path, what };
        }
    };
    DeskError::Register { path, reason: reason.to_owned() }
}

impl From<Error> for DeskError {
    fn from(error: Error) -> Self {
        of(Path::new(""), &error)
    }
}
