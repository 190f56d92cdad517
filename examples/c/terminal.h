/* A small terminal, to be fuzzed: it reads who a card is. */
#ifndef TERMINAL_H
#define TERMINAL_H

#include <stddef.h>
#include <stdint.h>

/* How the terminal reaches a card: a command, room for the answer, its length in and out; 0 when there is one. */
typedef int (*terminal_road)(void *road, const uint8_t *cmd, size_t length, uint8_t *rsp, size_t *rsp_len);

struct terminal_holder {
    char name[32];
    char number[20];
};

/* Reads the name of an application and a record of the holder; 0 when the card let it. */
int terminal_read(terminal_road road, void *card, struct terminal_holder *holder);

#endif
