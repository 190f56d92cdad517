use super::*;

fn memory() -> Nvm {
    Nvm::new(Arc::from([0xAA; 300].as_slice()))
}

#[test]
fn bytes_read_back_across_pages() {
    let mut nvm = memory();
    nvm.write(120, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]).unwrap();
    let mut out = Vec::new();
    nvm.read_into(119, 12, &mut out);
    assert_eq!(out, [0xAA, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0xAA]);
    assert_eq!(nvm.array::<4>(126), [7, 8, 9, 10]);
    assert_eq!(nvm.word(128), 0x090A);
}

#[test]
fn every_way_to_read_gives_the_same_at_every_address() {
    let blank: Vec<u8> = (0..300_u16).map(|address| (address % 251) as u8).collect();
    let mut nvm = Nvm::new(Arc::from(blank.as_slice()));
    nvm.write(140, &[0xF1, 0xF2, 0xF3]).unwrap();
    let all = nvm.dump();
    assert_eq!(all[139..144], [139, 0xF1, 0xF2, 0xF3, 143]);
    for address in 0..297 {
        let bytes = &all[address..address + 4];
        assert_eq!(nvm.array::<4>(address), bytes, "{address}");
        assert_eq!(nvm.byte(address), bytes[0], "{address}");
        assert_eq!(nvm.word(address).to_be_bytes(), bytes[..2], "{address}");
        let mut out = Vec::new();
        nvm.read_into(address, 4, &mut out);
        assert_eq!(out, bytes, "{address}");
    }
    assert_eq!((nvm.byte(300), nvm.array::<2>(299)), (0, [all[299], 0]));
}

/// Address, length and old bytes, then the count: what an image of a torn card holds.
#[test]
fn the_journal_of_an_open_transaction_can_be_stored() {
    let mut nvm = memory();
    nvm.begin();
    nvm.write(0x81, &[1, 2]).unwrap();
    assert_eq!(nvm.journal(), (&[0, 0, 0, 0x81, 0, 2, 0xAA, 0xAA][..], 1));
    nvm.write(3, &[7]).unwrap();
    assert_eq!(nvm.journal().1, 2);
    nvm.commit().unwrap();
    assert_eq!(nvm.journal(), (&[][..], 0));
}

#[test]
fn equal_pages_stay_shared() {
    let mut nvm = memory();
    nvm.write(0, &[0xAA; 300]).unwrap();
    assert!(nvm.own.is_empty());
    nvm.write(299, &[1]).unwrap();
    assert_eq!(nvm.own.len(), PAGE);
    assert_eq!(nvm.dump().len(), 300);
}

#[test]
fn writing_past_the_end_is_a_fault() {
    assert_eq!(memory().write(299, &[1, 2]), Err(Fault::OutOfRange));
    assert_eq!(memory().write(usize::MAX, &[1]), Err(Fault::OutOfRange));
}

#[test]
fn i_6_roll_back_restores_writes_but_not_write_throughs() {
    let mut nvm = memory();
    nvm.begin();
    nvm.write(10, &[1, 2]).unwrap();
    nvm.write(11, &[3]).unwrap();
    nvm.write_through(20, 5).unwrap();
    nvm.roll_back().unwrap();
    assert_eq!(nvm.array::<2>(10), [0xAA, 0xAA]);
    assert_eq!(nvm.byte(20), 5);
}

fn kinds() -> [Torn; 3] {
    [Torn::Old, Torn::New, Torn::Erased]
}

