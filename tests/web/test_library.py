"""The library, a task's life, the first version's addresses, and the service's own state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.web.conftest import RunningServer, jpeg

from auratune.core.options import FilmFormat, Options
from auratune.core.task import PaidCall, PaidState, Stage, Status
from auratune.web.negotiation import prefers_html

if TYPE_CHECKING:
    from collections.abc import Callable

EMPTY_PAGE = (
    "/app", "/session", "/photos?limit=1",
    *(
        f"/static/{name}"
        for name in (
            "style.css", "preferences.js", "app.js", "api.js", "events.js", "language.js", "notices.js", "sign_in.js",
            "upload.js", "words.js", "choices.js", "events_worker.js", "icon.svg", "app.webmanifest",
        )
    ),
)  # fmt: skip
"""Everything that a browser loads for a page without films."""
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


def test_an_entry_has_everything_that_clients_read(server: RunningServer) -> None:
    task_id = server.new_task()
    call = PaidCall(vendor="suno", purpose="music", state=PaidState.DONE, number=1, units={"credits": 5.0})
    server.tasks.finish(
        task_id,
        b"x" * 3_500_000,
        title="Dawn",
        caption="A bright scene",
        lyrics="one\ntwo",
        style="golden",
        words_by="claude",
        music_by="suno",
        duration_seconds=30.0,
        width_px=1080,
        height_px=1440,
        notices=("Suno was busy.",),
        receipt=(call,),
    )
    page = server.client.get("/photos").json()
    entry = page["videos"][0]
    assert (page["total_count"], page["total_size_mb"], page["next"]) == (1, 3.34, None)
    assert entry == {
        "task_id": task_id,
        "filename": "A film.mp4",
        "file_size": 3_500_000,
        "file_size_mb": 3.34,
        "created_at": "2026-05-04T09:30:00Z",
        "modified_at": "2026-05-04T09:30:00Z",
        "status": "done",
        "progress": 100,
        "stage": "finished",
        "first_cut": False,
        "title": "Dawn",
        "caption": "A bright scene",
        "lyrics": "one\ntwo",
        "style": "golden",
        "made_from": None,
        "duration_seconds": 30.0,
        "width": 1080,
        "height": 1440,
        "words_by": "claude",
        "music_by": "suno",
        "notices": ["Suno was busy."],
        "download_url": f"/photos/{task_id}/download",
        "poster_url": f"/photos/{task_id}/poster",
        "status_url": f"/photos/{task_id}/status",
        "share_url": entry["share_url"],
        "eta_seconds": None,
        "receipt": [
            {
                "vendor": "suno",
                "purpose": "music",
                "state": "done",
                "attempt": 1,
                "units": {"credits": 5.0},
                "at": None,
            }
        ],
        "message": "Your film is ready.",
        "error_message": None,
        "error_code": None,
        "retryable": False,
    }
    for url in ("download_url", "poster_url", "status_url", "share_url"):
        assert server.client.get(entry[url]).status_code == 200


def test_the_library_is_paged_filtered_and_searched(server: RunningServer) -> None:
    tasks = [server.new_task(seed) for seed in range(5)]
    server.tasks.finish(tasks[1], title="Slow Glass")
    first = server.client.get("/photos?limit=2").json()
    assert [film["task_id"] for film in first["videos"]] == [tasks[4], tasks[3]]
    rest = server.client.get(f"/photos?limit=3&cursor={first['next']}").json()
    assert [film["task_id"] for film in rest["videos"]] == [tasks[2], tasks[1], tasks[0]]
    assert rest["next"] is None
    done = server.client.get("/photos?status=done").json()["videos"]
    found = server.client.get("/photos?q=glass").json()["videos"]
    assert [film["task_id"] for film in done] == [film["task_id"] for film in found] == [tasks[1]]
    for choice in ("look=golden", "maker=claude"):
        server.tasks.change(tasks[2], style="golden", words_by="claude")
        assert [film["task_id"] for film in server.client.get(f"/photos?{choice}").json()["videos"]] == [tasks[2]]
    assert server.client.get("/photos?month=2026-05").json()["total_count"] == 5
    assert server.client.get("/photos?month=2026-06").json()["total_count"] == 0
    remake = server.client.post(f"/photos/{tasks[1]}/remake", json={"style": "noir"}).json()["task_id"]
    family = server.client.get(f"/photos?origin={tasks[1]}").json()["videos"]
    assert [(film["task_id"], film["made_from"]) for film in family] == [(remake, tasks[1]), (tasks[1], None)]
    for wrong in ("status=finished", "look=sepia", "month=May"):
        assert server.client.get(f"/photos?{wrong}").status_code == 422


def test_the_status_of_every_state_is_an_answer_and_never_an_error(server: RunningServer) -> None:
    task_id = server.new_task()
    for status in Status:
        server.tasks.change(
            task_id, status=status, stage=Stage.RENDER, error_code="render_failed", error_message="No.", eta_seconds=2.5
        )
        answer = server.client.get(f"/photos/{task_id}/status")
        body = answer.json()
        assert (answer.status_code, body["status"], body["error_message"]) == (200, status.value, "No.")
        assert {"progress", "message", "stage", "error_code", "retryable", "eta_seconds", "updated_at"} <= set(body)
        assert server.client.get("/photos").status_code == 200


def test_the_details_hold_no_path_and_no_key_of_the_store(server: RunningServer) -> None:
    task_id = server.new_task()
    answer = server.client.get(f"/photos/{task_id}")
    body = answer.json()
    assert {"beats", "storyboard", "timings", "events", "scene", "treatment", "options"} <= set(body)
    assert body["events"][0]["status"] == "uploaded"
    assert body["timings"] == {"observe": 0.5}
    assert f"photos/{task_id}.jpg" not in answer.text
    assert str(server.folder) not in answer.text


def test_a_film_is_stopped_tried_again_remade_and_removed(server: RunningServer) -> None:
    task_id = server.new_task()
    assert server.client.post(f"/photos/{task_id}/cancel").json()["status"] == "cancelled"
    again = server.client.post(f"/photos/{task_id}/cancel")
    assert (again.status_code, again.json()["status"]) == (200, "cancelled")
    assert server.client.post(f"/photos/{task_id}/retry", json={"music": "suno"}).json()["status"] == "uploaded"
    assert server.tasks.retried_with == "suno"
    assert server.client.post(f"/photos/{task_id}/retry", json={"music": "spotify"}).status_code == 422
    remade = server.client.post(f"/photos/{task_id}/remake", json={"style": "noir", "aspect": "1:1"})
    fresh = remade.json()["task_id"]
    assert fresh != task_id
    assert remade.headers["location"] == f"/photos/{fresh}"
    assert server.client.post(f"/photos/{task_id}/remake", content=b"[1]").status_code == 400
    assert server.client.delete(f"/photos/{task_id}").status_code == 204
    assert server.client.get(f"/photos/{task_id}").status_code == 404


def test_a_remake_keeps_what_is_not_named(server: RunningServer) -> None:
    task_id = server.new_task()
    was = Options(style="golden", title="Dawn", format=FilmFormat(length_seconds=12, fps=24, captions="off"))
    server.tasks.change(task_id, options=was)
    server.client.post(f"/photos/{task_id}/remake", json={"aspect": "16:9"})
    options = server.tasks.remade[0]
    assert (options.style, options.title) == ("golden", "Dawn")
    assert options.format == FilmFormat(length_seconds=12, fps=24, captions="off", aspect="16:9")


def test_clients_of_the_first_version_find_their_addresses(server: RunningServer) -> None:
    task_id = server.new_task()
    server.tasks.finish(task_id, b"film")
    assert server.client.get(f"/status/{task_id}").json()["status"] == "done"
    assert server.client.get(f"/download/{task_id}", headers={"range": "bytes=0-1"}).content == b"fi"
    assert server.client.get("/library").json()["videos"][0]["task_id"] == task_id
    assert server.client.delete(f"/library/{task_id}").status_code == 204
    paths = server.client.get("/openapi.json").json()["paths"]
    assert paths["/status/{task_id}"]["get"]["deprecated"] is True
    assert "deprecated" not in paths["/photos/{task_id}/status"]["get"]


def test_the_root_is_health_for_programs_and_the_page_for_browsers(server: RunningServer) -> None:
    for accept in ({}, {"accept": "*/*"}, {"accept": "application/json"}):
        answer = server.client.get("/", headers=accept)
        body = answer.json()
        assert set(body) == {"message", "status", "version", "total_tasks", "active_tasks", "max_concurrent"}
        assert body["status"] == "running"
        assert answer.headers["vary"].startswith("Accept")
    page = server.client.get("/", headers={"accept": BROWSER})
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["vary"].startswith("Accept")
    assert server.client.get("/app", headers={"accept": "application/json"}).text == page.text


@pytest.mark.parametrize(
    ("accept", "html"),
    [
        ("", False),
        ("*/*", False),
        ("text/html", True),
        (BROWSER, True),
        ("text/html;q=0.5, application/json", False),
        ("text/html;q=0.5, */*", False),
        ("application/json;q=0.9, text/html", True),
        ("text/html;q=0", False),
        ("text/html;q=nonsense", False),
    ],
)
def test_html_is_sent_when_it_is_named_and_outranks_json(accept: str, html: bool) -> None:
    assert prefers_html(accept) is html


def test_ready_is_503_when_no_work_can_be_done(server: RunningServer) -> None:
    assert server.client.get("/health/ready").json() == {"status": "ready"}
    assert server.client.get("/health").json()["status"] == "ok"
    server.tasks.can_work = False
    answer = server.client.get("/health/ready")
    assert (answer.status_code, answer.json()["fault"]) == (503, "engine_stopped")
    assert server.client.get("/health").json()["status"] == "unready"
    assert server.client.get("/health/live").status_code == 200


def test_health_tells_which_providers_have_a_key_and_never_the_key(open_server: Callable[..., RunningServer]) -> None:
    server = open_server(suno_api_key="canary-suno")
    answer = server.client.get("/health")
    assert answer.json()["providers"]["suno"]["configured"] is True
    assert answer.json()["providers"]["elevenlabs"]["configured"] is False
    assert "canary" not in answer.text


def test_a_vendor_that_fails_makes_the_service_degraded_but_not_unready(
    open_server: Callable[..., RunningServer],
) -> None:
    server = open_server(suno_api_key="canary-suno")
    assert server.client.get("/health").json()["status"] == "ok"
    server.telemetry.count_vendor_request("suno", "provider_busy")
    health = server.client.get("/health").json()
    assert health["status"] == "degraded"
    assert health["providers"]["suno"]["last_error_code"] == "provider_busy"
    assert server.client.get("/health/ready").status_code == 200


def test_meters_count_by_route_template(server: RunningServer) -> None:
    task_id = server.new_task()
    server.client.get(f"/photos/{task_id}/status")
    server.client.get("/no/such/place")
    text = server.client.get("/metrics").text
    assert 'route="/photos/{task_id}/status",status="200"' in text
    assert 'route="unmatched",status="404"' in text
    assert task_id not in text
    assert "auratune_queue_depth" in text
    assert "auratune_live_workers 3.0" in text


def test_the_api_describes_itself(server: RunningServer) -> None:
    api = server.client.get("/openapi.json").json()
    assert api["openapi"].startswith("3.1")
    upload = api["paths"]["/upload-photo"]["post"]
    assert set(upload["requestBody"]["content"]) == {"application/json", "multipart/form-data", "image/*"}
    assert api["components"]["schemas"]["StatusResponse"]["examples"]
    assert {kind["code"]: kind["status"] for kind in api["x-problems"]}["task_not_found"] == 404
    for path, operations in api["paths"].items():
        for operation in operations.values():
            assert operation.get("description"), path


def test_the_pages_files_are_kept_by_the_browser_until_they_change(server: RunningServer) -> None:
    first = server.client.get("/static/app.js")
    assert first.headers["content-type"].startswith("text/javascript")
    again = server.client.get("/static/app.js", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    for name in ("style.css", "icon.svg", "docs.js"):
        assert server.client.get(f"/static/{name}").status_code == 200


def test_head_is_answered_wherever_get_is(server: RunningServer) -> None:
    task_id = server.new_task()
    server.tasks.finish(task_id)
    paths = [path for path, methods in server.client.get("/openapi.json").json()["paths"].items() if "get" in methods]
    for path in [*paths, "/app", "/docs", "/static/app.js", "/openapi.json", "/favicon.ico", "/films/{task_id}"]:
        answer = server.client.head(path.replace("{task_id}", task_id).replace("{look}", "noir"))
        assert answer.status_code != 405, path
        assert answer.content == b""


def test_glasses_read_the_status_in_one_line(server: RunningServer) -> None:
    task_id = server.new_task()

    def line() -> str:
        answer = server.client.get(f"/photos/{task_id}/status?plain=1")
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert len(answer.text) <= 40
        return answer.text

    server.tasks.change(task_id, status=Status.GENERATING, progress=31, message="Suno " * 20, eta_seconds=42.0)
    assert line().startswith("31% Suno")
    assert line().endswith("42 s left")
    server.tasks.change(task_id, status=Status.ERROR, error_message="The vendor said no. " * 5)
    assert line().startswith("Failed: The vendor")
    server.tasks.finish(task_id, title="A title that is longer than any pair of glasses is wide")
    assert line().startswith("Ready: A title")


def test_text_is_compressed_and_films_are_not(server: RunningServer) -> None:
    task_id = server.new_task()
    server.tasks.finish(task_id)
    assert server.client.get("/static/style.css").headers["content-encoding"] == "gzip"
    assert "content-encoding" not in server.client.get(f"/photos/{task_id}/download").headers
    sizes = [
        len(server.raw(f"GET {path} HTTP/1.0\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n".encode()))
        for path in EMPTY_PAGE
    ]
    assert sum(sizes) <= 30_000


def test_a_phone_shares_a_picture_with_the_installed_page(server: RunningServer) -> None:
    files = {"file": ("a.jpg", jpeg(), "image/jpeg")}
    answer = server.client.post("/share-target", data={"title": ""}, files=files, headers={"sec-fetch-site": "none"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/films/{next(iter(server.tasks.tasks))}")
    manifest = server.client.get("/static/app.webmanifest").json()
    assert manifest["share_target"]["action"] == "/share-target"
    for icon in manifest["icons"]:
        assert server.client.get(icon["src"]).status_code == 200


def test_an_expired_film_is_a_state_of_its_own(server: RunningServer) -> None:
    task_id = server.new_task()
    server.tasks.finish(task_id)
    assert server.client.get(f"/photos/{task_id}/status").json()["status"] == "done"
    server.tasks.expired.add(task_id)
    for path in (f"/photos/{task_id}/status", f"/photos/{task_id}"):
        assert server.client.get(path).json()["status"] == "expired"
    assert server.client.get(f"/photos/{task_id}/status?plain=1").text == "Removed after its time."
