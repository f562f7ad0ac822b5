"""How an app names its kinds of things when it starts. Without models, so that `apps.py` can import it."""

from django.utils.module_loading import import_string


def name_kinds(*places: str) -> None:
    """Register the kinds that stand at these dotted names; called in `AppConfig.ready`."""
    register = import_string("iconm_portal.standing.registry.register")
    for place in places:
        register(*import_string(place))


def name_deeds(*places: str) -> None:
    """Register the kinds of deeds at these dotted names, likewise."""
    register = import_string("iconm_portal.standing.deeds.register")
    for place in places:
        register(*import_string(place))
