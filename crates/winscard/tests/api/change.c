/* SCardGetStatusChange where nothing comes or goes, and SCardCancel. */
#include "api.h"

#define PNP "\\\\?PnP?\\Notification"

static SCARD_READERSTATE states[PCSCLITE_MAX_READERS_CONTEXTS + 1];

static void ask_about(const char *name, DWORD current) {
    memset(states, 0, sizeof states);
    for (size_t at = 0; at < sizeof states / sizeof states[0]; at++) {
        states[at].szReader = name;
        states[at].dwCurrentState = current;
        states[at].dwEventState = 0x5555;
    }
}

/* How long a call takes, in ms. */
static double took;
static LONG changes(DWORD limit, DWORD count) {
    double began = seconds();
    LONG code = SCardGetStatusChange(context, limit, states, count);
    took = (seconds() - began) * 1000;
    return code;
}

CHECK(change_null_states_is_an_invalid_parameter) {
    CODE(SCardGetStatusChange(context, 0, NULL, 1), SCARD_E_INVALID_PARAMETER);
}

CHECK(change_of_no_reader_returns_at_once) {
    CODE(SCardGetStatusChange(context, INFINITE, NULL, 0), SCARD_S_SUCCESS);
    ask_about(reader[0], 0);
    CODE(changes(INFINITE, 0), SCARD_S_SUCCESS);
}

CHECK(change_of_more_readers_than_there_can_be_is_an_invalid_parameter) {
    ask_about(reader[0], SCARD_STATE_UNAWARE);
    CODE(changes(0, PCSCLITE_MAX_READERS_CONTEXTS + 1), SCARD_E_INVALID_PARAMETER);
    CODE(changes(0, PCSCLITE_MAX_READERS_CONTEXTS), SCARD_S_SUCCESS);
}

CHECK(change_of_a_reader_without_a_name_is_an_invalid_value) {
    ask_about(NULL, SCARD_STATE_UNAWARE);
    CODE(changes(0, 1), SCARD_E_INVALID_VALUE);
}

CHECK(change_of_a_nobodys_context_is_an_invalid_handle) {
    ask_about(reader[0], SCARD_STATE_UNAWARE);
    CODE(SCardGetStatusChange(NOBODYS, 0, states, 1), SCARD_E_INVALID_HANDLE);
    CODE(SCardGetStatusChange(0, 0, states, 1), SCARD_E_INVALID_HANDLE);
}

CHECK(change_of_an_unknown_reader) {
    ask_about("Nobody's reader", SCARD_STATE_UNAWARE);
    CODE(changes(0, 1), SCARD_E_UNKNOWN_READER);
    CODE(changes(INFINITE, 1), SCARD_E_UNKNOWN_READER);
}

CHECK(change_unaware_returns_at_once_with_state_and_atr) {
    ask_about(reader[0], SCARD_STATE_UNAWARE);
    states[1].szReader = reader[1];
    CODE(changes(INFINITE, 2), SCARD_S_SUCCESS);
    HOLDS(took < 1000);
    for (int at = 0; at < 2; at++) {
        VALUE(states[at].dwEventState & 0xFFFF, SCARD_STATE_CHANGED | SCARD_STATE_PRESENT);
        HOLDS(states[at].cbAtr > 4 && states[at].rgbAtr[0] == 0x3B);
        VALUE(states[at].dwCurrentState, SCARD_STATE_UNAWARE);
    }
}

CHECK(change_nothing_to_tell_is_a_timeout) {
    ask_about(reader[0], seen(0).dwEventState & ~(DWORD)SCARD_STATE_CHANGED);
    CODE(changes(0, 1), SCARD_E_TIMEOUT);
    HOLDS(took < 300);
    VALUE(states[0].dwEventState, states[0].dwCurrentState);
}

CHECK(change_the_flag_of_a_change_may_be_in_the_known_state) {
    ask_about(reader[0], seen(0).dwEventState);
    CODE(changes(0, 1), SCARD_E_TIMEOUT);
}

CHECK(change_waits_as_long_as_told) {
    ask_about(reader[0], seen(0).dwEventState);
    CODE(changes(250, 1), SCARD_E_TIMEOUT);
    HOLDS(took >= 240 && took < 600);
}

