/* Every function with every kind of wrong argument, from C, for a sanitizer to look at: a code each time, and never a crash.
 *
 *     cc -fsanitize=address misuse.c $(pkg-config --cflags --libs sscard) -lpthread -o misuse && ./misuse 200000
 */
#include <sscard.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXPECT(call, code)                                                                            \
    do {                                                                                              \
        int got = (call);                                                                             \
        if (got != (code)) {                                                                          \
            fprintf(stderr, "%s:%d: %s gave %s, not %s: %s\n", __FILE__, __LINE__, #call,              \
                    sscard_error_name(got), sscard_error_name(code), sscard_last_error());             \
            exit(1);                                                                                  \
        }                                                                                             \
    } while (0)

static uint64_t state = 0x9E3779B97F4A7C15u;

static uint64_t draw(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

/* Everything with a handle that is none. */
static void with_no_card(sscard_card *card, int code) {
    uint8_t bytes[64];
    size_t length = sizeof bytes;
    uint64_t digest;
    const uint8_t cmd[] = {0x00, 0x84, 0x00, 0x00, 0x08};
    EXPECT(sscard_power_on(card), code);
    EXPECT(sscard_enter_field(card), code);
    EXPECT(sscard_power_off(card), code);
    EXPECT(sscard_reset(card), code);
    EXPECT(sscard_power_cut(card, 1), code);
    EXPECT(sscard_transmit(card, cmd, sizeof cmd, bytes, &length), code);
    length = sizeof bytes;
    EXPECT(sscard_atr(card, bytes, &length), code);
    length = sizeof bytes;
    EXPECT(sscard_image(card, bytes, &length), code);
    EXPECT(sscard_digest(card, &digest), code);
    EXPECT(sscard_set_fault(card, "mute@7"), code);
    EXPECT(sscard_clear_faults(card), code);
    EXPECT(sscard_restore(card, card), code);
    if (sscard_card_clone(card)) exit(1);
    EXPECT(sscard_last_code(), code);
    if (sscard_inspect_json(card)) exit(1);
    EXPECT(sscard_last_code(), code);
    sscard_card_free(card);
}

static void arguments(void) {
    sscard_card *card = sscard_card_new("gen3", 1);
    uint8_t bytes[300];
    size_t length = sizeof bytes;
    const uint8_t cmd[] = {0x00, 0x84, 0x00, 0x00, 0x08};
    EXPECT(sscard_transmit(card, cmd, sizeof cmd, bytes, &length), SSCARD_E_NO_POWER);
    EXPECT(sscard_power_on(card), SSCARD_OK);
    EXPECT(sscard_transmit(card, cmd, sizeof cmd, bytes, NULL), SSCARD_E_NULL);
    length = sizeof bytes;
    EXPECT(sscard_transmit(card, NULL, 5, bytes, &length), SSCARD_E_NULL);
    length = sizeof bytes;
    EXPECT(sscard_transmit(card, cmd, sizeof cmd, NULL, &length), SSCARD_E_NULL);
    length = sizeof bytes;
    EXPECT(sscard_transmit(card, cmd, SIZE_MAX, bytes, &length), SSCARD_E_ARGUMENT);
    EXPECT(sscard_atr(card, NULL, NULL), SSCARD_E_NULL);
    EXPECT(sscard_image(card, NULL, NULL), SSCARD_E_NULL);
    EXPECT(sscard_digest(card, NULL), SSCARD_E_NULL);
    EXPECT(sscard_set_fault(card, NULL), SSCARD_E_NULL);
    EXPECT(sscard_set_fault(card, "nonsense"), SSCARD_E_FAULT);
    if (sscard_card_new(NULL, 1) || sscard_card_new("gen9", 1) || sscard_card_new("/nowhere.toml", 1)) exit(1);
    if (sscard_card_from_file(NULL) || sscard_card_from_file("/nowhere") || sscard_card_from_file("/dev/zero")) exit(1);
    if (sscard_card_from_image(NULL, 1) || sscard_card_from_image(bytes, 0) || sscard_card_from_image(bytes, SIZE_MAX)) exit(1);

    /* A buffer that is exactly as long as it says: the sanitizer sees one byte more. */
    for (size_t capacity = 0; capacity < 12; capacity++) {
        uint8_t *exact = malloc(capacity ? capacity : 1);
        length = capacity;
        int code = sscard_transmit(card, cmd, sizeof cmd, exact, &length);
        if (code != (capacity < 10 ? SSCARD_E_BUFFER : SSCARD_OK) || length != 10) exit(1);
        free(exact);
    }
    /* An image, bent at every byte, is refused or makes a card, and no more is read of it than there is. */
    length = 0;
    EXPECT(sscard_image(card, NULL, &length), SSCARD_E_BUFFER);
    uint8_t *image = malloc(length);
    EXPECT(sscard_image(card, image, &length), SSCARD_OK);
    for (size_t at = 0; at < length; at += 97) {
        uint8_t *part = malloc(at + 1);
        memcpy(part, image, at + 1);
        sscard_card_free(sscard_card_from_image(part, at + 1));
        free(part);
    }
    free(image);
    char *text = sscard_inspect_json(card);
    if (!text || strlen(text) < 1000) exit(1);
    sscard_string_free(text);
    sscard_string_free(text);
    EXPECT(sscard_last_code(), SSCARD_E_HANDLE);
    sscard_card_free(card);
    with_no_card(card, SSCARD_E_HANDLE);
    with_no_card(NULL, SSCARD_E_NULL);
    with_no_card((sscard_card *)bytes, SSCARD_E_HANDLE);
    with_no_card((sscard_card *)(bytes + 1), SSCARD_E_HANDLE);
    with_no_card((sscard_card *)UINTPTR_MAX, SSCARD_E_HANDLE);
}

static sscard_card *all;
static atomic_ulong done;

/* A card that everybody uses at once: each call is done, or says that it was not. */
static void *crowd(void *rounds) {
    for (size_t round = *(size_t *)rounds; round; round--) {
        const uint8_t cmd[] = {0x00, 0x84, 0x00, 0x00, 0x08};
        uint8_t rsp[16];
        size_t length = sizeof rsp;
        int code = sscard_transmit(all, cmd, sizeof cmd, rsp, &length);
        if (code == SSCARD_OK) done++;
        else if (code != SSCARD_E_BUSY) exit(1);
        sscard_card_free(round % 64 ? NULL : sscard_card_clone(all));
    }
    return NULL;
}

/* So many commands, and what the card is then. */
static uint64_t after(sscard_card *card, size_t commands) {
    const uint8_t cmd[] = {0x00, 0x84, 0x00, 0x00, 0x08};
    uint64_t digest = 0;
    for (; commands; commands--) {
        uint8_t rsp[16];
        size_t length = sizeof rsp;
        EXPECT(sscard_transmit(card, cmd, sizeof cmd, rsp, &length), SSCARD_OK);
    }
    EXPECT(sscard_digest(card, &digest), SSCARD_OK);
    return digest;
}

/* Calls in any order, with cards that live, were freed, or never were. */
static void anything(size_t rounds) {
    sscard_card *cards[16] = {0};
    for (; rounds; rounds--) {
        sscard_card **card = &cards[draw() % 16], *other = cards[draw() % 16];
        uint8_t cmd[32], rsp[300];
        size_t cmd_len = draw() % sizeof cmd, length = draw() % sizeof rsp;
        for (size_t at = 0; at < sizeof cmd; at++) cmd[at] = (uint8_t)draw();
        if (draw() % 2) cmd[0] = 0x00;
        switch (draw() % 16) {
        case 0: *card = sscard_card_clone(other); break;
        case 1: *card = draw() % 32 ? *card : sscard_card_new("gen3", draw()); break;
        case 2: sscard_card_free(*card); break;
        case 3: sscard_restore(*card, other); break;
        case 4: sscard_power_cut(*card, draw() % 200); break;
        case 5: sscard_set_fault(*card, draw() % 2 ? "flip@p=0.2" : "truncate=1"); break;
        case 6: sscard_clear_faults(*card); break;
        case 7: sscard_reset(*card); break;
        case 8: sscard_enter_field(*card); break;
        case 9: sscard_atr(*card, rsp, &length); break;
        case 10: *card = draw() % 8 ? *card : (sscard_card *)(uintptr_t)draw(); break;
        case 11: sscard_string_free(sscard_inspect_json(draw() % 16 ? NULL : *card)); break;
        case 12: sscard_power_on(*card); break;
        default: sscard_transmit(*card, cmd, cmd_len, rsp, &length); break;
        }
    }
    for (size_t at = 0; at < 16; at++) sscard_card_free(cards[at]);
}

int main(int count, char **words) {
    size_t rounds = count > 1 ? strtoul(words[1], NULL, 10) : 20000;
    arguments();
    anything(rounds);

    /* The child of a fork has cards of its own. */
    all = sscard_card_new("gen3", 1);
    EXPECT(sscard_power_on(all), SSCARD_OK);
    pid_t child = fork();
    if (child == 0) {
        const uint8_t cmd[] = {0x00, 0x84, 0x00, 0x00, 0x08};
        uint8_t rsp[16];
        size_t length = sizeof rsp;
        EXPECT(sscard_transmit(all, cmd, sizeof cmd, rsp, &length), SSCARD_OK);
        sscard_card_free(all);
        _exit(0);
    }
    int status = 1;
    if (waitpid(child, &status, 0) != child || status != 0) return 1;
    EXPECT(sscard_power_on(all), SSCARD_OK);

    /* This thread was alone until now. What was done was done once: the card is as if one thread had done it all. */
    sscard_card *before = sscard_card_clone(all);
    pthread_t threads[4];
    for (size_t at = 0; at < 4; at++) pthread_create(&threads[at], NULL, crowd, &rounds);
    crowd(&rounds);
    for (size_t at = 0; at < 4; at++) pthread_join(threads[at], NULL);
    if (after(all, 0) != after(before, done)) {
        fprintf(stderr, "two threads were in one card at the same time\n");
        return 1;
    }
    sscard_card_free(before);
    sscard_card_free(all);
    printf("misuse: every call came back with a code\n");
    return 0;
}
