/* SCardListReaders and SCardListReaderGroups: multi-strings. */
#include "api.h"

static DWORD both_names(void) {
    return (DWORD)(strlen(reader[0]) + 1 + strlen(reader[1]) + 1 + 1);
}

CHECK(readers_null_length_is_an_invalid_parameter) {
    char names[500];
    CODE(SCardListReaders(context, NULL, names, NULL), SCARD_E_INVALID_PARAMETER);
    CODE(SCardListReaders(context, NULL, NULL, NULL), SCARD_E_INVALID_PARAMETER);
}

CHECK(readers_of_a_nobodys_context_is_an_invalid_handle) {
    DWORD length = 0;
    CODE(SCardListReaders(NOBODYS, NULL, NULL, &length), SCARD_E_INVALID_HANDLE);
    CODE(SCardListReaders(0, NULL, NULL, &length), SCARD_E_INVALID_HANDLE);
}

CHECK(readers_without_a_buffer_tells_the_length) {
    DWORD length = 0;
    CODE(SCardListReaders(context, NULL, NULL, &length), SCARD_S_SUCCESS);
    VALUE(length, both_names());
    length = 1;
    CODE(SCardListReaders(context, NULL, NULL, &length), SCARD_S_SUCCESS);
    VALUE(length, both_names());
}

CHECK(readers_into_a_buffer_of_that_length) {
    char names[500];
    DWORD length = both_names();
    memset(names, '#', sizeof names);
    CODE(SCardListReaders(context, NULL, names, &length), SCARD_S_SUCCESS);
    VALUE(length, both_names());
    TEXT(names, reader[0]);
    TEXT(names + strlen(names) + 1, reader[1]);
    VALUE(names[length - 1], 0);
    VALUE(names[length], '#');
}

CHECK(readers_into_a_longer_buffer) {
    char names[500];
    DWORD length = sizeof names;
    CODE(SCardListReaders(context, NULL, names, &length), SCARD_S_SUCCESS);
    VALUE(length, both_names());
}

CHECK(readers_into_a_short_buffer_is_told_the_length) {
    char names[500] = "#";
    for (DWORD given = 0; given < both_names(); given += both_names() - 1) {
        DWORD length = given;
        CODE(SCardListReaders(context, NULL, names, &length), SCARD_E_INSUFFICIENT_BUFFER);
        VALUE(length, both_names());
        TEXT(names, "#");
    }
}

CHECK(readers_allocated) {
    char *names = NULL;
    DWORD length = SCARD_AUTOALLOCATE;
    CODE(SCardListReaders(context, NULL, (LPSTR)&names, &length), SCARD_S_SUCCESS);
    VALUE(length, both_names());
    TEXT(names, reader[0]);
    TEXT(names + strlen(names) + 1, reader[1]);
    VALUE(names[length - 1], 0);
    CODE(SCardFreeMemory(context, names), SCARD_S_SUCCESS);
}

CHECK(readers_allocated_without_a_place_is_an_invalid_parameter) {
    DWORD length = SCARD_AUTOALLOCATE;
    CODE(SCardListReaders(context, NULL, NULL, &length), SCARD_E_INVALID_PARAMETER);
}

CHECK(readers_of_any_group_are_all) {
    DWORD length = 0;
    CODE(SCardListReaders(context, "SCard$DefaultReaders\0", NULL, &length), SCARD_S_SUCCESS);
    VALUE(length, both_names());
    CODE(SCardListReaders(context, "Nobody's group\0", NULL, &length), SCARD_S_SUCCESS);
    VALUE(length, both_names());
}

static const char GROUP[] = "SCard$DefaultReaders\0";

static int asks_for_groups_without_a_length(struct child *child) {
    char names[100];
    (void)child;
    return SCardListReaderGroups(context, names, NULL) == SCARD_E_INVALID_PARAMETER
        && SCardListReaderGroups(context, NULL, NULL) == SCARD_E_INVALID_PARAMETER ? 0 : 1;
}

CHECK(groups_null_length_is_an_invalid_parameter) {
    if (either(NULL_OF_GROUPS, 1, 0)) {
        /* It ends by a signal. */
        struct child child;
        HOLDS(fork_child(&child, asks_for_groups_without_a_length));
        VALUE(child_ends(&child), -1);
    } else {
        VALUE(asks_for_groups_without_a_length(NULL), 0);
    }
}

CHECK(groups_of_a_nobodys_context_is_an_invalid_handle) {
    DWORD length = 0;
    CODE(SCardListReaderGroups(NOBODYS, NULL, &length), SCARD_E_INVALID_HANDLE);
}

CHECK(groups_without_a_buffer_tells_the_length) {
    DWORD length = 0;
    CODE(SCardListReaderGroups(context, NULL, &length), SCARD_S_SUCCESS);
    VALUE(length, sizeof GROUP);
}

CHECK(groups_into_a_buffer_of_that_length) {
    char names[100];
    DWORD length = sizeof GROUP;
    memset(names, '#', sizeof names);
    CODE(SCardListReaderGroups(context, names, &length), SCARD_S_SUCCESS);
    VALUE(length, sizeof GROUP);
    HOLDS(!memcmp(names, GROUP, sizeof GROUP));
    VALUE(names[sizeof GROUP], '#');
}

CHECK(groups_into_a_short_buffer_is_told_the_length) {
    char names[100] = "#";
    DWORD length = sizeof GROUP - 1;
    CODE(SCardListReaderGroups(context, names, &length), SCARD_E_INSUFFICIENT_BUFFER);
    VALUE(length, sizeof GROUP);
    TEXT(names, "#");
}

CHECK(groups_allocated) {
    char *names = NULL;
    DWORD length = SCARD_AUTOALLOCATE;
    CODE(SCardListReaderGroups(context, (LPSTR)&names, &length), SCARD_S_SUCCESS);
    VALUE(length, sizeof GROUP);
    HOLDS(!memcmp(names, GROUP, sizeof GROUP));
    CODE(SCardFreeMemory(context, names), SCARD_S_SUCCESS);
}

CHECK(groups_allocated_without_a_place_is_an_invalid_parameter) {
    DWORD length = SCARD_AUTOALLOCATE;
    CODE(SCardListReaderGroups(context, NULL, &length), SCARD_E_INVALID_PARAMETER);
}

static const struct check checks[] = {
    C(readers_null_length_is_an_invalid_parameter),
    C(readers_of_a_nobodys_context_is_an_invalid_handle),
    C(readers_without_a_buffer_tells_the_length),
    C(readers_into_a_buffer_of_that_length),
    C(readers_into_a_longer_buffer),
    C(readers_into_a_short_buffer_is_told_the_length),
    C(readers_allocated),
    C(readers_allocated_without_a_place_is_an_invalid_parameter),
    C(readers_of_any_group_are_all),
    C(groups_null_length_is_an_invalid_parameter),
    C(groups_of_a_nobodys_context_is_an_invalid_handle),
    C(groups_without_a_buffer_tells_the_length),
    C(groups_into_a_buffer_of_that_length),
    C(groups_into_a_short_buffer_is_told_the_length),
    C(groups_allocated),
    C(groups_allocated_without_a_place_is_an_invalid_parameter),
};
CHAPTER(list);
