"""docs/data-model.md is what the models say."""

import pytest
from django.core.management import CommandError, call_command

from iconm_portal.site import data_model


def test_the_page_is_up_to_date() -> None:
    assert data_model.PAGE.read_text() == data_model.page(), "run manage.py data_model"


def test_every_table_is_on_it() -> None:
    page = data_model.page()
    for name in ("Report", "Statement", "Agreement", "HistoryEvent"):
        assert f"| {name} |" in page
    assert '    Report }o--|| Plan : "plan"' in page


def test_a_page_that_is_out_of_date_is_told(tmp_path, monkeypatch) -> None:
    old = tmp_path / "data-model.md"
    old.write_text("older")
    monkeypatch.setattr("iconm_portal.management.commands.data_model.PAGE", old)
    with pytest.raises(CommandError, match="out of date"):
        call_command("data_model", "--check")
    assert old.read_text() == "older"
    call_command("data_model")
    call_command("data_model", "--check")
