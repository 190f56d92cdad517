/* SCardStatus. */
#include "api.h"

static char name[MAX_READERNAME + 1];
static BYTE atr[MAX_ATR_SIZE + 1];
static DWORD name_length, atr_length, state, protocol;

static LONG status(SCARDHANDLE card) {
    memset(name, '#', sizeof name);
    memset(atr, '#', sizeof atr);
    name_length = sizeof name;
    atr_length = MAX_ATR_SIZE;
    return SCardStatus(card, name, &name_length, &state, &protocol, atr, &atr_length);
}

CHECK(status_of_a_connected_card) {
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    CODE(status(card), SCARD_S_SUCCESS);
    TEXT(name, reader[0]);
    VALUE(name_length, strlen(reader[0]) + 1);
    VALUE(state & 0xFFFF, SCARD_PRESENT | SCARD_POWERED | SCARD_NEGOTIABLE);
    VALUE(protocol, SCARD_PROTOCOL_T0);
    HOLDS(atr_length > 4 && atr_length <= MAX_ATR_SIZE);
    VALUE(atr[0], 0x3B);
    VALUE(atr[atr_length], '#');
    SCARD_READERSTATE from_change = seen(0);
    VALUE(from_change.cbAtr, atr_length);
    HOLDS(!memcmp(from_change.rgbAtr, atr, atr_length));
}

CHECK(status_of_a_card_on_t1) {
    SCARDHANDLE card;
    CONNECTS(1, SCARD_SHARE_SHARED, &card);
    CODE(status(card), SCARD_S_SUCCESS);
    TEXT(name, reader[1]);
    VALUE(protocol, SCARD_PROTOCOL_T1);
}

CHECK(status_has_the_number_of_events_above) {
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    CODE(status(card), SCARD_S_SUCCESS);
    VALUE(state >> 16, seen(0).dwEventState >> 16);
}

CHECK(status_each_result_may_be_null) {
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    CODE(SCardStatus(card, NULL, NULL, NULL, NULL, NULL, NULL), SCARD_S_SUCCESS);
    CODE(SCardStatus(card, NULL, NULL, &state, NULL, NULL, NULL), SCARD_S_SUCCESS);
    CODE(SCardStatus(card, NULL, NULL, NULL, &protocol, NULL, NULL), SCARD_S_SUCCESS);
    VALUE(protocol, SCARD_PROTOCOL_T0);
}

CHECK(status_without_buffers_tells_the_lengths) {
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    name_length = atr_length = 0;
    CODE(SCardStatus(card, NULL, &name_length, NULL, NULL, NULL, &atr_length), SCARD_S_SUCCESS);
    VALUE(name_length, strlen(reader[0]) + 1);
    VALUE(atr_length, seen(0).cbAtr);
}

CHECK(status_a_buffer_without_its_length_is_too_small) {
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    atr_length = MAX_ATR_SIZE;
    CODE(SCardStatus(card, name, NULL, &state, &protocol, atr, &atr_length), SCARD_E_INSUFFICIENT_BUFFER);
    name_length = sizeof name;
    CODE(SCardStatus(card, name, &name_length, &state, &protocol, atr, NULL), SCARD_E_INSUFFICIENT_BUFFER);
}

CHECK(status_a_short_buffer_of_the_name_is_told_the_length) {
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    DWORD needed = (DWORD)strlen(reader[0]) + 1;
    name_length = needed - 1;
    atr_length = MAX_ATR_SIZE;
    memset(name, '#', sizeof name);
    CODE(SCardStatus(card, name, &name_length, &state, &protocol, atr, &atr_length), SCARD_E_INSUFFICIENT_BUFFER);
    VALUE(name_length, needed);
    VALUE(name[needed - 1], '#');
    /* What fits is there. */
    VALUE(state & SCARD_PRESENT, SCARD_PRESENT);
    VALUE(protocol, SCARD_PROTOCOL_T0);
    VALUE(atr_length, seen(0).cbAtr);
}

CHECK(status_a_short_buffer_of_the_atr_is_told_the_length) {
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    DWORD needed = seen(0).cbAtr;
    name_length = sizeof name;
    atr_length = needed - 1;
    memset(atr, '#', sizeof atr);
    CODE(SCardStatus(card, name, &name_length, &state, &protocol, atr, &atr_length), SCARD_E_INSUFFICIENT_BUFFER);
    VALUE(atr_length, needed);
    VALUE(atr[needed - 1], '#');
    name_length = atr_length = 0;
    CODE(SCardStatus(card, name, &name_length, &state, &protocol, atr, &atr_length), SCARD_E_INSUFFICIENT_BUFFER);
}

