"""What an installation of before searches by is made anew: in the ledger, whose lines nobody may change, and in the register."""

import pytest
from django.core.management import call_command

from finance.ledger import actions
from finance.models import Entry
from iconm_portal.models import Center, User
from kpi.models import Record
from tests.builders.finance import make_accounts
from tests.builders.ledger import post
from tests.builders.records import make_category, make_record


@pytest.mark.django_db(transaction=True)
def test_keys_of_before_are_made_anew(
    center: Center, foundation_staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_accounts(center)
    with monkeypatch.context() as before:
        before.setattr(actions, "searched", lambda **texts: "\n".join(texts.values()))
        entry = post(center, by=foundation_staff, counterparty="", description="講座〜髙﨑", voucher="")
    record = make_record(make_category(center, "lectures"), "講座〜髙﨑", happened="2023-06")
    Record.objects.filter(pk=record.pk).update(title_key="講座〜髙﨑", search_text="講座〜髙﨑")
    try:
        call_command("migrate", "finance", "0002", verbosity=0)
        call_command("migrate", "kpi", "0009", verbosity=0)
    finally:
        call_command("migrate", verbosity=0)
    assert Entry.objects.get(pk=entry.pk).search_text == "\n講座~高崎\n"
    record.refresh_from_db()
    assert (record.title_key, record.search_text) == ("講座~高崎", "講座~高崎")
