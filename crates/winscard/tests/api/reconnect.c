/* SCardReconnect. */
#include "api.h"

static DWORD protocol;

static LONG reconnects(SCARDHANDLE card, DWORD share, DWORD protocols, DWORD disposition) {
    return SCardReconnect(card, share, protocols, disposition, &protocol);
}

CHECK(reconnect_null_protocol_is_an_invalid_parameter) {
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    CODE(SCardReconnect(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, SCARD_LEAVE_CARD, NULL), SCARD_E_INVALID_PARAMETER);
}

CHECK(reconnect_of_a_nobodys_handle_is_an_invalid_handle) {
    CODE(reconnects(NOBODYS, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, SCARD_LEAVE_CARD), SCARD_E_INVALID_HANDLE);
    CODE(reconnects(0, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, SCARD_LEAVE_CARD), SCARD_E_INVALID_HANDLE);
}

CHECK(reconnect_in_another_share_mode_is_an_invalid_value) {
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    CODE(reconnects(card, 0, SCARD_PROTOCOL_ANY, SCARD_LEAVE_CARD), SCARD_E_INVALID_VALUE);
    CODE(reconnects(card, 9, SCARD_PROTOCOL_ANY, SCARD_LEAVE_CARD), SCARD_E_INVALID_VALUE);
}

CHECK(reconnect_with_unknown_protocols_is_a_mismatch) {
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    CODE(reconnects(card, SCARD_SHARE_SHARED, 0, SCARD_LEAVE_CARD), SCARD_E_PROTO_MISMATCH);
    CODE(reconnects(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T15, SCARD_LEAVE_CARD), SCARD_E_PROTO_MISMATCH);
    CODE(reconnects(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T1, SCARD_LEAVE_CARD), SCARD_E_PROTO_MISMATCH);
    TEXT(answer(card, VERSION), VERSION_IS_GONE);
}

CHECK(reconnect_with_another_disposition_is_an_invalid_value) {
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    CODE(reconnects(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, 7), SCARD_E_INVALID_VALUE);
}

