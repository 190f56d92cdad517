#!/usr/bin/env python3
"""A hospital's program: who is it, is the PIN right, a new PIN, a payment with the medical purse.

    hospital.py ../../target/debug/libSSCardDriver.so

The card is where the configuration says (SSCARD_DRIVER_CONFIG), else in a PC/SC reader. PINs come from the function below, as from a
keypad. What the driver writes is GBK.
"""
import ctypes
import sys

ROOM = 32768

driver = ctypes.CDLL(sys.argv[1] if len(sys.argv) > 1 else "libSSCardDriver.so")
out = ctypes.create_string_buffer(ROOM)
# What the holder enters.
entered = {"pin": "123456", "new": "135246"}


@ctypes.CFUNCTYPE(ctypes.c_long, ctypes.c_int, ctypes.POINTER(ctypes.c_char), ctypes.c_int)
def keypad(prompt, digits, room):
    text = entered["new" if prompt in (2, 4) else "pin"]
    if text is None:
        return -31
    ctypes.memmove(digits, text.encode() + b"\0", len(text) + 1)
    return 0


def call(name, *arguments):
    """The function's number and its text."""
    function = getattr(driver, name)
    function.restype = ctypes.c_long
    coded = [a.encode("gbk") if isinstance(a, str) else a for a in arguments]
    number = function(*coded, out)
    text = out.value.decode("gbk")
    print(name, number, text)
    return number, text


driver.SSCardDriver_SetPinCallback(keypad)

number, text = call("iReadCardBas", 1)
if number:
    driver.SSCardDriver_LastError(out, ROOM)
    to_hsm = number in (-2201, -2202, -2203, -27272, -24)
    sys.exit(out.value.decode() + ("; go on with iReadCardBas_HSM_Step1" if to_hsm else ""))
# division|social security number|card number|card code|…: pCardInfo is code and number.
_, _, card_number, code, *_ = text.split("|")
card = f"{code}|{card_number}|"

call("iReadCard", 1, 2, card, "SSSEEF05|05|06|$SSSEEF06|0A|0B|0D|$DF04EF05|81|84|$")
call("iVerifyPIN", 1)
call("iChangePIN", 1)
call("iVerifyPIN", 1)  # the old one
entered["pin"] = None
call("iVerifyPIN", 1)  # the holder cancels
entered["pin"] = entered["new"]
call("iVerifyPIN", 1)
call("iDoDebit", 1, card, "12.34|0.10|0.20|20261130101500|")
call("iDoDebit", 1, card, "99999|0|0|20261130101501|")
call("iReadDebitRecord", 1)
call("iReadCard", 1, 2, "0" * 32 + "|A|", "SSSEEF05|05|$")