/// Every cut of a transaction leaves old or new, whatever the byte under way becomes and whatever else is cut during recovery.
#[test]
fn i_4_every_cut_and_every_second_cut_leave_old_or_new() {
    let change = |nvm: &mut Nvm| -> Result<(), Fault> {
        nvm.begin();
        nvm.write(100, &[1; 60])?;
        nvm.write(130, &[2; 10])?;
        nvm.commit()
    };
    let old = memory().dump();
    let mut changed = memory();
    changed.fail_after(u64::MAX, Torn::Old);
    change(&mut changed).unwrap();
    let total = u64::MAX - changed.allowance().unwrap();
    let new = changed.dump();
    assert_ne!(old, new);
    let mut seen = (0, 0);
    for (first, torn_first) in (0..=total).flat_map(|cut| kinds().map(|kind| (cut, kind))) {
        let mut torn = memory();
        torn.fail_after(first, torn_first);
        let outcome = change(&mut torn);
        assert_eq!(outcome.is_ok(), first == total);
        // The number of notes became zero, and nobody was told.
        let is_decided = first + 1 == total && torn_first == Torn::New;
        let (journal, entries) = torn.journal();
        let stored = Nvm::restore(torn.blank.clone(), &torn.dump(), journal, entries, Vec::new());
        let torn = stored.expect("a torn memory is a memory");
        for (second, torn_second) in (0..).flat_map(|cut| kinds().map(|kind| (cut, kind))) {
            let mut again = torn.clone();
            again.fail_after(second, torn_second);
            let recovered = again.roll_back();
            if recovered.is_err() {
                again.restore_power();
                again.roll_back().unwrap();
            }
            let memory = again.dump();
            let is_new = outcome.is_ok() || is_decided;
            assert_eq!(memory == new, is_new, "{first} {torn_first:?}, {second} {torn_second:?}");
            assert_eq!(memory == old, !is_new, "{first} {torn_first:?}, {second} {torn_second:?}");
            seen = (seen.0 + u32::from(!is_new), seen.1 + u32::from(is_new));
            if recovered.is_ok() {
                break;
            }
        }
    }
    assert!(seen.0 > 10_000 && seen.1 == 4, "{seen:?}");
}

/// A byte that became what it should be is the cut behind it.
#[test]
fn a_new_byte_is_the_next_cut() {
    for cut in 0..9 {
        let after = |cut, torn| {
            let mut nvm = memory();
            nvm.fail_after(cut, torn);
            nvm.begin();
            assert_eq!(nvm.write(126, &[1, 2, 3]), Err(Fault::PowerLost));
            (nvm.dump(), nvm.journal.clone(), nvm.entries)
        };
        assert_eq!(after(cut, Torn::New), after(cut + 1, Torn::Old), "{cut}");
    }
}

#[test]
fn the_byte_under_way_is_old_new_or_erased_and_no_other_is_touched() {
    for (kind, byte) in [(Torn::Old, 0xAA), (Torn::New, 2), (Torn::Erased, 0xFF)] {
        let mut nvm = memory();
        nvm.fail_after(1, kind);
        assert_eq!(nvm.write(127, &[1, 2, 3]), Err(Fault::PowerLost));
        assert_eq!(nvm.array::<4>(126), [0xAA, 1, byte, 0xAA], "{kind:?}");
        // Without power nothing is torn any more.
        assert_eq!(nvm.write(127, &[5, 6, 7]), Err(Fault::PowerLost));
        assert_eq!(nvm.array::<4>(126), [0xAA, 1, byte, 0xAA], "{kind:?}");
    }
}

/// A note that was torn in its last byte is as long as a whole one: the number of notes, erased by a second cut, must not
/// take it for one.
#[test]
fn i_4_a_torn_note_is_none_when_the_number_of_notes_is_torn_too() {
    let mut nvm = memory();
    nvm.begin();
    nvm.write(10, &[1]).unwrap();
    nvm.fail_after(6, Torn::Erased);
    assert_eq!(nvm.write(20, &[2]), Err(Fault::PowerLost));
    assert_eq!(nvm.journal(), (&[0, 0, 0, 10, 0, 1, 0xAA, 0, 0, 0, 20, 0, 1, 0xFF][..], 1));
    nvm.restore_power();
    nvm.fail_after(1, Torn::Erased);
    assert_eq!(nvm.roll_back(), Err(Fault::PowerLost));
    nvm.restore_power();
    nvm.roll_back().unwrap();
    assert_eq!(nvm.dump(), memory().dump());
}

#[test]
fn an_erased_counter_has_no_tries() {
    let mut nvm = memory();
    nvm.write_through(5, 3).unwrap();
    assert_eq!(nvm.tries(5), 3);
    nvm.fail_after(0, Torn::Erased);
    assert_eq!(nvm.write_through(5, 2), Err(Fault::PowerLost));
    assert_eq!((nvm.byte(5), nvm.tries(5)), (0xFF, 0));
}

