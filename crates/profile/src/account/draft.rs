//! The records of one account, on their way from the defaults to the card: defaults, what the profile
//! says of them, tracks, certificates and signatures over what results.

use sscard_apdu::tlv::{Tag, Writer};
use sscard_core::{FinancialApplication, Holder, Path};
use sscard_elements::tag;

use super::defaults::defaults;
use super::{packed, ten_bytes};
use crate::bank::{AccountRecipe, RecordContent};
use crate::icc_keys::IccPairs;

/// Bytes of a certified key that are not the key: of an issuer's certificate, of a card's.
pub(super) const ISSUER_FRAME: usize = 36;
const CARD_FRAME: usize = 42;
/// Most bytes in a template 70 of one record.
pub(super) const LONGEST: usize = 253;

/// Short file identifier and number of a record.
pub(crate) type RecordPlace = (u8, u8);

/// What an object is made of.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Value {
    /// The same on every card of the profile.
    Shared(Vec<u8>),
    /// Different from card to card.
    Individual(Vec<u8>),
    /// To be made from what results.
    Pending(Pending),
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Pending {
    Track2,
    RsaIssuer,
    RsaIssuerRemainder,
    RsaStatic,
    RsaCard,
    RsaCardRemainder,
    SmIssuer,
    SmStatic,
    SmCard,
}

impl Pending {
    /// Whether it is the same on every card of the profile.
    const fn is_shared(self) -> bool {
        matches!(self, Self::RsaIssuer | Self::RsaIssuerRemainder | Self::SmIssuer)
    }
}

/// One record.
pub(crate) struct DraftRecord {
    pub(crate) place: RecordPlace,
    objects: Vec<(Tag, Value)>,
    /// The value of the template as the profile gives it.
    whole: Option<Vec<u8>>,
}

/// All records of one account.
pub(crate) struct Draft {
    pub(crate) records: Vec<DraftRecord>,
    /// The account number, for a profile whose records hold none.
    number: String,
}

/// What signatures are made with.
struct Signing<'a> {
    recipe: &'a AccountRecipe,
    pairs: &'a IccPairs,
    account: Option<[u8; 10]>,
    covered: Vec<u8>,
    covered_sm: Vec<u8>,
    track_2: Vec<u8>,
}

impl Draft {
    /// The records of an account before its certificates.
    pub(crate) fn new(
        recipe: &AccountRecipe,
        plan: &FinancialApplication,
        holder: &Holder,
        index: u8,
        pairs: &IccPairs,
    ) -> Self {
        let usual = || defaults(recipe, plan, holder, index, pairs);
        let records = if recipe.bare { Vec::new() } else { usual() };
        let mut draft = Self { records, number: recipe.number(holder, index) };
        draft.apply(recipe, plan);
        draft
    }

    fn apply(&mut self, recipe: &AccountRecipe, plan: &FinancialApplication) {
        for own in &recipe.records {
            let place = (own.sfi, own.number);
            let position = self.records.iter().position(|record| record.place == place);
            let position = position.unwrap_or_else(|| {
                let record = DraftRecord { place, objects: Vec::new(), whole: None };
                self.records.push(record);
                self.records.len().saturating_sub(1)
            });
            let together = read_together(plan, place);
            let named: Vec<Tag> = own.content.tags();
            for other in self.records.iter_mut().filter(|other| other.place != place) {
                let is_own = recipe.records.iter().find(|own| (own.sfi, own.number) == other.place);
                let own_tags = is_own.map(|own| own.content.tags()).unwrap_or_default();
                if together.contains(&other.place) {
                    // An object is on the card once: where the profile puts it.
                    other.objects.retain(|(tag, _)| !named.contains(tag) || own_tags.contains(tag));
                }
            }
            let Some(record) = self.records.get_mut(position) else { continue };
            match &own.content {
                RecordContent::Whole(content, objects) => {
                    let shared =
                        |(tag, value): &(Tag, Vec<u8>)| (*tag, Value::Shared(value.clone()));
                    record.objects = objects.iter().map(shared).collect();
                    record.whole = Some(content.clone());
                }
                RecordContent::Tags(tags) => {
                    for (tag, value) in tags {
                        merge(&mut record.objects, *tag, value.as_deref());
                    }
                }
            }
        }
    }

    /// The value of an object that an application's readers find, where it is known already.
    pub(crate) fn value(&self, wanted: Tag) -> Option<&[u8]> {
        self.records.iter().flat_map(|record| &record.objects).find_map(
            |(tag, value)| match value {
                Value::Shared(value) | Value::Individual(value) if *tag == wanted => {
                    Some(&value[..])
                }
                _ => None,
            },
        )
    }

