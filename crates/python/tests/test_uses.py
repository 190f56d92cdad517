"""What is done with a card: payments, readings, scripts, traces, and what bytes mean."""

import datetime
import json

import pytest

import sscard

CHALLENGE = bytes.fromhex("0084000008")


@pytest.fixture
def fresh():
    return sscard.Card(profile="gen3", seed=1)


def test_a_payment(fresh):
    payment = fresh.pay(1234, pin="123456", date="2026-11-24")
    assert payment["outcome"] == "approved" and payment["reason"] is None
    assert payment["issuer"]["arqc_ok"] is True and payment["issuer"]["response_code"] == "00"
    assert (payment["first_ac"]["type"], payment["second_ac"]["type"]) == ("ARQC", "TC")
    assert payment["first_ac"]["cryptogram"] == "D012135875D0C232", "as `sscard pay` has it in the README"


def test_a_payment_that_is_declined(fresh):
    payment = fresh.pay(1, pin="123456", decline=True)
    assert payment["outcome"] == "declined" and payment["issuer"]["response_code"] == "05"


def test_a_payment_in_the_field(fresh):
    payment = fresh.pay(100, contactless=True, online=False)
    assert payment["outcome"] == "approved" and payment["issuer"] is None
    assert fresh.interface == "contactless"


def test_a_payment_that_breaks_off(fresh):
    fresh.set_fault("remove@3")
    with pytest.raises(sscard.CardRemoved) as caught:
        fresh.pay(1234)
    assert caught.value.document["outcome"] == "failed"
    assert len(caught.value.document["apdus"]) >= 1
    with pytest.raises(sscard.PaymentBroken, match="no payment application"):
        sscard.Card("psam-sm4").pay(1)


def test_a_script_of_the_issuer(fresh):
    payment = fresh.pay(1, pin="123456", scripts=["application-block"])
    assert payment["scripts"][0]["sw"] == "9000"
    assert fresh.inspect()["accounts"][0]["blocked"] is True


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 10**12},
        {"amount": 1, "pin": "12"},
        {"amount": 1, "aid": "A0"},
        {"amount": 1, "date": "yesterday"},
        {"amount": 1, "scripts": ["nonsense"]},
        {"amount": 1, "scripts": ["card-block"], "contactless": True},
    ],
)
def test_payments_that_are_none(fresh, wrong):
    with pytest.raises(ValueError):
        fresh.pay(**wrong)
    assert not fresh.powered, "nothing was begun"


def test_a_negative_amount(fresh):
    with pytest.raises(OverflowError):
        fresh.pay(-1)


def test_a_reading(fresh):
    found = fresh.read(date=datetime.date(2026, 11, 24))
    assert found["holder"]["name"] == "孙测戊" and found["algorithm"] == "SM4"
    assert "files" not in found
    assert [file["path"] for file in fresh.read(all=True)["files"]][:2] == ["SSSE/EF05", "SSSE/EF06"]
    remarks = fresh.read(pin="111111")["remarks"]
    assert remarks[0].startswith("the social security PIN (SSSE) was not accepted")
    with pytest.raises(ValueError):
        fresh.read(pin="1")


def test_a_card_that_cannot_be_read(fresh):
    with pytest.raises(sscard.ReadFailed):
        sscard.Card("psam-sm4").read()
    fresh.power_on()
    fresh.set_fault("mute@2")
    with pytest.raises(sscard.Mute):
        fresh.read()


def test_a_script(fresh):
    report = sscard.run_script("@mode auto\nselect SSSE\n  expect sw 9000\n", fresh)
    assert (report["outcome"], report["passed"], report["expectations"]) == ("passed", True, 1)
    report = fresh.run("@mode auto\nselect SSSE\n  expect sw 6A82\n")
    assert report["outcome"] == "failed" and report["failures"][0]["line"] == 3
    assert fresh.powered


def test_a_script_names_its_card():
    report = sscard.run_script("@profile gen1\n@state produced\nselect SSSE\n")
    assert report["passed"] and report["steps"][0]["reset"] == sscard.Card("gen1").atr.hex().upper()


def test_a_script_of_a_file(tmp_path, fresh):
    path = tmp_path / "a.apdu"
    path.write_text("get_challenge\n  expect sw 9000\n", encoding="utf-8")
    assert sscard.run_script(path)["script"] == str(path)
    assert fresh.run(str(path))["passed"]
    with pytest.raises(sscard.InvalidScript, match="cannot be read"):
        sscard.run_script(tmp_path / "none.apdu")


def test_scripts_that_are_none(fresh):
    with pytest.raises(sscard.InvalidScript, match=r"<script>:2:1: ") as caught:
        fresh.run("select SSSE\nnonsense\n")
    assert len(caught.value.errors) == 1
    assert not fresh.powered, "nothing was sent"
    with pytest.raises(FileNotFoundError):
        sscard.run_script("@profile none.toml\nselect MF\n")
    with pytest.raises(TypeError):
        sscard.run_script(None)
    with pytest.raises(TypeError):
        sscard.run_script("select MF\n", "card")


