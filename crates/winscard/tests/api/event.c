/* A card that goes and comes: what a handle gets, what a wait is told. */
#include "api.h"

static SCARDHANDLE card;

CHECK(event_a_handle_of_a_removed_card) {
    DWORD state, protocol;
    CONNECTS(1, SCARD_SHARE_SHARED, &card);
    HOLDS(selects(card));
    HOLDS(takes_card_out());
    TEXT(answer(card, VERSION), "0x80100069");
    CODE(SCardStatus(card, NULL, NULL, &state, NULL, NULL, NULL), SCARD_W_REMOVED_CARD);
    CODE(SCardBeginTransaction(card), SCARD_W_REMOVED_CARD);
    CODE(SCardReconnect(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, SCARD_LEAVE_CARD, &protocol), SCARD_E_NO_SMARTCARD);
    CODE(SCardReconnect(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, SCARD_RESET_CARD, &protocol), SCARD_E_NO_SMARTCARD);
    HOLDS(puts_card_in());
    TEXT(answer(card, VERSION), "0x80100068");
    CODE(SCardReconnect(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, SCARD_LEAVE_CARD, &protocol), SCARD_S_SUCCESS);
    TEXT(answer(card, VERSION), VERSION_IS_GONE);
    CODE(SCardDisconnect(card, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
}

CHECK(event_an_empty_reader) {
    DWORD protocol = 77, length = MAX_ATR_SIZE;
    BYTE atr[MAX_ATR_SIZE];
    HOLDS(takes_card_out());
    SCARD_READERSTATE state = seen(1);
    VALUE(state.dwEventState & 0xFFFF, SCARD_STATE_CHANGED | SCARD_STATE_EMPTY);
    VALUE(state.cbAtr, 0);
    CODE(connect_to(context, 1, SCARD_SHARE_SHARED, &card), SCARD_E_NO_SMARTCARD);
    CODE(connect_to(context, 1, SCARD_SHARE_EXCLUSIVE, &card), SCARD_E_NO_SMARTCARD);
    CODE(SCardConnect(context, reader[1], SCARD_SHARE_DIRECT, 0, &card, &protocol), SCARD_S_SUCCESS);
    VALUE(protocol, SCARD_PROTOCOL_UNDEFINED);
    DWORD bits = 0;
    CODE(SCardStatus(card, NULL, NULL, &bits, &protocol, atr, &length), SCARD_S_SUCCESS);
    VALUE(bits & 0xFFFF, SCARD_ABSENT);
    VALUE(length, 0);
    TEXT(answer(card, CHALLENGE), "0x8010000C");
    HOLDS(puts_card_in());
}

static LONG connects(struct job *job) {
    return connect_to(job->of, 1, SCARD_SHARE_SHARED, &job->card);
}

CHECK(event_a_transaction_of_a_removed_card_ends) {
    DWORD protocol;
    CONNECTS(1, SCARD_SHARE_SHARED, &card);
    CODE(SCardBeginTransaction(card), SCARD_S_SUCCESS);
    HOLDS(takes_card_out());
    TEXT(answer(card, VERSION), "0x80100069");
    CODE(SCardEndTransaction(card, SCARD_LEAVE_CARD), SCARD_W_REMOVED_CARD);
    HOLDS(puts_card_in());
    static struct job job;
    job.of = other_context;
    start(&job, connects);
    HOLDS(ends_within(&job, 2));
    CODE(job.result, SCARD_S_SUCCESS);
    HOLDS(selects(job.card));
    CODE(SCardReconnect(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, SCARD_LEAVE_CARD, &protocol), SCARD_S_SUCCESS);
}

static LONG transmits_until_it_fails(struct job *job) {
    const BYTE command[] = { 0x00, 0x84, 0x00, 0x00, 0x08 };
    LONG code = SCARD_S_SUCCESS;
    while (code == SCARD_S_SUCCESS) {
        BYTE received[MAX_BUFFER_SIZE];
        DWORD length = sizeof received;
        code = SCardTransmit(job->card, SCARD_PCI_T1, command, sizeof command, NULL, received, &length);
    }
    return code;
}

CHECK(event_a_card_that_goes_in_the_middle_of_commands) {
    static struct job job;
    CONNECTS(1, SCARD_SHARE_SHARED, &job.card);
    start(&job, transmits_until_it_fails);
    pause_ms(50);
    HOLDS(takes_card_out());
    HOLDS(ends_within(&job, 5));
    /* The one that was under way has no answer; if none was, the next one is told why. */
    if (job.result != SCARD_W_REMOVED_CARD) {
        CODE(job.result, SCARD_E_NOT_TRANSACTED);
    }
    TEXT(answer(job.card, CHALLENGE), "0x80100069");
    HOLDS(puts_card_in());
}

CHECK(event_a_wait_is_told_of_a_removal_and_an_insertion) {
    static struct job job;
    job.of = context;
    job.state = seen(1);
    DWORD before = job.state.dwEventState >> 16;
    job.state.dwCurrentState = job.state.dwEventState;
    start(&job, waits_forever);
    pause_ms(50);
    HOLDS(takes_card_out());
    HOLDS(ends_within(&job, 5));
    CODE(job.result, SCARD_S_SUCCESS);
    VALUE(job.state.dwEventState & 0xFFFF, SCARD_STATE_CHANGED | SCARD_STATE_EMPTY);
    VALUE(job.state.dwEventState >> 16, before + 1);
    job.state.dwCurrentState = job.state.dwEventState;
    start(&job, waits_forever);
    pause_ms(50);
    HOLDS(puts_card_in());
    HOLDS(ends_within(&job, 5));
    CODE(job.result, SCARD_S_SUCCESS);
    VALUE(job.state.dwEventState & 0xFFFF, SCARD_STATE_CHANGED | SCARD_STATE_PRESENT);
    VALUE(job.state.dwEventState >> 16, before + 2);
    HOLDS(job.state.cbAtr > 4 && job.state.rgbAtr[0] == 0x3B);
}

CHECK(event_a_card_that_went_and_came_between_two_calls_is_seen) {
    SCARD_READERSTATE state = seen(1);
    DWORD before = state.dwEventState >> 16;
    HOLDS(takes_card_out());
    HOLDS(puts_card_in());
    state.dwCurrentState = state.dwEventState;
    CODE(SCardGetStatusChange(context, INFINITE, &state, 1), SCARD_S_SUCCESS);
    VALUE(state.dwEventState & 0xFFFF, SCARD_STATE_CHANGED | SCARD_STATE_PRESENT);
    VALUE(state.dwEventState >> 16, before + 2);
}

CHECK(event_the_other_reader_is_not_told) {
    SCARD_READERSTATE state = seen(0);
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    HOLDS(selects(card));
    state.dwCurrentState = state.dwEventState;
    HOLDS(takes_card_out());
    HOLDS(puts_card_in());
    CODE(SCardGetStatusChange(context, 50, &state, 1), SCARD_E_TIMEOUT);
    TEXT(answer(card, VERSION), VERSION_IS);
}

static const struct check checks[] = {
    C(event_a_handle_of_a_removed_card),
    C(event_an_empty_reader),
    C(event_a_transaction_of_a_removed_card_ends),
    C(event_a_card_that_goes_in_the_middle_of_commands),
    C(event_a_wait_is_told_of_a_removal_and_an_insertion),
    C(event_a_card_that_went_and_came_between_two_calls_is_seen),
    C(event_the_other_reader_is_not_told),
};
CHAPTER(event);
