/* SCardConnect and SCardDisconnect. */
#include "api.h"

static LONG connects(const char *name, DWORD share, DWORD protocols, SCARDHANDLE *card, DWORD *protocol) {
    return SCardConnect(context, name, share, protocols, card, protocol);
}

CHECK(connect_null_handle_or_protocol_is_an_invalid_parameter) {
    SCARDHANDLE card = 0;
    DWORD protocol = 0;
    CODE(connects(reader[0], SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, NULL, &protocol), SCARD_E_INVALID_PARAMETER);
    CODE(connects(reader[0], SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, &card, NULL), SCARD_E_INVALID_PARAMETER);
}

CHECK(connect_null_reader_is_an_unknown_reader) {
    SCARDHANDLE card = 77;
    DWORD protocol = 0;
    CODE(connects(NULL, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, &card, &protocol), SCARD_E_UNKNOWN_READER);
    VALUE(card, 0);
}

CHECK(connect_to_an_unknown_reader) {
    SCARDHANDLE card = 77;
    DWORD protocol = 0;
    CODE(connects("Nobody's reader", SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, &card, &protocol), SCARD_E_UNKNOWN_READER);
    VALUE(card, 0);
    CODE(connects("", SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, &card, &protocol), SCARD_E_UNKNOWN_READER);
}

CHECK(connect_to_a_name_that_is_too_long_is_an_invalid_value) {
    char name[MAX_READERNAME + 2];
    SCARDHANDLE card = 77;
    DWORD protocol = 0;
    memset(name, 'r', sizeof name);
    name[MAX_READERNAME + 1] = 0;
    CODE(connects(name, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, &card, &protocol), SCARD_E_INVALID_VALUE);
    name[MAX_READERNAME] = 0;
    CODE(connects(name, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, &card, &protocol), SCARD_E_UNKNOWN_READER);
}

CHECK(connect_with_a_nobodys_context_is_an_invalid_handle) {
    SCARDHANDLE card;
    CODE(connect_to(NOBODYS, 0, SCARD_SHARE_SHARED, &card), SCARD_E_INVALID_HANDLE);
    CODE(connect_to(0, 0, SCARD_SHARE_SHARED, &card), SCARD_E_INVALID_HANDLE);
}

CHECK(connect_in_another_share_mode_is_an_invalid_value) {
    SCARDHANDLE card;
    DWORD protocol = 0;
    CODE(connects(reader[0], 0, SCARD_PROTOCOL_ANY, &card, &protocol), SCARD_E_INVALID_VALUE);
    CODE(connects(reader[0], 4, SCARD_PROTOCOL_ANY, &card, &protocol), SCARD_E_INVALID_VALUE);
}

CHECK(connect_without_a_protocol_is_for_direct_only) {
    SCARDHANDLE card;
    DWORD protocol = 0;
    CODE(connects(reader[0], SCARD_SHARE_SHARED, 0, &card, &protocol), SCARD_E_PROTO_MISMATCH);
    CODE(connects(reader[0], SCARD_SHARE_EXCLUSIVE, 0, &card, &protocol), SCARD_E_PROTO_MISMATCH);
    CODE(connects(reader[0], SCARD_SHARE_DIRECT, 0, &card, &protocol), SCARD_S_SUCCESS);
}

CHECK(connect_with_unknown_protocols_is_a_mismatch) {
    SCARDHANDLE card;
    DWORD protocol = 0;
    CODE(connects(reader[0], SCARD_SHARE_SHARED, SCARD_PROTOCOL_T15, &card, &protocol), SCARD_E_PROTO_MISMATCH);
    CODE(connects(reader[0], SCARD_SHARE_SHARED, 0x100, &card, &protocol), SCARD_E_PROTO_MISMATCH);
}

