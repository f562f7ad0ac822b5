"""People to log in as."""

from dataclasses import dataclass

from agreements.loading.demonstration.cast import SOURCE
from iconm_portal.history import history
from iconm_portal.models import Organisation, Role, User

PASSWORD = "portal-demo-2026"  # noqa: S105 - for demonstration only, and printed by the command


@dataclass(frozen=True)
class Account:
    """Someone to log in as."""

    username: str
    name: str
    organisation: str
    role: Role


ICONM_PEOPLE = [
    Account("city-viewer", "市 閲覧者（見本）", "kawasaki-city", Role.VIEWER),
    Account("city-staff", "市 担当者（見本）", "kawasaki-city", Role.STAFF),
    Account("foundation-viewer", "財団 閲覧者（見本）", "kawasaki-foundation", Role.VIEWER),
    Account("foundation-staff", "財団 担当者（見本）", "kawasaki-foundation", Role.STAFF),
    Account("administrator", "システム管理者（見本）", "kawasaki-city", Role.ADMINISTRATOR),
]
DEMO_PEOPLE = [
    Account("umikaze-city-viewer", "海風市 閲覧者（架空）", "umikaze-city", Role.VIEWER),
    Account("umikaze-city-staff", "海風市 青木（架空）", "umikaze-city", Role.STAFF),
    Account("umikaze-foundation-viewer", "財団 閲覧者（架空）", "umikaze-foundation", Role.VIEWER),
    Account("umikaze-foundation-staff", "財団 佐藤（架空）", "umikaze-foundation", Role.STAFF),
    Account("umikaze-administrator", "システム管理者（架空）", "umikaze-city", Role.ADMINISTRATOR),
]


def add_people(accounts: list[Account]) -> None:
    """Those who are not there yet."""
    for account in accounts:
        if User.objects.filter(username=account.username).exists():
            continue
        organisation = Organisation.objects.get(code=account.organisation)
        user = User(
            username=account.username,
            name=account.name,
            organisation=organisation,
            role=account.role,
        )
        user.set_password(PASSWORD)
        user.full_clean()
        user.save()
        history.record(
            by=SOURCE,
            action="person.add",
            subject=user,
            organisation=organisation,
            after={"role": str(user.role)},
        )


def person(username: str) -> User:
    """Who has this user name."""
    return User.objects.select_related("organisation").get(username=username)
