/*
 * libsscard: the Chinese social security card as a value, for programs in C. docs/c.md says how it is built and used.
 *
 * Threads. Different cards may be used by different threads at the same time. One card serves one thread at a time; functions that take it as
 * const may run together. What would break this rule does nothing and returns SSCARD_E_BUSY. A card may go from one thread to another. In the
 * child of a fork all cards are there, on their own from then on; one that another thread was using just then stays SSCARD_E_BUSY there.
 *
 * Memory. A card is freed by sscard_card_free, a text that is no const by sscard_string_free; nothing else is to be freed. A handle is a
 * number and no address: one that was freed, or never was a card, is refused with SSCARD_E_HANDLE. Other pointers are taken for what they
 * should point at, NULL is SSCARD_E_NULL.
 *
 * Errors. Functions return SSCARD_OK or a code of sscard_error; those that return a pointer return NULL. sscard_last_error says in words, and
 * sscard_last_code as a number, what the last failing call of the calling thread came to.
 */

#ifndef SSCARD_H
#define SSCARD_H

#include <stddef.h>
#include <stdint.h>

// Number of the binary interface. It changes whenever a program that was built for the one before
// would no longer work.
#define SSCARD_ABI_VERSION 1

// What a function returns. The numbers stay; new ones may come.
typedef enum {
  // It was done.
  SSCARD_OK = 0,
  // A pointer is NULL that must not be.
  SSCARD_E_NULL = 1,
  // The card was freed already, or never was one.
  SSCARD_E_HANDLE = 2,
  // Another thread is using this card; nothing was done.
  SSCARD_E_BUSY = 3,
  // An argument cannot be what it is; the text says why.
  SSCARD_E_ARGUMENT = 4,
  // The buffer is too short. Its length says how many bytes are needed; nothing was done.
  SSCARD_E_BUFFER = 5,
  // The card has no power; the command was not sent.
  SSCARD_E_NO_POWER = 6,
  // The card lost its power before it could answer.
  SSCARD_E_POWER_LOST = 7,
  // There is no such profile, or the file of one is none.
  SSCARD_E_PROFILE = 8,
  // The bytes are no image of a card.
  SSCARD_E_IMAGE = 9,
  // A file cannot be read.
  SSCARD_E_FILE = 10,
  // A fault that cannot be read (docs/faults.md).
  SSCARD_E_FAULT = 11,
  // No answer: a fault made the card mute.
  SSCARD_E_MUTE = 12,
  // A fault took the card away. It comes back with the power-on or reset after
  // sscard_clear_faults.
  SSCARD_E_REMOVED = 13,
  // A fault reset the card; the command was not sent.
  SSCARD_E_RESET = 14,
  // There are as many cards as there can be at a time; free one.
  SSCARD_E_TOO_MANY = 15,
  // A defect of this library. The card of the call may be in the middle of something: every
  // later call on it gives this code again, until it is freed, or sscard_restore puts another
  // card's state in its place.
  SSCARD_E_INTERNAL = 16,
} sscard_error;

// A card. What it points at is nobody's business: the pointer is a number.
typedef struct sscard_card sscard_card;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// What the last failing call of this thread came to, in English. It stands until the thread's next
// failing call, and is empty before the first; a call that succeeds leaves it. Never NULL.
const char *sscard_last_error(void);

// The code of the last failing call of this thread, for functions that return a card or nothing;
// SSCARD_OK before the first.
int sscard_last_code(void);

// The name of a code, such as `SSCARD_E_BUSY`; "unknown" for a number that is none. Never NULL.
const char *sscard_error_name(int code);

// The version of this library, such as `0.1.0`. Behind it stands `null-crypto` when MACs are not
// checked (docs/c.md). Never NULL.
const char *sscard_version(void);

// The number of this binary interface: 1. A program that loads the library at run time compares it
// with SSCARD_ABI_VERSION.
uint32_t sscard_abi_version(void);

// A new card with TEST keys, without power: the one that `sscard new --profile PROFILE --seed
// SEED` makes.
//
// `profile` is the name of a built-in profile (`gen1`, `gen2`, `gen3`, `psam-3des`, `psam-sm4`) or
// the path of a TOML file. The same profile and seed give the same card.
//
// Returns NULL when there is none: SSCARD_E_NULL, SSCARD_E_ARGUMENT (not UTF-8), SSCARD_E_PROFILE,
// SSCARD_E_FILE, SSCARD_E_TOO_MANY.
//
// The caller answers for this: `profile` is NULL or a text that ends with NUL.
sscard_card *sscard_card_new(const char *profile, uint64_t seed);

