/* usage: api pcscd|sscard|alone [--bench PORT] [--list | --differences] [PART OF A NAME...]
 *
 * pcscd: the daemon with vpcd. sscard: the door, readers of `sscard with`. alone: the door, cards of this process. */
#include "api.h"

#include <signal.h>

SCARDCONTEXT context, other_context;
const char *reader[2];
const char *program, *flavour;
extern int bench_port;

static const char *current = "";
static int failures, on_pcscd, is_alone;
static int differed[DIFFERENCES + 1];

static const char *const said[] = {
#define DIFFERENCE(id, said, reason) said,
#include "differences.def"
#undef DIFFERENCE
    NULL
};
static const char *const reasons[] = {
#define DIFFERENCE(id, said, reason) reason,
#include "differences.def"
#undef DIFFERENCE
    NULL
};

static const struct chapter *const chapters[] = {
    &text_chapter, &context_chapter, &list_chapter, &connect_chapter, &reconnect_chapter, &status_chapter, &change_chapter,
    &transaction_chapter, &transmit_chapter, &control_chapter, &attribute_chapter, &thread_chapter,
    &process_chapter, &event_chapter, &alone_chapter,
};
#define CHAPTERS (sizeof chapters / sizeof chapters[0])

/* Cards of one process are no other's, and no bench takes them out; the last chapter is theirs. */
static int is_run(const struct chapter *chapter) {
    if (chapter == &process_chapter || chapter == &event_chapter) {
        return !is_alone;
    }
    return chapter != &alone_chapter || is_alone;
}

int is_pcscd(void) {
    return on_pcscd;
}

long either(enum difference id, long pcscd, long door) {
    differed[id] = 1;
    return on_pcscd ? pcscd : door;
}

static int failed(const char *what, const char *expected, const char *got) {
    if (failures++ == 0) {
        printf("FAIL %s: %s: expected %s got %s\n", current, what, expected, got);
    }
    return 0;
}

int code_is(const char *call, LONG got, LONG expected) {
    char one[80], two[80];
    if (got == expected) {
        return 1;
    }
    snprintf(one, sizeof one, "0x%08lX (%s)", (unsigned long)expected, pcsc_stringify_error(expected));
    snprintf(two, sizeof two, "0x%08lX (%s)", (unsigned long)got, pcsc_stringify_error(got));
    return failed(call, one, two);
}

int value_is(const char *what, unsigned long got, unsigned long expected) {
    char one[40], two[40];
    if (got == expected) {
        return 1;
    }
    snprintf(one, sizeof one, "%lu (0x%lX)", expected, expected);
    snprintf(two, sizeof two, "%lu (0x%lX)", got, got);
    return failed(what, one, two);
}

int text_is(const char *what, const char *got, const char *expected) {
    return got && !strcmp(got, expected) ? 1 : failed(what, expected, got ? got : "NULL");
}

int holds(const char *what, int truth) {
    return truth ? 1 : failed(what, "true", "false");
}

static void hangs(int signal) {
    (void)signal;
    char text[200];
    int length = snprintf(text, sizeof text, "FAIL %s: expected an end within 30 s got none\n", current);
    if (write(STDOUT_FILENO, text, (size_t)length)) {
    }
    _exit(2);
}

static int contexts(void) {
    return SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) == SCARD_S_SUCCESS
        && SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &other_context) == SCARD_S_SUCCESS;
}

/* Contexts, and both cards as after a reset, whatever a check before it left behind. */
static int prepare(void) {
    if (!contexts()) {
        return 0;
    }
    if (bench_port && (seen(1).dwEventState & SCARD_STATE_EMPTY) && !puts_card_in()) {
        return 0;
    }
    for (int number = 0; number < 2; number++) {
        SCARDHANDLE card;
        if (connect_to(context, number, SCARD_SHARE_DIRECT, &card) != SCARD_S_SUCCESS
            || SCardDisconnect(card, SCARD_RESET_CARD) != SCARD_S_SUCCESS) {
            return 0;
        }
    }
    return 1;
}

static int find_readers(void) {
    char *names = NULL;
    DWORD length = SCARD_AUTOALLOCATE;
    if (!contexts() || SCardListReaders(context, NULL, (LPSTR)&names, &length) != SCARD_S_SUCCESS) {
        return 0;
    }
    reader[0] = names;
    reader[1] = names + strlen(names) + 1;
    SCardReleaseContext(context);
    SCardReleaseContext(other_context);
    return *reader[1] != 0;
}

static int wanted(const char *name, char **parts) {
    if (!*parts) {
        return 1;
    }
    for (; *parts; parts++) {
        if (strstr(name, *parts)) {
            return 1;
        }
    }
    return 0;
}

static void list(int differences) {
    if (differences) {
        for (int id = 0; id < DIFFERENCES; id++) {
            printf("| %s | %s |\n", said[id], reasons[id]);
        }
        return;
    }
    for (size_t at = 0; at < CHAPTERS; at++) {
        for (size_t check = 0; is_run(chapters[at]) && check < chapters[at]->count; check++) {
            puts(chapters[at]->checks[check].name);
        }
    }
}

static int run_all(char **parts) {
    int passed = 0, bad = 0;
    for (size_t at = 0; at < CHAPTERS; at++) {
        for (size_t number = 0; is_run(chapters[at]) && number < chapters[at]->count; number++) {
            const struct check *check = &chapters[at]->checks[number];
            if (!wanted(check->name, parts)) {
                continue;
            }
            current = check->name;
            failures = 0;
            alarm(30);
            double started = seconds();
            if (holds("cards for the check", prepare())) {
                check->run();
            }
            SCardReleaseContext(context);
            SCardReleaseContext(other_context);
            alarm(0);
            if (failures == 0) {
                printf("ok %s (%.0f ms)\n", check->name, (seconds() - started) * 1000);
            }
            fflush(stdout);
            passed += failures == 0;
            bad += failures != 0;
        }
    }
    printf("%d passed, %d failed\n", passed, bad);
    int stale = 0;
    for (int id = 0; id < DIFFERENCES && !*parts && !is_alone; id++) {
        if (!differed[id]) {
            printf("FAIL difference: '%s' is in no check\n", said[id]);
            stale = 1;
        }
    }
    return bad || stale || passed == 0;
}

int main(int count, char **words) {
    (void)count;
    program = *words++;
    setvbuf(stdout, NULL, _IOLBF, 0);
    flavour = *words ? *words++ : "";
    on_pcscd = !strcmp(flavour, "pcscd");
    is_alone = !strcmp(flavour, "alone");
    if (!on_pcscd && !is_alone && strcmp(flavour, "sscard")) {
        fputs("usage: api pcscd|sscard|alone [--bench PORT] [--list | --differences] [PART OF A NAME...]\n", stderr);
        return 2;
    }
    for (; *words && !strncmp(*words, "--", 2); words++) {
        if (!strcmp(*words, "--list") || !strcmp(*words, "--differences")) {
            list(!strcmp(*words, "--differences"));
            return 0;
        } else if (!strcmp(*words, "--bench") && words[1]) {
            bench_port = atoi(*++words);
        } else if (!strcmp(*words, "--role") && words[1]) {
            return find_readers() && contexts() ? run_role(words[1]) : ROLE_HAS_NO_CARD;
        }
    }
    signal(SIGALRM, hangs);
    signal(SIGPIPE, SIG_IGN);
    if (!find_readers()) {
        fputs("two readers with cards are needed: a card on T=0 in the first, one on T=1 with extended length in the second\n", stderr);
        return 2;
    }
    return run_all(words);
}
