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

/// Every cut of a transaction leaves old or new, whatever else is cut during recovery.
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
    changed.fail_after(u64::MAX);
    change(&mut changed).unwrap();
    let total = u64::MAX - changed.allowance().unwrap();
    let new = changed.dump();
    assert_ne!(old, new);
    let mut seen_old = 0;
    for first in 0..=total {
        let mut torn = memory();
        torn.fail_after(first);
        let outcome = change(&mut torn);
        assert_eq!(outcome.is_ok(), first == total);
        for second in 0.. {
            let mut again = torn.clone();
            again.restore_power();
            again.fail_after(second);
            let recovered = again.roll_back();
            if recovered.is_err() {
                again.restore_power();
                again.roll_back().unwrap();
            }
            let memory = again.dump();
            assert!(memory == old || memory == new, "cut at {first}, then at {second}");
            assert_eq!(memory == new, outcome.is_ok());
            seen_old += u32::from(memory == old);
            if recovered.is_ok() {
                break;
            }
        }
    }
    assert!(seen_old > 100);
}

#[test]
fn a_torn_entry_is_overwritten_by_the_next_transaction() {
    let mut nvm = memory();
    nvm.fail_after(3);
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
        nvm.fail_after(0);
        nvm.begin();
        assert_eq!((end(&mut nvm), nvm.allowance()), (Ok(()), Some(0)));
    }
    let mut nvm = memory();
    nvm.fail_after(100);
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
    nvm.fail_after(1);
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
