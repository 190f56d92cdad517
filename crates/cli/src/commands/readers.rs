//! `sscard readers`: the PC/SC readers of this machine.

use std::io::Write;

use crate::args::ReadersArgs;
use crate::failure::Failure;

#[cfg(feature = "pcsc")]
pub(crate) fn run(args: &ReadersArgs, out: &mut dyn Write) -> Result<(), Failure> {
    use super::{hex, print_json};
    let readers = sscard_host::pcsc::readers()?;
    if args.json {
        let list: Vec<_> = readers
            .iter()
            .map(|reader| {
                serde_json::json!({
                    "name": reader.name,
                    "atr": reader.atr.as_deref().map(hex),
                    "exclusive": reader.exclusive,
                })
            })
            .collect();
        print_json(out, &serde_json::json!({ "schema": 1, "readers": list }))?;
        return Ok(());
    }
    for reader in &readers {
        let card = match &reader.atr {
            Some(atr) => format!("card with ATR {}", hex(atr)),
            None => "empty".to_owned(),
        };
        let exclusive = if reader.exclusive { ", in exclusive use" } else { "" };
        writeln!(out, "{}: {card}{exclusive}", reader.name)?;
    }
    if readers.is_empty() {
        eprintln!("sscard: pcscd has no reader; connect one, or install vsmartcard-vpcd");
    }
    Ok(())
}

#[cfg(not(feature = "pcsc"))]
pub(crate) fn run(_args: &ReadersArgs, _out: &mut dyn Write) -> Result<(), Failure> {
    Err(Failure::NoPcsc)
}
