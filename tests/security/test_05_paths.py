"""Promise 5: no path from a request is opened outside the declared roots."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import av
import pytest
from PIL import Image

from backend.media import AudioError, read_audio
from backend.photo import PhotoError, read_photo
from backend.server.errors import ApiError
from backend.server.intake import safe_name
from backend.server.roots import Roots
from tests.backend.server.conftest import Real
from tests.security.conftest import ask, code, request, snapshot


def _refused(real: Real, path: str) -> None:
    answer = real.post({"kind": "animate", "audio": {"path": path}})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "path_not_allowed"), (path, answer.text)


@pytest.fixture(scope="module")
def secret(folder: Path, voice: Path) -> Path:
    """A voice that the server may not read; a good file, so that nothing but the path can be why it is refused."""
    return Path(shutil.copy(voice, folder / "outside" / "secret.wav"))


def test_a_file_in_a_root_may_be_named(real: Real, folder: Path, voice: Path) -> None:
    (folder / "root" / "deep").mkdir()
    good = Path(shutil.copy(voice, folder / "root" / "deep" / "a voice (ä).wav"))
    answer = real.post({"kind": "animate", "audio": {"path": str(good)}})
    assert answer.status_code == 202, answer.text
    assert real.wait(answer.json())["state"] == "done"


def test_paths_that_lead_out_are_refused(real: Real, folder: Path, secret: Path) -> None:
    root = folder / "root"
    for path in (
        str(secret),
        f"{root}/../outside/secret.wav",
        f"{root}/deep/../../outside/secret.wav",
        f"{root}/./../outside/secret.wav",
        f"{root}/%2e%2e/outside/secret.wav",
        f"{root}/..%2foutside%2fsecret.wav",
        f"{root}\\..\\outside\\secret.wav",
        f"{root}/..\\outside/secret.wav",
        f"{root}/../{root.name}/deep",
        f"/{secret}",
        f"//localhost{secret}",
        f"\\\\server\\share{secret}",
        f"\\\\?\\{secret}",
        f"file://{secret}",
        "secret.wav",
        "../outside/secret.wav",
        "~/secret.wav",
        "C:/Windows/win.ini",
        "C:secret.wav",
        "/etc/passwd",
        "/proc/self/environ",
        "/proc/self/fd/0",
        f"{root}\0/../outside/secret.wav",
        f"{root}/\n",
        " ",
        ".",
        "/",
        str(root),
        str(folder / "runtime.json"),
        f"{root}-and-more/secret.wav",
        f"{root}/{'x' * 300}",
        f"{root}/" + "x/" * 2000,
    ):
        _refused(real, path)


def test_links_that_lead_out_are_refused(real: Real, folder: Path, secret: Path) -> None:
    root = folder / "root"
    (root / "link.wav").symlink_to(secret)
    (root / "folder").symlink_to(folder / "outside")
    (root / "twice.wav").symlink_to(root / "link.wav")
    (root / "round").symlink_to(root / "round")
    for name in ("link.wav", "folder/secret.wav", "twice.wav", "round", "round/secret.wav"):
        _refused(real, str(root / name))


def test_links_within_a_root_are_followed(real: Real, folder: Path, voice: Path) -> None:
    inside = Path(shutil.copy(voice, folder / "root" / "inside.wav"))
    (folder / "root" / "to_inside.wav").symlink_to(inside)
    answer = real.post({"kind": "animate", "audio": {"path": str(folder / "root" / "to_inside.wav")}})
    assert answer.status_code == 202


@pytest.mark.skipif(os.name == "nt", reason="no pipes or devices in folders there")
def test_pipes_sockets_folders_and_devices_are_refused_at_once(real: Real, folder: Path) -> None:
    root = folder / "root"
    os.mkfifo(root / "pipe.wav")
    (root / "zero.wav").symlink_to("/dev/zero")
    listener = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    os.chdir(root)  # the path of a socket may be 100 letters long
    try:
        listener.bind("socket.wav")
    finally:
        os.chdir(here)
    try:
        (root / "folder.wav").mkdir()
        for name in ("pipe.wav", "zero.wav", "socket.wav", "folder.wav"):
            _refused(real, str(root / name))
    finally:
        listener.close()
    with pytest.raises(ApiError), Roots([root]).open(str(root / "pipe.wav")):
        pass


def test_a_link_put_there_while_the_file_is_opened_gains_nothing(folder: Path, secret: Path, voice: Path) -> None:
    root = folder / "root" / "race"
    root.mkdir()
    target, stop = root / "voice.wav", threading.Event()
    good, bad = voice.read_bytes(), b"the secret"
    secret_text = folder / "outside" / "text"
    secret_text.write_bytes(bad)

    def swap() -> None:
        while not stop.is_set():
            spare = root / "spare"
            spare.symlink_to(secret_text)
            spare.replace(target)
            spare.write_bytes(good)
            spare.replace(target)

    target.write_bytes(good)
    swapper = threading.Thread(target=swap)
    swapper.start()
    roots, opened = Roots([root]), 0
    try:
        give_up = time.monotonic() + 3
        while time.monotonic() < give_up:
            try:
                with roots.open(str(target)) as (_, file):
                    opened += 1
                    assert file.read(len(bad)) != bad
            except ApiError:
                pass
    finally:
        stop.set()
        swapper.join()
    assert opened


def test_names_below_no_root_are_refused_before_the_file_system_is_asked(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Windows, asking for //server/share would send the user's name and a hash of the password to that server."""
    roots = Roots([folder / "root"])

    def asked(*_: Any, **__: Any) -> Any:
        raise AssertionError("the file system was asked")

    with monkeypatch.context() as patched:
        for name in ("stat", "lstat", "open", "readlink", "listdir"):
            patched.setattr(os, name, asked)
        refused = []
        for path in ("//server/share/voice.wav", "/etc/passwd", f"/{folder}/root/x", f"{folder}/root/../x"):
            try:
                with roots.open(path):
                    pass
            except ApiError as error:
                refused.append(error.problem.code)
    assert refused == ["path_not_allowed"] * 4


