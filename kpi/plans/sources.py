"""What the codes of the KPI tables' sources stand for."""

from pathlib import Path

from iconm_portal.imports.source_titles import SourceTitles

in_words = SourceTitles(Path(__file__).parent.parent / "reference" / "sources.csv").in_words
