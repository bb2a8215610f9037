"""A seal is what RFC 8032 signs; whoever has no key of ours can't make one that passes."""

from base64 import b64encode

import pytest

from seminars.evidence import seals

SECRET = b64encode(bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")).decode()
PUBLIC = b64encode(bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")).decode()
"""RFC 8032 7.1, TEST 1."""


@pytest.fixture(autouse=True)
def key(settings, tmp_path):
    settings.SEAL_KEY, settings.SEAL_OLD_KEYS = SECRET, []
    settings.SEAL_KEY_PLACE = tmp_path / "seal_key"


def made(**more):
    told = {
        "code": "abcd",
        "project": "",
        "number": 1,
        "session": "uid@viso",
        "session_code": "sess",
        "version": 1,
        "sealed_at": "2026-03-12T17:00:00.000000Z",
        "count": 3,
        "head": "1" * 64,
        "digest": "2" * 64,
        "previous": "0" * 64,
        "supersedes": "",
        "public_key": PUBLIC,
    }
    return seals.seal(**told | more)


def test_the_public_key_is_that_of_the_rfc():
    assert seals.public_key() == PUBLIC
    assert seals.key_id(PUBLIC) == "21fe31dfa154a261"


def test_a_seal_is_signed_by_its_canonical_bytes():
    seal = made()
    signature = seals.sign(seal)
    assert seals.is_signed(seal, signature)
    assert seals.is_signed(dict(reversed(seal.items())), signature), "the order of the names says nothing"


@pytest.mark.parametrize(
    "change",
    [{"count": 4}, {"head": "3" * 64}, {"digest": ""}, {"version": 2}, {"session": "other"}, {"number": 2}],
)
def test_a_changed_seal_does_not_pass(change):
    signature = seals.sign(made())
    assert not seals.is_signed(made(**change), signature)


@pytest.mark.parametrize("signature", ["", "?", "AAAA", b64encode(bytes(64)).decode()])
def test_what_is_no_signature_does_not_pass(signature):
    assert not seals.is_signed(made(), signature)


def test_a_seal_that_names_another_key_is_not_signed():
    with pytest.raises(ValueError, match="another key"):
        seals.sign(made(public_key=b64encode(bytes(32)).decode()))


def test_keys_of_before_are_known_and_none_is_made_by_looking(settings):
    settings.SEAL_KEY, settings.SEAL_OLD_KEYS = "", [PUBLIC]
    assert seals.known_keys() == {PUBLIC}
    assert not settings.SEAL_KEY_PLACE.exists()


def test_an_empty_key_file_of_a_start_that_was_cut_off_is_made_anew(settings):
    settings.SEAL_KEY = ""
    settings.SEAL_KEY_PLACE.write_text("")
    public = seals.public_key()
    assert seals.known_keys() == {public} != {PUBLIC}