CHECK(status_buffers_of_the_exact_length) {
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    name_length = (DWORD)strlen(reader[0]) + 1;
    atr_length = seen(0).cbAtr;
    memset(name, '#', sizeof name);
    memset(atr, '#', sizeof atr);
    CODE(SCardStatus(card, name, &name_length, NULL, NULL, atr, &atr_length), SCARD_S_SUCCESS);
    TEXT(name, reader[0]);
    VALUE(name[name_length], '#');
    VALUE(atr[atr_length], '#');
}

CHECK(status_allocated) {
    SCARDHANDLE card;
    char *own_name = NULL;
    BYTE *own_atr = NULL;
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    name_length = atr_length = SCARD_AUTOALLOCATE;
    CODE(SCardStatus(card, (LPSTR)&own_name, &name_length, &state, &protocol, (LPBYTE)&own_atr, &atr_length), SCARD_S_SUCCESS);
    TEXT(own_name, reader[0]);
    VALUE(own_atr[0], 0x3B);
    VALUE(atr_length, seen(0).cbAtr);
    CODE(SCardFreeMemory(context, own_name), SCARD_S_SUCCESS);
    CODE(SCardFreeMemory(context, own_atr), SCARD_S_SUCCESS);
}

CHECK(status_allocated_without_a_place_is_an_invalid_parameter) {
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    name_length = SCARD_AUTOALLOCATE;
    atr_length = MAX_ATR_SIZE;
    CODE(SCardStatus(card, NULL, &name_length, NULL, NULL, atr, &atr_length), SCARD_E_INVALID_PARAMETER);
    name_length = sizeof name;
    atr_length = SCARD_AUTOALLOCATE;
    CODE(SCardStatus(card, name, &name_length, NULL, NULL, NULL, &atr_length), SCARD_E_INVALID_PARAMETER);
}

CHECK(status_of_a_nobodys_handle_is_an_invalid_handle) {
    CODE(status(NOBODYS), SCARD_E_INVALID_HANDLE);
    VALUE(state, 0);
    VALUE(protocol, 0);
    VALUE(name_length, 0);
    VALUE(atr_length, 0);
    CODE(status(0), SCARD_E_INVALID_HANDLE);
}

CHECK(status_of_a_direct_connection) {
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_DIRECT, &card);
    CODE(status(card), SCARD_S_SUCCESS);
    TEXT(name, reader[0]);
    VALUE(state & SCARD_PRESENT, SCARD_PRESENT);
}

static SCARDHANDLE asked;

static LONG asks_status(struct job *job) {
    (void)job;
    return SCardStatus(asked, NULL, NULL, NULL, NULL, NULL, NULL);
}

CHECK(status_waits_for_anothers_transaction) {
    static struct job job;
    SCARDHANDLE theirs;
    CONNECTS(0, SCARD_SHARE_SHARED, &asked);
    OTHER_CONNECTS(0, SCARD_SHARE_SHARED, &theirs);
    CODE(SCardBeginTransaction(theirs), SCARD_S_SUCCESS);
    start(&job, asks_status);
    HOLDS(!ends_within(&job, 0.3));
    CODE(SCardEndTransaction(theirs, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    HOLDS(ends_within(&job, 2));
    CODE(job.result, SCARD_S_SUCCESS);
}

static const struct check checks[] = {
    C(status_of_a_connected_card),
    C(status_of_a_card_on_t1),
    C(status_has_the_number_of_events_above),
    C(status_each_result_may_be_null),
    C(status_without_buffers_tells_the_lengths),
    C(status_a_buffer_without_its_length_is_too_small),
    C(status_a_short_buffer_of_the_name_is_told_the_length),
    C(status_a_short_buffer_of_the_atr_is_told_the_length),
    C(status_buffers_of_the_exact_length),
    C(status_allocated),
    C(status_allocated_without_a_place_is_an_invalid_parameter),
    C(status_of_a_nobodys_handle_is_an_invalid_handle),
    C(status_of_a_direct_connection),
    C(status_waits_for_anothers_transaction),
};
CHAPTER(status);