CHECK(reconnect_and_leave_keeps_what_is_selected) {
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    HOLDS(selects(card));
    CODE(reconnects(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    VALUE(protocol, SCARD_PROTOCOL_T0);
    TEXT(answer(card, VERSION), VERSION_IS);
}

CHECK(reconnect_and_reset_resets) {
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    HOLDS(selects(card));
    CODE(reconnects(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, SCARD_RESET_CARD), SCARD_S_SUCCESS);
    VALUE(protocol, SCARD_PROTOCOL_T0);
    TEXT(answer(card, VERSION), VERSION_IS_GONE);
}

CHECK(reconnect_and_unpower_is_a_cold_start) {
    SCARDHANDLE card;
    CONNECTS(1, SCARD_SHARE_SHARED, &card);
    HOLDS(selects(card));
    CODE(reconnects(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, SCARD_UNPOWER_CARD), SCARD_S_SUCCESS);
    VALUE(protocol, SCARD_PROTOCOL_T1);
    TEXT(answer(card, VERSION), VERSION_IS_GONE);
}

/* The documentation has it in its list. */
CHECK(reconnect_and_eject_is_an_invalid_value) {
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    HOLDS(selects(card));
    CODE(reconnects(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, SCARD_EJECT_CARD), SCARD_E_INVALID_VALUE);
    TEXT(answer(card, VERSION), VERSION_IS);
}

static LONG after_reconnect(DWORD disposition, SCARDHANDLE *mine) {
    SCARDHANDLE theirs;
    LONG code = connect_to(context, 0, SCARD_SHARE_SHARED, mine);
    if (code == SCARD_S_SUCCESS) {
        code = connect_to(other_context, 0, SCARD_SHARE_SHARED, &theirs);
    }
    return code == SCARD_S_SUCCESS ? reconnects(theirs, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, disposition) : code;
}

CHECK(reconnect_and_reset_is_told_to_others) {
    SCARDHANDLE mine;
    CODE(after_reconnect(SCARD_RESET_CARD, &mine), SCARD_S_SUCCESS);
    TEXT(answer(mine, VERSION), "0x80100068");
    CODE(SCardReconnect(mine, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, SCARD_LEAVE_CARD, &protocol), SCARD_S_SUCCESS);
    TEXT(answer(mine, VERSION), VERSION_IS_GONE);
}

CHECK(reconnect_and_unpower_is_told_to_others) {
    SCARDHANDLE mine;
    CODE(after_reconnect(SCARD_UNPOWER_CARD, &mine), SCARD_S_SUCCESS);
    TEXT(answer(mine, VERSION), "0x80100068");
}

CHECK(reconnect_and_leave_is_not_told_to_others) {
    SCARDHANDLE mine;
    CODE(after_reconnect(SCARD_LEAVE_CARD, &mine), SCARD_S_SUCCESS);
    TEXT(answer(mine, VERSION), VERSION_IS_GONE);
}

static LONG connects(struct job *job) {
    return connect_to(job->of, 0, SCARD_SHARE_SHARED, &job->card);
}

CHECK(reconnect_from_shared_to_exclusive_and_back) {
    SCARDHANDLE mine, theirs;
    CONNECTS(0, SCARD_SHARE_SHARED, &mine);
    CODE(reconnects(mine, SCARD_SHARE_EXCLUSIVE, SCARD_PROTOCOL_ANY, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    CODE(connect_to(other_context, 0, SCARD_SHARE_SHARED, &theirs), SCARD_E_SHARING_VIOLATION);
    CODE(reconnects(mine, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    static struct job job;
    job.of = other_context;
    start(&job, connects);
    if (!either(SHARED_AGAIN, 0, 1)) {
        HOLDS(!ends_within(&job, 0.3));
        CODE(SCardDisconnect(mine, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    }
    HOLDS(ends_within(&job, 2));
    CODE(job.result, SCARD_S_SUCCESS);
    HOLDS(selects(job.card));
}

static SCARDHANDLE waiting;

static LONG reconnects_exclusively(struct job *job) {
    DWORD given;
    (void)job;
    return SCardReconnect(waiting, SCARD_SHARE_EXCLUSIVE, SCARD_PROTOCOL_ANY, SCARD_LEAVE_CARD, &given);
}

CHECK(reconnect_to_exclusive_waits_for_the_others_to_go) {
    static struct job job;
    SCARDHANDLE theirs;
    CONNECTS(0, SCARD_SHARE_SHARED, &waiting);
    OTHER_CONNECTS(0, SCARD_SHARE_SHARED, &theirs);
    start(&job, reconnects_exclusively);
    HOLDS(!ends_within(&job, 0.3));
    CODE(SCardDisconnect(theirs, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    HOLDS(ends_within(&job, 2));
    CODE(job.result, SCARD_S_SUCCESS);
}

CHECK(reconnect_from_direct_to_shared_gives_a_protocol) {
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_DIRECT, &card);
    CODE(reconnects(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    VALUE(protocol, SCARD_PROTOCOL_T0);
    HOLDS(selects(card));
}

CHECK(reconnect_keeps_the_transaction) {
    static struct job job;
    SCARDHANDLE mine, theirs;
    CONNECTS(0, SCARD_SHARE_SHARED, &mine);
    OTHER_CONNECTS(0, SCARD_SHARE_SHARED, &theirs);
    CODE(SCardBeginTransaction(mine), SCARD_S_SUCCESS);
    CODE(reconnects(mine, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    job.card = theirs;
    start(&job, begins);
    HOLDS(!ends_within(&job, 0.3));
    CODE(SCardEndTransaction(mine, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    HOLDS(ends_within(&job, 2));
    CODE(job.result, SCARD_S_SUCCESS);
}

static const struct check checks[] = {
    C(reconnect_null_protocol_is_an_invalid_parameter),
    C(reconnect_of_a_nobodys_handle_is_an_invalid_handle),
    C(reconnect_in_another_share_mode_is_an_invalid_value),
    C(reconnect_with_unknown_protocols_is_a_mismatch),
    C(reconnect_with_another_disposition_is_an_invalid_value),
    C(reconnect_and_leave_keeps_what_is_selected),
    C(reconnect_and_reset_resets),
    C(reconnect_and_unpower_is_a_cold_start),
    C(reconnect_and_eject_is_an_invalid_value),
    C(reconnect_and_reset_is_told_to_others),
    C(reconnect_and_unpower_is_told_to_others),
    C(reconnect_and_leave_is_not_told_to_others),
    C(reconnect_from_shared_to_exclusive_and_back),
    C(reconnect_to_exclusive_waits_for_the_others_to_go),
    C(reconnect_from_direct_to_shared_gives_a_protocol),
    C(reconnect_keeps_the_transaction),
};
CHAPTER(reconnect);