// The card of an image that is in memory, without power.
//
// Returns NULL when there is none: SSCARD_E_NULL, SSCARD_E_ARGUMENT, SSCARD_E_IMAGE,
// SSCARD_E_TOO_MANY.
//
// The caller answers for this: `image` is NULL or points at `length` bytes.
sscard_card *sscard_card_from_image(const uint8_t *image, size_t length);

// The card of an image in a file, without power. The file is read and stays as it is, whatever
// becomes of the card.
//
// Returns NULL when there is none: SSCARD_E_NULL, SSCARD_E_ARGUMENT (not UTF-8), SSCARD_E_FILE,
// SSCARD_E_IMAGE, SSCARD_E_TOO_MANY.
//
// The caller answers for this: `path` is NULL or a text that ends with NUL.
sscard_card *sscard_card_from_file(const char *path);

// A card of its own that is as this one is now: memory, power, session, a power cut that is armed.
// It serves as a snapshot as well, for sscard_restore. Faults are the reader's; a clone has none.
//
// Returns NULL when there is none: SSCARD_E_NULL, SSCARD_E_HANDLE, SSCARD_E_BUSY,
// SSCARD_E_TOO_MANY, SSCARD_E_INTERNAL.
sscard_card *sscard_card_clone(const sscard_card *card);

// Frees a card; NULL is harmless. A card that was freed already is left alone, and so is one that
// another thread is using, which stays: then sscard_last_code says SSCARD_E_HANDLE or
// SSCARD_E_BUSY.
void sscard_card_free(sscard_card *card);

// Puts the state of `from` in the place of that of `into`: memory, power, session, an armed power
// cut or none. Nothing is allocated where both come from one card by sscard_card_clone. Faults of
// `into` stay. A card whose call panicked is usable again.
//
// Returns SSCARD_OK, SSCARD_E_NULL, SSCARD_E_HANDLE, SSCARD_E_BUSY, or SSCARD_E_INTERNAL when
// `from` is broken.
int sscard_restore(sscard_card *into, const sscard_card *from);

// Gives the card power by its contacts; one that has power gets it anew. sscard_atr tells the
// answer to reset.
//
// Returns SSCARD_OK, SSCARD_E_NULL, SSCARD_E_HANDLE, SSCARD_E_BUSY, SSCARD_E_POWER_LOST,
// SSCARD_E_REMOVED, SSCARD_E_INTERNAL.
int sscard_power_on(sscard_card *card);

// Puts the card into the field of a contactless reader, which gives it power.
//
// Returns what sscard_power_on does.
int sscard_enter_field(sscard_card *card);

// Takes the power away: the session ends. A card without power stays as it is.
//
// Returns SSCARD_OK, SSCARD_E_NULL, SSCARD_E_HANDLE, SSCARD_E_BUSY, SSCARD_E_INTERNAL.
int sscard_power_off(sscard_card *card);

// Resets a card that has power: the session ends, and the card answers to reset on the side that
// it was on.
//
// Returns what sscard_power_on does, and SSCARD_E_NO_POWER.
int sscard_reset(sscard_card *card);

// Lets the power fail before the byte after so many more bytes are written to the card's memory:
// with 0 before the next byte. A power-on writes, too. The call in which it fails gives
// SSCARD_E_POWER_LOST; the next sscard_power_on finds what a real card would. UINT64_MAX takes
// back what was asked for.
//
// Returns SSCARD_OK, SSCARD_E_NULL, SSCARD_E_HANDLE, SSCARD_E_BUSY, SSCARD_E_INTERNAL.
int sscard_power_cut(sscard_card *card, uint64_t bytes);