@pytest.mark.parametrize(
    "name",
    [
        "../../../../tmp/owned.wav",
        "/etc/cron.d/owned",
        "..\\..\\owned.wav",
        "C:\\Windows\\owned.wav",
        "owned.wav:stream",
        "..",
        ".",
        "",
        "~",
        "$(touch owned)",
        "-rf",
        "con.wav",
        "a" * 5000 + ".wav",
        "%2e%2e%2fowned.wav",
        "line\x00break.wav",
        ".hidden.wav",
        "\u202egnp.wav",
    ],
)
def test_the_names_of_uploads_stay_names(real: Real, folder: Path, voice: Path, name: str) -> None:
    outside = {path for path in folder.rglob("*") if "slot-0" not in path.parts and "cache" not in path.parts}
    escaped = name.replace('"', "%22").replace("\x00", "\\0")
    parts = {
        "request": (None, '{"kind": "animate", "audio": {"upload": "voice"}}', "application/json"),
        "voice": (escaped, voice.read_bytes(), "application/octet-stream"),
    }
    answer = real.http.post("/v1/jobs", files=parts)
    assert answer.status_code in {202, 400}, answer.text
    if answer.status_code == 202:
        real.http.post(f"/v1/jobs/{answer.json()['id']}/cancel")
    now = {path for path in folder.rglob("*") if "slot-0" not in path.parts and "cache" not in path.parts}
    assert now == outside


def test_a_safe_name_is_one_plain_name() -> None:
    for name in ("../x", "a/b", "a\\b", "C:x", "..", ".", "", "\0", "x:y", "\u202ex", "a" * 500, "/", "...", "x."):
        safe = safe_name(name, "audio")
        assert safe and safe not in {".", ".."} and len(safe) <= 120 and not set(safe) & set('/\\:\0<>"|?*\n\u202e')
        assert safe[0] != "." and safe[-1] not in ". "


