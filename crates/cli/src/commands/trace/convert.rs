//! `sscard trace convert`: a trace in another format, event by event.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use sscard_host::whole_file::{Audience, WholeFile};
use sscard_trace::{Export, Sink as _, TraceWriter};

use super::input::Input;
use crate::args::{TraceInput, secrets};
use crate::failure::Failure;
use crate::outside::shown_path;

const BUFFER: usize = 0x4_0000;

pub(super) fn run(
    args: &TraceInput,
    output: &Path,
    to: Option<Export>,
    show_secrets: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let export = match to {
        Some(export) => export,
        None => by_extension(output)?,
    };
    let mut input = Input::open(&args.file, &args.reading)?;
    if output == Path::new("-") {
        return convert(&mut input, export, show_secrets, out)?.map_err(Failure::Output);
    }
    let unwritable = |source: io::Error| Failure::Unwritable {
        path: output.to_owned(),
        // Without the path, which is said already.
        source: source
            .raw_os_error()
            .map_or_else(|| source.kind().into(), io::Error::from_raw_os_error),
    };
    super::super::refuse_card(output)?;
    // A trace that is refused half-way leaves no half of a file.
    let mut file = WholeFile::create(output, Audience::Owner).map_err(unwritable)?;
    convert(&mut input, export, show_secrets, &mut file)?.map_err(unwritable)?;
    for remark in file.finish().map_err(unwritable)? {
        complain!("sscard: {}: {remark}", shown_path(output));
    }
    Ok(())
}

/// The inner result is that of writing.
fn convert(
    input: &mut Input,
    export: Export,
    show_secrets: bool,
    out: &mut dyn Write,
) -> Result<io::Result<()>, Failure> {
    let out = BufWriter::with_capacity(BUFFER, out);
    let begun = TraceWriter::begin(export, out, input.header(), secrets(show_secrets));
    let mut writer = match begun {
        Ok(writer) => writer,
        Err(error) => return Ok(Err(error)),
    };
    while let Some(event) = input.next()? {
        if let Err(error) = writer.event(&event) {
            return Ok(Err(error));
        }
    }
    Ok(writer.finish())
}

fn by_extension(output: &Path) -> Result<Export, Failure> {
    let extension = output.extension().and_then(|extension| extension.to_str());
    extension.and_then(Export::by_extension).ok_or_else(|| {
        let names: Vec<&str> = Export::ALL.iter().map(|(_, name, _)| *name).collect();
        let reason = format!("its extension names no format; say --to {}", names.join(", "));
        Failure::Usage(format!("-o {}: {reason}", output.display()))
    })
}
