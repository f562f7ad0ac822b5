"""The same sent several times at once, over HTTP, as by a double click or by two browsers."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from pytest_django.live_server_helper import LiveServer


@dataclass(frozen=True)
class Answer:
    """What the server answered."""

    status: int
    location: str
    body: str


@dataclass(frozen=True)
class Sending:
    """What a browser sends."""

    client: Client
    address: str
    body: bytes

    @classmethod
    def of(cls, client: Client, address: str, data: dict[str, Any]) -> "Sending":
        """Files are read here, once: the same can be sent several times."""
        return cls(client, address, encode_multipart(BOUNDARY, data))


def at_once(server: LiveServer, sendings: Sequence[Sending]) -> list[Answer]:
    """All of them at the same moment, each on a connection of its own; the answers in their order."""
    start = threading.Barrier(len(sendings))
    answers: list[Answer | None] = [None] * len(sendings)

    def send(place: int, sending: Sending) -> None:
        cookies = "; ".join(f"{name}={cookie.value}" for name, cookie in sending.client.cookies.items())
        connection = HTTPConnection(urlsplit(server.url).netloc, timeout=60)
        try:
            start.wait(timeout=30)
            connection.request(
                "POST", sending.address, sending.body, {"Content-Type": MULTIPART_CONTENT, "Cookie": cookies}
            )
            response = connection.getresponse()
            text = response.read().decode(errors="replace")
            answers[place] = Answer(response.status, response.headers.get("Location", ""), text)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=one) for one in enumerate(sendings)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answer for answer in answers if answer is not None]