// Sends a command and takes the response, data and status word. Whatever the status word is, the
// call succeeds; whatever the bytes are, the card answers.
//
// `*rsp_len` is the capacity of `rsp` before the call and the response's length after it. A
// response that does not fit is SSCARD_E_BUFFER: then `*rsp_len` says how many bytes it needs, and
// the command was not carried out, so that it can be sent again. `rsp` may be NULL when `*rsp_len`
// is 0. 258 bytes are enough for every command that is not of extended length. After any other
// error `*rsp_len` is 0. The two buffers may be the same.
//
// Returns SSCARD_OK, SSCARD_E_NULL, SSCARD_E_HANDLE, SSCARD_E_BUSY, SSCARD_E_ARGUMENT,
// SSCARD_E_BUFFER, SSCARD_E_NO_POWER, SSCARD_E_POWER_LOST, SSCARD_E_MUTE, SSCARD_E_REMOVED,
// SSCARD_E_RESET, SSCARD_E_INTERNAL.
//
// The caller answers for this: `cmd` is NULL or points at `cmd_len` bytes; `rsp_len` is NULL or points at a length; `rsp` is
// NULL or points at `*rsp_len` bytes that may be written.
int sscard_transmit(sscard_card *card, const uint8_t *cmd, size_t cmd_len, uint8_t *rsp, size_t *rsp_len);

// One more fault, from the next command on: what happens and when, as docs/faults.md says it, such
// as `mute@7` or `sw=6F00@ins=B2`. Commands are counted from the first fault on that is set while
// there is none.
//
// Returns SSCARD_OK, SSCARD_E_NULL, SSCARD_E_HANDLE, SSCARD_E_BUSY, SSCARD_E_ARGUMENT (not UTF-8),
// SSCARD_E_FAULT, SSCARD_E_INTERNAL.
//
// The caller answers for this: `fault` is NULL or a text that ends with NUL.
int sscard_set_fault(sscard_card *card, const char *fault);

// No fault any more, from the next command on. A card that one of them took away comes back with
// the next power-on or reset.
//
// Returns SSCARD_OK, SSCARD_E_NULL, SSCARD_E_HANDLE, SSCARD_E_BUSY, SSCARD_E_INTERNAL.
int sscard_clear_faults(sscard_card *card);

// The answer to reset, 2 to 33 bytes, as the reader sees it; of a card without power the one that
// it will give.
//
// `*length` is the capacity of `atr` before the call and the length after it, as with
// sscard_transmit.
//
// Returns SSCARD_OK, SSCARD_E_NULL, SSCARD_E_HANDLE, SSCARD_E_BUSY, SSCARD_E_BUFFER,
// SSCARD_E_INTERNAL.
//
// The caller answers for this: `length` is NULL or points at a length; `atr` is NULL or points at `*length` bytes that may be
// written.
int sscard_atr(const sscard_card *card, uint8_t *atr, size_t *length);

// The card as bytes, for sscard_card_from_image, for a file that the program sscard works with:
// all but power and session. They hold the card's keys and PIN.
//
// `*length` is the capacity of `image` before the call and the length after it, as with
// sscard_transmit: with NULL and 0 it says what is needed.
//
// Returns SSCARD_OK, SSCARD_E_NULL, SSCARD_E_HANDLE, SSCARD_E_BUSY, SSCARD_E_BUFFER,
// SSCARD_E_INTERNAL.
//
// The caller answers for this: `length` is NULL or points at a length; `image` is NULL or points at `*length` bytes that may be
// written.
int sscard_image(const sscard_card *card, uint8_t *image, size_t *length);

// One number for everything that decides what the card answers from now on: equal cards have equal
// digests. It is cheap enough to be taken after every command, for comparing within one process,
// and not for keeping. Faults and an armed power cut do not count.
//
// Returns SSCARD_OK, SSCARD_E_NULL, SSCARD_E_HANDLE, SSCARD_E_BUSY, SSCARD_E_INTERNAL.
//
// The caller answers for this: `digest` is NULL or may be written.
int sscard_digest(const sscard_card *card, uint64_t *digest);

// Everything on the card as JSON: what `sscard inspect --json` prints (docs/json.md), without
// keys, in one line. A build without cryptography says `"null_crypto":true` in it. The text is to
// be freed by sscard_string_free.
//
// Returns NULL when there is none: SSCARD_E_NULL, SSCARD_E_HANDLE, SSCARD_E_BUSY,
// SSCARD_E_TOO_MANY, SSCARD_E_INTERNAL.
char *sscard_inspect_json(const sscard_card *card);

// Frees a text that sscard_inspect_json gave; NULL is harmless. One that was freed already, or
// that this library did not give, is left alone: then sscard_last_code says SSCARD_E_HANDLE.
void sscard_string_free(char *text);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* SSCARD_H */

