"""What the codes of the agreements' sources stand for."""

from pathlib import Path

from iconm_portal.imports.source_titles import SourceTitles

TITLES = SourceTitles(Path(__file__).parent.parent / "reference" / "sources.csv")
in_words = TITLES.in_words