@pytest.mark.parametrize(
    "name",
    [
        "..%2f..%2fqueue.sqlite",
        "..%5c..%5cqueue.sqlite",
        "%2e%2e/%2e%2e/queue.sqlite",
        "../../../../runtime.json",
        "%2fetc%2fpasswd",
        "take.npz%00.png",
        "take.npz/",
        "./take.npz",
        "TAKE.NPZ",
        ".take.npz.1.part",
        "",
    ],
)
def test_only_listed_files_of_a_job_are_sent(real: Real, voice: Path, name: str) -> None:
    job = real.wait(real.animate(voice))
    answer = ask(real, request(real, f"GET /v1/jobs/{job['id']}/files/{name} HTTP/1.1"))
    assert answer[0] in {400, 404} and b"SQLite" not in answer[2] and b"root:" not in answer[2]
    assert code(answer)[1] in {"not_found", "bad_request"}


@pytest.mark.parametrize(
    "name", ["..", "../jobs", "0" * 31, "0" * 33, "G" * 32, "..%2f..%2f", "%00", quote("\u0660" * 32)]
)
def test_ids_and_hashes_are_hexadecimal(real: Real, name: str) -> None:
    for path in (f"/v1/jobs/{name}/frames", f"/v1/jobs/{name}/files/take.npz", f"/v1/face-models/{name}/geometry"):
        assert ask(real, request(real, f"GET {path} HTTP/1.1"))[0] in {400, 404}


PLAYLISTS: dict[str, Callable[[Path], str]] = {
    "voice.m3u8": lambda path: f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{path}\n#EXT-X-ENDLIST\n",
    "address.m3u8": lambda path: f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{path.as_uri()}\n#EXT-X-ENDLIST\n",
    "voice.ffconcat": lambda path: f"ffconcat version 1.0\nfile {path.name}\n",
    "list.wav": lambda path: f"ffconcat version 1.0\nfile {path.name}\n",
}


@pytest.fixture(scope="module")
def playable(voice: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that ffmpeg plays out of a list: the test would pass for the wrong reason with one that it does not."""
    path = tmp_path_factory.mktemp("playable") / "secret.ts"
    with av.open(str(path), "w", format="mpegts") as target, av.open(str(voice)) as source:
        stream = target.add_stream("aac", rate=source.streams.audio[0].rate, layout="mono")
        for frame in source.decode(audio=0):
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("name", PLAYLISTS)
def test_a_playlist_opens_no_other_file(real: Real, playable: Path, name: str) -> None:
    """ffmpeg knows formats that are lists of other files."""
    playlist = playable.with_name(name)
    playlist.write_text(PLAYLISTS[name](playable))
    with av.open(str(playlist)) as unguarded:
        assert next(unguarded.decode(audio=0)).samples  # so it would have been read
    with pytest.raises(AudioError, match="not a readable"):
        read_audio(playlist)
    job = real.wait(real.animate(playlist))
    assert (job["state"], job["error"]["code"]) == ("failed", "bad_audio"), job


def test_a_photo_is_never_handed_to_another_program(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "photo.eps")
    with pytest.raises(PhotoError, match="not a picture"):
        read_photo(tmp_path / "photo.eps")


LISTS = {
    "voice.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{}\n#EXT-X-ENDLIST\n",
    "voice.ffconcat": "ffconcat version 1.0\nfile {}\n",
}


def test_a_playlist_asks_no_server(real: Real, tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0.2)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/voice.ts"
        for name in LISTS:
            (tmp_path / name).write_text(LISTS[name].format(address))
            assert real.wait(real.animate(tmp_path / name))["error"]["code"] == "bad_audio"
        with pytest.raises(TimeoutError):
            listener.accept()


def test_nothing_was_written_outside(real: Real, folder: Path) -> None:
    before = snapshot(folder / "outside")
    for path in ("../outside/new.wav", f"{folder}/outside/new.wav"):
        _refused(real, path)
    assert snapshot(folder / "outside") == before
