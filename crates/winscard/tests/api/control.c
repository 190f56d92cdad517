/* SCardControl. */
#include "api.h"

static BYTE received[MAX_BUFFER_SIZE];
static DWORD length;
static SCARDHANDLE card;

static LONG controls(DWORD code) {
    length = 77;
    return SCardControl(card, code, NULL, 0, received, sizeof received, &length);
}

CHECK(control_of_a_nobodys_handle_is_an_invalid_handle) {
    length = 77;
    CODE(SCardControl(NOBODYS, CM_IOCTL_GET_FEATURE_REQUEST, NULL, 0, received, sizeof received, &length), SCARD_E_INVALID_HANDLE);
    VALUE(length, 0);
    CODE(SCardControl(0, CM_IOCTL_GET_FEATURE_REQUEST, NULL, 0, received, sizeof received, &length), SCARD_E_INVALID_HANDLE);
}

CHECK(control_features) {
    CONNECTS(0, SCARD_SHARE_DIRECT, &card);
    CODE(controls(CM_IOCTL_GET_FEATURE_REQUEST), either(FEATURES, SCARD_E_UNSUPPORTED_FEATURE, SCARD_S_SUCCESS));
    if (is_pcscd()) {
        VALUE(length, 0);
        return;
    }
    /* One feature, of six bytes: properties in TLV. */
    VALUE(length, sizeof(PCSC_TLV_STRUCTURE));
    VALUE(received[0], FEATURE_GET_TLV_PROPERTIES);
    VALUE(received[1], 4);
}

CHECK(control_properties) {
    CONNECTS(1, SCARD_SHARE_DIRECT, &card);
    CODE(controls(CM_IOCTL_GET_FEATURE_REQUEST), either(FEATURES, SCARD_E_UNSUPPORTED_FEATURE, SCARD_S_SUCCESS));
    if (is_pcscd()) {
        return;
    }
    DWORD code = (DWORD)received[2] << 24 | (DWORD)received[3] << 16 | (DWORD)received[4] << 8 | received[5];
    CODE(controls(code), SCARD_S_SUCCESS);
    /* Tag, length, value one after the other; the longest data field is among them. */
    int longest = 0;
    DWORD at = 0;
    while (at + 2 <= length) {
        longest |= received[at] == PCSCv2_PART10_PROPERTY_dwMaxAPDUDataSize && received[at + 1] == 4;
        at += 2 + (DWORD)received[at + 1];
    }
    VALUE(at, length);
    HOLDS(longest);
}

CHECK(control_into_a_short_buffer) {
    CONNECTS(0, SCARD_SHARE_DIRECT, &card);
    length = 77;
    memset(received, '#', sizeof received);
    CODE(SCardControl(card, CM_IOCTL_GET_FEATURE_REQUEST, NULL, 0, received, 5, &length),
        either(FEATURES, SCARD_E_UNSUPPORTED_FEATURE, SCARD_E_INSUFFICIENT_BUFFER));
    if (!is_pcscd()) {
        VALUE(length, sizeof(PCSC_TLV_STRUCTURE));
        VALUE(received[0], '#');
    }
}

CHECK(control_null_buffer_for_an_answer) {
    CONNECTS(0, SCARD_SHARE_DIRECT, &card);
    CODE(SCardControl(card, CM_IOCTL_GET_FEATURE_REQUEST, NULL, 0, NULL, 0, &length),
        either(FEATURES, SCARD_E_UNSUPPORTED_FEATURE, SCARD_E_INSUFFICIENT_BUFFER));
}

CHECK(control_an_unknown_code_is_unsupported) {
    CONNECTS(0, SCARD_SHARE_SHARED, &card);
    CODE(controls(0x42001234), SCARD_E_UNSUPPORTED_FEATURE);
    VALUE(length, 0);
    CODE(controls(0), SCARD_E_UNSUPPORTED_FEATURE);
}

CHECK(control_null_length_is_harmless) {
    CONNECTS(0, SCARD_SHARE_DIRECT, &card);
    CODE(SCardControl(card, CM_IOCTL_GET_FEATURE_REQUEST, NULL, 0, received, sizeof received, NULL),
        either(FEATURES, SCARD_E_UNSUPPORTED_FEATURE, SCARD_S_SUCCESS));
}

CHECK(control_more_than_there_can_be_is_an_insufficient_buffer) {
    static BYTE command[MAX_BUFFER_SIZE_EXTENDED + 1];
    CONNECTS(0, SCARD_SHARE_DIRECT, &card);
    CODE(SCardControl(card, CM_IOCTL_GET_FEATURE_REQUEST, command, sizeof command, received, sizeof received, &length),
        SCARD_E_INSUFFICIENT_BUFFER);
}

static const struct check checks[] = {
    C(control_of_a_nobodys_handle_is_an_invalid_handle),
    C(control_features),
    C(control_properties),
    C(control_into_a_short_buffer),
    C(control_null_buffer_for_an_answer),
    C(control_an_unknown_code_is_unsupported),
    C(control_null_length_is_harmless),
    C(control_more_than_there_can_be_is_an_insufficient_buffer),
};
CHAPTER(control);
