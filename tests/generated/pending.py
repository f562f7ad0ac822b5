"""What the portal does not do yet, though docs/domain.md asks for it; each entry goes when the portal has it."""

PENDING = {
    "a verdict stays with the target in force when its value was accepted",
}


def is_there(rule: str) -> bool:
    """Whether the portal keeps the rule by now."""
    return rule not in PENDING
