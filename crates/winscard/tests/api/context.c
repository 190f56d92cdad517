/* SCardEstablishContext, SCardReleaseContext, SCardIsValidContext, SCardCancel, SCardFreeMemory. */
#include "api.h"

CHECK(establish_each_scope) {
    static const DWORD scopes[] = { SCARD_SCOPE_USER, SCARD_SCOPE_TERMINAL, SCARD_SCOPE_SYSTEM, SCARD_SCOPE_GLOBAL };
    static const LONG expected[] = { SCARD_S_SUCCESS, SCARD_S_SUCCESS, SCARD_S_SUCCESS, SCARD_S_SUCCESS };
    for (int at = 0; at < 4; at++) {
        SCARDCONTEXT made = 0;
        CODE(SCardEstablishContext(scopes[at], NULL, NULL, &made), expected[at]);
        CODE(SCardReleaseContext(made), SCARD_S_SUCCESS);
    }
}

CHECK(establish_another_scope_is_an_invalid_value) {
    SCARDCONTEXT made = 77;
    CODE(SCardEstablishContext(4, NULL, NULL, &made), SCARD_E_INVALID_VALUE);
    VALUE(made, 0);
    CODE(SCardEstablishContext(0xFFFFFFFF, NULL, NULL, &made), SCARD_E_INVALID_VALUE);
}

CHECK(establish_null_context_is_an_invalid_parameter) {
    CODE(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, NULL), SCARD_E_INVALID_PARAMETER);
}

CHECK(establish_ignores_what_is_reserved) {
    SCARDCONTEXT made = 0;
    CODE(SCardEstablishContext(SCARD_SCOPE_SYSTEM, "one", "two", &made), SCARD_S_SUCCESS);
    CODE(SCardReleaseContext(made), SCARD_S_SUCCESS);
}

CHECK(establish_gives_each_caller_an_own_context) {
    SCARDCONTEXT one = 0, two = 0;
    CODE(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &one), SCARD_S_SUCCESS);
    CODE(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &two), SCARD_S_SUCCESS);
    HOLDS(one != two && one != 0 && two != 0);
    CODE(SCardReleaseContext(one), SCARD_S_SUCCESS);
    CODE(SCardIsValidContext(two), SCARD_S_SUCCESS);
    CODE(SCardReleaseContext(two), SCARD_S_SUCCESS);
}

CHECK(establish_a_hundred_contexts_and_release_them) {
    SCARDCONTEXT made[100];
    for (int at = 0; at < 100; at++) {
        CODE(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &made[at]), SCARD_S_SUCCESS);
    }
    for (int at = 0; at < 100; at++) {
        CODE(SCardReleaseContext(made[at]), SCARD_S_SUCCESS);
    }
}

CHECK(release_a_nobodys_context_is_an_invalid_handle) {
    CODE(SCardReleaseContext(NOBODYS), SCARD_E_INVALID_HANDLE);
    CODE(SCardReleaseContext(0), SCARD_E_INVALID_HANDLE);
    CODE(SCardReleaseContext(-1), SCARD_E_INVALID_HANDLE);
}

CHECK(release_twice_is_an_invalid_handle) {
    CODE(SCardReleaseContext(other_context), SCARD_S_SUCCESS);
    CODE(SCardReleaseContext(other_context), SCARD_E_INVALID_HANDLE);
}

CHECK(release_closes_the_handles_of_the_context) {
    SCARDHANDLE card;
    DWORD state;
    OTHER_CONNECTS(0, SCARD_SHARE_EXCLUSIVE, &card);
    CODE(SCardReleaseContext(other_context), SCARD_S_SUCCESS);
    CODE(SCardStatus(card, NULL, NULL, &state, NULL, NULL, NULL), SCARD_E_INVALID_HANDLE);
    TEXT(answer(card, CHALLENGE), "0x80100003");
    /* Nobody has the reader for himself any more. */
    CONNECTS(0, SCARD_SHARE_EXCLUSIVE, &card);
}

CHECK(release_in_a_transaction_ends_it_and_resets_the_card) {
    SCARDHANDLE mine, theirs;
    CONNECTS(0, SCARD_SHARE_SHARED, &mine);
    OTHER_CONNECTS(0, SCARD_SHARE_SHARED, &theirs);
    CODE(SCardBeginTransaction(theirs), SCARD_S_SUCCESS);
    CODE(SCardReleaseContext(other_context), SCARD_S_SUCCESS);
    CODE(SCardBeginTransaction(mine), SCARD_W_RESET_CARD);
}

CHECK(release_without_a_transaction_leaves_the_card) {
    SCARDHANDLE mine, theirs;
    CONNECTS(0, SCARD_SHARE_SHARED, &mine);
    OTHER_CONNECTS(0, SCARD_SHARE_SHARED, &theirs);
    HOLDS(selects(theirs));
    CODE(SCardReleaseContext(other_context), SCARD_S_SUCCESS);
    TEXT(answer(mine, VERSION), VERSION_IS);
}

CHECK(is_valid_until_released) {
    CODE(SCardIsValidContext(context), SCARD_S_SUCCESS);
    CODE(SCardIsValidContext(other_context), SCARD_S_SUCCESS);
    CODE(SCardReleaseContext(other_context), SCARD_S_SUCCESS);
    CODE(SCardIsValidContext(other_context), SCARD_E_INVALID_HANDLE);
    CODE(SCardIsValidContext(context), SCARD_S_SUCCESS);
}

