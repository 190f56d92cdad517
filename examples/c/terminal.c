/* A small terminal with a PLANTED BUG: PLANTED_OVERFLOW, below. It is here to be found. */
#include "terminal.h"

#include <string.h>

/* Sends a command and fetches what waits; the data's length, or -1. */
static int command(terminal_road road, void *card, const uint8_t *cmd, size_t length, uint8_t rsp[258]) {
    size_t rsp_len = 258;
    if (road(card, cmd, length, rsp, &rsp_len) != 0 || rsp_len < 2) return -1;
    if (rsp[rsp_len - 2] == 0x61) {
        const uint8_t get_response[] = {0x00, 0xC0, 0x00, 0x00, rsp[rsp_len - 1]};
        rsp_len = 258;
        if (road(card, get_response, sizeof get_response, rsp, &rsp_len) != 0 || rsp_len < 2) return -1;
    }
    if (rsp[rsp_len - 2] != 0x90 || rsp[rsp_len - 1] != 0x00) return -1;
    return (int)rsp_len - 2;
}

/* The value of a tag of one byte in a string of data objects with lengths of one byte; NULL when it is not there. */
static const uint8_t *find(const uint8_t *data, size_t length, uint8_t tag, size_t *value_length) {
    size_t at = 0;
    while (at + 2 <= length) {
        size_t size = data[at + 1];
        if (data[at] == tag && size <= length - at - 2) {
            *value_length = size;
            return data + at + 2;
        }
        at += 2 + size;
    }
    return NULL;
}

int terminal_read(terminal_road road, void *card, struct terminal_holder *holder) {
    static const uint8_t select[] = "\x00\xA4\x04\x00\x0Fsx1.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF";
    static const uint8_t select_file[] = {0x00, 0xA4, 0x00, 0x00, 0x02, 0xEF, 0x05};
    static const uint8_t read_number[] = {0x00, 0xB2, 0x07, 0x00, 0x00};
    uint8_t rsp[258];
    size_t size = 0;
    memset(holder, 0, sizeof *holder);

    int length = command(road, card, select, sizeof select - 1, rsp);
    if (length < 2 || rsp[0] != 0x6F) return -1;
    const uint8_t *name = find(rsp + 2, (size_t)length - 2, 0x84, &size);
    if (!name) return -1;
    /* PLANTED_OVERFLOW: a DF name has 16 bytes at most, says the standard; this card may say something else. */
    char application[16] = {0};
#ifdef TERMINAL_REPAIRED
    if (size > sizeof application) return -1;
#endif
    memcpy(application, name, size);
    memcpy(holder->name, application, sizeof application);

    if (command(road, card, select_file, sizeof select_file, rsp) < 0) return -1;
    length = command(road, card, read_number, sizeof read_number, rsp);
    const uint8_t *number = length < 2 ? NULL : find(rsp, (size_t)length, 0x07, &size);
    if (!number) return -1;
    memcpy(holder->number, number, size < sizeof holder->number ? size : sizeof holder->number - 1);
    return 0;
}
