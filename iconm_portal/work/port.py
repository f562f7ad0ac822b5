"""`python -m iconm_portal.work.port 8000`: says so, in words, when the port cannot be served on."""

import socket
import sys


def problem_with(port: str) -> str | None:
    """What keeps us from listening on 127.0.0.1 at this port; None when nothing does."""
    if not port.isdecimal() or not 1 <= int(port) <= 65535:
        return f"PORT must be a number between 1 and 65535, not {port!r}."
    with socket.socket() as listener:
        # A port whose last connections are still fading is free to us, as it is to the server.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", int(port)))
        except PermissionError:
            return f"Port {port} may only be used by an administrator. Choose another: make run PORT=8000"
        except OSError as error:
            other = int(port) % 65535 + 1
            return f"Port {port} is taken ({error.strerror}). Choose another: make run PORT={other}"
    return None


if __name__ == "__main__":
    sys.exit(problem_with(sys.argv[1]))
