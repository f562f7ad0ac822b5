"""The addresses of one record."""

from django.urls import reverse

from kpi.models import Record


def address(name: str, record: Record, center: str = "") -> str:
    """A page or a step of a record. `center` spares reading its code where many records are listed."""
    kwargs = {
        "center": center or record.center.code,
        "category": record.category.code,
        "number": record.number,
    }
    return reverse(name, kwargs=kwargs)
