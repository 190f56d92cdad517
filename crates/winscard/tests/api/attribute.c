/* SCardGetAttrib and SCardSetAttrib. */
#include "api.h"

static BYTE value[MAX_BUFFER_SIZE + 1];
static DWORD length;
static SCARDHANDLE card;

static LONG reads(DWORD attribute) {
    length = MAX_BUFFER_SIZE;
    return SCardGetAttrib(card, attribute, value, &length);
}

/* vpcd has no attributes: there the code alone is looked at. */
#define HAS(code) either(ATTRIBUTES, SCARD_E_UNSUPPORTED_FEATURE, (code))

CHECK(get_attribute_null_length_is_an_invalid_parameter) {
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    CODE(SCardGetAttrib(card, SCARD_ATTR_ATR_STRING, value, NULL), SCARD_E_INVALID_PARAMETER);
}

CHECK(get_attribute_of_a_nobodys_handle_is_an_invalid_handle) {
    length = sizeof value - 1;
    CODE(SCardGetAttrib(NOBODYS, SCARD_ATTR_ATR_STRING, value, &length), SCARD_E_INVALID_HANDLE);
    CODE(SCardGetAttrib(0, SCARD_ATTR_ATR_STRING, value, &length), SCARD_E_INVALID_HANDLE);
}

CHECK(get_attribute_atr) {
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    CODE(reads(SCARD_ATTR_ATR_STRING), HAS(SCARD_S_SUCCESS));
    if (!is_pcscd()) {
        SCARD_READERSTATE state = seen(0);
        VALUE(length, state.cbAtr);
        HOLDS(!memcmp(value, state.rgbAtr, length));
    }
}

CHECK(get_attribute_without_a_buffer_tells_the_length) {
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    length = 3;
    CODE(SCardGetAttrib(card, SCARD_ATTR_ATR_STRING, NULL, &length), HAS(SCARD_S_SUCCESS));
    VALUE(length, either(ATTRIBUTES, MAX_BUFFER_SIZE, seen(0).cbAtr));
}

CHECK(get_attribute_into_a_buffer_of_the_exact_length) {
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    length = seen(0).cbAtr;
    memset(value, '#', sizeof value);
    CODE(SCardGetAttrib(card, SCARD_ATTR_ATR_STRING, value, &length), HAS(SCARD_S_SUCCESS));
    VALUE(value[length], '#');
}

CHECK(get_attribute_into_a_short_buffer_is_told_the_length) {
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    for (DWORD given = 0; given < seen(0).cbAtr; given += seen(0).cbAtr - 1) {
        length = given;
        memset(value, '#', sizeof value);
        CODE(SCardGetAttrib(card, SCARD_ATTR_ATR_STRING, value, &length), HAS(SCARD_E_INSUFFICIENT_BUFFER));
        VALUE(length, either(ATTRIBUTES, given, seen(0).cbAtr));
        VALUE(value[given], '#');
    }
}

CHECK(get_attribute_into_more_than_there_can_be_is_an_insufficient_buffer) {
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    length = MAX_BUFFER_SIZE + 1;
    CODE(SCardGetAttrib(card, SCARD_ATTR_ATR_STRING, value, &length), SCARD_E_INSUFFICIENT_BUFFER);
}

CHECK(get_attribute_allocated) {
    BYTE *own = NULL;
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    length = SCARD_AUTOALLOCATE;
    CODE(SCardGetAttrib(card, SCARD_ATTR_ATR_STRING, (LPBYTE)&own, &length), HAS(SCARD_S_SUCCESS));
    if (!is_pcscd()) {
        VALUE(length, seen(0).cbAtr);
        VALUE(own[0], 0x3B);
        CODE(SCardFreeMemory(context, own), SCARD_S_SUCCESS);
    }
}

CHECK(get_attribute_allocated_without_a_place_is_an_invalid_parameter) {
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    length = SCARD_AUTOALLOCATE;
    CODE(SCardGetAttrib(card, SCARD_ATTR_ATR_STRING, NULL, &length), SCARD_E_INVALID_PARAMETER);
}

CHECK(get_attribute_names_of_the_reader) {
    static const DWORD names[] = { SCARD_ATTR_DEVICE_FRIENDLY_NAME_A, SCARD_ATTR_DEVICE_SYSTEM_NAME_A };
    CONNECTS(1, SCARD_SHARE_SHARED, &card);
    for (int at = 0; at < 2; at++) {
        CODE(reads(names[at]), either(READER_NAME, SCARD_E_INSUFFICIENT_BUFFER, SCARD_S_SUCCESS));
        if (!is_pcscd()) {
            VALUE(length, strlen(reader[1]) + 1);
            TEXT((char *)value, reader[1]);
        }
    }
}

