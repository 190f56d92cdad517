/* A card is made, read, tried with a wrong PIN, cut off its power in the middle of that, and taken back.
 *
 *     cc visit.c $(pkg-config --cflags --libs sscard) -o visit
 */
#include <sscard.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(const char *what) {
    fprintf(stderr, "%s: %s (%s)\n", what, sscard_last_error(), sscard_error_name(sscard_last_code()));
    exit(1);
}

/* Sends a command, prints it, and returns its status word. */
static unsigned transmit(sscard_card *card, const char *name, const uint8_t *cmd, size_t length) {
    uint8_t rsp[258];
    size_t rsp_len = sizeof rsp;
    int code = sscard_transmit(card, cmd, length, rsp, &rsp_len);
    if (code == SSCARD_E_POWER_LOST) {
        printf("%-10s no answer: %s\n", name, sscard_last_error());
        return 0;
    }
    if (code != SSCARD_OK) fail(name);
    printf("%-10s ", name);
    for (size_t at = 0; at < rsp_len; at++) printf("%02X", rsp[at]);
    printf("\n");
    return (unsigned)(rsp[rsp_len - 2] << 8 | rsp[rsp_len - 1]);
}

#define SEND(card, name, ...) \
    transmit(card, name, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static const uint8_t SELECT[] = "\x00\xA4\x04\x00\x0Fsx1.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF";

int main(void) {
    printf("sscard %s\n", sscard_version());
    sscard_card *card = sscard_card_new("gen3", 1);
    if (!card) fail("new");
    if (sscard_power_on(card) != SSCARD_OK) fail("power on");

    transmit(card, "SELECT", SELECT, sizeof SELECT - 1);
    if (SEND(card, "VERIFY", 0x00, 0x20, 0x00, 0x00, 0x03, 0x12, 0x34, 0x56) != 0x9000) return 1;
    SEND(card, "SELECT", 0x00, 0xA4, 0x00, 0x00, 0x02, 0xEF, 0x05);
    /* The card identification code. */
    if (SEND(card, "READ", 0x00, 0xB2, 0x01, 0x00, 0x12) != 0x9000) return 1;

    sscard_card *before = sscard_card_clone(card);
    if (!before) fail("clone");

    /* The power fails before the first byte that a wrong PIN writes. */
    if (sscard_power_cut(card, 0) != SSCARD_OK) fail("power cut");
    if (SEND(card, "VERIFY", 0x00, 0x20, 0x00, 0x00, 0x03, 0x11, 0x11, 0x11) != 0) return 1;
    if (sscard_power_on(card) != SSCARD_OK) fail("power on");
    transmit(card, "SELECT", SELECT, sizeof SELECT - 1);
    if (SEND(card, "tries", 0x00, 0x20, 0x00, 0x00) != 0x63C6) return 1;

    /* As if nothing had happened: the PIN is verified and the file is selected. */
    if (sscard_restore(card, before) != SSCARD_OK) fail("restore");
    if (SEND(card, "READ", 0x00, 0xB2, 0x01, 0x00, 0x12) != 0x9000) return 1;

    sscard_card_free(before);
    sscard_card_free(card);
    return 0;
}
