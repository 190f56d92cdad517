"""A card: a test per method and exception, and what hostile arguments come to."""

import array
import copy
import threading

import pytest

import sscard

CHALLENGE = bytes.fromhex("0084000008")
ATR = bytes.fromhex("3B6D0000008153534386009999790776A7")


@pytest.fixture
def powered():
    card = sscard.Card(profile="gen3", seed=1)
    card.power_on()
    return card


def test_a_card_is_what_the_interface_says():
    card = sscard.Card(profile="gen3", seed=1)
    assert card.power_on() == ATR
    assert card.transmit(CHALLENGE) == bytes.fromhex("64BB1220ABCC6B519000")


def test_defaults_are_a_gen3_card_of_seed_1():
    assert sscard.Card().digest == sscard.Card("gen3", 1).digest


def test_a_seed_is_a_holder():
    assert sscard.Card(seed=1).digest != sscard.Card(seed=2).digest
    assert sscard.Card(seed=2).digest == sscard.Card(seed=2).digest
    assert sscard.Card(seed=2**64 - 1).atr
    with pytest.raises(OverflowError):
        sscard.Card(seed=-1)
    with pytest.raises(OverflowError):
        sscard.Card(seed=2**64)


@pytest.mark.parametrize("name", sscard.built_in_profiles())
def test_every_built_in_profile_makes_a_card(name):
    card = sscard.Card(name)
    assert card.power_on()
    assert card.profile == sscard.Profile(name).name == name


def test_items_of_the_holder(powered):
    card = sscard.Card(name="李测甲")
    assert card.read()["holder"]["name"] == "李测甲"
    with pytest.raises(sscard.InvalidProfile, match="nonsense"):
        sscard.Card(nonsense="x")
    with pytest.raises(sscard.InvalidProfile):
        sscard.Card(sex="not digits")


def test_a_card_that_is_only_produced():
    assert sscard.Card(state="produced").inspect()["life_cycle"] == "deactivated"
    assert sscard.Card(state="active").inspect()["life_cycle"] == "activated"
    with pytest.raises(ValueError, match="'produced' or 'active'"):
        sscard.Card(state="lost")


def test_a_profile_that_is_none():
    with pytest.raises(sscard.InvalidProfile, match="no profile gen9; use gen1, gen2, gen3"):
        sscard.Card("gen9")
    with pytest.raises(TypeError, match="a name, a path or a Profile"):
        sscard.Card(7)


