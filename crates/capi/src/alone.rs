//! Whether the calling thread is the only one that ever used a card: then it enters one without the atomic exchange that keeps two
//! threads apart, which costs a tenth of a READ RECORD.
//!
//! ```text
//! OWNER   NOBODY ─► a thread ─► CHANGING ─► SHARED        one thread alone, until a second one comes; then many, for ever
//! ```
//!
//! What enters: a thread that is about to use a card. What leaves: whether it is alone. The one that is says at the card that it is there before
//! it asks here. The second one makes every other thread of the process pass a barrier, membarrier(2), before it goes on: so it sees what
//! the first one said, or the first one sees that it is not alone any more. Where a system has no such barrier, nobody is alone.

use std::sync::atomic::{AtomicUsize, Ordering, compiler_fence};

/// Who uses cards: one of these, or a thread.
static OWNER: AtomicUsize = AtomicUsize::new(NOBODY);
const NOBODY: usize = 0;
const SHARED: usize = 1;
const CHANGING: usize = 2;

/// A thread, which is never one of the three.
#[derive(Clone, Copy)]
pub(crate) struct Thread(usize);

impl Thread {
    /// The one that asks.
    #[inline(always)]
    pub(crate) fn this() -> Self {
        Self(system::thread())
    }

    /// Whether it uses cards alone. The answer holds once it is given again after the thread has said at the card that it is there.
    #[inline(always)]
    pub(crate) fn is_alone(self) -> bool {
        // What was said at a card is said before this is asked; that the processor keeps to it is what `barrier` is for.
        compiler_fence(Ordering::SeqCst);
        OWNER.load(Ordering::Relaxed) == self.0
    }
}

/// This thread, which is not known to be alone, uses cards; whether it may go on.
pub(crate) fn comes() -> bool {
    let mut owner = OWNER.load(Ordering::Acquire);
    if owner == NOBODY {
        let first = if system::has_barrier() { system::thread() } else { SHARED };
        match OWNER.compare_exchange(NOBODY, first, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => return true,
            Err(other) => owner = other,
        }
    }
    if owner == SHARED || Thread::this().is_alone() {
        return true;
    }
    // A second thread has come. One that finds another in the middle of this does it as well, so that none waits.
    OWNER.store(CHANGING, Ordering::SeqCst);
    let passed = system::barrier();
    if passed {
        OWNER.store(SHARED, Ordering::SeqCst);
    }
    passed
}

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod system {
    //! Linux, where a thread's number is read in a step and all threads can be made to pass a barrier.

    use rustix::thread::{MembarrierCommand, membarrier, membarrier_query};

    /// The address of what the system keeps of this thread: no other thread that lives has it.
    #[inline]
    pub(super) fn thread() -> usize {
        let thread;
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the first word at `fs` is its own address in the ABI of x86-64 Linux; it is only read.
        unsafe {
            std::arch::asm!("mov {}, qword ptr fs:[0]", out(reg) thread, options(nostack, preserves_flags, pure, readonly));
        }
        #[cfg(target_arch = "aarch64")]
        // SAFETY: the register of the thread, which every program may read.
        unsafe {
            std::arch::asm!("mrs {}, tpidr_el0", out(reg) thread, options(nostack, preserves_flags, pure, nomem));
        }
        thread
    }

    #[cold]
    pub(super) fn has_barrier() -> bool {
        let known = membarrier_query();
        known.contains_command(MembarrierCommand::PrivateExpedited)
            && known.contains_command(MembarrierCommand::RegisterPrivateExpedited)
    }

    /// Lets every thread of this process pass a barrier; whether that could be done.
    #[cold]
    pub(super) fn barrier() -> bool {
        let register = MembarrierCommand::RegisterPrivateExpedited;
        let registered =
            membarrier(register).and_then(|()| membarrier(MembarrierCommand::PrivateExpedited));
        registered.or_else(|_| membarrier(MembarrierCommand::Global)).is_ok()
    }
}

#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
mod system {
    //! Any other system: nobody is alone.

    pub(super) const fn thread() -> usize {
        usize::MAX
    }

    pub(super) const fn has_barrier() -> bool {
        false
    }

    pub(super) const fn barrier() -> bool {
        true
    }
}
