"""Texts as they are compared: the letters that people type in another width are the same letters."""

import unicodedata


def normalised(text: str) -> str:
    """NFKC: full-width letters and digits become the ordinary ones."""
    return unicodedata.normalize("NFKC", text).strip()


def folded(text: str) -> str:
    """What a search compares: NFKC, without regard to capital letters and to spaces (山田　太郎 is 山田太郎)."""
    return "".join(normalised(text).casefold().split())