#[test]
fn a_torn_entry_is_overwritten_by_the_next_transaction() {
    let mut nvm = memory();
    nvm.fail_after(3, Torn::Old);
    nvm.begin();
    assert_eq!(nvm.write(0, &[1; 8]), Err(Fault::PowerLost));
    nvm.restore_power();
    nvm.roll_back().unwrap();
    nvm.begin();
    nvm.write(0, &[2; 8]).unwrap();
    nvm.roll_back().unwrap();
    assert_eq!(nvm.array::<8>(0), [0xAA; 8]);
}

#[test]
fn a_stored_journal_must_be_sound() {
    let blank: Arc<[u8]> = Arc::from([0; 16].as_slice());
    assert!(
        Nvm::restore(Arc::clone(&blank), &[0; 16], &[0, 0, 0, 15, 0, 2, 9, 9], 1, Vec::new())
            .is_none()
    );
    assert!(
        Nvm::restore(Arc::clone(&blank), &[0; 16], &[0, 0, 0, 14, 0, 2, 9], 1, Vec::new())
            .is_none()
    );
    assert!(Nvm::restore(Arc::clone(&blank), &[0; 15], &[], 0, Vec::new()).is_none());
    let mut nvm = Nvm::restore(blank, &[1; 16], &[0, 0, 0, 14, 0, 2, 9, 8], 1, Vec::new()).unwrap();
    nvm.roll_back().unwrap();
    assert_eq!(nvm.array::<3>(13), [1, 9, 8]);
}

/// Entry header 6, old byte 1, count 1, new byte 1; then the byte that decides.
#[test]
fn a_commit_and_a_roll_back_cost_one_byte_and_nothing_when_nothing_was_written() {
    for end in [Nvm::commit, Nvm::roll_back] {
        let mut nvm = memory();
        nvm.fail_after(0, Torn::Old);
        nvm.begin();
        assert_eq!((end(&mut nvm), nvm.allowance()), (Ok(()), Some(0)));
    }
    let mut nvm = memory();
    nvm.fail_after(100, Torn::Old);
    nvm.begin();
    nvm.write(5, &[1]).unwrap();
    assert_eq!(nvm.allowance(), Some(91));
    nvm.commit().unwrap();
    assert_eq!((nvm.allowance(), nvm.journal()), (Some(90), (&[][..], 0)));
}

#[test]
fn only_bytes_written_in_a_transaction_are_noted() {
    let mut nvm = memory();
    nvm.write(5, &[1]).unwrap();
    assert_eq!(nvm.journal(), (&[][..], 0));
    nvm.begin();
    nvm.write(5, &[]).unwrap();
    assert_eq!(nvm.journal(), (&[][..], 0));
}

#[test]
fn lost_power_is_known_until_it_is_back() {
    let mut nvm = memory();
    assert!(!nvm.has_lost_power());
    nvm.fail_after(1, Torn::Old);
    assert_eq!(nvm.write(0, &[1, 2]), Err(Fault::PowerLost));
    assert!(nvm.has_lost_power());
    assert_eq!((nvm.byte(0), nvm.byte(1)), (1, 0xAA));
    nvm.restore_power();
    assert!(!nvm.has_lost_power());
    assert_eq!(nvm.write(0, &[1, 2]), Ok(()));
}

#[test]
fn a_copy_into_another_memory_is_like_a_fresh_copy() {
    let mut source = Nvm::new(Arc::from([0x55; 200].as_slice()));
    source.write(7, &[1, 2, 3]).unwrap();
    source.begin();
    source.write(8, &[9]).unwrap();
    let mut target = memory();
    target.write(250, &[4]).unwrap();
    target.clone_from(&source);
    assert_eq!(target.dump(), source.dump());
    assert_eq!(target.journal(), source.journal());
    target.roll_back().unwrap();
    assert_eq!(target.array::<3>(7), [1, 2, 3]);
}