CHECK(is_valid_of_a_nobodys_context_is_an_invalid_handle) {
    CODE(SCardIsValidContext(NOBODYS), SCARD_E_INVALID_HANDLE);
    CODE(SCardIsValidContext(0), SCARD_E_INVALID_HANDLE);
}

CHECK(a_card_handle_is_no_context) {
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    CODE(SCardIsValidContext(card), SCARD_E_INVALID_HANDLE);
    CODE(SCardReleaseContext(card), SCARD_E_INVALID_HANDLE);
    CODE(SCardDisconnect(context, SCARD_LEAVE_CARD), SCARD_E_INVALID_HANDLE);
    TEXT(answer(card, "0084000004") + 8, "9000");
}

CHECK(cancel_of_a_nobodys_context_is_an_invalid_handle) {
    CODE(SCardCancel(NOBODYS), SCARD_E_INVALID_HANDLE);
    CODE(SCardCancel(0), SCARD_E_INVALID_HANDLE);
}

CHECK(cancel_without_a_wait_succeeds_and_is_forgotten) {
    SCARD_READERSTATE state = seen(0);
    state.dwCurrentState = state.dwEventState;
    CODE(SCardCancel(context), SCARD_S_SUCCESS);
    CODE(SCardGetStatusChange(context, 30, &state, 1), SCARD_E_TIMEOUT);
}

CHECK(free_memory_of_an_allocated_list) {
    char *names = NULL;
    DWORD length = SCARD_AUTOALLOCATE;
    CODE(SCardListReaders(context, NULL, (LPSTR)&names, &length), SCARD_S_SUCCESS);
    CODE(SCardFreeMemory(context, names), SCARD_S_SUCCESS);
}

CHECK(free_memory_of_nothing_succeeds) {
    CODE(SCardFreeMemory(context, NULL), SCARD_S_SUCCESS);
}

CHECK(free_memory_with_a_nobodys_context_frees_nothing) {
    char *names = NULL;
    DWORD length = SCARD_AUTOALLOCATE;
    CODE(SCardListReaders(context, NULL, (LPSTR)&names, &length), SCARD_S_SUCCESS);
    CODE(SCardFreeMemory(NOBODYS, names), SCARD_E_INVALID_HANDLE);
    TEXT(names, reader[0]);
    CODE(SCardFreeMemory(context, names), SCARD_S_SUCCESS);
}

CHECK(free_memory_frees_with_any_valid_context) {
    char *names = NULL;
    DWORD length = SCARD_AUTOALLOCATE;
    CODE(SCardListReaders(context, NULL, (LPSTR)&names, &length), SCARD_S_SUCCESS);
    CODE(SCardFreeMemory(other_context, names), SCARD_S_SUCCESS);
}

static int frees_what_was_not_given(struct child *child) {
    char own[] = "mine";
    char *names = NULL;
    DWORD length = SCARD_AUTOALLOCATE;
    if (child) {
        /* The last words of malloc are no part of the result. */
        close(STDERR_FILENO);
    }
    if (SCardFreeMemory(context, own) != SCARD_E_INVALID_PARAMETER) {
        return 1;
    }
    SCardListReaders(context, NULL, (LPSTR)&names, &length);
    if (SCardFreeMemory(context, names) != SCARD_S_SUCCESS) {
        return 2;
    }
    return SCardFreeMemory(context, names) == SCARD_E_INVALID_PARAMETER ? 0 : 3;
}

CHECK(free_memory_of_what_was_not_given_or_is_free) {
    if (either(NOT_GIVEN, 1, 0)) {
        /* It ends by a signal. */
        struct child child;
        HOLDS(fork_child(&child, frees_what_was_not_given));
        VALUE(child_ends(&child), -1);
    } else {
        VALUE(frees_what_was_not_given(NULL), 0);
    }
}

static const struct check checks[] = {
    C(establish_each_scope),
    C(establish_another_scope_is_an_invalid_value),
    C(establish_null_context_is_an_invalid_parameter),
    C(establish_ignores_what_is_reserved),
    C(establish_gives_each_caller_an_own_context),
    C(establish_a_hundred_contexts_and_release_them),
    C(release_a_nobodys_context_is_an_invalid_handle),
    C(release_twice_is_an_invalid_handle),
    C(release_closes_the_handles_of_the_context),
    C(release_in_a_transaction_ends_it_and_resets_the_card),
    C(release_without_a_transaction_leaves_the_card),
    C(is_valid_until_released),
    C(is_valid_of_a_nobodys_context_is_an_invalid_handle),
    C(a_card_handle_is_no_context),
    C(cancel_of_a_nobodys_context_is_an_invalid_handle),
    C(cancel_without_a_wait_succeeds_and_is_forgotten),
    C(free_memory_of_an_allocated_list),
    C(free_memory_of_nothing_succeeds),
    C(free_memory_with_a_nobodys_context_frees_nothing),
    C(free_memory_frees_with_any_valid_context),
    C(free_memory_of_what_was_not_given_or_is_free),
};
CHAPTER(context);
