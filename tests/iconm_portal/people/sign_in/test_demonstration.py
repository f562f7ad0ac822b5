"""People of the demonstration, whose password everybody can read: where they get in, and where not."""

import importlib
from typing import Any

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.db import transaction
from django.test import Client
from django.urls import reverse

from iconm_portal.history import history
from iconm_portal.history.history import Source
from iconm_portal.models import AuditEvent, AuditKind, Organisation, User
from tests.people import PASSWORD, client_of, make_person
from tests.repository.test_repository import ROOT


@pytest.fixture
def person(city: Organisation) -> User:
    return make_person("demo", city, is_demonstration=True)


@pytest.fixture
def elsewhere(settings: Any) -> None:
    """A server that is not the demonstration's own."""
    settings.DEMONSTRATION_SERVED = False


def log_in(client: Client, password: str = PASSWORD) -> str:
    answer = client.post(reverse("login"), {"username": "demo", "password": password})
    return answer.content.decode()


def test_they_get_in_where_the_demonstration_is_served(client: Client, person: User) -> None:
    log_in(client)
    assert "_auth_user_id" in client.session


def test_elsewhere_they_are_told_why_not(client: Client, person: User, elsewhere: None) -> None:
    assert "デモ用アカウント" in log_in(client)
    assert "_auth_user_id" not in client.session
    event = AuditEvent.objects.get()
    assert (event.kind, event.username) == (AuditKind.DEMONSTRATION, "demo")


def test_whoever_does_not_know_the_password_is_told_nothing(
    client: Client, person: User, elsewhere: None
) -> None:
    assert "デモ用アカウント" not in log_in(client, "wrong")
    assert AuditEvent.objects.get().kind is AuditKind.FAILED


def test_a_session_of_before_ends(person: User, settings: Any) -> None:
    client = client_of(person)
    settings.DEMONSTRATION_SERVED = False
    assert "login" in client.get(reverse("account")).headers["Location"]


def test_others_get_in_everywhere(client: Client, city: Organisation, elsewhere: None) -> None:
    make_person("demo", city)
    log_in(client)
    assert "_auth_user_id" in client.session


def test_make_run_says_so_to_the_server_and_nobody_else_does() -> None:
    serving = [
        line for line in (ROOT / "Makefile").read_text().splitlines() if "DEMONSTRATION_SERVED" in line
    ]
    assert len(serving) == 1
    assert "gunicorn" in serving[0]
    assert "DEMONSTRATION_SERVED=$(DEMO)" in serving[0]


def names_in_check_deploy() -> list[str]:
    said = run_checks(include_deployment_checks=True)
    return [message.msg for message in said if message.id == "portal.W004"]


def test_check_deploy_names_them(person: User, city: Organisation) -> None:
    make_person("tanaka", city)
    make_person("gone", city, is_demonstration=True, is_active=False)
    assert names_in_check_deploy() == ["People of the demonstration are in the database: demo."]
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert names_in_check_deploy() == []


def test_those_of_an_older_database_are_marked(city: Organisation) -> None:
    loaded, entered = make_person("umikaze", city), make_person("tanaka", city)
    with transaction.atomic():
        history.record(by=Source("見本"), action="person.add", subject=loaded, organisation=city)
        history.record(by=loaded, action="person.create", subject=entered, organisation=city)
    migration = importlib.import_module("iconm_portal.migrations.0010_second_factor")
    migration.mark_the_demonstration(apps, None)
    assert list(User.objects.filter(is_demonstration=True)) == [loaded]
