"""Django's SQLite, with a file that is its owner's alone (`base.py`, where Django looks for a backend)."""
