/* SCardTransmit. */
#include "api.h"

static BYTE received[MAX_BUFFER_SIZE_EXTENDED + 16];
static DWORD length;
static const BYTE challenge[] = { 0x00, 0x84, 0x00, 0x00, 0x08 };

static LONG transmits_by(SCARDHANDLE card, const SCARD_IO_REQUEST *pci, const BYTE *command, DWORD count) {
    length = MAX_BUFFER_SIZE_EXTENDED;
    return SCardTransmit(card, pci, command, count, NULL, received, &length);
}

CHECK(transmit_null_arguments_are_invalid_parameters) {
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    length = sizeof received;
    CODE(SCardTransmit(card, NULL, challenge, 5, NULL, received, &length), SCARD_E_INVALID_PARAMETER);
    CODE(SCardTransmit(card, SCARD_PCI_T0, NULL, 5, NULL, received, &length), SCARD_E_INVALID_PARAMETER);
    CODE(SCardTransmit(card, SCARD_PCI_T0, challenge, 5, NULL, NULL, &length), SCARD_E_INVALID_PARAMETER);
    CODE(SCardTransmit(card, SCARD_PCI_T0, challenge, 5, NULL, received, NULL), SCARD_E_INVALID_PARAMETER);
}

CHECK(transmit_by_a_nobodys_handle_is_an_invalid_handle) {
    CODE(transmits_by(NOBODYS, SCARD_PCI_T0, challenge, 5), SCARD_E_INVALID_HANDLE);
    VALUE(length, 0);
    CODE(transmits_by(0, SCARD_PCI_T0, challenge, 5), SCARD_E_INVALID_HANDLE);
}

CHECK(transmit_a_command_on_t0) {
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    memset(received, '#', sizeof received);
    CODE(transmits_by(card, SCARD_PCI_T0, challenge, 5), SCARD_S_SUCCESS);
    VALUE(length, 10);
    TEXT(hex_of(received + 8, 2), "9000");
    VALUE(received[10], '#');
}

CHECK(transmit_a_command_on_t1) {
    SCARDHANDLE card;
    CONNECTS(1, SCARD_SHARE_SHARED, &card);
    CODE(transmits_by(card, SCARD_PCI_T1, challenge, 5), SCARD_S_SUCCESS);
    VALUE(length, 10);
}

CHECK(transmit_by_another_protocol_is_a_mismatch) {
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    CODE(transmits_by(card, SCARD_PCI_T1, challenge, 5), SCARD_E_PROTO_MISMATCH);
    VALUE(length, 0);
    SCARD_IO_REQUEST unknown = { 0x55, sizeof unknown };
    CODE(transmits_by(card, &unknown, challenge, 5), SCARD_E_PROTO_MISMATCH);
    SCARDHANDLE second;
    CONNECTS(1, SCARD_SHARE_SHARED, &second);
    CODE(transmits_by(second, SCARD_PCI_T0, challenge, 5), SCARD_E_PROTO_MISMATCH);
}

CHECK(transmit_raw_goes_whatever_the_protocol) {
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    CODE(transmits_by(card, SCARD_PCI_RAW, challenge, 5), SCARD_S_SUCCESS);
    VALUE(length, 10);
}

CHECK(transmit_by_any_protocol_is_a_mismatch) {
    SCARDHANDLE card;
    SCARD_IO_REQUEST any = { SCARD_PROTOCOL_ANY, sizeof any };
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    CODE(transmits_by(card, &any, challenge, 5), SCARD_E_PROTO_MISMATCH);
}

CHECK(transmit_the_globals_have_protocol_and_size) {
    VALUE(SCARD_PCI_T0->dwProtocol, SCARD_PROTOCOL_T0);
    VALUE(SCARD_PCI_T1->dwProtocol, SCARD_PROTOCOL_T1);
    VALUE(SCARD_PCI_RAW->dwProtocol, SCARD_PROTOCOL_RAW);
    VALUE(SCARD_PCI_T0->cbPciLength, sizeof(SCARD_IO_REQUEST));
    VALUE(SCARD_PCI_T1->cbPciLength, sizeof(SCARD_IO_REQUEST));
    VALUE(SCARD_PCI_RAW->cbPciLength, sizeof(SCARD_IO_REQUEST));
}

CHECK(transmit_tells_the_protocol_of_the_answer) {
    SCARDHANDLE card;
    SCARD_IO_REQUEST pci = { SCARD_PROTOCOL_T0, sizeof pci };
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    length = sizeof received;
    CODE(SCardTransmit(card, SCARD_PCI_T0, challenge, 5, &pci, received, &length), SCARD_S_SUCCESS);
    VALUE(pci.dwProtocol, SCARD_PROTOCOL_T0);
    VALUE(pci.cbPciLength, sizeof pci);
    SCARDHANDLE second;
    CONNECTS(1, SCARD_SHARE_SHARED, &second);
    pci.dwProtocol = SCARD_PROTOCOL_ANY;
    length = sizeof received;
    CODE(SCardTransmit(second, SCARD_PCI_T1, challenge, 5, &pci, received, &length), SCARD_S_SUCCESS);
    VALUE(pci.dwProtocol, either(PROTOCOL_OF_ANSWER, SCARD_PROTOCOL_T0, SCARD_PROTOCOL_T1));
}

CHECK(transmit_into_a_buffer_of_the_exact_length) {
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    length = 10;
    memset(received, '#', sizeof received);
    CODE(SCardTransmit(card, SCARD_PCI_T0, challenge, 5, NULL, received, &length), SCARD_S_SUCCESS);
    VALUE(length, 10);
    VALUE(received[10], '#');
}

