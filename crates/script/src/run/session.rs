//! A session with a card: what statements leave behind for those that follow.

use std::collections::BTreeMap;
use std::sync::Arc;

use sscard_host::{Exchange, Follow, Layer, Recorder, Secrets, Transport, TransportError};
use sscard_lexicon::Vocabulary;
use sscard_profile::SocialKeys;
use sscard_terminal::SoftwareModule;

use super::slots::Slots;
use crate::ast::{Mode, OnError, ScriptSlot, SwPattern};
use crate::eval::{Binding, Known, Latest, Scope};
use crate::functions::FunctionContext;
use crate::program::Target;

/// What directives have said, for the block they stand in.
#[derive(Clone, Default)]
pub(super) struct State {
    pub(super) mode: Mode,
    pub(super) on_error: OnError,
    pub(super) expected: Option<Arc<[SwPattern]>>,
    pub(super) slot: ScriptSlot,
}

/// What a card has told of its keys: its FCI and its identification code.
#[derive(Clone, Default)]
pub(super) struct Learnt {
    pub(super) control_information: Vec<u8>,
    pub(super) code: Vec<u8>,
    /// Its specification version.
    pub(super) version: Option<Vec<u8>>,
}

/// A session with a card: names, directives, the latest response, the selected application, and what
/// the card told of its keys.
pub struct ScriptSession<T> {
    pub(super) card: Follow<Recorder<Slots<T>>>,
    /// What is known of the slot that is not spoken to.
    aside: Aside,
    pub(super) target: Target,
    /// Whether `@destructive` was said.
    pub(super) is_destructive: bool,
    pub(super) scope: Scope,
    pub(super) context: FunctionContext,
    pub(super) module: SoftwareModule,
    /// Keys that count before the TEST keys.
    pub(super) own: Option<SocialKeys>,
    pub(super) learnt: Learnt,
    pub(super) application: Vocabulary,
    /// Application and instruction of the latest command.
    pub(super) spoken_to: (Vocabulary, u8),
    /// Whether the latest answer holds a secret that observers do not see.
    pub(super) hides_answer: bool,
    pub(super) response: Vec<u8>,
    pub(super) command: Vec<u8>,
    pub(super) state: State,
    /// Whether observers see PINs.
    pub(super) secrets: Secrets,
}

/// What a session knows of a slot while it speaks to the other one.
#[derive(Default)]
struct Aside {
    atr: Vec<u8>,
    learnt: Learnt,
    application: Vocabulary,
}

/// What a session knows of the card's state.
#[derive(Clone)]
pub struct Mark {
    learnt: Learnt,
    application: Vocabulary,
}

impl<T: Transport> ScriptSession<T> {
    /// Begins with a card that was just powered. `secrets`: whether observers see PINs.
    pub fn new(card: T, seed: u64, secrets: Secrets, target: Target) -> Self {
        Self::with_psam(card, None, seed, secrets, target)
    }

    /// The same with a security module (PSAM) in a second slot.
    pub fn with_psam(
        card: T,
        psam: Option<T>,
        seed: u64,
        secrets: Secrets,
        target: Target,
    ) -> Self {
        let mut context = FunctionContext::new(seed);
        context.is_live = true;
        context.atr = card.atr().to_vec();
        let slots = Slots::new(card, psam);
        let atr = slots.psam().map(|psam| psam.atr().to_vec()).unwrap_or_default();
        Self {
            card: Follow::new(Recorder::new(slots, secrets)),
            aside: Aside { atr, ..Aside::default() },
            target,
            is_destructive: false,
            scope: Scope::default(),
            context,
            module: SoftwareModule::test(seed),
            own: None,
            learnt: Learnt::default(),
            application: Vocabulary::default(),
            spoken_to: (Vocabulary::default(), 0),
            hides_answer: false,
            response: Vec::new(),
            command: Vec::new(),
            state: State::default(),
            secrets,
        }
    }

    pub(super) fn seed(&mut self, seed: u64) {
        let mut context = FunctionContext::new(seed);
        context.is_live = true;
        context.atr = std::mem::take(&mut self.context.atr);
        self.context = context;
        self.module = module(seed, self.own.as_ref());
    }

