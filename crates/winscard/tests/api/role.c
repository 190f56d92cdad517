/* What this program does when a check starts it anew: variables are read when the library is first used. */
#include "api.h"

#include <sys/wait.h>

int exits_as_role(const char *role) {
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        if (!strcmp(role, "no_blocking")) {
            setenv("PCSCLITE_NO_BLOCKING", "1", 1);
        } else {
            /* What it says of a card that it cannot have is no part of the result. */
            fclose(stderr);
        }
        alarm(20);
        execl("/proc/self/exe", program, flavour, "--role", role, (char *)NULL);
        _exit(98);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int no_blocking(void) {
    SCARDHANDLE first, second;
    DWORD protocol;
    if (connect_to(context, 0, SCARD_SHARE_SHARED, &first) || connect_to(other_context, 0, SCARD_SHARE_SHARED, &second)) {
        return 1;
    }
    if (SCardBeginTransaction(first) != SCARD_S_SUCCESS || strcmp(answer(second, CHALLENGE), "0x8010000B")) {
        return 2;
    }
    if (SCardStatus(second, NULL, NULL, NULL, NULL, NULL, NULL) != SCARD_E_SHARING_VIOLATION) {
        return 3;
    }
    if (SCardReconnect(second, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, SCARD_LEAVE_CARD, &protocol) != SCARD_E_SHARING_VIOLATION) {
        return 4;
    }
    /* A begin waits all the same. */
    struct job job;
    job.card = second;
    start(&job, begins);
    if (ends_within(&job, 0.3) || SCardEndTransaction(first, SCARD_LEAVE_CARD) != SCARD_S_SUCCESS) {
        return 5;
    }
    return ends_within(&job, 2) && job.result == SCARD_S_SUCCESS ? 0 : 6;
}

static int reads(void) {
    SCARDHANDLE card;
    return connect_to(context, 0, SCARD_SHARE_SHARED, &card) == SCARD_S_SUCCESS && selects(card) ? 0 : 1;
}

int run_role(const char *name) {
    return strcmp(name, "no_blocking") ? reads() : no_blocking();
}
