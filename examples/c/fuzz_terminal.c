/* A harness for libFuzzer and for AFL++: the input is what a card and its reader do wrong, the terminal is what must stand it.
 *
 *     clang -fsanitize=fuzzer,address fuzz_terminal.c terminal.c $(pkg-config --cflags --libs sscard) -o fuzz_terminal
 *     afl-clang-fast -fsanitize=address -fsanitize=fuzzer fuzz_terminal.c terminal.c $(pkg-config --cflags --libs sscard) -o fuzz_terminal_afl
 *
 * afl-clang-fast brings a main that calls LLVMFuzzerTestOneInput in persistent mode.
 *
 * Input: triples of bytes: which answer, where in it, what is xored there. One that begins with F1 lets the power fail after so many bytes written, one with
 * F2 sets a fault of the library.
 */
#include <sscard.h>

#include <stdlib.h>

#include "terminal.h"

struct bent {
    sscard_card *card;
    const uint8_t *input;
    size_t length;
    uint8_t answers;
};

static int road(void *opaque, const uint8_t *cmd, size_t length, uint8_t *rsp, size_t *rsp_len) {
    struct bent *bent = opaque;
    if (sscard_transmit(bent->card, cmd, length, rsp, rsp_len) != SSCARD_OK) return -1;
    for (size_t at = 0; at + 3 <= bent->length; at += 3) {
        const uint8_t *triple = bent->input + at;
        size_t place = triple[1] % 64;
        if (triple[0] < 0xF0 && triple[0] % 8 == bent->answers && place < *rsp_len) rsp[place] ^= triple[2];
    }
    bent->answers++;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length) {
    static sscard_card *fresh, *card;
    if (!fresh) {
        fresh = sscard_card_new("gen3", 1);
        if (!fresh || sscard_power_on(fresh) != SSCARD_OK) abort();
        card = sscard_card_clone(fresh);
    }
    /* Back to the card as it was: nothing is allocated, and a round takes about a microsecond. */
    if (sscard_restore(card, fresh) != SSCARD_OK) abort();
    for (size_t at = 0; at + 3 <= length; at += 3) {
        static const char *const faults[] = {"mute@2", "sw=6F00@2", "remove@3", "reset@3"};
        if (input[at] == 0xF1) sscard_power_cut(card, input[at + 1]);
        if (input[at] == 0xF2) sscard_set_fault(card, faults[input[at + 1] % 4]);
    }
    struct bent bent = {card, input, length, 0};
    struct terminal_holder holder;
    terminal_read(road, &bent, &holder);
    if (sscard_clear_faults(card) != SSCARD_OK) abort();
    return 0;
}