CHECK(connect_gives_the_protocol_of_the_card) {
    static const struct {
        int number;
        DWORD wanted, given;
    } rows[] = {
        { 0, SCARD_PROTOCOL_T0, SCARD_PROTOCOL_T0 },
        { 0, SCARD_PROTOCOL_ANY, SCARD_PROTOCOL_T0 },
        { 1, SCARD_PROTOCOL_T1, SCARD_PROTOCOL_T1 },
        { 1, SCARD_PROTOCOL_ANY, SCARD_PROTOCOL_T1 },
    };
    for (size_t at = 0; at < sizeof rows / sizeof rows[0]; at++) {
        SCARDHANDLE card;
        DWORD protocol = 77;
        CODE(connects(reader[rows[at].number], SCARD_SHARE_SHARED, rows[at].wanted, &card, &protocol), SCARD_S_SUCCESS);
        VALUE(protocol, rows[at].given);
        CODE(SCardDisconnect(card, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    }
}

CHECK(connect_by_a_protocol_that_the_card_has_not_is_a_mismatch) {
    SCARDHANDLE card = 77;
    DWORD protocol = 0;
    CODE(connects(reader[0], SCARD_SHARE_SHARED, SCARD_PROTOCOL_T1, &card, &protocol), SCARD_E_PROTO_MISMATCH);
    CODE(connects(reader[1], SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0, &card, &protocol), SCARD_E_PROTO_MISMATCH);
    VALUE(card, 0);
}

/* Whoever asks for it gets it, whatever the card speaks, and it stays until the card is reset. */
CHECK(connect_raw_is_for_every_card) {
    SCARDHANDLE card;
    DWORD protocol = 77;
    CODE(connects(reader[0], SCARD_SHARE_SHARED, SCARD_PROTOCOL_RAW, &card, &protocol), SCARD_S_SUCCESS);
    VALUE(protocol, SCARD_PROTOCOL_RAW);
    TEXT(answer(card, CHALLENGE), "0x8010000F");
    CODE(SCardDisconnect(card, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    CODE(connects(reader[0], SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0, &card, &protocol), SCARD_E_PROTO_MISMATCH);
    CODE(connects(reader[0], SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY | SCARD_PROTOCOL_RAW, &card, &protocol), SCARD_S_SUCCESS);
    VALUE(protocol, SCARD_PROTOCOL_RAW);
    CODE(SCardDisconnect(card, SCARD_RESET_CARD), SCARD_S_SUCCESS);
    CODE(connects(reader[0], SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0, &card, &protocol), SCARD_S_SUCCESS);
    VALUE(protocol, SCARD_PROTOCOL_T0);
}

CHECK(connect_raw_is_preferred_to_others) {
    SCARDHANDLE card;
    DWORD protocol = 77;
    CODE(connects(reader[0], SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_RAW, &card, &protocol), SCARD_S_SUCCESS);
    VALUE(protocol, SCARD_PROTOCOL_RAW);
}

CHECK(connect_twice_in_shared_mode) {
    SCARDHANDLE one, two;
    CONNECTS(0, SCARD_SHARE_SHARED, &one);
    CONNECTS(0, SCARD_SHARE_SHARED, &two);
    HOLDS(one != two);
    HOLDS(selects(one));
    TEXT(answer(two, VERSION), VERSION_IS);
}

CHECK(connect_to_both_readers_by_one_context) {
    SCARDHANDLE one, two;
    CONNECTS(0, SCARD_SHARE_SHARED, &one);
    CONNECTS(1, SCARD_SHARE_SHARED, &two);
    HOLDS(selects(one));
    TEXT(answer(two, VERSION), VERSION_IS_GONE);
}

CHECK(exclusive_keeps_every_other_out) {
    SCARDHANDLE mine, theirs = 77;
    CONNECTS(0, SCARD_SHARE_EXCLUSIVE, &mine);
    CODE(connect_to(other_context, 0, SCARD_SHARE_SHARED, &theirs), SCARD_E_SHARING_VIOLATION);
    CODE(connect_to(other_context, 0, SCARD_SHARE_EXCLUSIVE, &theirs), SCARD_E_SHARING_VIOLATION);
    CODE(connect_to(other_context, 0, SCARD_SHARE_DIRECT, &theirs), SCARD_E_SHARING_VIOLATION);
    CODE(connect_to(context, 0, SCARD_SHARE_SHARED, &theirs), SCARD_E_SHARING_VIOLATION);
    VALUE(theirs, 0);
    OTHER_CONNECTS(1, SCARD_SHARE_EXCLUSIVE, &theirs);
    HOLDS(selects(mine));
}

CHECK(exclusive_is_refused_while_another_is_connected) {
    SCARDHANDLE mine, theirs;
    OTHER_CONNECTS(0, SCARD_SHARE_SHARED, &theirs);
    CODE(connect_to(context, 0, SCARD_SHARE_EXCLUSIVE, &mine), SCARD_E_SHARING_VIOLATION);
    CODE(SCardDisconnect(theirs, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    CONNECTS(0, SCARD_SHARE_EXCLUSIVE, &mine);
    CODE(SCardDisconnect(mine, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    OTHER_CONNECTS(0, SCARD_SHARE_SHARED, &theirs);
}

CHECK(direct_is_shared) {
    SCARDHANDLE mine, theirs;
    CONNECTS(0, SCARD_SHARE_DIRECT, &mine);
    OTHER_CONNECTS(0, SCARD_SHARE_SHARED, &theirs);
    HOLDS(selects(theirs));
}

CHECK(disconnect_a_nobodys_handle_is_an_invalid_handle) {
    CODE(SCardDisconnect(NOBODYS, SCARD_LEAVE_CARD), SCARD_E_INVALID_HANDLE);
    CODE(SCardDisconnect(0, SCARD_LEAVE_CARD), SCARD_E_INVALID_HANDLE);
    CODE(SCardDisconnect(-1, SCARD_LEAVE_CARD), SCARD_E_INVALID_HANDLE);
}

CHECK(disconnect_twice_is_an_invalid_handle) {
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    CODE(SCardDisconnect(card, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    CODE(SCardDisconnect(card, SCARD_LEAVE_CARD), SCARD_E_INVALID_HANDLE);
    TEXT(answer(card, CHALLENGE), "0x80100003");
}

CHECK(disconnect_with_another_disposition_is_an_invalid_value) {
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    CODE(SCardDisconnect(card, 4), SCARD_E_INVALID_VALUE);
    CODE(SCardDisconnect(card, 0xFFFFFFFF), SCARD_E_INVALID_VALUE);
    HOLDS(selects(card));
    CODE(SCardDisconnect(card, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
}

/* What a second handle gets after the first one was disconnected so. */
static LONG after_disconnect(DWORD disposition, SCARDHANDLE *mine) {
    SCARDHANDLE theirs;
    LONG code = connect_to(context, 0, SCARD_SHARE_SHARED, mine);
    if (code == SCARD_S_SUCCESS) {
        code = connect_to(other_context, 0, SCARD_SHARE_SHARED, &theirs);
    }
    if (code == SCARD_S_SUCCESS && selects(*mine)) {
        code = SCardDisconnect(theirs, disposition);
    }
    return code;
}

CHECK(disconnect_and_leave_leaves_the_card) {
    SCARDHANDLE mine;
    CODE(after_disconnect(SCARD_LEAVE_CARD, &mine), SCARD_S_SUCCESS);
    TEXT(answer(mine, VERSION), VERSION_IS);
}

CHECK(disconnect_and_reset_is_told_to_others) {
    SCARDHANDLE mine;
    DWORD protocol;
    CODE(after_disconnect(SCARD_RESET_CARD, &mine), SCARD_S_SUCCESS);
    TEXT(answer(mine, VERSION), "0x80100068");
    CODE(SCardStatus(mine, NULL, NULL, NULL, NULL, NULL, NULL), SCARD_W_RESET_CARD);
    CODE(SCardBeginTransaction(mine), SCARD_W_RESET_CARD);
    CODE(SCardReconnect(mine, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, SCARD_LEAVE_CARD, &protocol), SCARD_S_SUCCESS);
    TEXT(answer(mine, VERSION), VERSION_IS_GONE);
}

CHECK(disconnect_and_unpower_is_told_to_others) {
    SCARDHANDLE mine;
    DWORD protocol;
    CODE(after_disconnect(SCARD_UNPOWER_CARD, &mine), SCARD_S_SUCCESS);
    TEXT(answer(mine, VERSION), "0x80100068");
    CODE(SCardReconnect(mine, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, SCARD_RESET_CARD, &protocol), SCARD_S_SUCCESS);
    TEXT(answer(mine, VERSION), VERSION_IS_GONE);
}

CHECK(reconnect_and_leave_after_anothers_unpower) {
    SCARDHANDLE mine;
    DWORD protocol;
    CODE(after_disconnect(SCARD_UNPOWER_CARD, &mine), SCARD_S_SUCCESS);
    CODE(SCardReconnect(mine, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, SCARD_LEAVE_CARD, &protocol), SCARD_S_SUCCESS);
    if (either(LEFT_WITHOUT_POWER, 0, 1)) {
        TEXT(answer(mine, VERSION), VERSION_IS_GONE);
    } else {
        DWORD state = 0;
        CODE(SCardStatus(mine, NULL, NULL, &state, NULL, NULL, NULL), SCARD_S_SUCCESS);
        VALUE(state & SCARD_POWERED, 0);
    }
}

CHECK(disconnect_and_eject) {
    SCARDHANDLE mine;
    CODE(after_disconnect(SCARD_EJECT_CARD, &mine), SCARD_S_SUCCESS);
    /* No reader here has a motor. */
    TEXT(answer(mine, VERSION), VERSION_IS);
}

CHECK(disconnect_and_reset_of_the_only_handle_resets) {
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    HOLDS(selects(card));
    CODE(SCardDisconnect(card, SCARD_RESET_CARD), SCARD_S_SUCCESS);
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    TEXT(answer(card, VERSION), VERSION_IS_GONE);
}

CHECK(disconnect_and_leave_keeps_what_is_selected) {
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    HOLDS(selects(card));
    CODE(SCardDisconnect(card, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    TEXT(answer(card, VERSION), VERSION_IS);
}

CHECK(disconnect_and_unpower_of_the_only_handle_is_a_cold_start) {
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    HOLDS(selects(card));
    CODE(SCardDisconnect(card, SCARD_UNPOWER_CARD), SCARD_S_SUCCESS);
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    TEXT(answer(card, VERSION), VERSION_IS_GONE);
}

static const struct check checks[] = {
    C(connect_null_handle_or_protocol_is_an_invalid_parameter),
    C(connect_null_reader_is_an_unknown_reader),
    C(connect_to_an_unknown_reader),
    C(connect_to_a_name_that_is_too_long_is_an_invalid_value),
    C(connect_with_a_nobodys_context_is_an_invalid_handle),
    C(connect_in_another_share_mode_is_an_invalid_value),
    C(connect_without_a_protocol_is_for_direct_only),
    C(connect_with_unknown_protocols_is_a_mismatch),
    C(connect_gives_the_protocol_of_the_card),
    C(connect_by_a_protocol_that_the_card_has_not_is_a_mismatch),
    C(connect_raw_is_for_every_card),
    C(connect_raw_is_preferred_to_others),
    C(connect_twice_in_shared_mode),
    C(connect_to_both_readers_by_one_context),
    C(exclusive_keeps_every_other_out),
    C(exclusive_is_refused_while_another_is_connected),
    C(direct_is_shared),
    C(disconnect_a_nobodys_handle_is_an_invalid_handle),
    C(disconnect_twice_is_an_invalid_handle),
    C(disconnect_with_another_disposition_is_an_invalid_value),
    C(disconnect_and_leave_leaves_the_card),
    C(disconnect_and_reset_is_told_to_others),
    C(disconnect_and_unpower_is_told_to_others),
    C(reconnect_and_leave_after_anothers_unpower),
    C(disconnect_and_eject),
    C(disconnect_and_reset_of_the_only_handle_resets),
    C(disconnect_and_leave_keeps_what_is_selected),
    C(disconnect_and_unpower_of_the_only_handle_is_a_cold_start),
};
CHAPTER(connect);
