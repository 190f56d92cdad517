/* SCardBeginTransaction and SCardEndTransaction. */
#include "api.h"

static SCARDHANDLE mine, theirs;
static DWORD protocol;

static LONG both_connected(void) {
    LONG code = connect_to(context, 0, SCARD_SHARE_SHARED, &mine);
    return code == SCARD_S_SUCCESS ? connect_to(other_context, 0, SCARD_SHARE_SHARED, &theirs) : code;
}

CHECK(begin_of_a_nobodys_handle_is_an_invalid_handle) {
    CODE(SCardBeginTransaction(NOBODYS), SCARD_E_INVALID_HANDLE);
    CODE(SCardBeginTransaction(0), SCARD_E_INVALID_HANDLE);
}

CHECK(end_of_a_nobodys_handle_is_an_invalid_handle) {
    CODE(SCardEndTransaction(NOBODYS, SCARD_LEAVE_CARD), SCARD_E_INVALID_HANDLE);
    CODE(SCardEndTransaction(0, SCARD_LEAVE_CARD), SCARD_E_INVALID_HANDLE);
}

CHECK(end_with_another_disposition_is_an_invalid_value) {
    CODE(both_connected(), SCARD_S_SUCCESS);
    CODE(SCardBeginTransaction(mine), SCARD_S_SUCCESS);
    CODE(SCardEndTransaction(mine, 4), SCARD_E_INVALID_VALUE);
    CODE(SCardEndTransaction(mine, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
}

CHECK(end_without_begin_is_not_transacted) {
    CODE(both_connected(), SCARD_S_SUCCESS);
    HOLDS(selects(mine));
    CODE(SCardEndTransaction(mine, SCARD_LEAVE_CARD), SCARD_E_NOT_TRANSACTED);
    TEXT(answer(mine, VERSION), VERSION_IS);
    CODE(SCardEndTransaction(mine, SCARD_RESET_CARD), SCARD_E_NOT_TRANSACTED);
    /* The card is reset all the same. */
    TEXT(answer(mine, VERSION), "0x80100068");
}

CHECK(end_of_anothers_transaction_is_a_violation) {
    CODE(both_connected(), SCARD_S_SUCCESS);
    CODE(SCardBeginTransaction(theirs), SCARD_S_SUCCESS);
    CODE(SCardEndTransaction(mine, SCARD_LEAVE_CARD), SCARD_E_SHARING_VIOLATION);
    CODE(SCardEndTransaction(theirs, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
}

CHECK(a_transaction_of_an_exclusive_handle) {
    CONNECTS(0, SCARD_SHARE_EXCLUSIVE, &mine);
    CODE(SCardBeginTransaction(mine), SCARD_S_SUCCESS);
    HOLDS(selects(mine));
    CODE(SCardEndTransaction(mine, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
}

CHECK(transactions_nest) {
    static struct job job;
    CODE(both_connected(), SCARD_S_SUCCESS);
    CODE(SCardBeginTransaction(mine), SCARD_S_SUCCESS);
    CODE(SCardBeginTransaction(mine), SCARD_S_SUCCESS);
    CODE(SCardEndTransaction(mine, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    job.card = theirs;
    start(&job, begins);
    HOLDS(!ends_within(&job, 0.3));
    CODE(SCardEndTransaction(mine, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    HOLDS(ends_within(&job, 2));
    CODE(job.result, SCARD_S_SUCCESS);
    CODE(SCardEndTransaction(theirs, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    CODE(SCardEndTransaction(mine, SCARD_LEAVE_CARD), SCARD_E_NOT_TRANSACTED);
}

CHECK(another_handle_of_the_same_context_waits_too) {
    CODE(both_connected(), SCARD_S_SUCCESS);
    SCARDHANDLE second;
    CONNECTS(0, SCARD_SHARE_SHARED, &second);
    CODE(SCardBeginTransaction(mine), SCARD_S_SUCCESS);
    CODE(SCardEndTransaction(second, SCARD_LEAVE_CARD), SCARD_E_SHARING_VIOLATION);
    CODE(SCardEndTransaction(mine, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    CODE(SCardBeginTransaction(second), SCARD_S_SUCCESS);
    CODE(SCardEndTransaction(second, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
}

CHECK(a_begin_waits_for_the_end_of_anothers) {
    static struct job job;
    CODE(both_connected(), SCARD_S_SUCCESS);
    CODE(SCardBeginTransaction(mine), SCARD_S_SUCCESS);
    job.card = theirs;
    start(&job, begins);
    HOLDS(!ends_within(&job, 0.3));
    TEXT(answer(mine, "0084000004") + 8, "9000");
    CODE(SCardEndTransaction(mine, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    HOLDS(ends_within(&job, 2));
    CODE(job.result, SCARD_S_SUCCESS);
    CODE(SCardEndTransaction(mine, SCARD_LEAVE_CARD), SCARD_E_SHARING_VIOLATION);
    CODE(SCardEndTransaction(theirs, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
}

CHECK(a_transmit_waits_for_the_end_of_anothers) {
    static struct job job;
    CODE(both_connected(), SCARD_S_SUCCESS);
    CODE(SCardBeginTransaction(mine), SCARD_S_SUCCESS);
    job.card = theirs;
    start(&job, transmits);
    HOLDS(!ends_within(&job, 0.3));
    CODE(SCardEndTransaction(mine, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    HOLDS(ends_within(&job, 2));
    CODE(job.result, SCARD_S_SUCCESS);
}

static LONG connects(struct job *job) {
    return connect_to(job->of, 0, SCARD_SHARE_SHARED, &job->card);
}

CHECK(a_connect_waits_for_the_end_of_anothers) {
    static struct job job;
    CONNECTS(0, SCARD_SHARE_SHARED, &mine);
    CODE(SCardBeginTransaction(mine), SCARD_S_SUCCESS);
    job.of = other_context;
    start(&job, connects);
    HOLDS(!ends_within(&job, 0.3));
    CODE(SCardEndTransaction(mine, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    HOLDS(ends_within(&job, 2));
    CODE(job.result, SCARD_S_SUCCESS);
}

static LONG disconnects(struct job *job) {
    return SCardDisconnect(job->card, SCARD_RESET_CARD);
}

CHECK(a_disconnect_that_leaves_the_card_does_not_wait) {
    CODE(both_connected(), SCARD_S_SUCCESS);
    CODE(SCardBeginTransaction(mine), SCARD_S_SUCCESS);
    CODE(SCardDisconnect(theirs, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    HOLDS(selects(mine));
    CODE(SCardEndTransaction(mine, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
}

CHECK(a_disconnect_that_resets_waits_for_the_end_of_anothers) {
    static struct job job;
    CODE(both_connected(), SCARD_S_SUCCESS);
    CODE(SCardBeginTransaction(mine), SCARD_S_SUCCESS);
    job.card = theirs;
    start(&job, disconnects);
    HOLDS(!ends_within(&job, 0.3));
    CODE(SCardEndTransaction(mine, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    HOLDS(ends_within(&job, 2));
    CODE(job.result, SCARD_S_SUCCESS);
}

CHECK(a_transaction_holds_up_no_other_reader) {
    SCARDHANDLE second;
    CONNECTS(0, SCARD_SHARE_SHARED, &mine);
    OTHER_CONNECTS(1, SCARD_SHARE_SHARED, &second);
    CODE(SCardBeginTransaction(mine), SCARD_S_SUCCESS);
    HOLDS(selects(second));
    CODE(SCardBeginTransaction(second), SCARD_S_SUCCESS);
    CODE(SCardEndTransaction(second, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    CODE(SCardEndTransaction(mine, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
}

CHECK(a_transaction_holds_up_no_question_for_states) {
    CODE(both_connected(), SCARD_S_SUCCESS);
    CODE(SCardBeginTransaction(mine), SCARD_S_SUCCESS);
    VALUE(seen(0).dwEventState & SCARD_STATE_PRESENT, SCARD_STATE_PRESENT);
    CODE(SCardEndTransaction(mine, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
}

CHECK(disconnect_in_a_transaction_ends_it) {
    CODE(both_connected(), SCARD_S_SUCCESS);
    CODE(SCardBeginTransaction(mine), SCARD_S_SUCCESS);
    CODE(SCardBeginTransaction(mine), SCARD_S_SUCCESS);
    HOLDS(selects(mine));
    CODE(SCardDisconnect(mine, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    CODE(SCardBeginTransaction(theirs), SCARD_S_SUCCESS);
    TEXT(answer(theirs, VERSION), VERSION_IS);
}

CHECK(end_and_leave_keeps_what_is_selected) {
    CODE(both_connected(), SCARD_S_SUCCESS);
    CODE(SCardBeginTransaction(mine), SCARD_S_SUCCESS);
    HOLDS(selects(mine));
    CODE(SCardEndTransaction(mine, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    TEXT(answer(theirs, VERSION), VERSION_IS);
}

CHECK(end_and_reset_resets_and_is_told_to_others) {
    CODE(both_connected(), SCARD_S_SUCCESS);
    CODE(SCardBeginTransaction(mine), SCARD_S_SUCCESS);
    HOLDS(selects(mine));
    CODE(SCardEndTransaction(mine, SCARD_RESET_CARD), SCARD_S_SUCCESS);
    TEXT(answer(mine, VERSION), "0x80100068");
    TEXT(answer(theirs, VERSION), "0x80100068");
    CODE(SCardReconnect(mine, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, SCARD_LEAVE_CARD, &protocol), SCARD_S_SUCCESS);
    TEXT(answer(mine, VERSION), VERSION_IS_GONE);
}

CHECK(end_and_unpower_is_a_cold_start_and_is_told_to_others) {
    CODE(both_connected(), SCARD_S_SUCCESS);
    CODE(SCardBeginTransaction(mine), SCARD_S_SUCCESS);
    HOLDS(selects(mine));
    CODE(SCardEndTransaction(mine, SCARD_UNPOWER_CARD), SCARD_S_SUCCESS);
    TEXT(answer(mine, VERSION), "0x80100068");
    TEXT(answer(theirs, VERSION), "0x80100068");
    CODE(SCardReconnect(mine, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, SCARD_RESET_CARD, &protocol), SCARD_S_SUCCESS);
    TEXT(answer(mine, VERSION), VERSION_IS_GONE);
}

CHECK(end_and_eject) {
    CODE(both_connected(), SCARD_S_SUCCESS);
    CODE(SCardBeginTransaction(mine), SCARD_S_SUCCESS);
    HOLDS(selects(mine));
    /* No reader here has a motor; the transaction is over all the same. */
    CODE(SCardEndTransaction(mine, SCARD_EJECT_CARD), SCARD_E_UNSUPPORTED_FEATURE);
    TEXT(answer(mine, VERSION), VERSION_IS);
    CODE(SCardBeginTransaction(theirs), SCARD_S_SUCCESS);
    CODE(SCardEndTransaction(theirs, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    CODE(SCardEndTransaction(mine, SCARD_LEAVE_CARD), SCARD_E_NOT_TRANSACTED);
}

CHECK(the_end_of_an_inner_transaction_may_reset) {
    CODE(both_connected(), SCARD_S_SUCCESS);
    CODE(SCardBeginTransaction(mine), SCARD_S_SUCCESS);
    CODE(SCardBeginTransaction(mine), SCARD_S_SUCCESS);
    HOLDS(selects(mine));
    CODE(SCardEndTransaction(mine, SCARD_RESET_CARD), SCARD_S_SUCCESS);
    TEXT(answer(mine, VERSION), "0x80100068");
    /* Until it is acknowledged, the outer one cannot be ended. */
    CODE(SCardEndTransaction(mine, SCARD_LEAVE_CARD), SCARD_W_RESET_CARD);
    CODE(SCardReconnect(mine, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, SCARD_LEAVE_CARD, &protocol), SCARD_S_SUCCESS);
    CODE(SCardEndTransaction(mine, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    CODE(SCardEndTransaction(mine, SCARD_LEAVE_CARD), SCARD_E_NOT_TRANSACTED);
}

CHECK(many_in_turn_get_it_one_after_the_other) {
    static struct job jobs[4];
    SCARDCONTEXT of[4];
    CONNECTS(0, SCARD_SHARE_SHARED, &mine);
    for (int at = 0; at < 4; at++) {
        CODE(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &of[at]), SCARD_S_SUCCESS);
        CODE(connect_to(of[at], 0, SCARD_SHARE_SHARED, &jobs[at].card), SCARD_S_SUCCESS);
    }
    CODE(SCardBeginTransaction(mine), SCARD_S_SUCCESS);
    for (int at = 0; at < 4; at++) {
        start(&jobs[at], begins);
    }
    pause_ms(100);
    CODE(SCardEndTransaction(mine, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    for (int had = 0; had < 4; had++) {
        int owner = -1;
        for (double until = seconds() + 3; owner < 0 && seconds() < until; pause_ms(5)) {
            for (int at = 0; at < 4; at++) {
                owner = jobs[at].done && jobs[at].card ? at : owner;
            }
        }
        HOLDS(owner >= 0);
        CODE(jobs[owner].result, SCARD_S_SUCCESS);
        pause_ms(150);
        for (int at = 0; at < 4; at++) {
            HOLDS(at == owner || !jobs[at].card || !jobs[at].done);
        }
        CODE(SCardEndTransaction(jobs[owner].card, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
        pthread_join(jobs[owner].thread, NULL);
        jobs[owner].card = 0;
    }
    for (int at = 0; at < 4; at++) {
        CODE(SCardReleaseContext(of[at]), SCARD_S_SUCCESS);
    }
}

static const struct check checks[] = {
    C(begin_of_a_nobodys_handle_is_an_invalid_handle),
    C(end_of_a_nobodys_handle_is_an_invalid_handle),
    C(end_with_another_disposition_is_an_invalid_value),
    C(end_without_begin_is_not_transacted),
    C(end_of_anothers_transaction_is_a_violation),
    C(a_transaction_of_an_exclusive_handle),
    C(transactions_nest),
    C(another_handle_of_the_same_context_waits_too),
    C(a_begin_waits_for_the_end_of_anothers),
    C(a_transmit_waits_for_the_end_of_anothers),
    C(a_connect_waits_for_the_end_of_anothers),
    C(a_disconnect_that_leaves_the_card_does_not_wait),
    C(a_disconnect_that_resets_waits_for_the_end_of_anothers),
    C(a_transaction_holds_up_no_other_reader),
    C(a_transaction_holds_up_no_question_for_states),
    C(disconnect_in_a_transaction_ends_it),
    C(end_and_leave_keeps_what_is_selected),
    C(end_and_reset_resets_and_is_told_to_others),
    C(end_and_unpower_is_a_cold_start_and_is_told_to_others),
    C(end_and_eject),
    C(the_end_of_an_inner_transaction_may_reset),
    C(many_in_turn_get_it_one_after_the_other),
};
CHAPTER(transaction);
