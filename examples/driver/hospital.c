/*
 * A hospital's program: who is it, is the PIN right, a new PIN, a payment with the medical purse.
 *
 *   cc hospital.c -I ../../crates/driver/include -L ../../target/debug -lSSCardDriver -o hospital
 *
 * The card is where the configuration says (SSCARD_DRIVER_CONFIG), else in a PC/SC reader. PINs come from the function below,
 * as from a keypad. What the driver writes is GBK; it is shown as UTF-8.
 */
#include <SSCardDriver.h>
#include <iconv.h>
#include <stdio.h>
#include <string.h>

/* What the holder enters. */
static const char *pin = "123456";
static const char *new_pin = "135246";

static long keypad(int prompt, char *digits, int room)
{
    const char *entered = prompt == 2 || prompt == 4 ? new_pin : pin;
    if (entered == NULL)
        return -31;
    if ((int)strlen(entered) >= room)
        return -32;
    strcpy(digits, entered);
    return 0;
}

/* A line of output, GBK as UTF-8. */
static void show(const char *function, long number, char *gbk)
{
    static char utf8[3 * SSCARD_DRIVER_LARGE_ROOM];
    char *from = gbk, *to = utf8;
    size_t left = strlen(gbk), room = sizeof utf8 - 1;
    iconv_t conversion = iconv_open("UTF-8", "GBK");
    if (conversion != (iconv_t)-1) {
        iconv(conversion, &from, &left, &to, &room);
        iconv_close(conversion);
    }
    *to = '\0';
    printf("%s %ld %s\n", function, number, utf8);
}

/* The error numbers after which a program goes to its HSM. */
static int wants_hsm(long number)
{
    return number == -2201 || number == -2202 || number == -2203 || number == -27272 || number == -24;
}

int main(void)
{
    static char out[SSCARD_DRIVER_LARGE_ROOM];
    char card[64];
    char *field[5];
    long number;
    int i;

    SSCardDriver_SetPinCallback(keypad);

    number = iReadCardBas(1, out);
    show("iReadCardBas", number, out);
    if (number != 0) {
        SSCardDriver_LastError(out, sizeof out);
        fprintf(stderr, "%s%s\n", out, wants_hsm(number) ? "; go on with iReadCardBas_HSM_Step1" : "");
        return 1;
    }
    /* division|social security number|card number|card code|…: pCardInfo is code and number. */
    field[0] = out;
    for (i = 1; i < 5; i++) {
        field[i] = strchr(field[i - 1], '|');
        if (field[i] == NULL)
            return 1;
        *field[i]++ = '\0';
    }
    snprintf(card, sizeof card, "%s|%s|", field[3], field[2]);

    number = iReadCard(1, 2, card, "SSSEEF05|05|06|$SSSEEF06|0A|0B|0D|$DF04EF05|81|84|$", out);
    show("iReadCard", number, out);

    show("iVerifyPIN", iVerifyPIN(1, out), out);
    show("iChangePIN", iChangePIN(1, out), out);
    show("iVerifyPIN", iVerifyPIN(1, out), out); /* the old one */
    pin = NULL;
    show("iVerifyPIN", iVerifyPIN(1, out), out); /* the holder cancels */
    pin = new_pin;
    show("iVerifyPIN", iVerifyPIN(1, out), out);

    show("iDoDebit", iDoDebit(1, card, "12.34|0.10|0.20|20261130101500|", out), out);
    show("iDoDebit", iDoDebit(1, card, "99999|0|0|20261130101501|", out), out);
    show("iReadDebitRecord", iReadDebitRecord(1, out), out);
    show("iReadCard", iReadCard(1, 2, "00000000000000000000000000000000|A|", "SSSEEF05|05|$", out), out);
    return 0;
}
