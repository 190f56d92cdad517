"""Reads a generation 2 card through PC/SC as third-party software would, with pyscard and openssl.

usage: read_card.py READER INSPECT.json

INSPECT.json is what `sscard inspect --json --keys` printed of the card: it has the TEST keys.
Every line printed is one thing that the card did right; the last one is `all right`.
"""

import json
import subprocess
import sys

from smartcard.System import readers

SSSE = "7378312E73682EC9E7BBE1B1A3D5CF"
ORIGINAL = bytes(range(1, 9))


def triple_des(key, data, mode):
    key = key + key[:8] if len(key) == 16 else key * 3
    command = ["openssl", "enc", f"-des-ede3-{mode}", "-K", key.hex(), "-nopad"]
    if mode == "cbc":
        command += ["-iv", "00" * 8]
    done = subprocess.run(command, input=data, capture_output=True, check=True)
    return done.stdout


def mac(session_key, data):
    padded = data + b"\x80"
    padded += b"\x00" * (-len(padded) % 8)
    return triple_des(session_key, padded, "cbc")[-8:][:4]


class Card:
    def __init__(self, name, inspected):
        (reader,) = [reader for reader in readers() if str(reader) == name]
        self.connection = reader.createConnection()
        self.connection.connect()
        self.inspected = inspected

    def send(self, text):
        data, sw1, sw2 = self.connection.transmit(list(bytes.fromhex(text)))
        return bytes(data).hex().upper() + f"{sw1:02X}{sw2:02X}"

    def whole(self, text):
        """Sends and follows 61xx and 6Cxx."""
        answer = self.send(text)
        if answer[-4:-2] == "6C":
            answer = self.send(text[:8] + answer[-2:])
        while answer[-4:-2] == "61":
            answer = answer[:-4] + self.send("00C00000" + answer[-2:])
        return answer

    def expect(self, text, wanted):
        found = self.whole(text)
        assert found == wanted, f"{text}: {found}, not {wanted}"
        print(f"{text} {wanted}")

    def key(self, number):
        (key,) = [
            key
            for key in self.inspected["keys"]
            if key["application"] == "SSSE" and key["id"] == number
        ]
        return bytes.fromhex(key["value"])

    def session_key(self, number):
        challenge = bytes.fromhex(self.whole("0084000008")[:16])
        return triple_des(self.key(number), challenge, "ecb")

    def authenticate(self, number):
        proof = triple_des(self.session_key(number), ORIGINAL, "ecb")
        self.expect(f"008200{number}10{(proof + ORIGINAL).hex().upper()}", "9000")

    def unblock(self):
        header = bytes.fromhex("8424000004")
        code = mac(self.session_key("02"), header)
        self.expect((header + code).hex().upper(), "9000")

    def records(self, path):
        (file,) = [file for file in self.inspected["files"] if file["path"] == path]
        return [
            record["tag"] + f"{len(record['value']) // 2:02X}" + record["value"]
            for record in file["records"]
        ]


def main():
    name, path = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        inspected = json.load(file)
    card = Card(name, inspected)
    atr = bytes(card.connection.getATR()).hex().upper()
    assert atr == inspected["atr"], atr
    print(f"ATR {atr}")
    card.expect(f"00A404000F{SSSE}", f"6F16840F{SSSE}A50388011E9000")
    for file in ["EF05", "EF06"]:
        records = card.records(f"SSSE/{file}")
        assert len(records) == 7
        card.expect(f"00A4000002{file}", "9000")
        for number, record in enumerate(records, 1):
            length = len(record) // 2
            card.expect(f"00B2{record[:2]}00{length:02X}", record + "9000")
            card.expect(f"00B2{number:02X}0400", record + "9000")
        card.expect("00B2010500", "".join(records) + "9000")
    card.expect("0020000003111111", "63C5")
    card.expect("0020000003123456", "9000")
    card.expect("00200000", "63C6")
    for left in range(5, -1, -1):
        card.expect("0020000003111111", f"63C{left}")
    card.expect("0020000003123456", "6983")
    card.authenticate("06")
    card.unblock()
    card.expect("0020000003123456", "9000")
    print("all right")


main()
