/* The card of reader 1 goes and comes by the bench's API. */
#include "api.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

int bench_port;

/* POST without a body; whether it was done. */
static int asks_bench(const char *path) {
    struct sockaddr_in address = { 0 };
    char text[512];
    address.sin_family = AF_INET;
    address.sin_port = htons((unsigned short)bench_port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int line = socket(AF_INET, SOCK_STREAM, 0);
    if (line < 0 || connect(line, (struct sockaddr *)&address, sizeof address)) {
        return 0;
    }
    int length = snprintf(text, sizeof text,
        "POST /api/v1/slots/1/%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", path, bench_port);
    ssize_t got = 0;
    if (write(line, text, (size_t)length) == length) {
        got = read(line, text, sizeof text - 1);
    }
    close(line);
    text[got > 0 ? got : 0] = 0;
    return strstr(text, " 200 ") != NULL;
}

/* Waits until the state of reader 1 has one of these bits. */
static int is_seen(DWORD bits) {
    for (double until = seconds() + 10; seconds() < until; pause_ms(5)) {
        if (seen(1).dwEventState & bits) {
            return 1;
        }
    }
    return 0;
}

SCARD_READERSTATE seen(int number) {
    SCARD_READERSTATE state = { 0 };
    state.szReader = reader[number];
    SCARDCONTEXT own;
    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &own) == SCARD_S_SUCCESS) {
        SCardGetStatusChange(own, 0, &state, 1);
        SCardReleaseContext(own);
    }
    return state;
}

int takes_card_out(void) {
    return asks_bench("eject") && is_seen(SCARD_STATE_EMPTY);
}

int puts_card_in(void) {
    if (!asks_bench("insert") || !is_seen(SCARD_STATE_PRESENT)) {
        return 0;
    }
    for (double until = seconds() + 10; seconds() < until; pause_ms(5)) {
        if (seen(1).cbAtr > 0) {
            return 1;
        }
    }
    return 0;
}
