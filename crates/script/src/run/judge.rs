//! Whether expectations hold.

use sscard_apdu::StatusWord;
use sscard_host::Transport;

use super::{Runner, Stop};
use crate::ast::{Expect, Pieces, SwPattern};
use crate::eval::{Latest, object};
use crate::mask::{Mask, closest};
use crate::report::{Failure, ScriptPlace};

impl<'p, T: Transport> Runner<'p, '_, T> {
    pub(super) fn expect(
        &mut self,
        expect: &'p Expect,
        place: ScriptPlace<'p>,
    ) -> Result<(), Stop> {
        match expect {
            Expect::Sw(patterns) => self.expect_status(patterns, place),
            Expect::Data(pieces) => {
                let data = self.data();
                let hides = self.session.hides_answer;
                self.expect_bytes((&data, hides), pieces, "data is not as expected", place)
            }
            Expect::Tlv { path, value } => match object(&self.data(), path) {
                Ok(found) => {
                    let found = (&found[..], self.session.hides_answer);
                    self.expect_bytes(found, value, "the object is not as expected", place)
                }
                Err(message) => {
                    self.judge(Some(Failure { message, difference: String::new() }), place)
                }
            },
            Expect::Len { from, to } => {
                let length = self.data().len();
                let wanted = if from == to {
                    sscard_lexicon::counted(*from, "byte")
                } else {
                    format!("{from} to {to} bytes")
                };
                let failure = (!(*from..=*to).contains(&length)).then(|| Failure {
                    message: format!("expected {wanted} of data, found {length}"),
                    difference: format!("expected {wanted}\nfound    {length}\n"),
                });
                self.judge(failure, place)
            }
            Expect::Equal { found, wanted } => {
                let value = self.session.scope.bytes(found, &mut self.session.context);
                // While a script runs every value is known.
                let bytes = self.or_failed(value, place.source)?.unwrap_or_default();
                self.expect_bytes((&bytes, false), wanted, "the value is not as expected", place)
            }
        }
    }

    pub(super) fn expect_status(
        &mut self,
        patterns: &[SwPattern],
        place: ScriptPlace<'p>,
    ) -> Result<(), Stop> {
        let status = match self.session.scope.latest {
            Latest::Now(_, status) => status,
            Latest::Later | Latest::None => 0,
        };
        if patterns.iter().any(|pattern| pattern.fits(status)) {
            return self.judge(None, place);
        }
        let (application, ins) = self.session.spoken_to;
        let meaning = application.status_meaning(StatusWord::new(status), ins);
        let wanted = patterns.iter().map(SwPattern::to_string).collect::<Vec<_>>().join("|");
        let mut difference = closest(patterns, status).difference(&status.to_be_bytes());
        if patterns.len() > 1 {
            difference = format!("one of   {wanted}\n{difference}");
        }
        difference.push_str(&format!("meaning  {meaning}\n"));
        let message = format!("expected sw {wanted}, found {status:04X}: {meaning}");
        self.judge(Some(Failure { message, difference }), place)
    }

    /// What was found, and whether nobody may see it.
    fn expect_bytes(
        &mut self,
        (found, hides): (&[u8], bool),
        wanted: &'p Pieces,
        message: &str,
        place: ScriptPlace<'p>,
    ) -> Result<(), Stop> {
        let mask = self.session.scope.pieces(wanted, &mut self.session.context);
        let (mask, _): (Mask, bool) = self.or_failed(mask, place.source)?;
        let difference = || match hides {
            true => "the answer holds a secret, and is not shown\n".to_owned(),
            false => mask.difference(found),
        };
        let failure = (!mask.fits(found))
            .then(|| Failure { message: message.to_owned(), difference: difference() });
        self.judge(failure, place)
    }

    fn judge(&mut self, failure: Option<Failure>, place: ScriptPlace<'p>) -> Result<(), Stop> {
        self.summary.expectations = self.summary.expectations.saturating_add(1);
        match failure {
            Some(failure) => self.failed(failure, place),
            None => {
                self.observer.expectation(None, place);
                Ok(())
            }
        }
    }

    fn data(&self) -> Vec<u8> {
        match &self.session.scope.latest {
            Latest::Now(data, _) => data.clone(),
            Latest::Later | Latest::None => Vec::new(),
        }
    }
}