    /// Whether there is such a record.
    pub(crate) fn has(&self, place: RecordPlace) -> bool {
        self.records.iter().any(|record| record.place == place)
    }

    /// Bytes of the value of each record's template; signatures count as long as they will be.
    pub(crate) fn lengths(&self, recipe: &AccountRecipe, pairs: &IccPairs) -> Vec<usize> {
        let of = |record: &DraftRecord| match &record.whole {
            Some(whole) => whole.len(),
            None => record
                .content(|pending| Some(vec![0; length(pending, recipe, pairs)]))
                .map_or(0, |content| content.len()),
        };
        self.records.iter().map(of).collect()
    }

    /// The records that are the same on every card of the profile, certificates included; the others are
    /// `None`. Also `None` when a certificate cannot be made.
    pub(crate) fn shared(&self, recipe: &AccountRecipe) -> Vec<Option<Vec<u8>>> {
        let of = |record: &DraftRecord| {
            record.is_shared().then(|| record.content(|pending| issuer_value(pending, recipe)))?
        };
        self.records.iter().map(of).collect()
    }

    /// The records that differ from card to card, signed; `None` when something cannot be signed.
    pub(crate) fn individual(
        mut self,
        recipe: &AccountRecipe,
        plan: &FinancialApplication,
        pairs: &IccPairs,
    ) -> Option<Vec<(RecordPlace, Vec<u8>)>> {
        let track_2 = self.track_2(recipe);
        for (_, value) in self.records.iter_mut().flat_map(|record| &mut record.objects) {
            if *value == Value::Pending(Pending::Track2) {
                *value = Value::Individual(track_2.clone());
            }
        }
        let pan = self.account_number();
        let signing = Signing {
            recipe,
            pairs,
            account: ten_bytes(&pan),
            covered: self.covered(plan, false, recipe),
            covered_sm: self.covered(plan, true, recipe),
            track_2,
        };
        let individual = self.records.iter().filter(|record| !record.is_shared());
        individual
            .map(|record| Some((record.place, record.content(|pending| signing.value(pending))?)))
            .collect()
    }

    /// What offline data authentication covers on the ordinary path: the records that the AFL says, then
    /// the AIP when tag 9F4A is there.
    fn covered(&self, plan: &FinancialApplication, sm: bool, recipe: &AccountRecipe) -> Vec<u8> {
        let options = plan
            .processing_options
            .iter()
            .find(|options| options.path == Path::Standard && options.sm == sm);
        let Some(options) = options else { return Vec::new() };
        let mut covered = Vec::new();
        for [sfi, first, _, count] in options.afl.as_chunks::<4>().0 {
            for number in (*first..=u8::MAX).take(usize::from(*count)) {
                let record = self.records.iter().find(|record| record.place == (sfi >> 3, number));
                let content = record.and_then(|record| {
                    // A signature cannot cover itself.
                    record.content(|pending| issuer_value(pending, recipe).or(Some(Vec::new())))
                });
                covered.extend(content.unwrap_or_default());
            }
        }
        if self.value(tag::STATIC_DATA_TAG_LIST).is_some_and(|list| !list.is_empty()) {
            covered.extend_from_slice(&options.aip);
        }
        covered
    }

    fn track_2(&self, recipe: &AccountRecipe) -> Vec<u8> {
        let digits = |tag| self.value(tag).map(hex::encode_upper).unwrap_or_default();
        let pan = self.account_number();
        let expiry = digits(tag::EXPIRATION_DATE);
        let service = self.value(tag::SERVICE_CODE).map(hex::encode);
        let service = service.as_deref().and_then(|code| code.get(1..)).unwrap_or("220");
        let discretionary = recipe.track_2_discretionary.as_deref().unwrap_or("0000000000");
        let expiry = expiry.get(..4).unwrap_or("0000");
        packed(&format!("{pan}D{expiry}{service}{discretionary}"))
    }

    fn account_number(&self) -> String {
        let held = self.value(tag::PRIMARY_ACCOUNT_NUMBER).map(hex::encode_upper);
        held.map_or_else(|| self.number.clone(), |held| held.trim_end_matches('F').to_owned())
    }
}

impl DraftRecord {
    pub(super) const fn of(place: RecordPlace, objects: Vec<(Tag, Value)>) -> Self {
        Self { place, objects, whole: None }
    }

    fn is_shared(&self) -> bool {
        self.whole.is_some()
            || self.objects.iter().all(|(_, value)| match value {
                Value::Shared(_) => true,
                Value::Individual(_) => false,
                Value::Pending(pending) => pending.is_shared(),
            })
    }

