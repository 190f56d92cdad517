/* Cards that one process holds by itself (SSCARD_PCSC_CARDS): nobody else has them, children of fork included. */
#include "api.h"

static SCARDHANDLE held;

static int child_wants_a_context(struct child *child) {
    SCARDCONTEXT own;
    (void)child;
    /* It says why, which is no part of the result. */
    close(STDERR_FILENO);
    return SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &own) == SCARD_E_NO_SERVICE ? 0 : 1;
}

CHECK(alone_a_child_has_no_service) {
    struct child child;
    CONNECTS(0, SCARD_SHARE_SHARED, &held);
    HOLDS(selects(held));
    HOLDS(fork_child(&child, child_wants_a_context));
    VALUE(child_ends(&child), 0);
    TEXT(answer(held, VERSION), VERSION_IS);
}

static int child_uses_inherited(struct child *child) {
    (void)child;
    return strcmp(answer(held, VERSION), "0x80100003") ? 1 : 0;
}

CHECK(alone_a_childs_inherited_handle_is_none) {
    struct child child;
    CONNECTS(0, SCARD_SHARE_SHARED, &held);
    HOLDS(selects(held));
    HOLDS(fork_child(&child, child_uses_inherited));
    VALUE(child_ends(&child), 0);
    TEXT(answer(held, VERSION), VERSION_IS);
}

static int child_exits(struct child *child) {
    (void)child;
    exit(0);
}

CHECK(alone_a_child_that_exits_leaves_the_card_to_its_parent) {
    struct child child;
    CONNECTS(0, SCARD_SHARE_SHARED, &held);
    HOLDS(selects(held));
    HOLDS(fork_child(&child, child_exits));
    VALUE(child_ends(&child), 0);
    TEXT(answer(held, VERSION), VERSION_IS);
    VALUE(exits_as_role("reads"), ROLE_HAS_NO_CARD);
}

CHECK(alone_another_program_has_the_cards_when_no_context_is_left) {
    VALUE(exits_as_role("reads"), ROLE_HAS_NO_CARD);
    CODE(SCardReleaseContext(context), SCARD_S_SUCCESS);
    VALUE(exits_as_role("reads"), ROLE_HAS_NO_CARD);
    CODE(SCardReleaseContext(other_context), SCARD_S_SUCCESS);
    VALUE(exits_as_role("reads"), 0);
    CODE(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context), SCARD_S_SUCCESS);
    CONNECTS(0, SCARD_SHARE_SHARED, &held);
}

static const struct check checks[] = {
    C(alone_a_child_has_no_service),
    C(alone_a_childs_inherited_handle_is_none),
    C(alone_a_child_that_exits_leaves_the_card_to_its_parent),
    C(alone_another_program_has_the_cards_when_no_context_is_left),
};
CHAPTER(alone);
