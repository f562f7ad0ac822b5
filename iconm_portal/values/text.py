"""Texts as they are compared: the letters that people type in another width are the same letters."""

import unicodedata


def normalised(text: str) -> str:
    """NFKC: full-width letters and digits become the ordinary ones."""
    return unicodedata.normalize("NFKC", text).strip()
