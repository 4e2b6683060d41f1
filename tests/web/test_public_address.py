"""Behind a proxy: what PUBLIC_URL and TRUSTED_PROXIES change, and that nothing is believed without them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from tests.web.conftest import jpeg

from auratune.settings import Settings
from auratune.web import addresses

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.web.conftest import RunningServer

FORWARDED = {"x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.7"}
KEYS = "alice:a-long-secret-of-alice"


def shared_page(server: RunningServer, headers: dict[str, str]) -> str:
    """The player page behind a share link of a new film."""
    key = {"authorization": "Bearer a-long-secret-of-alice", **headers}
    task_id = server.client.post("/photos", content=jpeg(), headers={**key, "content-type": "image/jpeg"}).json()[
        "task_id"
    ]
    server.tasks.finish(task_id)
    url = server.client.post(f"/photos/{task_id}/share", headers=key).json()["url"]
    return url + "\n" + server.client.get(re.sub(r"^https?://[^/]+", "", url), headers=headers).text


@pytest.mark.parametrize("headers", [{}, FORWARDED])
def test_links_and_tags_for_other_sites_carry_the_public_address(
    open_server: Callable[..., RunningServer], headers: dict[str, str]
) -> None:
    server = open_server(auratune_api_keys=KEYS, public_url="https://films.example.org")
    page = shared_page(server, headers)
    assert page.startswith("https://films.example.org/s/")
    assert re.search(r'property="og:image" content="https://films\.example\.org/s/', page)
    assert f"http://127.0.0.1:{server.port}" not in page


def sign_in(server: RunningServer, headers: dict[str, str]) -> str:
    answer = server.client.post("/session", json={"key": "a-long-secret-of-alice"}, headers=headers)
    assert answer.status_code < 300, answer.text
    return answer.headers["set-cookie"]


def test_the_cookie_is_for_https_only_where_people_use_https(open_server: Callable[..., RunningServer]) -> None:
    server = open_server(auratune_api_keys=KEYS, public_url="https://films.example.org")
    assert "Secure" in sign_in(server, {"host": "films.example.org"})
    assert "Secure" not in sign_in(server, {})


def test_forwarded_headers_count_only_from_a_trusted_proxy(open_server: Callable[..., RunningServer]) -> None:
    server = open_server(auratune_api_keys=KEYS)
    assert "Secure" not in sign_in(server, FORWARDED)


@pytest.mark.parametrize("proxies", ["127.0.0.0/8", "*", "10.0.0.1, 127.0.0.1"])
def test_a_trusted_proxy_says_the_scheme(open_server: Callable[..., RunningServer], proxies: str) -> None:
    server = open_server(auratune_api_keys=KEYS, trusted_proxies=proxies)
    assert "Secure" in sign_in(server, FORWARDED)


def test_wrong_keys_are_counted_by_the_callers_own_address(open_server: Callable[..., RunningServer]) -> None:
    server = open_server(auratune_api_keys=KEYS, trusted_proxies="127.0.0.1")

    def wrong(address: str) -> int:
        headers = {"authorization": "Bearer wrong", "x-forwarded-for": address}
        return server.client.get("/photos", headers=headers).status_code

    assert {wrong("203.0.113.7") for _ in range(40)} == {401, 429}
    assert wrong("203.0.113.8") == 401


@pytest.mark.parametrize(
    ("settings", "lan", "phone"),
    [
        ({}, "192.168.1.20", None),
        ({"host": "0.0.0.0"}, "192.168.1.20", "http://192.168.1.20:8000/s/"),
        ({"host": "::"}, "", None),
        ({"host": "2001:db8::5"}, "192.168.1.20", "http://[2001:db8::5]:8000/s/"),
        ({"public_url": "https://films.example.org"}, "192.168.1.20", "https://films.example.org/s/"),
    ],
)
def test_a_share_link_comes_with_a_code_for_the_phone_where_a_phone_can_reach_it(
    open_server: Callable[..., RunningServer],
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    lan: str,
    phone: str | None,
) -> None:
    monkeypatch.setattr(addresses, "lan_address", lambda: lan)
    server = open_server(**settings, auratune_open=True)
    link = server.client.post(f"/photos/{server.new_task()}/share").json()
    code = server.client.get(link["qr_url"] or f"/s/{link['url'].rpartition('/')[2]}/qr.svg")
    if phone is None:
        assert (link["phone_url"], link["qr_url"], code.status_code) == (None, None, 404)
        return
    assert link["phone_url"].startswith(phone)
    assert code.headers["content-type"].startswith("image/svg+xml")
    assert f"<title>{link['phone_url']}</title>" in code.text
    assert server.client.get("/s/made-up/qr.svg").status_code == 404


def test_the_service_says_at_its_start_where_a_phone_finds_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(addresses, "lan_address", lambda: "192.168.1.20")
    addresses.print_address(Settings(_env_file=None), "")
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    addresses.print_address(Settings(_env_file=None, host="0.0.0.0", port=8123), "a-key")
    told = capsys.readouterr().err
    assert told.startswith("  On a phone: http://192.168.1.20:8123/app#key=a-key\n")
    assert "█▀" in told
