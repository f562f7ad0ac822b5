"""Where a sentence about what was done waits for the page that shows it: Django's own ways, under the portal's name."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class MessageCookie(CookieStorage):
    """In a signed cookie; to write it into the session would make reading a page wait for the database's writer."""

    cookie_name: str = settings.MESSAGES_COOKIE_NAME


class MessageStorage(FallbackStorage):
    """What is too long for a cookie stands in the session."""

    storage_classes = (MessageCookie, SessionStorage)
