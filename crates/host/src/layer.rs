//! What stands around a transport and changes a part of what it does.

use sscard_apdu::{CommandApdu, ResponseBuf};
use sscard_core::Protocol;

use crate::transport::send_through;
use crate::{Disposition, TakesFaults, Transport, TransportError};

/// A transport around another one. Whoever implements it says what is inside and overrides what it changes; everything
/// else is forwarded, here and nowhere else, and the layer is a [`Transport`].
///
/// ```
/// use sscard_host::{Disposition, Layer, Transport, TransportError};
///
/// /// Counts what passes.
/// struct Counting<T> {
///     inner: T,
///     commands: usize,
/// }
///
/// impl<T: Transport> Layer for Counting<T> {
///     type Inner = T;
///
///     fn below(&self) -> &T {
///         &self.inner
///     }
///
///     fn below_mut(&mut self) -> &mut T {
///         &mut self.inner
///     }
///
///     fn on_transmit(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
///         self.commands += 1;
///         self.inner.transmit(command, response)
///     }
///
///     fn on_close(self: Box<Self>, disposition: Disposition) -> Result<(), TransportError> {
///         Box::new(self.inner).close(disposition)
///     }
/// }
///
/// fn counted(inner: impl Transport) -> impl Transport {
///     Counting { inner, commands: 0 }
/// }
/// ```
pub trait Layer {
    /// The transport inside.
    type Inner: Transport + ?Sized;

    /// The transport inside.
    fn below(&self) -> &Self::Inner;

    /// The transport inside.
    fn below_mut(&mut self) -> &mut Self::Inner;

    /// [`Transport::atr`] of this layer.
    fn own_atr(&self) -> &[u8] {
        self.below().atr()
    }

    /// [`Transport::transmit`] of this layer.
    ///
    /// # Errors
    /// As [`Transport::transmit`], whose contract for `response` holds for layers as well.
    fn on_transmit(
        &mut self,
        command: &[u8],
        response: &mut Vec<u8>,
    ) -> Result<(), TransportError> {
        self.below_mut().transmit(command, response)
    }

    /// [`Transport::send`] of this layer: what [`on_transmit`](Self::on_transmit) does, in types.
    ///
    /// # Errors
    /// As [`Transport::send`].
    fn on_send(&mut self, command: &CommandApdu<'_>) -> Result<ResponseBuf, TransportError> {
        send_through(command, |bytes, response| self.on_transmit(bytes, response))
    }

    /// [`Transport::reset`] of this layer.
    ///
    /// # Errors
    /// As [`Transport::reset`].
    fn on_reset(&mut self) -> Result<(), TransportError> {
        self.below_mut().reset()
    }

    /// [`Transport::begin`] of this layer.
    ///
    /// # Errors
    /// As [`Transport::begin`].
    fn on_begin(&mut self) -> Result<(), TransportError> {
        self.below_mut().begin()
    }

    /// [`Transport::end`] of this layer.
    ///
    /// # Errors
    /// As [`Transport::end`].
    fn on_end(&mut self) -> Result<(), TransportError> {
        self.below_mut().end()
    }

    /// [`Transport::faults`] of this layer.
    fn own_faults(&mut self) -> Option<&mut dyn TakesFaults> {
        self.below_mut().faults()
    }

    /// [`Transport::close`] of this layer, which owns what is inside, or does not.
    ///
    /// # Errors
    /// As [`Transport::close`].
    fn on_close(self: Box<Self>, disposition: Disposition) -> Result<(), TransportError>;
}

impl<L: Layer> Transport for L {
    fn atr(&self) -> &[u8] {
        self.own_atr()
    }

    fn protocol(&self) -> Protocol {
        self.below().protocol()
    }

    fn exchange(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        self.on_transmit(command, response)
    }

    /// Nothing is checked here: the transport at the bottom refuses what is too short, and a layer that records sees that.
    fn transmit(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        self.on_transmit(command, response)
    }

    fn send(&mut self, command: &CommandApdu<'_>) -> Result<ResponseBuf, TransportError> {
        self.on_send(command)
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        self.on_reset()
    }

    fn begin(&mut self) -> Result<(), TransportError> {
        self.on_begin()
    }

    fn end(&mut self) -> Result<(), TransportError> {
        self.on_end()
    }

    fn faults(&mut self) -> Option<&mut dyn TakesFaults> {
        self.own_faults()
    }

    fn close(self: Box<Self>, disposition: Disposition) -> Result<(), TransportError> {
        self.on_close(disposition)
    }
}

impl<T: Transport + ?Sized> Layer for Box<T> {
    type Inner = T;

    fn below(&self) -> &T {
        self
    }

    fn below_mut(&mut self) -> &mut T {
        self
    }

    fn on_send(&mut self, command: &CommandApdu<'_>) -> Result<ResponseBuf, TransportError> {
        (**self).send(command)
    }

    fn on_close(self: Box<Self>, disposition: Disposition) -> Result<(), TransportError> {
        (*self).close(disposition)
    }
}

/// A borrowed transport: its owner decides what becomes of the card, so that closing it does nothing.
impl<T: Transport + ?Sized> Layer for &mut T {
    type Inner = T;

    fn below(&self) -> &T {
        self
    }

    fn below_mut(&mut self) -> &mut T {
        self
    }

    fn on_send(&mut self, command: &CommandApdu<'_>) -> Result<ResponseBuf, TransportError> {
        (**self).send(command)
    }

    fn on_close(self: Box<Self>, _disposition: Disposition) -> Result<(), TransportError> {
        Ok(())
    }
}
