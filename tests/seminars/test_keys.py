"""Keys: derived ones prove who wrote them, random ones leave only a digest."""

from seminars import keys


def test_a_derived_key_is_the_same_each_time_and_opens_only_its_purpose():
    token = keys.derive("invitation", "abc", 0)
    assert token == keys.derive("invitation", "abc", 0)
    assert keys.code_of(token) == "abc"
    assert keys.is_derived(token, "invitation", "abc", 0)
    assert not keys.is_derived(token, "sign-in", "abc", 0)
    assert not keys.is_derived(token, "invitation", "abc", 1)
    assert not keys.is_derived(token.replace("abc", "abd"), "invitation", "abd", 0)


def test_another_installation_derives_other_keys(settings):
    mine = keys.derive("invitation", "abc", 0)
    settings.SECRET_KEY = "another secret of another installation"
    assert not keys.is_derived(mine, "invitation", "abc", 0)


def test_what_is_no_key_has_no_code():
    assert keys.code_of("") == keys.code_of("abc") == keys.code_of("x" * 50 + ".mac") == ""
    assert not keys.is_derived("é.é", "invitation", "é", 0)


def test_codes_keys_and_numbers_have_their_length():
    assert len(keys.new_code()) == 12
    assert len(keys.new_key()) == 43
    assert len(keys.digest("k")) == 64
    number = keys.digits("sign-in-number", "abc")
    assert len(number) == 6
    assert number.isdigit()
