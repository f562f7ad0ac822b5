"""義務: what the agreements ask for, under which rule in which fiscal year, and what an amendment makes of it."""
