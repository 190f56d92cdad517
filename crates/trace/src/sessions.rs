//! One session of the lexicon for each reader of a trace.

use std::sync::Arc;

use sscard_lexicon::{Annotation, Session};

use super::{Exchange, TraceEvent};

/// So many readers are told apart; more share one session.
const LIMIT: usize = 64;

/// The sessions of a trace.
#[derive(Clone, Debug, Default)]
pub struct Sessions {
    known: Vec<(Option<Arc<str>>, Session)>,
    /// Of the readers beyond them.
    more: Session,
}

impl Sessions {
    /// Explains an exchange.
    pub fn annotate<'s>(&'s mut self, exchange: &'s Exchange) -> Annotation<'s> {
        let session = self.of(exchange.reader.as_ref());
        session.annotate(&exchange.command, exchange.response.as_deref().ok())
    }

    /// Takes note of what is no exchange.
    pub fn note(&mut self, event: &TraceEvent) {
        if let TraceEvent::Reset(reset) = event {
            self.of(reset.reader.as_ref()).reset();
        }
    }

    fn of(&mut self, reader: Option<&Arc<str>>) -> &mut Session {
        let at = match self.known.iter().position(|(known, _)| known.as_ref() == reader) {
            Some(at) => at,
            None if self.known.len() >= LIMIT => return &mut self.more,
            None => {
                let at = self.known.len();
                self.known.push((reader.cloned(), Session::default()));
                at
            }
        };
        self.known.get_mut(at).map_or(&mut self.more, |(_, session)| session)
    }
}