CHECK(transmit_into_a_short_buffer) {
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    length = 9;
    memset(received, '#', sizeof received);
    CODE(SCardTransmit(card, SCARD_PCI_T0, challenge, 5, NULL, received, &length), SCARD_E_INSUFFICIENT_BUFFER);
    VALUE(length, 10);
    VALUE(received[0], '#');
    CODE(transmits_by(card, SCARD_PCI_T0, challenge, 5), SCARD_S_SUCCESS);
}

CHECK(transmit_into_no_room_at_all) {
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    length = 0;
    memset(received, '#', sizeof received);
    CODE(SCardTransmit(card, SCARD_PCI_T0, challenge, 5, NULL, received, &length), SCARD_E_INSUFFICIENT_BUFFER);
    VALUE(received[0], '#');
}

/* A short buffer is no reason not to send: the card has counted. */
CHECK(transmit_into_a_short_buffer_is_sent_all_the_same) {
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    BYTE select[64];
    DWORD count = (DWORD)bytes_of(SSSE, select, sizeof select);
    CODE(SCardReconnect(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, SCARD_RESET_CARD, &length), SCARD_S_SUCCESS);
    length = 1;
    CODE(SCardTransmit(card, SCARD_PCI_T0, select, count, NULL, received, &length), SCARD_E_INSUFFICIENT_BUFFER);
    TEXT(answer(card, VERSION), VERSION_IS);
}

CHECK(transmit_more_than_there_can_be_is_an_insufficient_buffer) {
    static BYTE command[MAX_BUFFER_SIZE_EXTENDED + 1];
    SCARDHANDLE card;
    CONNECTS(1, SCARD_SHARE_SHARED, &card);
    CODE(transmits_by(card, SCARD_PCI_T1, command, sizeof command), SCARD_E_INSUFFICIENT_BUFFER);
    TEXT(answer(card, "0084000004") + 8, "9000");
}

CHECK(transmit_an_extended_command) {
    BYTE command[64];
    SCARDHANDLE card;
    CONNECTS(1, SCARD_SHARE_SHARED, &card);
    DWORD count = (DWORD)bytes_of("00A4040000000F7378312E73682EC9E7BBE1B1A3D5CF0000", command, sizeof command);
    CODE(transmits_by(card, SCARD_PCI_T1, command, count), SCARD_S_SUCCESS);
    TEXT(hex_of(received + length - 2, 2), "9000");
    /* All records of EF05: 64 bytes. */
    count = (DWORD)bytes_of("00B2012D000000", command, sizeof command);
    CODE(transmits_by(card, SCARD_PCI_T1, command, count), SCARD_S_SUCCESS);
    VALUE(length, 66);
}

CHECK(transmit_a_long_extended_command_arrives_whole) {
    static BYTE command[7 + 65535] = { 0x00, 0xD6, 0x95, 0x00, 0x00 };
    SCARDHANDLE card;
    CONNECTS(1, SCARD_SHARE_SHARED, &card);
    DWORD data = (DWORD)either(LONGEST_COMMAND, 65535 - 7, 65535);
    command[5] = (BYTE)(data >> 8);
    command[6] = (BYTE)data;
    CODE(transmits_by(card, SCARD_PCI_T1, command, 7 + data), SCARD_S_SUCCESS);
    /* UPDATE BINARY of a file that the card has not. */
    TEXT(hex_of(received, length), "6A82");
    TEXT(answer(card, "0084000004") + 8, "9000");
}

CHECK(transmit_below_four_bytes) {
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    for (DWORD count = 2; count < 4; count++) {
        CODE(transmits_by(card, SCARD_PCI_T0, challenge, count), SCARD_S_SUCCESS);
        TEXT(hex_of(received, length), "6700");
    }
}

CHECK(transmit_by_a_direct_handle_without_a_protocol_is_a_mismatch) {
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_DIRECT, &card);
    CODE(transmits_by(card, SCARD_PCI_T0, challenge, 5), SCARD_E_PROTO_MISMATCH);
    SCARDHANDLE theirs;
    OTHER_CONNECTS(0, SCARD_SHARE_SHARED, &theirs);
    CODE(transmits_by(card, SCARD_PCI_T0, challenge, 5), SCARD_S_SUCCESS);
}

CHECK(transmit_ten_thousand_commands) {
    SCARDHANDLE card;
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    for (int number = 0; number < 10000; number++) {
        CODE(transmits_by(card, SCARD_PCI_T0, challenge, 5), SCARD_S_SUCCESS);
        VALUE(length, 10);
    }
}

static const struct check checks[] = {
    C(transmit_null_arguments_are_invalid_parameters),
    C(transmit_by_a_nobodys_handle_is_an_invalid_handle),
    C(transmit_a_command_on_t0),
    C(transmit_a_command_on_t1),
    C(transmit_by_another_protocol_is_a_mismatch),
    C(transmit_raw_goes_whatever_the_protocol),
    C(transmit_by_any_protocol_is_a_mismatch),
    C(transmit_the_globals_have_protocol_and_size),
    C(transmit_tells_the_protocol_of_the_answer),
    C(transmit_into_a_buffer_of_the_exact_length),
    C(transmit_into_a_short_buffer),
    C(transmit_into_no_room_at_all),
    C(transmit_into_a_short_buffer_is_sent_all_the_same),
    C(transmit_more_than_there_can_be_is_an_insufficient_buffer),
    C(transmit_an_extended_command),
    C(transmit_a_long_extended_command_arrives_whole),
    C(transmit_below_four_bytes),
    C(transmit_by_a_direct_handle_without_a_protocol_is_a_mismatch),
    C(transmit_ten_thousand_commands),
};
CHAPTER(transmit);
