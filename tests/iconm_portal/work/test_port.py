"""Starting on a port that is taken says so in words."""

import socket

import pytest

from iconm_portal.work.port import problem_with


def test_a_taken_port_is_named_with_a_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        problem = problem_with(str(port))
    assert problem is not None
    assert f"Port {port} is taken" in problem
    assert "make run PORT=" in problem
    assert problem_with(str(port)) is None


@pytest.mark.parametrize("port", ["", "0", "70000", "http", "-1"])
def test_what_is_no_port_is_refused(port: str) -> None:
    assert "must be a number" in (problem_with(port) or "")
