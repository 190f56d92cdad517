/* A hospital's reader program in C: the card number of the card in a reader.
 *
 *     cc -Wall -Wextra -o hospital_reader hospital_reader.c $(pkg-config --cflags --libs libpcsclite)
 *     ./hospital_reader "Virtual PCD 00 00"
 *
 * Exit code 0 and the number; 1 no card, or it went; 2 its answers make no sense. It follows 61xx and 6Cxx four times at most, and
 * takes no answer whose tag and length are not those that were asked for. SCardTransmit has no time limit of its own: whoever needs one
 * calls SCardCancel, or ends the process, from outside.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <winscard.h>

enum { FOLLOWED = 4, LARGEST = 258 };

static const BYTE SELECT_SSSE[] = {0x00, 0xA4, 0x04, 0x00, 0x0F, 0x73, 0x78, 0x31, 0x2E, 0x73,
                                   0x68, 0x2E, 0xC9, 0xE7, 0xBB, 0xE1, 0xB1, 0xA3, 0xD5, 0xCF};
static const BYTE SELECT_EF05[] = {0x00, 0xA4, 0x00, 0x00, 0x02, 0xEF, 0x05};
static const BYTE READ_NUMBER[] = {0x00, 0xB2, 0x07, 0x00, 0x00};

/* Data of an answer that ends in 9000; 0, or the exit code. */
static int exchange(SCARDHANDLE card, const SCARD_IO_REQUEST *protocol, const BYTE *command,
                    DWORD length, BYTE *data, DWORD *data_length)
{
    BYTE sent[LARGEST];
    BYTE answer[LARGEST];

    memcpy(sent, command, length);
    *data_length = 0;
    for (int followed = 0; followed < FOLLOWED; followed++) {
        /* The buffer is cleared: an exchange that fails leaves it as it was, and yesterday's answer is not today's. */
        memset(answer, 0, sizeof answer);
        DWORD count = sizeof answer;
        LONG code = SCardTransmit(card, protocol, sent, length, NULL, answer, &count);
        if (code != SCARD_S_SUCCESS) {
            fprintf(stderr, "no answer: %s\n", pcsc_stringify_error(code));
            return 1;
        }
        if (count == 0) {
            /* Some drivers call it a success when the card went, or is mute. */
            fprintf(stderr, "no answer: the card said nothing\n");
            return 1;
        }
        if (count < 2 || *data_length + count - 2 > LARGEST - 2) {
            fprintf(stderr, "an answer of %lu bytes\n", (unsigned long)count);
            return 2;
        }
        memcpy(data + *data_length, answer, count - 2);
        *data_length += count - 2;
        BYTE sw1 = answer[count - 2], sw2 = answer[count - 1];
        if (sw1 == 0x90 && sw2 == 0x00)
            return 0;
        if (sw1 == 0x61) {
            const BYTE get_response[] = {0x00, 0xC0, 0x00, 0x00, sw2};
            memcpy(sent, get_response, sizeof get_response);
            length = sizeof get_response;
        } else if (sw1 == 0x6C) {
            sent[4] = sw2;
            length = 5;
        } else {
            fprintf(stderr, "status %02X%02X\n", sw1, sw2);
            return 2;
        }
    }
    fprintf(stderr, "the card announces more without end\n");
    return 2;
}

static int read_number(SCARDHANDLE card, const SCARD_IO_REQUEST *protocol)
{
    BYTE data[LARGEST];
    DWORD length;
    int failed;

    if ((failed = exchange(card, protocol, SELECT_SSSE, sizeof SELECT_SSSE, data, &length)) ||
        (failed = exchange(card, protocol, SELECT_EF05, sizeof SELECT_EF05, data, &length)) ||
        (failed = exchange(card, protocol, READ_NUMBER, sizeof READ_NUMBER, data, &length)))
        return failed;
    if (length < 3 || data[0] != 0x07 || data[1] != length - 2) {
        fprintf(stderr, "the item is not the one that was asked for\n");
        return 2;
    }
    for (DWORD at = 2; at < length; at++) {
        if (data[at] >= 0x80 || !isalnum(data[at])) {
            fprintf(stderr, "no card number\n");
            return 2;
        }
    }
    printf("%.*s\n", (int)(length - 2), (const char *)data + 2);
    return 0;
}

int main(int argc, char **argv)
{
    SCARDCONTEXT context;
    SCARDHANDLE card;
    DWORD protocol;

    if (argc != 2) {
        fprintf(stderr, "usage: %s READER\n", argv[0]);
        return 64;
    }
    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) != SCARD_S_SUCCESS) {
        fprintf(stderr, "pcscd does not run\n");
        return 1;
    }
    LONG code = SCardConnect(context, argv[1], SCARD_SHARE_SHARED,
                             SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &protocol);
    int exit_code = 1;
    if (code == SCARD_S_SUCCESS) {
        exit_code = read_number(card, protocol == SCARD_PROTOCOL_T1 ? SCARD_PCI_T1 : SCARD_PCI_T0);
        SCardDisconnect(card, SCARD_LEAVE_CARD);
    } else {
        fprintf(stderr, "no card: %s\n", pcsc_stringify_error(code));
    }
    SCardReleaseContext(context);
    return exit_code;
}