def test_a_script_that_a_card_leaves(fresh):
    fresh.power_on()
    fresh.set_fault("remove@1")
    report = fresh.run("select MF\nselect SSSE\n")
    assert report["outcome"] == "broken" and report["broken"]["line"] == 1


def test_a_trace(fresh, tmp_path):
    fresh.power_on()
    trace = fresh.start_recording()
    fresh.select("SSSE")
    fresh.verify("123456")
    fresh.reset()
    fresh.stop_recording()
    fresh.transmit(CHALLENGE)
    assert len(trace) == 4 and repr(trace) == "<Trace of 4 events>"
    commands = [command.hex().upper() for command, _ in trace.exchanges]
    assert commands[1:] == ["00C000001E", "0020000003123456"]
    told = trace.explain()
    assert [event["ev"] for event in told] == ["apdu", "apdu", "apdu", "reset"]
    assert told[2]["command"] == "0020000003000000" and told[2]["redacted"] is True
    assert trace.explain(show_secrets=True)[2]["command"] == "0020000003123456"
    assert trace.header["atr"] == fresh.atr.hex().upper()
    for format in ("jsonl", "apdu4j", "scriptor", "markdown", "html"):
        text = trace.to_bytes(format).decode()
        assert "123456" not in text and text, format
    assert b"123456" in trace.to_bytes("jsonl", show_secrets=True)
    assert trace.to_bytes("pcapng")[:4] == bytes.fromhex("0A0D0D0A")
    path = tmp_path / "t.jsonl"
    trace.save(path)
    assert json.loads(path.read_text(encoding="utf-8").splitlines()[0])["tool"] == f"sscard {sscard.__version__}"
    again = sscard.Trace.load(path)
    assert len(again) == 4 and again.explain()[0]["meaning"] == told[0]["meaning"]
    trace.save(tmp_path / "t.md")
    assert sscard.Trace.load(path, format="jsonl").header == again.header


def test_traces_that_are_none(fresh, tmp_path):
    trace = fresh.start_recording()
    with pytest.raises(ValueError, match="one of jsonl"):
        trace.to_bytes("nonsense")
    with pytest.raises(ValueError, match="names no format"):
        trace.save(tmp_path / "trace")
    bad = tmp_path / "bad.jsonl"
    bad.write_text("nonsense", encoding="utf-8")
    with pytest.raises(sscard.InvalidTrace, match=r"bad\.jsonl: it is not a trace"):
        sscard.Trace.load(bad)
    with pytest.raises(sscard.InvalidTrace, match="line 1"):
        sscard.Trace.load(bad, format="jsonl")
    with pytest.raises(ValueError, match="one of jsonl"):
        sscard.Trace.load(bad, format="html")
    with pytest.raises(FileNotFoundError):
        sscard.Trace.load(tmp_path / "none")


@pytest.mark.parametrize(
    "read", [sscard.Card, sscard.Profile, sscard.Card.load, sscard.Card.open, sscard.Trace.load, sscard.run_script]
)
def test_a_device_has_no_end_and_is_no_file(read):
    with pytest.raises((OSError, sscard.InvalidScript), match="device|regular file"):
        read("/dev/zero")


def test_what_bytes_mean():
    assert sscard.explain_status(0x63C5, 0x20) == {
        "en": "PIN not verified, 5 tries left",
        "zh": "密码未通过，剩余 5 次",
    }
    assert sscard.explain_status(0x9000)["en"] == "success"
    assert sscard.explain_command("00A40000023F00") == "SELECT MF"
    assert sscard.explain_command(bytes.fromhex("00A40000023F00")) == "SELECT MF"
    told = sscard.explain_value(0x95, "0008008000")
    assert told["notes"][0] == {"place": "B2b4", "en": "new card", "zh": "新卡"}
    objects = sscard.explain_tlv("6F0584 03 313233")
    assert [(one["tag"], one["depth"]) for one in objects] == [("6F", 0), ("84", 1)]
    with pytest.raises(OverflowError):
        sscard.explain_status(0x10000)
    with pytest.raises(ValueError, match="95 has 5 to 5 bytes, not 1"):
        sscard.explain_value(0x95, b"\0")
    with pytest.raises(sscard.UnknownTag, match="DFFF01: no known tag"):
        sscard.explain_value(0xDFFF01, b"\0")
    for wrong in ("", "84", "8403"):
        with pytest.raises(ValueError, match="not a BER-TLV string"):
            sscard.explain_tlv(wrong)
    with pytest.raises(TypeError):
        sscard.explain_tlv(5)
