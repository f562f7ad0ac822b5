"""What the portal does not do yet, though docs/domain.md asks for it; each entry goes when the portal has it."""

PENDING: set[str] = set()


def is_there(rule: str) -> bool:
    """Whether the portal keeps the rule by now."""
    return rule not in PENDING