/* A number of four bytes in the machine's order, as drivers give it. */
static DWORD number(void) {
    uint32_t four = 0;
    memcpy(&four, value, length < 4 ? length : 4);
    return four;
}

CHECK(get_attribute_vendor) {
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    CODE(reads(SCARD_ATTR_VENDOR_NAME), HAS(SCARD_S_SUCCESS));
    HOLDS(is_pcscd() || (length > 0 && length < 33));
    CODE(reads(SCARD_ATTR_VENDOR_IFD_VERSION), HAS(SCARD_S_SUCCESS));
    HOLDS(is_pcscd() || length == 4);
}

CHECK(get_attribute_presence) {
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    CODE(reads(SCARD_ATTR_ICC_PRESENCE), HAS(SCARD_S_SUCCESS));
    /* PC/SC part 3: 2 is a card in place for use. */
    HOLDS(is_pcscd() || (length == 1 && value[0] == 2));
    CODE(reads(SCARD_ATTR_ICC_INTERFACE_STATUS), HAS(SCARD_S_SUCCESS));
    HOLDS(is_pcscd() || (length == 1 && value[0] == 1));
}

CHECK(get_attribute_longest_command) {
    CONNECTS(1, SCARD_SHARE_SHARED, &card);
    CODE(reads(SCARD_ATTR_MAXINPUT), HAS(SCARD_S_SUCCESS));
    HOLDS(is_pcscd() || number() >= 261);
}

CHECK(get_attribute_that_nobody_has_is_unsupported) {
    static const DWORD attributes[] = {
        SCARD_ATTR_ESC_RESET, SCARD_ATTR_ESC_CANCEL, SCARD_ATTR_ESC_AUTHREQUEST, SCARD_ATTR_USER_TO_CARD_AUTH_DEVICE,
        SCARD_ATTR_USER_AUTH_INPUT_DEVICE, 0, 0x0BADCAFE, 0xFFFFFFFF,
    };
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    for (size_t at = 0; at < sizeof attributes / sizeof attributes[0]; at++) {
        CODE(reads(attributes[at]), SCARD_E_UNSUPPORTED_FEATURE);
    }
}

CHECK(set_attribute_null_or_empty_is_an_invalid_parameter) {
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    CODE(SCardSetAttrib(card, SCARD_ATTR_SUPRESS_T1_IFS_REQUEST, NULL, 1), SCARD_E_INVALID_PARAMETER);
    CODE(SCardSetAttrib(card, SCARD_ATTR_SUPRESS_T1_IFS_REQUEST, value, 0), SCARD_E_INVALID_PARAMETER);
}

CHECK(set_attribute_of_a_nobodys_handle_is_an_invalid_handle) {
    CODE(SCardSetAttrib(NOBODYS, SCARD_ATTR_SUPRESS_T1_IFS_REQUEST, value, 1), SCARD_E_INVALID_HANDLE);
}

CHECK(set_attribute_that_nobody_takes) {
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    CODE(SCardSetAttrib(card, 0x0BADCAFE, value, 1), SCARD_E_NOT_TRANSACTED);
    CODE(SCardSetAttrib(card, SCARD_ATTR_ATR_STRING, value, 4), SCARD_E_NOT_TRANSACTED);
}

CHECK(set_attribute_of_more_than_there_can_be_is_an_insufficient_buffer) {
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    CODE(SCardSetAttrib(card, SCARD_ATTR_SUPRESS_T1_IFS_REQUEST, value, MAX_BUFFER_SIZE + 1), SCARD_E_INSUFFICIENT_BUFFER);
}

static const struct check checks[] = {
    C(get_attribute_null_length_is_an_invalid_parameter),
    C(get_attribute_of_a_nobodys_handle_is_an_invalid_handle),
    C(get_attribute_atr),
    C(get_attribute_without_a_buffer_tells_the_length),
    C(get_attribute_into_a_buffer_of_the_exact_length),
    C(get_attribute_into_a_short_buffer_is_told_the_length),
    C(get_attribute_into_more_than_there_can_be_is_an_insufficient_buffer),
    C(get_attribute_allocated),
    C(get_attribute_allocated_without_a_place_is_an_invalid_parameter),
    C(get_attribute_names_of_the_reader),
    C(get_attribute_vendor),
    C(get_attribute_presence),
    C(get_attribute_longest_command),
    C(get_attribute_that_nobody_has_is_unsupported),
    C(set_attribute_null_or_empty_is_an_invalid_parameter),
    C(set_attribute_of_a_nobodys_handle_is_an_invalid_handle),
    C(set_attribute_that_nobody_takes),
    C(set_attribute_of_more_than_there_can_be_is_an_insufficient_buffer),
};
CHAPTER(attribute);
