"""The data model as a page: a picture for each app and a line for each table, drawn from the models themselves."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from django.apps import AppConfig, apps
from django.conf import settings
from django.db.models import Field, ForeignKey, Model

PAGE = Path(settings.BASE_DIR) / "docs" / "data-model.md"

HEAD = """# The data model

Drawn from the models by `manage.py data_model`; a test compares this page with them. An arrow reads "belongs to": its label
is the field, a circle at its end says that the field may be empty. People (who did it) and files are named in the tables and
not drawn. What the databases themselves refuse stands beside the models, as constraints and as database triggers.
"""

LEFT_OUT = {"User", "StoredFile", "FileContent", "WaitingFile", "WaitingContent"}
"""Everything points to these; drawn, they would hide the rest."""


def page() -> str:
    """The whole page, from the lowest app to the highest."""
    ours = [
        config for config in apps.get_app_configs() if Path(config.path).parent == Path(settings.BASE_DIR)
    ]
    order = ["iconm_portal", "agreements", "finance", "kpi"]
    ours.sort(key=lambda config: order.index(config.label if config.label in order else config.name))
    return "\n".join([HEAD, *(_section(config) for config in ours)])


def _section(config: AppConfig) -> str:
    models = sorted(config.get_models(), key=lambda model: model.__name__)
    return "\n".join(
        [
            f"## {config.name}\n",
            "```mermaid",
            "erDiagram",
            *_arrows(models),
            "```\n",
            "| table | what it keeps | belongs to | also names |",
            "|---|---|---|---|",
            *(_row(model) for model in models),
            "",
        ]
    )


def _arrows(models: Iterable[type[Model]]) -> Iterator[str]:
    for model in models:
        for field in _keys(model):
            if _target(field) not in LEFT_OUT:
                end = "|o" if field.null else "||"
                start = "|o" if field.unique else "}o"
                yield f'    {model.__name__} {start}--{end} {_target(field)} : "{field.name}"'


def _row(model: type[Model]) -> str:
    meaning = " ".join((model.__doc__ or "").split("\n\n")[0].split())
    if meaning.startswith(f"{model.__name__}("):  # Django's own, where we wrote none
        meaning = ""
    owners = [field.name for field in _keys(model) if _target(field) not in LEFT_OUT]
    others = [field.name for field in _keys(model) if _target(field) in LEFT_OUT]
    return f"| {model.__name__} | {meaning} | {', '.join(owners)} | {', '.join(others)} |"


def _keys(model: type[Model]) -> list[ForeignKey]:
    fields: list[Field] = list(model._meta.local_fields)
    return [field for field in fields if isinstance(field, ForeignKey)]


def _target(field: ForeignKey) -> str:
    model: type[Model] = field.related_model
    return model.__name__