    /// The session with keys that count before the TEST keys.
    #[must_use]
    pub fn with_keys(self, keys: SocialKeys) -> Self {
        Self { module: self.module.with_keys(keys.clone()), own: Some(keys), ..self }
    }

    /// The card.
    pub fn card_mut(&mut self) -> &mut T {
        self.card.below_mut().below_mut().card_mut()
    }

    /// Which slot is spoken to.
    pub fn slot(&self) -> ScriptSlot {
        self.card.below().below().in_use()
    }

    /// Speaks to this slot from now on; `false` when nothing is in it.
    pub(super) fn choose(&mut self, slot: ScriptSlot) -> bool {
        if self.slot() == slot {
            return true;
        }
        if !self.card.below_mut().below_mut().choose(slot) {
            return false;
        }
        let Aside { atr, learnt, application } = &mut self.aside;
        std::mem::swap(atr, &mut self.context.atr);
        std::mem::swap(learnt, &mut self.learnt);
        std::mem::swap(application, &mut self.application);
        true
    }

    /// Lets something else speak with the card, and follows what it selects. `observe` sees each
    /// exchange afterwards.
    pub fn speak<R>(
        &mut self,
        speak: impl FnOnce(&mut Follow<Recorder<Slots<T>>>) -> R,
        mut observe: impl FnMut(&Exchange),
    ) -> R {
        let said = speak(&mut self.card);
        for exchange in self.card.below_mut().take() {
            self.application = self.application.after(&exchange.command, exchange.status());
            if let Ok([data @ .., _, _]) = exchange.response.as_deref() {
                self.learnt.from(&exchange.command, data);
            }
            observe(&exchange);
        }
        said
    }

    /// The card, and the security module in the second slot.
    pub fn into_cards(self) -> (T, Option<T>) {
        self.card.into_inner().into_inner().into_cards()
    }

    /// Its answer to reset.
    pub fn atr(&self) -> &[u8] {
        &self.context.atr
    }

    /// Resets the card. It may be another one than before: what was learnt of it is forgotten.
    ///
    /// # Errors
    /// Why it does not answer.
    pub fn reset(&mut self) -> Result<(), TransportError> {
        self.card.reset()?;
        self.context.atr = self.card.atr().to_vec();
        self.application = Vocabulary::default();
        self.learnt = Learnt::default();
        Ok(())
    }

    /// Whether a command may use up tries or block the card: a virtual one, or `@destructive` was
    /// said.
    pub fn may_harm(&self) -> bool {
        self.target == Target::Virtual || self.is_destructive
    }

    /// Whether 61xx and 6Cxx are followed.
    pub fn mode(&self) -> Mode {
        self.state.mode
    }

    /// Follows 61xx and 6Cxx from now on, or does not.
    pub fn set_mode(&mut self, mode: Mode) {
        self.state.mode = mode;
    }

    /// Names and what they stand for, in the order of the alphabet; what is let twice counts once.
    pub fn names(&self) -> BTreeMap<&str, String> {
        let shown = |binding: &Binding| match binding {
            Binding::Row(..) => "a row".to_owned(),
            Binding::Value(Known::Now(datum)) => datum.text().into_owned(),
            Binding::Value(Known::Later(_)) => "not known".to_owned(),
        };
        self.scope.names().map(|(name, binding)| (name, shown(binding))).collect()
    }

    /// What is known of the card's state, beside a snapshot of the card.
    pub fn mark(&self) -> Mark {
        Mark { learnt: self.learnt.clone(), application: self.application }
    }

    /// The card is as it was at a mark. There is no latest response then.
    pub fn return_to(&mut self, mark: &Mark) {
        self.scope.latest = Latest::None;
        self.learnt = mark.learnt.clone();
        self.application = mark.application;
        self.context.atr = self.card.atr().to_vec();
    }
}

fn module(seed: u64, own: Option<&SocialKeys>) -> SoftwareModule {
    let test = SoftwareModule::test(seed);
    match own {
        Some(keys) => test.with_keys(keys.clone()),
        None => test,
    }
}
