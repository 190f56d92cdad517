/* Checks of the PC/SC API: what each function's documentation says, a named check a clause.
 *
 * In: readers 0 (a card on T=0) and 1 (a card on T=1 with extended length), in the order of SCardListReaders, and the bench's port
 * to take a card out and put it in. Out: a line a check. A check begins with a fresh context; the program tidies up behind it. */
#ifndef API_H
#define API_H

#define _POSIX_C_SOURCE 200809L

#include <pthread.h>
#include <reader.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>
#include <winscard.h>

struct check {
    const char *name;
    void (*run)(void);
};
#define CHECK(name) static void name(void)
#define C(name) { #name, name }

struct chapter {
    const struct check *checks;
    size_t count;
};
#define CHAPTER(name) const struct chapter name##_chapter = { checks, sizeof checks / sizeof checks[0] }

extern const struct chapter context_chapter, text_chapter, list_chapter, connect_chapter, reconnect_chapter, status_chapter;
extern const struct chapter change_chapter, event_chapter, transaction_chapter, transmit_chapter, control_chapter, attribute_chapter;
extern const struct chapter process_chapter, thread_chapter, alone_chapter;

/* What pcscd and the door answer differently, each with its reason in differences.c. */
enum difference {
#define DIFFERENCE(id, said, reason) id,
#include "differences.def"
#undef DIFFERENCE
    DIFFERENCES
};
int is_pcscd(void);
/* Which of both values this library has to give. */
long either(enum difference id, long pcscd, long door);

/* What the running check has. */
extern SCARDCONTEXT context, other_context;
extern const char *reader[2];
extern const char *program, *flavour;

/* Ends the check unless the value is the expected one. */
int code_is(const char *call, LONG got, LONG expected);
int value_is(const char *what, unsigned long got, unsigned long expected);
int text_is(const char *what, const char *got, const char *expected);
int holds(const char *what, int truth);
#define CODE(call, expected) do { if (!code_is(#call, (call), (expected))) return; } while (0)
#define VALUE(what, expected) do { if (!value_is(#what, (unsigned long)(what), (unsigned long)(expected))) return; } while (0)
#define TEXT(what, expected) do { if (!text_is(#what, (what), (expected))) return; } while (0)
#define HOLDS(truth) do { if (!holds(#truth, (truth))) return; } while (0)
#define CONNECTS(number, share, handle) CODE(connect_to(context, (number), (share), (handle)), SCARD_S_SUCCESS)
#define OTHER_CONNECTS(number, share, handle) CODE(connect_to(other_context, (number), (share), (handle)), SCARD_S_SUCCESS)

/* A handle that no call has given. */
#define NOBODYS 0x0BADCAFE

#define SSSE "00A404000F7378312E73682EC9E7BBE1B1A3D5CF"
/* Answered after SSSE was selected and no reset since. */
#define VERSION "00B2032C06"
#define VERSION_IS "0304332E30309000"
#define VERSION_IS_GONE "6A82"
#define CHALLENGE "0084000008"

LONG connect_to(SCARDCONTEXT of, int number, DWORD share, SCARDHANDLE *card);
/* What comes of a command in hex: the answer in hex, or the error code. */
const char *answer(SCARDHANDLE card, const char *command);
/* SELECT of the environment: the status word that says that it is selected. */
int selects(SCARDHANDLE card);
size_t bytes_of(const char *hex, BYTE *out, size_t capacity);
const char *hex_of(const BYTE *bytes, size_t length);
double seconds(void);
void pause_ms(long milliseconds);

/* A call in a thread of its own. */
struct job {
    pthread_t thread;
    LONG (*call)(struct job *);
    SCARDHANDLE card;
    SCARDCONTEXT of;
    SCARD_READERSTATE state;
    LONG result;
    double ended;
    volatile int done;
};
void start(struct job *job, LONG (*call)(struct job *));
int ends_within(struct job *job, double limit);
LONG begins(struct job *job);
LONG ends(struct job *job);
LONG transmits(struct job *job);
LONG waits_forever(struct job *job);

/* A process of its own, which says when it is where it should be, and stays there until it is told. */
struct child {
    pid_t pid;
    int said, told;
};
int fork_child(struct child *child, int (*body)(struct child *));
void say(struct child *child);
void stay(struct child *child);
int said_within(struct child *child, double limit);
void kill_child(struct child *child);
/* Its exit code, or -1. */
int child_ends(struct child *child);

/* Exit code of this program, started anew in a role; 0 is well. */
int exits_as_role(const char *role);
int run_role(const char *name);
#define ROLE_HAS_NO_CARD 99

/* The card of reader 1 goes and comes; waits until PC/SC has seen it. */
int takes_card_out(void);
int puts_card_in(void);
SCARD_READERSTATE seen(int number);

#endif