CHECK(change_timeout_of_all_ones_in_64_bits_is_infinite) {
    static struct job job;
    job.of = context;
    job.state = seen(0);
    job.state.dwCurrentState = job.state.dwEventState;
    start(&job, waits_forever);
    HOLDS(!ends_within(&job, 0.2));
    CODE(SCardCancel(context), SCARD_S_SUCCESS);
    HOLDS(ends_within(&job, 2));
    CODE(job.result, SCARD_E_CANCELLED);
    ask_about(reader[0], SCARD_STATE_UNAWARE);
    CODE(changes((DWORD)-1, 1), SCARD_S_SUCCESS);
}

CHECK(change_of_a_reader_believed_empty) {
    ask_about(reader[0], SCARD_STATE_EMPTY);
    CODE(changes(INFINITE, 1), SCARD_S_SUCCESS);
    VALUE(states[0].dwEventState & 0xFFFF, SCARD_STATE_CHANGED | SCARD_STATE_PRESENT);
}

CHECK(change_of_a_card_believed_mute) {
    ask_about(reader[0], SCARD_STATE_PRESENT | SCARD_STATE_MUTE);
    CODE(changes(INFINITE, 1), SCARD_S_SUCCESS);
    VALUE(states[0].dwEventState & 0xFFFF, SCARD_STATE_CHANGED | SCARD_STATE_PRESENT);
}

CHECK(change_of_a_reader_believed_unknown_or_unavailable) {
    ask_about(reader[0], SCARD_STATE_UNKNOWN);
    CODE(changes(INFINITE, 1), SCARD_S_SUCCESS);
    VALUE(states[0].dwEventState & 0xFFFF, SCARD_STATE_CHANGED | SCARD_STATE_PRESENT);
    ask_about(reader[0], SCARD_STATE_UNAVAILABLE);
    CODE(changes(INFINITE, 1), SCARD_S_SUCCESS);
    VALUE(states[0].dwEventState & 0xFFFF, SCARD_STATE_CHANGED | SCARD_STATE_PRESENT);
}

CHECK(change_of_another_number_of_events) {
    DWORD now = seen(0).dwEventState;
    ask_about(reader[0], (now & 0xFFFF) | ((now & 0xFFFF0000) ^ 0x7FFF0000));
    CODE(changes(INFINITE, 1), SCARD_S_SUCCESS);
    VALUE(states[0].dwEventState & 0xFFFF0000, now & 0xFFFF0000);
    VALUE(states[0].dwEventState & 0xFFFF, SCARD_STATE_CHANGED | SCARD_STATE_PRESENT);
}

CHECK(change_with_no_number_of_events_counts_none) {
    ask_about(reader[0], SCARD_STATE_PRESENT);
    CODE(changes(0, 1), SCARD_E_TIMEOUT);
}

CHECK(change_ignored_readers_are_not_waited_for) {
    ask_about(reader[0], SCARD_STATE_IGNORE);
    CODE(changes(INFINITE, 2), SCARD_S_SUCCESS);
    HOLDS(took < 1000);
    VALUE(states[0].dwEventState, 0x5555);
    states[1].dwCurrentState = SCARD_STATE_EMPTY;
    CODE(changes(INFINITE, 2), SCARD_S_SUCCESS);
    VALUE(states[0].dwEventState, 0);
    VALUE(states[1].dwEventState & 0xFFFF, SCARD_STATE_CHANGED | SCARD_STATE_PRESENT);
}

CHECK(change_an_ignored_unknown_reader_is_unknown_beside_others) {
    ask_about(reader[0], SCARD_STATE_UNAWARE);
    states[1].szReader = "Nobody's reader";
    states[1].dwCurrentState = SCARD_STATE_IGNORE;
    CODE(changes(0, 2), SCARD_E_UNKNOWN_READER);
}

