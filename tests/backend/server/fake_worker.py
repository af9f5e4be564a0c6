"""A worker without models: speaks the worker's protocol and misbehaves as a job's transcript asks."""

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

stopped: set[str] = set()
orders: list[dict[str, Any]] = []
arrived = threading.Event()


def say(what: str, **facts: Any) -> None:
    print(json.dumps({"say": what, **facts}), flush=True)


def listen() -> None:
    for line in sys.stdin:
        message = json.loads(line)
        if message["do"] == "cancel":
            stopped.add(message["id"])
        else:
            orders.append(message)
            arrived.set()
    os._exit(0)


def do(order: dict[str, Any]) -> None:
    job, asked = order["id"], order["request"].get("transcript") or ""
    say("progress", id=job, stage="speech", done=0, total=2)
    if asked == "crash":
        print("something native broke", file=sys.stderr, flush=True)
        os._exit(7)
    if asked == "chatter":
        sys.stderr.write("." * 40_000_000)  # a single line, longer than any buffer
    if asked == "killed":
        os.kill(os.getpid(), 9)
    if asked == "mute":  # as one that takes long to die: nothing more is to be read, but it is there
        os.close(1)
        os.close(2)
        time.sleep(60)
    if asked == "babble":
        print("this is no JSON", flush=True)
    if asked == "memory":
        problem = {"code": "out_of_memory", "message": "No memory.", "advice": "Close programs.", "details": None}
        say("failed", id=job, problem=problem)
        time.sleep(60)  # in no state to do anything else
    if asked == "fail":
        problem = {"code": "bad_audio", "message": "It is silent.", "advice": "Give another.", "details": None}
        say("failed", id=job, problem=problem)
        return
    while asked == "slow":
        if job in stopped:
            say("cancelled", id=job)
            return
        time.sleep(0.01)
    if asked == "patient":
        say("progress", id=job, stage="speech", done=0, total=1000)
        time.sleep(1.5)
    while asked == "deaf":
        time.sleep(1)
    if asked == "frames":
        import numpy as np  # here, since it would double the time a start takes

        np.save(order["frames"], np.arange(10 * 257, dtype=np.float32).reshape(10, 257))
        say("frames", id=job, ready=10, total=50)
        while job not in stopped:
            time.sleep(0.01)
        say("cancelled", id=job)
        return
    results = Path(order["results"])
    results.mkdir(parents=True, exist_ok=True)
    (results / "take.npz").write_bytes(asked.encode())
    (Path(sys.argv[1]) / "done.txt").open("a").write(f"{asked}\n")
    entry = {"name": "take.npz", "bytes": len(asked), "sha256": "0" * 64}
    say("done", id=job, result={"seconds": 2.0, "fps": 25.0, "style": "neutral"}, files=[entry])


def main() -> None:
    folder = Path(sys.argv[1])
    with (folder / "starts.txt").open("a") as starts:
        starts.write(f"{os.getpid()}\n")
    mood = (folder / "mood.txt").read_text() if (folder / "mood.txt").exists() else ""
    if mood == "dies":
        sys.exit(3)
    if mood == "is killed":
        os.kill(os.getpid(), 9)
    if mood == "is killed once":
        (folder / "mood.txt").unlink()
        os.kill(os.getpid(), 9)
    if mood == "refuses":
        problem = {"code": "missing_model", "message": "No weights.", "advice": "Restore them.", "details": None}
        say("refused", problem=problem)
        return
    threading.Thread(target=listen, daemon=True).start()
    say("ready", device={"kind": "cpu", "name": "fake"})
    while True:
        arrived.wait()
        arrived.clear()
        while orders:
            do(orders.pop(0))


if __name__ == "__main__":
    main()
