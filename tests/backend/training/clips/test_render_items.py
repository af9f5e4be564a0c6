"""Items for the neural renderer from a small database whose pictures say where they come from."""

import random
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from backend.training.clips.database import ClipReader, ClipWriter
from backend.training.clips.layouts import LRW, PERSON
from backend.training.clips.pictures import ClipPictures, decoded
from backend.training.clips.records import ClipFileError
from backend.training.clips.render_items import RenderItems, mouth_masks, whole_clip

SIDE, TEXTURE, FRAMES = 32, 48, 14
INSIDE = (slice(8, 24), slice(8, 24))


def lossless(frames: np.ndarray, folder: Path) -> bytes:
    """A video of BGR frames that decodes to the same bytes."""
    path = folder / "video.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = frames.shape[2], frames.shape[1], "bgr0"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="bgr24")))
        container.mux(stream.encode(None))
    return path.read_bytes()


def pictures(frames: int = FRAMES, seed: int = 0) -> dict[str, np.ndarray]:
    numbers = np.random.default_rng(seed)
    background = np.full((frames, SIDE, SIDE, 3), 255, np.uint8)
    background[:, INSIDE[0], INSIDE[1]] = 0
    return {
        "align": numbers.integers(0, 256, (frames, SIDE, SIDE, 3), np.uint8),
        "uv": numbers.integers(0, 256, (frames, SIDE, SIDE, 3), np.uint8),
        "bg": background,
        "texture": numbers.integers(0, 256, (frames, TEXTURE, TEXTURE, 3), np.uint8),
        "mouth": background[:, ::-1],
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with ClipWriter(tmp_path / "lmdb", LRW) as writer:
        for index in range(3):
            clip = pictures(FRAMES + index, index)
            writer.write(index, {field: lossless(video, tmp_path) for field, video in clip.items()})
    return tmp_path / "lmdb"


def unit(image: np.ndarray) -> np.ndarray:
    return np.moveaxis(image.astype(np.float32) / 128 - 1, -1, -3)


def test_an_item_is_cut_where_python_draws_it(folder: Path) -> None:
    with ClipReader(folder, LRW) as reader:
        items = RenderItems(reader, random.Random(5), length=3)
        assert len(items) == 3
        item, clip = items[1], pictures(FRAMES + 1, 1)
    start = random.Random(5).randint(3, FRAMES + 1 - 3)
    drawn = slice(start, start + 3)
    np.testing.assert_array_equal(item.frames, unit(clip["align"][drawn]))
    np.testing.assert_array_equal(item.uv, np.moveaxis(clip["uv"][drawn].astype(np.float32) / 255, -1, 1)[:, :2])
    np.testing.assert_array_equal(item.textures, unit(clip["texture"][:3, ::-1]))  # stored upside down
    assert item.background.shape == (3, 1, SIDE, SIDE)
    assert (item.background[:, 0, *INSIDE] == 0).all() and item.background.mean() == 0.75
    np.testing.assert_array_equal(item.face[:, *INSIDE], unit(clip["align"][0][INSIDE]))
    assert (item.face[:, :8] == 0).all()


def test_every_start_that_fits_is_drawn_and_no_other(folder: Path) -> None:
    clip = unit(pictures(FRAMES, 0)["align"])
    with ClipReader(folder, LRW) as reader:
        items = RenderItems(reader, random.Random(0), length=3)
        firsts = [items[0].frames[0].numpy() for _ in range(150)]
    starts = {next(t for t in range(FRAMES) if np.array_equal(first, clip[t])) for first in firsts}
    assert starts == set(range(3, FRAMES - 3 + 1))


def test_items_make_batches(folder: Path) -> None:
    with ClipReader(folder, LRW) as reader:
        batch = next(iter(DataLoader(RenderItems(reader, random.Random(0)), batch_size=3)))
    assert batch.frames.shape == (3, 3, 3, SIDE, SIDE)
    assert batch.face.shape == (3, 3, SIDE, SIDE) and batch.face.dtype == torch.float32


def test_a_whole_clip_keeps_every_frame(folder: Path) -> None:
    clip = pictures(FRAMES + 2, 2)
    with ClipReader(folder, LRW) as reader:
        whole = whole_clip(lambda field: reader.media(field, 2), "clip 2", length=4)
        mouths = mouth_masks(lambda field: reader.media(field, 2), "clip 2")
    np.testing.assert_array_equal(whole.frames, unit(clip["align"]))
    assert whole.uv.shape == (FRAMES + 2, 2, SIDE, SIDE) and whole.background.shape == (FRAMES + 2, 1, SIDE, SIDE)
    np.testing.assert_array_equal(whole.textures, unit(clip["texture"][:4, ::-1]))
    np.testing.assert_array_equal(mouths[:, 0].numpy() == 1, clip["mouth"][..., 0] > 127)


def test_short_and_missing_clips_are_refused(tmp_path: Path) -> None:
    with ClipWriter(tmp_path / "lmdb", PERSON) as writer:
        clip = pictures(5)
        writer.write(0, {field: lossless(video, tmp_path) for field, video in clip.items()})
        writer.write(1, {"align": lossless(clip["align"], tmp_path)})
    with ClipReader(tmp_path / "lmdb", PERSON) as reader:
        items = RenderItems(reader, random.Random(0), length=3)
        with pytest.raises(ClipFileError, match="clip 0 has 5 frames and an item needs 6"):
            items[0]
        with pytest.raises(ClipFileError, match="has no uv of clip 1"):
            items[1]
        with pytest.raises(IndexError, match="from 0 to 1"):
            items[2]
        with pytest.raises(ClipFileError, match="clip 0 has 5 frames and 6 textures"):
            whole_clip(lambda field: reader.media(field, 0), "clip 0", length=6)


def test_videos_that_do_not_fit_each_other_or_are_none_are_refused(tmp_path: Path) -> None:
    videos = {field: lossless(video, tmp_path) for field, video in pictures().items()}
    videos["uv"] = lossless(pictures(FRAMES - 1)["uv"], tmp_path)
    with pytest.raises(ClipFileError, match="of clip 7 do not fit each other"):
        ClipPictures.read(videos.__getitem__, "clip 7")
    for damaged in (b"", b"not a video" * 100, videos["bg"][:200]):
        with pytest.raises(ClipFileError, match="bg of clip 7"):
            decoded(damaged, "bg of clip 7")
