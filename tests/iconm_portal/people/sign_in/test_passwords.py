"""What a password must be worth."""

from typing import Any

import pytest
from django.contrib.auth.hashers import (
    Argon2PasswordHasher,
    PBKDF2PasswordHasher,
    identify_hasher,
    make_password,
)
from django.contrib.auth.password_validation import CommonPasswordValidator, validate_password
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import translation

from iconm_portal import settings as portal_settings
from iconm_portal.models import User
from iconm_portal.people.account_actions import temporary_password
from iconm_portal.people.sign_in.passwords import NotGuessable
from tests.people import PASSWORD, client_of


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaa",
        "abababababab",
        "kawasaki-city",
        "portal-portal",
        "iconm2026iconm",
        "Kawasaki2026!",
        "P@ssw0rd1234",
        "qwertyuiop12",
        "20260401-2027",
        "city-staff-12",
        "臨海市臨海市臨海市臨海市",
        "foundation123",
    ],
)
def test_what_others_would_guess_is_refused(city_staff: User, foundation_staff: User, password: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_password(password, city_staff)
    assert "guessable" in {error.code for error in refused.value.error_list}


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "quite another password",
        "梅雨空に傘ひとつ歩く鴎かな",
        "correct-otter-lamp",
        "x" * 3 + "Tq7vLw2mZp9",
        "831 094 277 615",  # no kind of sign is asked for, and none is wrong
        "73951086427719",
        "%&?!#(=~|*+<>_/",
    ],
)
def test_what_nobody_guesses_is_taken(city_staff: User, password: str) -> None:
    validate_password(password, city_staff)


def test_a_temporary_password_is_worth_as_much(db: None) -> None:
    for _time in range(20):
        validate_password(temporary_password())


def test_a_long_password_is_weighed_at_once(city_staff: User) -> None:
    """zxcvbn looks at every part: without a bound a long text would take minutes."""
    validate_password("quite another password" + "aB3-" * 1000, city_staff)


def test_the_refusal_names_what_is_guessed(city_staff: User) -> None:
    client = client_of(city_staff)
    client.cookies["django_language"] = "ja"
    answer = client.post(
        reverse("password_change"),
        {"old_password": PASSWORD, "new_password1": "kawasaki-portal", "new_password2": "kawasaki-portal"},
    )
    assert "「kawasaki」" in answer.content.decode()


@pytest.mark.parametrize(
    ("password", "japanese", "english"),
    [
        ("oxoxoxoxoxox", "「ox」の繰返し", "the repeated “ox”"),
        ("kawasaki-portal", "「kawasaki」、「portal」", "“kawasaki”, “portal”"),
        ("20260401-2027", "日付「", "the date “"),
    ],
)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_what_is_guessed_is_named_as_what_it_is(
    db: None, password: str, japanese: str, english: str, language: str
) -> None:
    with translation.override(language), pytest.raises(ValidationError) as refused:
        NotGuessable().validate(password)
    assert (japanese if language == "ja" else english) in refused.value.messages[0]


def test_a_hash_of_before_is_made_anew_at_the_next_login(city_staff: User, settings: Any) -> None:
    settings.PASSWORD_HASHERS = portal_settings.PASSWORD_HASHERS
    city_staff.password = PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=1000)
    city_staff.save()
    client = client_of(None)
    answer = client.post(reverse("login"), {"username": "city-staff", "password": PASSWORD})
    assert answer.status_code == 302
    city_staff.refresh_from_db()
    assert identify_hasher(city_staff.password).algorithm == "argon2"


def test_what_is_kept_of_a_password_is_dear_to_try(settings: Any) -> None:
    """argon2id with at least 19 MiB and two rounds, and a salt of its own."""
    settings.PASSWORD_HASHERS = portal_settings.PASSWORD_HASHERS
    first, second = make_password(PASSWORD), make_password(PASSWORD)
    assert first != second
    found = Argon2PasswordHasher().decode(first)
    assert (found["algorithm"], found["variety"]) == ("argon2", "argon2id")
    assert found["memory_cost"] >= 19 * 1024
    assert found["time_cost"] >= 2
    assert identify_hasher(first).verify(PASSWORD, first)


def test_the_commonest_passwords_are_refused(city_staff: User) -> None:
    """Both validators bring lists that were made from breaches; of Django's, all that are long enough are tried."""
    commonest = [found for found in sorted(CommonPasswordValidator().passwords) if len(found) >= 12]
    assert len(commonest) > 100
    for password in commonest:
        with pytest.raises(ValidationError):
            validate_password(password, city_staff)
