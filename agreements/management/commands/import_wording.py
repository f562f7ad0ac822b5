"""manage.py import_wording --agreement CODE FILE: an official wording from a Word, PDF or text file into an edition."""

from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import override

from agreements.editions.forms import Source
from agreements.editions.official_wording import import_plan
from agreements.editions.official_wording.actions import STEPS, import_wording
from agreements.editions.official_wording.import_plan import Plan
from agreements.models import Edition, WordingProposal
from agreements.wording import Wording, WordingTooLong, outline, texts
from agreements.wording.files.any_file import read_any_file
from agreements.wording.files.extracted import MOST_BYTES
from agreements.wording.text_file import TextFileRefused
from iconm_portal.forms.inspection import texts as inspection_texts
from iconm_portal.forms.inspection.refusals import UploadRefused
from iconm_portal.forms.refusals import Conflict, Gone, WrongStep
from iconm_portal.models import User
from iconm_portal.settlement import texts as settlement_texts
from iconm_portal.values import clock


class Command(BaseCommand):
    help = (
        "Put an official wording from a Word, PDF or text file before the other side, as the wording of an agreement;"
        " an amendment that is being drafted takes it at once."
        " With --dry-run only show how the text is understood."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the Word, PDF or text file")
        parser.add_argument("--agreement", required=True, help="the agreement's code, such as basic-r4")
        parser.add_argument("--center", help="the center's code, where several have such an agreement")
        parser.add_argument("--edition", type=int, default=1, help="the edition's number (1)")
        parser.add_argument("--by", metavar="USERNAME", help="for whom: a person of one of the two sides")
        parser.add_argument("--dry-run", action="store_true", help="write nothing")
        parser.add_argument(
            "--accept-problems", action="store_true", help="save although something looks wrong"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        edition = _edition(options["agreement"], options["center"], options["edition"])
        source, wording = _read(options["file"])
        plan = import_plan.plan(edition, wording)
        self._show(plan, str(edition))
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was saved.")
            return
        person = _person(options["by"])
        try:
            made = import_wording(
                edition=edition,
                version=edition.version,
                wording=wording,
                file_name=options["file"].name,
                by=person,
                at=clock.now(),
                accept_problems=options["accept_problems"],
                notes=source.notes,
            )
        except ValidationError as error:
            hint = " (--accept-problems)" if _is_about(plan) else ""
            raise CommandError(" ".join(error.messages) + hint) from error
        except PermissionDenied as error:
            raise CommandError(f"{options['by']} may not change agreements of this center.") from error
        except (Conflict, Gone, WrongStep) as error:
            raise CommandError(
                f"Edition {edition.number} is {edition.get_state_display()}: nothing is imported into it."
            ) from error
        if isinstance(made, WordingProposal):
            with override("en"):
                said = [
                    settlement_texts.waits_for(made),
                    settlement_texts.nobody_answers(person, edition.center, STEPS.awaited(made)),
                ]
            self.stdout.write(
                self.style.SUCCESS(" ".join(["Put before the other side.", *filter(None, said)]))
            )
            return
        self.stdout.write(
            self.style.SUCCESS(f"Imported: {len(plan.filled)} filled, {len(plan.added)} added.")
        )

    def _show(self, plan: Plan, edition: str) -> None:
        """The tree, then what looks wrong; an empty list is said too."""
        self.stdout.write(edition)
        for line in outline(plan.wording):
            self.stdout.write(line)
        left_out = sum(run.last - run.first + 1 for run in plan.not_understood)
        self.stdout.write(
            f"{plan.line_count} lines, {plan.line_count - left_out} accounted for, {left_out} not understood."
        )
        for run in plan.left_out:
            self.stdout.write(f"  {run.first}-{run.last} {run.use}: {run.text}")
        self.stdout.write(f"Problems: {len(plan.problems)}")
        for problem in plan.problems:
            self.stdout.write(f"  {texts.problem(problem)}")
        for row in plan.lacking:
            self.stdout.write(f"  Not in the text, stays without wording: {row.key} {row}")
        for row in plan.leaving:
            self.stdout.write(f"  Not in the text, goes: {row.key} {row}")


def _is_about(plan: Plan) -> bool:
    """Whether accepting the problems is what is missing."""
    return plan.needs_acceptance and plan.is_agreement and not plan.is_too_long


def _edition(agreement: str, center: str | None, number: int) -> Edition:
    found = Edition.objects.filter(agreement__code=agreement, number=number).select_related(
        "agreement__center"
    )
    if center:
        found = found.filter(agreement__center__code=center)
    editions = list(found)
    if not editions:
        where = f" at {center}" if center else ""
        raise CommandError(f"There is no agreement {agreement} with an edition {number}{where}.")
    if len(editions) > 1:
        centers = ", ".join(edition.agreement.center.code for edition in editions)
        raise CommandError(f"Several centers have such an agreement: {centers}. Say which with --center.")
    return editions[0]


def _read(file: Path) -> tuple[Source, Wording]:
    try:
        with file.open("rb") as opened:
            data, size = opened.read(MOST_BYTES + 1), file.stat().st_size
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}") from error
    try:
        found = read_any_file(data, file.name, size=size)
        source = Source(found.text, file.name, found.encoding, found.notes)
        return source, source.parsed()
    except (TextFileRefused, WordingTooLong) as error:
        raise CommandError(f"{file}: {texts.refusal(error)}") from error
    except UploadRefused as refused:
        raise CommandError(f"{file}: {inspection_texts.refusal(refused.code, refused.params)}") from refused


def _person(username: str | None) -> User:
    if not username:
        raise CommandError("Say for whom with --by: the wording is put before the other side.")
    person = User.objects.filter(username=username, is_active=True).first()
    if person is None:
        raise CommandError(f"There is no person {username}.")
    return person