    /// The value of the template; objects without bytes are left out. `None` when one cannot be made.
    fn content(&self, mut make: impl FnMut(Pending) -> Option<Vec<u8>>) -> Option<Vec<u8>> {
        if let Some(whole) = &self.whole {
            return Some(whole.clone());
        }
        let mut content = Vec::new();
        let mut out = Writer::new(&mut content);
        for (tag, value) in &self.objects {
            let made;
            let value = match value {
                Value::Shared(value) | Value::Individual(value) => value,
                Value::Pending(pending) => {
                    made = make(*pending)?;
                    &made
                }
            };
            if !value.is_empty() {
                out.primitive(*tag, value);
            }
        }
        Some(content)
    }
}

impl Signing<'_> {
    fn value(&self, pending: Pending) -> Option<Vec<u8>> {
        let chain = &self.recipe.chain;
        let rsa = || chain.rsa_card(self.pairs.rsa()?, self.account?, &self.covered);
        match pending {
            Pending::Track2 => Some(self.track_2.clone()),
            Pending::RsaStatic => chain.rsa_static(&self.covered),
            Pending::RsaCard => Some(rsa()?.certificate),
            Pending::RsaCardRemainder => {
                let (_, issuer) = chain.rsa_lengths()?;
                let inside = issuer.checked_sub(CARD_FRAME)?;
                Some(self.pairs.rsa()?.public.modulus().get(inside..).unwrap_or_default().to_vec())
            }
            Pending::SmStatic => chain.sm_static(&self.covered_sm),
            Pending::SmCard => {
                let public = self.pairs.sm2_bytes()?;
                chain.sm_card(&public, || self.pairs.sm2(), self.account?, &self.covered_sm)
            }
            shared => issuer_value(shared, self.recipe),
        }
    }
}

/// What is the same on every card of a profile.
fn issuer_value(pending: Pending, recipe: &AccountRecipe) -> Option<Vec<u8>> {
    match pending {
        Pending::RsaIssuer => Some(recipe.chain.rsa_issuer_certificate()?.certificate.clone()),
        Pending::RsaIssuerRemainder => {
            Some(recipe.chain.rsa_issuer_certificate()?.remainder.clone())
        }
        Pending::SmIssuer => Some(recipe.chain.sm_issuer_certificate()?.to_vec()),
        _ => None,
    }
}

/// How long something that is to be made will be.
pub(super) fn length(pending: Pending, recipe: &AccountRecipe, pairs: &IccPairs) -> usize {
    let (authority, issuer) = recipe.chain.rsa_lengths().unwrap_or((0, 0));
    let card = pairs.rsa().map_or(0, |pair| pair.public.modulus().len());
    match pending {
        Pending::Track2 => 19,
        Pending::RsaIssuer => authority,
        Pending::RsaIssuerRemainder => {
            issuer.saturating_sub(authority.saturating_sub(ISSUER_FRAME))
        }
        Pending::RsaStatic | Pending::RsaCard => issuer,
        Pending::RsaCardRemainder => card.saturating_sub(issuer.saturating_sub(CARD_FRAME)),
        Pending::SmIssuer => 142,
        Pending::SmStatic => 67,
        Pending::SmCard => 148,
    }
}

/// The records that some AFL reads together with this one.
fn read_together(plan: &FinancialApplication, place: RecordPlace) -> Vec<RecordPlace> {
    let mut together = Vec::new();
    for options in &plan.processing_options {
        let places: Vec<_> = afl_places(&options.afl).collect();
        if places.contains(&place) {
            together.extend(places);
        }
    }
    together
}

/// The records that an AFL names, in its order.
pub(crate) fn afl_places(afl: &[u8]) -> impl Iterator<Item = RecordPlace> {
    let (entries, _) = afl.as_chunks::<4>();
    entries
        .iter()
        .flat_map(|[sfi, first, last, _]| (*first..=*last).map(move |number| (sfi >> 3, number)))
}

/// Puts a value where the tag stands already, else at the end; without a value the tag is taken out.
fn merge(objects: &mut Vec<(Tag, Value)>, tag: Tag, value: Option<&[u8]>) {
    let place = objects.iter_mut().find(|(known, _)| *known == tag);
    match (place, value) {
        (Some((_, place)), Some(value)) => *place = Value::Shared(value.to_vec()),
        (None, Some(value)) => objects.push((tag, Value::Shared(value.to_vec()))),
        (_, None) => objects.retain(|(known, _)| *known != tag),
    }
}