CHECK(change_tells_who_uses_the_card) {
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    ask_about(reader[0], SCARD_STATE_UNAWARE);
    CODE(changes(0, 1), SCARD_S_SUCCESS);
    VALUE(states[0].dwEventState & 0xFFFF, SCARD_STATE_CHANGED | SCARD_STATE_PRESENT | SCARD_STATE_INUSE);
    CODE(SCardDisconnect(card, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    CONNECTS(0, SCARD_SHARE_EXCLUSIVE, &card);
    CODE(changes(0, 1), SCARD_S_SUCCESS);
    VALUE(states[0].dwEventState & 0xFFFF, SCARD_STATE_CHANGED | SCARD_STATE_PRESENT | SCARD_STATE_EXCLUSIVE);
}

CHECK(change_from_used_to_free_is_one_and_from_free_to_used_is_none) {
    SCARDHANDLE card;
    ask_about(reader[0], SCARD_STATE_PRESENT | SCARD_STATE_INUSE);
    CODE(changes(INFINITE, 1), SCARD_S_SUCCESS);
    VALUE(states[0].dwEventState & 0xFFFF, SCARD_STATE_CHANGED | SCARD_STATE_PRESENT);
    ask_about(reader[0], SCARD_STATE_PRESENT | SCARD_STATE_EXCLUSIVE);
    CODE(changes(INFINITE, 1), SCARD_S_SUCCESS);
    VALUE(states[0].dwEventState & 0xFFFF, SCARD_STATE_CHANGED | SCARD_STATE_PRESENT);
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    ask_about(reader[0], SCARD_STATE_PRESENT);
    CODE(changes(0, 1), SCARD_E_TIMEOUT);
}

CHECK(change_of_the_list_of_readers_is_waited_for) {
    ask_about(PNP, SCARD_STATE_UNAWARE);
    CODE(changes(150, 1), SCARD_E_TIMEOUT);
    HOLDS(took >= 140);
    VALUE(states[0].dwEventState & 0xFFFF, 0);
    ask_about("\\\\?pnp?\\notification", SCARD_STATE_UNAWARE);
    CODE(changes(0, 1), SCARD_E_TIMEOUT);
}

CHECK(change_of_the_list_beside_a_reader) {
    ask_about(PNP, SCARD_STATE_UNAWARE);
    states[1].szReader = reader[0];
    CODE(changes(INFINITE, 2), SCARD_S_SUCCESS);
    VALUE(states[0].dwEventState & 0xFFFF, 0);
    VALUE(states[1].dwEventState & 0xFFFF, SCARD_STATE_CHANGED | SCARD_STATE_PRESENT);
}

CHECK(cancel_ends_a_wait) {
    static struct job job;
    job.of = context;
    job.state = seen(0);
    job.state.dwCurrentState = job.state.dwEventState;
    start(&job, waits_forever);
    pause_ms(100);
    double began = seconds();
    CODE(SCardCancel(context), SCARD_S_SUCCESS);
    HOLDS(ends_within(&job, 5));
    CODE(job.result, SCARD_E_CANCELLED);
    HOLDS(job.ended - began < 0.5);
    /* The next wait is one again. */
    ask_about(reader[0], seen(0).dwEventState);
    CODE(changes(50, 1), SCARD_E_TIMEOUT);
}

CHECK(cancel_of_another_context_ends_nothing) {
    static struct job job;
    job.of = context;
    job.state = seen(0);
    job.state.dwCurrentState = job.state.dwEventState;
    start(&job, waits_forever);
    pause_ms(50);
    CODE(SCardCancel(other_context), SCARD_S_SUCCESS);
    HOLDS(!ends_within(&job, 0.2));
    CODE(SCardCancel(context), SCARD_S_SUCCESS);
    HOLDS(ends_within(&job, 5));
    CODE(job.result, SCARD_E_CANCELLED);
}

static const struct check checks[] = {
    C(change_null_states_is_an_invalid_parameter),
    C(change_of_no_reader_returns_at_once),
    C(change_of_more_readers_than_there_can_be_is_an_invalid_parameter),
    C(change_of_a_reader_without_a_name_is_an_invalid_value),
    C(change_of_a_nobodys_context_is_an_invalid_handle),
    C(change_of_an_unknown_reader),
    C(change_unaware_returns_at_once_with_state_and_atr),
    C(change_nothing_to_tell_is_a_timeout),
    C(change_the_flag_of_a_change_may_be_in_the_known_state),
    C(change_waits_as_long_as_told),
    C(change_timeout_of_all_ones_in_64_bits_is_infinite),
    C(change_of_a_reader_believed_empty),
    C(change_of_a_card_believed_mute),
    C(change_of_a_reader_believed_unknown_or_unavailable),
    C(change_of_another_number_of_events),
    C(change_with_no_number_of_events_counts_none),
    C(change_ignored_readers_are_not_waited_for),
    C(change_an_ignored_unknown_reader_is_unknown_beside_others),
    C(change_tells_who_uses_the_card),
    C(change_from_used_to_free_is_one_and_from_free_to_used_is_none),
    C(change_of_the_list_of_readers_is_waited_for),
    C(change_of_the_list_beside_a_reader),
    C(cancel_ends_a_wait),
    C(cancel_of_another_context_ends_nothing),
};
CHAPTER(change);
