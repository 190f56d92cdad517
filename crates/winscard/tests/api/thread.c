/* Threads: with contexts of their own, and with one for all. */
#include "api.h"

#define THREADS 4
#define COMMANDS 200

static LONG many_by_its_own(struct job *job) {
    SCARDCONTEXT own;
    LONG code = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &own);
    if (code == SCARD_S_SUCCESS) {
        code = connect_to(own, 0, SCARD_SHARE_SHARED, &job->card);
    }
    for (int number = 0; number < COMMANDS && code == SCARD_S_SUCCESS; number++) {
        code = transmits(job);
    }
    if (code == SCARD_S_SUCCESS) {
        code = SCardDisconnect(job->card, SCARD_LEAVE_CARD);
    }
    SCardReleaseContext(own);
    return code;
}

static LONG many(struct job *job) {
    LONG code = SCARD_S_SUCCESS;
    for (int number = 0; number < COMMANDS && code == SCARD_S_SUCCESS; number++) {
        code = transmits(job);
    }
    return code;
}

static int all_end_well(struct job *jobs) {
    for (int at = 0; at < THREADS; at++) {
        if (!holds("the end of a thread", ends_within(&jobs[at], 30)) || !code_is("a thread", jobs[at].result, SCARD_S_SUCCESS)) {
            return 0;
        }
    }
    return 1;
}

CHECK(threads_with_contexts_of_their_own) {
    static struct job jobs[THREADS];
    for (int at = 0; at < THREADS; at++) {
        start(&jobs[at], many_by_its_own);
    }
    all_end_well(jobs);
}

CHECK(threads_with_one_context_and_a_handle_each) {
    static struct job jobs[THREADS];
    for (int at = 0; at < THREADS; at++) {
        CONNECTS(0, SCARD_SHARE_SHARED, &jobs[at].card);
    }
    for (int at = 0; at < THREADS; at++) {
        start(&jobs[at], many);
    }
    all_end_well(jobs);
}

CHECK(threads_with_one_handle) {
    static struct job jobs[THREADS];
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    for (int at = 0; at < THREADS; at++) {
        jobs[at].card = card;
        start(&jobs[at], many);
    }
    all_end_well(jobs);
}

static LONG many_transactions(struct job *job) {
    LONG code = SCARD_S_SUCCESS;
    for (int number = 0; number < 10 && code == SCARD_S_SUCCESS; number++) {
        code = SCardBeginTransaction(job->card);
        if (code == SCARD_S_SUCCESS && !selects(job->card)) {
            return SCARD_F_INTERNAL_ERROR;
        }
        if (code == SCARD_S_SUCCESS) {
            code = SCardEndTransaction(job->card, SCARD_LEAVE_CARD);
        }
    }
    return code;
}

CHECK(threads_with_transactions_in_turn) {
    static struct job jobs[2];
    CONNECTS(0, SCARD_SHARE_SHARED, &jobs[0].card);
    OTHER_CONNECTS(0, SCARD_SHARE_SHARED, &jobs[1].card);
    start(&jobs[0], many_transactions);
    start(&jobs[1], many_transactions);
    for (int at = 0; at < 2; at++) {
        HOLDS(ends_within(&jobs[at], 30));
        CODE(jobs[at].result, SCARD_S_SUCCESS);
    }
}

static LONG connects_and_goes(struct job *job) {
    LONG code = SCARD_S_SUCCESS;
    for (int number = 0; number < 20 && code == SCARD_S_SUCCESS; number++) {
        SCARDCONTEXT own;
        code = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &own);
        if (code == SCARD_S_SUCCESS) {
            code = connect_to(own, number % 2, SCARD_SHARE_SHARED, &job->card);
            LONG released = SCardReleaseContext(own);
            code = code == SCARD_S_SUCCESS ? released : code;
        }
    }
    return code;
}

CHECK(threads_that_come_and_go) {
    static struct job jobs[THREADS];
    for (int at = 0; at < THREADS; at++) {
        start(&jobs[at], connects_and_goes);
    }
    all_end_well(jobs);
}

static const struct check checks[] = {
    C(threads_with_contexts_of_their_own),
    C(threads_with_one_context_and_a_handle_each),
    C(threads_with_one_handle),
    C(threads_with_transactions_in_turn),
    C(threads_that_come_and_go),
};
CHAPTER(thread);
