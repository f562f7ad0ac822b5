"""What a browser calls itself, in words that its holder knows: "Edge, Windows"."""

from django.utils.translation import gettext as _

# The first that stands in the text: each names those below it for compatibility's sake.
_BROWSERS = {
    "Edg/": "Edge",
    "EdgiOS/": "Edge",
    "EdgA/": "Edge",
    "OPR/": "Opera",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "CriOS/": "Chrome",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
_SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "CrOS": "ChromeOS",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}


def browser_name(user_agent: str) -> str:
    """Browser and system; a word for what is neither."""
    found = [
        next((name for mark, name in names.items() if mark in user_agent), "")
        for names in (_BROWSERS, _SYSTEMS)
    ]
    return ", ".join(filter(None, found)) or _("unknown browser")
