/* What checks do over and over: connect, send, wait, start threads and processes. */
#include "api.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

LONG connect_to(SCARDCONTEXT of, int number, DWORD share, SCARDHANDLE *card) {
    DWORD protocol = 0;
    DWORD wanted = share == SCARD_SHARE_DIRECT ? 0 : SCARD_PROTOCOL_ANY;
    return SCardConnect(of, reader[number], share, wanted, card, &protocol);
}

size_t bytes_of(const char *hex, BYTE *out, size_t capacity) {
    size_t length = 0;
    unsigned value = 0;
    while (length < capacity && sscanf(hex, "%2x", &value) == 1) {
        out[length++] = (BYTE)value;
        hex += 2;
    }
    return length;
}

const char *hex_of(const BYTE *bytes, size_t length) {
    static char text[4][1024];
    static int turn;
    char *out = text[turn = (turn + 1) % 4];
    out[0] = 0;
    for (size_t at = 0; at < length && at < 500; at++) {
        sprintf(out + 2 * at, "%02X", bytes[at]);
    }
    return out;
}

static const SCARD_IO_REQUEST *pci_of(SCARDHANDLE card) {
    DWORD protocol = 0, state = 0;
    SCardStatus(card, NULL, NULL, &state, &protocol, NULL, NULL);
    return protocol == SCARD_PROTOCOL_T1 ? SCARD_PCI_T1 : SCARD_PCI_T0;
}

const char *answer(SCARDHANDLE card, const char *command) {
    static char error[32];
    BYTE bytes[300], received[MAX_BUFFER_SIZE];
    DWORD length = sizeof received;
    LONG code = SCardTransmit(card, pci_of(card), bytes, bytes_of(command, bytes, sizeof bytes), NULL, received, &length);
    if (code != SCARD_S_SUCCESS) {
        sprintf(error, "0x%08lX", (unsigned long)code);
        return error;
    }
    return hex_of(received, length);
}

int selects(SCARDHANDLE card) {
    const char *said = answer(card, SSSE);
    size_t length = strlen(said);
    return !strncmp(said, "61", 2) || (length >= 4 && !strcmp(said + length - 4, "9000"));
}

double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void pause_ms(long milliseconds) {
    struct timespec pause = { milliseconds / 1000, milliseconds % 1000 * 1000000 };
    nanosleep(&pause, NULL);
}

static void *run_job(void *argument) {
    struct job *job = argument;
    job->result = job->call(job);
    job->ended = seconds();
    __sync_synchronize();
    job->done = 1;
    return NULL;
}

void start(struct job *job, LONG (*call)(struct job *)) {
    job->call = call;
    job->done = 0;
    job->result = -1;
    pthread_create(&job->thread, NULL, run_job, job);
}

int ends_within(struct job *job, double limit) {
    for (double until = seconds() + limit; !job->done && seconds() < until;) {
        pause_ms(2);
    }
    if (job->done) {
        pthread_join(job->thread, NULL);
    }
    return job->done;
}

LONG begins(struct job *job) {
    return SCardBeginTransaction(job->card);
}

LONG ends(struct job *job) {
    return SCardEndTransaction(job->card, SCARD_LEAVE_CARD);
}

LONG transmits(struct job *job) {
    BYTE command[] = { 0x00, 0x84, 0x00, 0x00, 0x08 }, received[MAX_BUFFER_SIZE];
    DWORD length = sizeof received;
    return SCardTransmit(job->card, SCARD_PCI_T0, command, sizeof command, NULL, received, &length);
}

LONG waits_forever(struct job *job) {
    return SCardGetStatusChange(job->of, INFINITE, &job->state, 1);
}

int fork_child(struct child *child, int (*body)(struct child *)) {
    int up[2], down[2];
    if (pipe(up) || pipe(down)) {
        return 0;
    }
    fflush(stdout);
    child->pid = fork();
    if (child->pid == 0) {
        child->said = up[1];
        child->told = down[0];
        close(up[0]);
        close(down[1]);
        alarm(60);
        _exit(body(child));
    }
    close(up[1]);
    close(down[0]);
    child->said = up[0];
    child->told = down[1];
    return child->pid > 0;
}

void say(struct child *child) {
    if (write(child->said, "!", 1) != 1) {
        _exit(100);
    }
}

void stay(struct child *child) {
    char byte;
    while (read(child->told, &byte, 1) < 0 && errno == EINTR) {
    }
}

int said_within(struct child *child, double limit) {
    struct pollfd end = { child->said, POLLIN, 0 };
    char byte;
    return poll(&end, 1, (int)(limit * 1000)) == 1 && read(child->said, &byte, 1) == 1;
}

void kill_child(struct child *child) {
    kill(child->pid, SIGKILL);
    child_ends(child);
}

int child_ends(struct child *child) {
    int status = 0;
    close(child->told);
    pid_t ended = waitpid(child->pid, &status, 0);
    close(child->said);
    return ended == child->pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
