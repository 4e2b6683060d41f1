"""Behind a proxy: what PUBLIC_URL and TRUSTED_PROXIES change, and that nothing is believed without them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from tests.web.conftest import jpeg

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.web.conftest import House

FORWARDED = {"x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.7"}
KEYS = "alice:a-long-secret-of-alice"


def shared_page(house: House, headers: dict[str, str]) -> str:
    """The player page behind a share link of a new film."""
    key = {"authorization": "Bearer a-long-secret-of-alice", **headers}
    task_id = house.client.post("/photos", content=jpeg(), headers={**key, "content-type": "image/jpeg"}).json()[
        "task_id"
    ]
    house.tasks.finish(task_id)
    url = house.client.post(f"/photos/{task_id}/share", headers=key).json()["url"]
    return url + "\n" + house.client.get(re.sub(r"^https?://[^/]+", "", url), headers=headers).text


@pytest.mark.parametrize("headers", [{}, FORWARDED])
def test_links_and_tags_for_other_sites_carry_the_public_address(
    open_house: Callable[..., House], headers: dict[str, str]
) -> None:
    house = open_house(auratune_api_keys=KEYS, public_url="https://films.example.org")
    page = shared_page(house, headers)
    assert page.startswith("https://films.example.org/s/")
    assert re.search(r'property="og:image" content="https://films\.example\.org/s/', page)
    assert f"http://127.0.0.1:{house.port}" not in page


def sign_in(house: House, headers: dict[str, str]) -> str:
    answer = house.client.post("/session", json={"key": "a-long-secret-of-alice"}, headers=headers)
    assert answer.status_code < 300, answer.text
    return answer.headers["set-cookie"]


def test_the_cookie_is_for_https_only_where_people_use_https(open_house: Callable[..., House]) -> None:
    house = open_house(auratune_api_keys=KEYS, public_url="https://films.example.org")
    assert "Secure" in sign_in(house, {"host": "films.example.org"})
    assert "Secure" not in sign_in(house, {})


def test_forwarded_headers_count_only_from_a_trusted_proxy(open_house: Callable[..., House]) -> None:
    house = open_house(auratune_api_keys=KEYS)
    assert "Secure" not in sign_in(house, FORWARDED)


@pytest.mark.parametrize("proxies", ["127.0.0.0/8", "*", "10.0.0.1, 127.0.0.1"])
def test_a_trusted_proxy_says_the_scheme(open_house: Callable[..., House], proxies: str) -> None:
    house = open_house(auratune_api_keys=KEYS, trusted_proxies=proxies)
    assert "Secure" in sign_in(house, FORWARDED)


def test_wrong_keys_are_counted_by_the_callers_own_address(open_house: Callable[..., House]) -> None:
    house = open_house(auratune_api_keys=KEYS, trusted_proxies="127.0.0.1")

    def wrong(address: str) -> int:
        headers = {"authorization": "Bearer wrong", "x-forwarded-for": address}
        return house.client.get("/photos", headers=headers).status_code

    assert {wrong("203.0.113.7") for _ in range(40)} == {401, 429}
    assert wrong("203.0.113.8") == 401
