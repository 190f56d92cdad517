//! What an application keeps on one channel, in a type of its own.
//!
//! The channel owns the value and knows nothing of it: it is dropped when the application is
//! deselected, when the channel closes, and when the card is reset.

use alloc::boxed::Box;
use core::any::Any;
use core::hash::{Hash, Hasher};

/// A value that a clone of the card takes along.
trait Kept: Any + Send + Sync {
    fn duplicate(&self) -> Box<dyn Kept>;

    /// Becomes as another one is; not possible where that has another type.
    fn become_like(&mut self, other: &dyn Any) -> bool;

    /// Adds the value to a digest.
    fn mix(&self, digest: &mut dyn Hasher);
}

impl<T: Any + Clone + Hash + Send + Sync> Kept for T {
    fn duplicate(&self) -> Box<dyn Kept> {
        Box::new(self.clone())
    }

    fn become_like(&mut self, other: &dyn Any) -> bool {
        let other = other.downcast_ref::<T>();
        other.map(|other| self.clone_from(other)).is_some()
    }

    fn mix(&self, mut digest: &mut dyn Hasher) {
        self.hash(&mut digest);
    }
}

/// One value of any type, or none.
#[derive(Default)]
pub(crate) struct State(Option<Box<dyn Kept>>);

impl State {
    /// The value, when there is one of this type.
    #[inline]
    pub(crate) fn get<T: Any>(&self) -> Option<&T> {
        let kept: &dyn Any = &**self.0.as_ref()?;
        kept.downcast_ref()
    }

    fn get_mut<T: Any>(&mut self) -> Option<&mut T> {
        let kept: &mut dyn Any = &mut **self.0.as_mut()?;
        kept.downcast_mut()
    }

    /// Keeps this value, and forgets what was there.
    pub(crate) fn set<T: Any + Clone + Hash + Send + Sync>(&mut self, value: T) {
        self.0 = Some(Box::new(value));
    }

    /// The value; a new one takes the place of one of another type.
    #[inline]
    pub(crate) fn get_or_default<T: Any + Clone + Default + Hash + Send + Sync>(
        &mut self,
    ) -> Option<&mut T> {
        if self.get::<T>().is_none() {
            self.set(T::default());
        }
        self.get_mut()
    }

    /// What is there, whatever it is; nothing stays.
    #[inline]
    pub(crate) fn take(&mut self) -> Self {
        Self(self.0.take())
    }
}

impl Hash for State {
    fn hash<H: Hasher>(&self, digest: &mut H) {
        self.0.is_some().hash(digest);
        if let Some(kept) = &self.0 {
            kept.mix(digest);
        }
    }
}

impl Clone for State {
    fn clone(&self) -> Self {
        Self(self.0.as_ref().map(|kept| (**kept).duplicate()))
    }

    fn clone_from(&mut self, source: &Self) {
        if let (Some(kept), Some(other)) = (&mut self.0, &source.0)
            && (**kept).become_like(&**other)
        {
            return;
        }
        *self = source.clone();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_has_a_value_of_its_own() {
        let mut state = State::default();
        *state.get_or_default::<u32>().expect("a number") = 7;
        let mut copy = state.clone();
        *copy.get_or_default::<u32>().expect("a number") += 1;
        assert_eq!((state.get::<u32>(), copy.get::<u32>()), (Some(&7), Some(&8)));
        assert_eq!(state.get::<u8>(), None, "another type is not there");
        copy.clone_from(&state);
        assert_eq!(copy.get::<u32>(), Some(&7));
        copy.set("another type");
        copy.clone_from(&state);
        assert_eq!(copy.get::<u32>(), Some(&7));
        copy.clone_from(&State::default());
        assert_eq!(copy.get::<u32>(), None);
        copy.clone_from(&state);
        assert_eq!(copy.get::<u32>(), Some(&7));
        assert_eq!(state.take().get::<u32>(), Some(&7));
        assert_eq!(state.get::<u32>(), None);
    }
}