def test_a_profile_of_a_file(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('base = "gen3"\nname = "own"\n', encoding="utf-8")
    assert sscard.Card(path).profile == "own"
    assert sscard.Card(str(path)).profile == "own"
    assert sscard.Card(sscard.Profile(path)).profile == "own"
    path.write_text('base = "gen3"\nnonsense = 1\n', encoding="utf-8")
    with pytest.raises(sscard.InvalidProfile, match=r"own\.toml:2:1: .*nonsense"):
        sscard.Card(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(sscard.InvalidProfile, match="not UTF-8"):
        sscard.Card(path)
    with pytest.raises(FileNotFoundError):
        sscard.Card(tmp_path / "none.toml")


def test_a_profile_of_a_text():
    profile = sscard.Profile.parse('base = "gen2"\nname = "mine"\n')
    assert (profile.name, profile.algorithm) == ("mine", "3DES")
    assert repr(profile) == 'Profile("mine")'
    with pytest.raises(sscard.InvalidProfile, match="^1:"):
        sscard.Profile.parse("base = 'gen9'")


def test_power():
    card = sscard.Card()
    assert not card.powered and card.atr == ATR
    assert repr(card) == "<Card gen3 no power>"
    with pytest.raises(sscard.CardRemoved, match="removed or lost its power"):
        card.transmit(CHALLENGE)
    assert card.power_on() == ATR and card.powered
    assert (card.interface, card.protocol) == ("contact", "T=0")
    card.power_off()
    with pytest.raises(sscard.CardRemoved):
        card.transmit(CHALLENGE)
    card.power_off()
    assert card.reset() == ATR and card.powered


def test_a_field():
    card = sscard.Card()
    assert card.enter_field() == bytes.fromhex("3B80800101")
    assert (card.interface, card.protocol) == ("contactless", "T=1")
    assert card.reset() == bytes.fromhex("3B80800101"), "it stays in the field"
    assert card.power_on() == ATR
    assert card.interface == "contact"


def test_a_reset_forgets_what_was_verified(powered):
    assert powered.select("SSSE").ok
    assert powered.verify("123456").sw in (0x9000, 0x63C5)
    powered.reset()
    assert powered.transmit(CHALLENGE)[-2:] == b"\x90\x00"


@pytest.mark.parametrize(
    "kind", [bytes, bytearray, memoryview, lambda b: array.array("B", b), lambda b: memoryview(b + b)[: len(b)]]
)
def test_whatever_has_bytes_is_a_command(powered, kind):
    assert len(powered.transmit(kind(CHALLENGE))) == 10


@pytest.mark.parametrize("nothing", [None, 5, "0084000008", [0, 0x84, 0, 0, 8], 1.5, object()])
def test_what_has_no_bytes_is_none(powered, nothing):
    with pytest.raises(TypeError, match="bytes are wanted"):
        powered.transmit(nothing)


@pytest.mark.parametrize("length", range(4))
def test_a_command_that_is_too_short(powered, length):
    with pytest.raises(sscard.InvalidCommand, match=f"at least 4 bytes, this one has {length}: it was not sent"):
        powered.transmit(bytes(length))


def test_any_bytes_get_an_answer(powered):
    for length in (4, 5, 6, 255, 261, 262, 65544, 70000, 1_000_000):
        assert len(powered.transmit(b"\x5a" * length)) >= 2


def test_send_follows_what_waits():
    card = sscard.Card()
    card.power_on()
    name = b"sx1.sh." + "社会保障".encode("gbk")
    select = bytes([0, 0xA4, 4, 0, len(name)]) + name
    assert card.transmit(select) == b"\x61\x1e"
    answer = card.send(select)
    assert (len(answer.data), answer.sw, answer.ok) == (30, 0x9000, True)
    assert card.send("00 84 00 00 08").ok
    with pytest.raises(ValueError, match="no hexadecimal digits"):
        card.send("00 84 0")
    with pytest.raises(sscard.InvalidCommand):
        card.send(b"")


def test_a_response():
    card = sscard.Card()
    card.power_on()
    challenge = card.get_challenge()
    assert bytes(challenge) == challenge.data + b"\x90\x00"
    assert len(challenge) == 10 and challenge == bytes(challenge) and challenge != b""
    assert challenge.check() is challenge
    assert challenge.tries_left is None
    assert repr(challenge) == f"<Response {challenge.data.hex().upper()} 9000>"
    missing = card.select("A0000000999999")
    assert repr(missing) == "<Response 6A82>"
    assert (missing.meaning, missing.meaning_zh) == ("file not found", "文件未找到")
    with pytest.raises(sscard.StatusError, match="^6A82: file not found$") as caught:
        missing.check()
    assert caught.value.sw == 0x6A82 and caught.value.response is missing
    with pytest.raises(AttributeError):
        missing.sw = 0x9000


def test_select(powered):
    for name in ("SSSE", "DF01", "PSE", "MF", "3F00", b"1PAY.SYS.DDF01", "A000000333010101", bytes.fromhex("3F00")):
        assert powered.select(name).ok, name
    assert powered.select("SSSE").ok and powered.select("EF05").ok
    for name in ("", "SSSX", "A" * 34, b"", bytes(17)):
        with pytest.raises(ValueError):
            powered.select(name)
    with pytest.raises(TypeError):
        powered.select(None)


def test_read_record(powered):
    powered.select("SSSE")
    by_tag = powered.read_record(tag=0x01, sfi=5)
    assert by_tag.data[:2] == b"\x01\x10"
    assert powered.read_record(1, sfi=5) == by_tag
    for wrong in ({}, {"number": 1, "tag": 1}, {"number": 1, "sfi": 31}):
        with pytest.raises(ValueError):
            powered.read_record(**wrong)
    with pytest.raises(OverflowError):
        powered.read_record(256)


def test_read_binary(powered):
    powered.select("SSSE")
    assert powered.read_binary(0, 16, sfi=8).sw in (0x9000, 0x6982, 0x6A82, 0x6981)
    for wrong in ((0x8000, 1, 0), (256, 1, 8), (0, 0, 0), (0, 65537, 0), (0, 1, 31)):
        with pytest.raises(ValueError):
            powered.read_binary(wrong[0], wrong[1], sfi=wrong[2])


def test_verify(powered):
    powered.select("SSSE")
    assert powered.verify().tries_left == 6
    assert powered.verify("111111").tries_left == 5
    for wrong in ("", "123", "1234567890123456x", "12a4", "１２３４"):
        with pytest.raises(ValueError, match="^a PIN is 4 to 16 digits$"):
            powered.verify(wrong)
    powered.select("A000000333010101")
    with pytest.raises(ValueError, match="format 2"):
        powered.verify("123", emv=True)


def test_get_challenge(powered):
    assert len(powered.get_challenge(4).data) == 4
    for wrong in (0, 257):
        with pytest.raises(ValueError):
            powered.get_challenge(wrong)


def test_snapshots(powered):
    powered.select("SSSE")
    before = powered.snapshot()
    digest = powered.digest
    assert before.digest == digest
    powered.verify("111111")
    assert powered.digest != digest
    powered.restore(before)
    assert powered.digest == digest and powered.verify().tries_left == 6
    powered.power_off()
    powered.restore(before)
    assert powered.powered, "a snapshot has its power"
    other = sscard.Card.from_snapshot(before)
    assert other.digest == digest
    with pytest.raises(TypeError):
        powered.restore(powered)


@pytest.mark.parametrize("clone", [sscard.Card.clone, copy.copy, copy.deepcopy])
def test_a_clone_keeps_power_and_session(powered, clone):
    powered.select("SSSE")
    twin = clone(powered)
    assert twin is not powered and twin.digest == powered.digest
    assert twin.verify("111111").tries_left == 5
    assert powered.verify().tries_left == 6


def test_images(powered, tmp_path):
    powered.select("SSSE")
    powered.verify("111111")
    path = tmp_path / "card.img"
    powered.save(path)
    assert path.read_bytes() == powered.image()
    assert path.stat().st_mode & 0o077 == 0
    for card in (sscard.Card.load(path), sscard.Card.load(str(path)), sscard.Card.from_image(powered.image())):
        assert not card.powered
        card.power_on()
        card.select("SSSE")
        assert card.verify("111111").tries_left == 4
    assert sscard.Card.load(path).inspect()["pins"][0]["tries_left"] == 5, "the file stays as it is"


def test_images_that_are_none(tmp_path):
    for bad in (b"", b"SSCARD", bytes(1000), sscard.Card().image()[:-1]):
        with pytest.raises(sscard.InvalidImage):
            sscard.Card.from_image(bad)
        path = tmp_path / "bad.img"
        path.write_bytes(bad)
        with pytest.raises(sscard.InvalidImage, match="the file is untouched"):
            sscard.Card.load(path)
    with pytest.raises(FileNotFoundError) as caught:
        sscard.Card.load(tmp_path / "none.img")
    assert caught.value.filename == str(tmp_path / "none.img")
    with pytest.raises(OSError):
        sscard.Card.load(tmp_path)
    with pytest.raises(FileNotFoundError):
        sscard.Card().save(tmp_path / "none" / "card.img")


@pytest.mark.parametrize("sync", [False, True])
def test_a_kept_card_is_in_its_file_before_it_answers(tmp_path, sync):
    path = tmp_path / "card.img"
    sscard.Card().save(path)
    card = sscard.Card.open(path, sync=sync)
    card.power_on()
    card.select("SSSE")
    assert card.verify("111111").tries_left == 5
    # As whoever finds the file after the program was killed.
    assert sscard.Card.from_image(path.read_bytes()).inspect()["pins"][0]["tries_left"] == 5
    with pytest.raises(sscard.CardInUse, match="another sscard is using this card"):
        sscard.Card.open(path)
    with pytest.raises(sscard.CardInUse):
        sscard.Card.load(path)
    with pytest.raises(sscard.CardInUse):
        sscard.Card().save(path)
    card.settle()
    del card
    assert sscard.Card.open(path).inspect()["pins"][0]["tries_left"] == 5


def test_a_kept_card_is_put_away_by_close_and_at_the_end_of_with(tmp_path):
    path = tmp_path / "card.img"
    sscard.Card().save(path)
    with sscard.Card.open(path) as card:
        card.power_on()
        card.select("SSSE")
        card.verify("111111")
    with sscard.Card.open(path) as again:
        assert again.inspect()["pins"][0]["tries_left"] == 5
    assert card.inspect()["pins"][0]["tries_left"] == 5
    with pytest.raises(sscard.CardRemoved):
        card.transmit(bytes.fromhex("0084000008"))
    for use in (card.power_on, card.reset, lambda: card.restore(sscard.Card().snapshot())):
        with pytest.raises(sscard.TransportError, match=r"put away by close\(\)"):
            use()
    card.close()
    with pytest.raises(ZeroDivisionError):
        with sscard.Card.open(path):
            1 / 0
    sscard.Card.open(path).close()


def test_what_cannot_be_kept_is_not_answered(tmp_path):
    path = tmp_path / "card.img"
    sscard.Card().save(path)
    card = sscard.Card.open(path)
    card.power_on()
    card.select("SSSE")
    path.write_bytes(b"another program was here")
    with pytest.raises(sscard.NotKept, match="another program"):
        card.verify("111111")
    assert not card.powered


def test_inspect(powered):
    found = powered.inspect()
    assert (found["schema"], found["profile"], found["atr"]) == (1, "gen3", ATR.hex().upper())
    assert "keys" not in found
    assert powered.inspect(keys=True)["keys"]


def test_changes(powered):
    powered.select("SSSE")
    powered.change(pin_tries_left=1, name="张某")
    assert powered.verify().tries_left == 1, "the session stays"
    assert powered.read()["holder"]["name"] == "张某"
    powered.change(blocked=["A000000333010101"])
    assert powered.inspect()["accounts"][0]["blocked"] is True
    powered.change()
    digest = powered.digest
    for wrong in ({"nonsense": 1}, {"pin_tries_left": 99}, {"name": ["x"]}, {"pin_tries_left": 2, "nonsense": 1}):
        with pytest.raises(sscard.InvalidChange) as caught:
            powered.change(**wrong)
        assert [field for field in wrong if field in str(caught.value)]
        assert powered.digest == digest, "all or none"
    with pytest.raises(TypeError):
        powered.change(name=object())


def test_a_power_cut(powered):
    powered.select("SSSE")
    powered.power_cut(0)
    with pytest.raises(sscard.CardRemoved):
        powered.verify("111111")
    assert not powered.powered
    powered.power_on()
    powered.select("SSSE")
    assert powered.verify().tries_left == 6
    powered.power_cut(0)
    powered.power_cut(None)
    assert powered.verify("111111").tries_left == 5
    with pytest.raises(OverflowError):
        powered.power_cut(-1)


def test_faults():
    card = sscard.Card(faults=["sw=6100@2", "mute@3"])
    assert card.faults == ["sw=6100@2", "mute@3"]
    card.power_on()
    assert card.transmit(CHALLENGE)[-2:] == b"\x90\x00"
    assert card.transmit(CHALLENGE)[-2:] == b"\x61\x00"
    with pytest.raises(sscard.Mute, match="no answer in time") as caught:
        card.transmit(CHALLENGE)
    assert isinstance(caught.value, TimeoutError) and isinstance(caught.value, sscard.TransportError)
    card.clear_faults()
    assert card.faults == [] and card.transmit(CHALLENGE)[-2:] == b"\x90\x00"
    card.set_fault("remove")
    with pytest.raises(sscard.CardRemoved):
        card.transmit(CHALLENGE)
    card.clear_faults()
    card.reset()
    card.set_fault("reset")
    with pytest.raises(sscard.CardReset):
        card.transmit(CHALLENGE)
    for wrong in ("", "nonsense", "mute@", "sw=1"):
        with pytest.raises(sscard.InvalidFault):
            card.set_fault(wrong)
    with pytest.raises(sscard.InvalidFault):
        sscard.Card(faults=["nonsense"])
    with pytest.raises(TypeError):
        sscard.Card(faults="mute")


def test_a_slow_card_keeps_no_other_thread_waiting():
    card = sscard.Card(faults=["slow=300ms@1"])
    card.power_on()
    quick = sscard.Card()
    quick.power_on()
    waiting = threading.Thread(target=card.transmit, args=(CHALLENGE,))
    waiting.start()
    commands = 0
    while waiting.is_alive():
        quick.transmit(CHALLENGE)
        commands += 1
    waiting.join()
    assert commands > 100


def test_threads_share_a_card(powered):
    powered.select("SSSE")
    failures = []

    def work():
        try:
            for _ in range(500):
                assert powered.transmit(CHALLENGE)[-2:] == b"\x90\x00"
                powered.digest
                powered.snapshot()
        except BaseException as error:  # whatever it is, it is told
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_classes_are_what_they_are():
    with pytest.raises(TypeError):
        sscard.Response()
    with pytest.raises(TypeError):
        sscard.Snapshot()
    with pytest.raises(TypeError):
        sscard.Trace()
    with pytest.raises(AttributeError):
        sscard.Card().colour = "red"


def test_exceptions_are_a_family():
    for name in sscard.exceptions.__all__:
        assert issubclass(getattr(sscard, name), sscard.Error)
        assert name in sscard.__all__
