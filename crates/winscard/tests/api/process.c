/* Processes: a child of fork, one that is killed or ends where it should not, one that does not want to wait. */
#include "api.h"

static SCARDHANDLE mine, inherited;

/* Exit codes of a child: 0 is well. */
static int opens(int number, DWORD share, SCARDCONTEXT *own, SCARDHANDLE *card) {
    return SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, own) == SCARD_S_SUCCESS
        && connect_to(*own, number, share, card) == SCARD_S_SUCCESS;
}

static int child_works(struct child *child) {
    SCARDCONTEXT own;
    SCARDHANDLE card;
    (void)child;
    if (!opens(0, SCARD_SHARE_SHARED, &own, &card)) {
        return 1;
    }
    if (strcmp(answer(card, VERSION), VERSION_IS)) {
        return 2;
    }
    return SCardReleaseContext(own) == SCARD_S_SUCCESS ? 0 : 3;
}

CHECK(a_child_with_a_context_of_its_own_sees_the_same_card) {
    struct child child;
    CONNECTS(0, SCARD_SHARE_SHARED, &mine);
    HOLDS(selects(mine));
    HOLDS(fork_child(&child, child_works));
    VALUE(child_ends(&child), 0);
    TEXT(answer(mine, VERSION), VERSION_IS);
}

static int child_uses_inherited(struct child *child) {
    (void)child;
    const char *expected = either(INHERITED, 1, 0) ? VERSION_IS : "0x80100003";
    return strcmp(answer(inherited, VERSION), expected) ? 1 : 0;
}

CHECK(a_childs_inherited_handle) {
    struct child child;
    CONNECTS(0, SCARD_SHARE_SHARED, &inherited);
    HOLDS(selects(inherited));
    either(INHERITED, 0, 0);
    HOLDS(fork_child(&child, child_uses_inherited));
    VALUE(child_ends(&child), 0);
    TEXT(answer(inherited, VERSION), VERSION_IS);
}

static int child_leaves(struct child *child) {
    (void)child;
    return 0;
}

CHECK(a_child_that_ends_takes_nothing_of_its_parent_along) {
    struct child child;
    CONNECTS(0, SCARD_SHARE_SHARED, &mine);
    HOLDS(selects(mine));
    CODE(SCardBeginTransaction(mine), SCARD_S_SUCCESS);
    HOLDS(fork_child(&child, child_leaves));
    VALUE(child_ends(&child), 0);
    TEXT(answer(mine, VERSION), VERSION_IS);
    CODE(SCardEndTransaction(mine, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
}

static int holds_a_transaction(struct child *child) {
    SCARDCONTEXT own;
    SCARDHANDLE card;
    if (!opens(0, SCARD_SHARE_SHARED, &own, &card) || SCardBeginTransaction(card) != SCARD_S_SUCCESS || !selects(card)) {
        return 1;
    }
    say(child);
    stay(child);
    return 0;
}

CHECK(a_child_killed_in_a_transaction_holds_nobody_up) {
    static struct job job;
    struct child child;
    CONNECTS(0, SCARD_SHARE_SHARED, &mine);
    HOLDS(fork_child(&child, holds_a_transaction));
    HOLDS(said_within(&child, 10));
    job.card = mine;
    start(&job, begins);
    HOLDS(!ends_within(&job, 0.3));
    kill_child(&child);
    HOLDS(ends_within(&job, 3));
    /* The card was reset: what the child had begun with it is over. */
    CODE(job.result, SCARD_W_RESET_CARD);
    DWORD protocol;
    CODE(SCardReconnect(mine, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, SCARD_LEAVE_CARD, &protocol), SCARD_S_SUCCESS);
    TEXT(answer(mine, VERSION), VERSION_IS_GONE);
}

CHECK(a_child_that_exits_in_a_transaction_holds_nobody_up) {
    static struct job job;
    struct child child;
    CONNECTS(0, SCARD_SHARE_SHARED, &mine);
    HOLDS(fork_child(&child, holds_a_transaction));
    HOLDS(said_within(&child, 10));
    job.card = mine;
    start(&job, begins);
    VALUE(child_ends(&child), 0);
    HOLDS(ends_within(&job, 3));
    CODE(job.result, SCARD_W_RESET_CARD);
}

static int holds_it_alone(struct child *child) {
    SCARDCONTEXT own;
    SCARDHANDLE card;
    if (!opens(0, SCARD_SHARE_EXCLUSIVE, &own, &card)) {
        return 1;
    }
    say(child);
    stay(child);
    return 0;
}

CHECK(a_child_killed_with_the_card_for_itself_leaves_it_to_others) {
    struct child child;
    HOLDS(fork_child(&child, holds_it_alone));
    HOLDS(said_within(&child, 10));
    CODE(connect_to(context, 0, SCARD_SHARE_SHARED, &mine), SCARD_E_SHARING_VIOLATION);
    kill_child(&child);
    LONG code = SCARD_E_SHARING_VIOLATION;
    for (double until = seconds() + 3; code == SCARD_E_SHARING_VIOLATION && seconds() < until; pause_ms(5)) {
        code = connect_to(context, 0, SCARD_SHARE_SHARED, &mine);
    }
    CODE(code, SCARD_S_SUCCESS);
}

static int waits_for_a_change(struct child *child) {
    SCARDCONTEXT own;
    SCARD_READERSTATE state = seen(0);
    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &own) != SCARD_S_SUCCESS) {
        return 1;
    }
    state.dwCurrentState = state.dwEventState;
    say(child);
    return SCardGetStatusChange(own, INFINITE, &state, 1) == SCARD_S_SUCCESS ? 0 : 2;
}

CHECK(a_child_killed_in_a_wait_holds_nobody_up) {
    struct child child;
    HOLDS(fork_child(&child, waits_for_a_change));
    HOLDS(said_within(&child, 10));
    pause_ms(100);
    kill_child(&child);
    CONNECTS(0, SCARD_SHARE_EXCLUSIVE, &mine);
    HOLDS(selects(mine));
}

static int sends_for_ever(struct child *child) {
    SCARDCONTEXT own;
    SCARDHANDLE card;
    if (!opens(0, SCARD_SHARE_SHARED, &own, &card)) {
        return 1;
    }
    say(child);
    for (;;) {
        answer(card, CHALLENGE);
    }
}

CHECK(children_killed_in_the_middle_of_commands_hold_nobody_up) {
    CONNECTS(0, SCARD_SHARE_SHARED, &mine);
    for (int number = 0; number < 5; number++) {
        struct child child;
        HOLDS(fork_child(&child, sends_for_ever));
        HOLDS(said_within(&child, 10));
        pause_ms(20);
        kill_child(&child);
        TEXT(answer(mine, "0084000004") + 8, "9000");
    }
}

CHECK(no_blocking_makes_transmit_status_and_reconnect_a_violation) {
    VALUE(exits_as_role("no_blocking"), 0);
}

static const struct check checks[] = {
    C(a_child_with_a_context_of_its_own_sees_the_same_card),
    C(a_childs_inherited_handle),
    C(a_child_that_ends_takes_nothing_of_its_parent_along),
    C(a_child_killed_in_a_transaction_holds_nobody_up),
    C(a_child_that_exits_in_a_transaction_holds_nobody_up),
    C(a_child_killed_with_the_card_for_itself_leaves_it_to_others),
    C(a_child_killed_in_a_wait_holds_nobody_up),
    C(children_killed_in_the_middle_of_commands_hold_nobody_up),
    C(no_blocking_makes_transmit_status_and_reconnect_a_violation),
};
CHAPTER(process);
