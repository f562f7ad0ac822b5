"""The named cast: two centers that have nothing to do with each other, and one person per role and side at each.

Fixtures are named for who somebody is (`foundation_staff`, `foreign_city_viewer`); `log_in` gives a client.
"""

from collections.abc import Callable, Iterator

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.utils import translation

from iconm_portal.models import Center, Organisation, Role, User
from iconm_portal.people.sign_in import browsers

PASSWORD = "a long enough password"

LogIn = Callable[[User | None], Client]


def make_organisation(code: str, name: str = "") -> Organisation:
    return Organisation.objects.create(code=code, name=name or f"団体 {code}", name_en=f"Organisation {code}")


def make_center(code: str, supporter: Organisation, operator: Organisation) -> Center:
    return Center.objects.create(
        code=code,
        position=Center.objects.count(),
        name=f"センター {code}",
        name_en=f"Center {code}",
        short_name=code,
        supporter=supporter,
        operator=operator,
    )


def make_person(
    username: str, organisation: Organisation, role: Role = Role.VIEWER, **fields: object
) -> User:
    """A person who logs in with PASSWORD."""
    person = User(
        username=username,
        organisation=organisation,
        role=role,
        **{"name": f"名前 {username}", "email": f"{username}@example.jp", **fields},
    )
    person.set_password(PASSWORD)
    person.save()
    return person


def client_of(person: User | None) -> Client:
    """A browser in which the person is logged in; nobody for None."""
    client = Client()
    if person is not None:
        client.force_login(person)
        answer = HttpResponse()
        browsers.remember(HttpRequest(), answer, person.username)
        client.cookies.update(answer.cookies)
    return client


def end_session(client: Client) -> None:
    """As time does: the browser stays known, and the server knows nothing of its session any more."""
    client.session.delete()
    del client.cookies["sessionid"]


@pytest.fixture
def log_in() -> LogIn:
    return client_of


@pytest.fixture
def city(db: None) -> Organisation:
    return make_organisation("city", "臨海市")


@pytest.fixture
def foundation(db: None) -> Organisation:
    return make_organisation("foundation", "臨海財団")


@pytest.fixture
def center(city: Organisation, foundation: Organisation) -> Center:
    return make_center("lab", city, foundation)


@pytest.fixture
def foreign_city(db: None) -> Organisation:
    return make_organisation("foreign-city", "山手市")


@pytest.fixture
def foreign_foundation(db: None) -> Organisation:
    return make_organisation("foreign-foundation", "山手財団")


@pytest.fixture
def foreign_center(foreign_city: Organisation, foreign_foundation: Organisation) -> Center:
    return make_center("foreign-lab", foreign_city, foreign_foundation)


@pytest.fixture
def city_viewer(center: Center) -> User:
    return make_person("city-viewer", center.supporter)


@pytest.fixture
def city_staff(center: Center) -> User:
    return make_person("city-staff", center.supporter, Role.STAFF)


@pytest.fixture
def foundation_viewer(center: Center) -> User:
    return make_person("foundation-viewer", center.operator)


@pytest.fixture
def foundation_staff(center: Center) -> User:
    return make_person("foundation-staff", center.operator, Role.STAFF)


@pytest.fixture
def administrator(center: Center) -> User:
    """Belongs to the city; looks after the foundation's people too."""
    return make_person("administrator", center.supporter, Role.ADMINISTRATOR)


@pytest.fixture
def foreign_city_viewer(foreign_center: Center) -> User:
    return make_person("foreign-city-viewer", foreign_center.supporter)


@pytest.fixture
def foreign_city_staff(foreign_center: Center) -> User:
    return make_person("foreign-city-staff", foreign_center.supporter, Role.STAFF)


@pytest.fixture
def foreign_foundation_viewer(foreign_center: Center) -> User:
    return make_person("foreign-foundation-viewer", foreign_center.operator)


@pytest.fixture
def foreign_foundation_staff(foreign_center: Center) -> User:
    return make_person("foreign-foundation-staff", foreign_center.operator, Role.STAFF)


@pytest.fixture
def foreign_administrator(foreign_center: Center) -> User:
    return make_person("foreign-administrator", foreign_center.supporter, Role.ADMINISTRATOR)


@pytest.fixture
def in_english() -> Iterator[None]:
    """Messages as their msgids, for tests of actions that no request puts into a language."""
    with translation.override("en"):
        yield
