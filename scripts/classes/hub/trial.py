"""A class at work: every student logs in, runs lessons 03 and 10 through the hub; one fills all memory, one is killed.

usage: trial.py HUB_URL CLASS_FOLDER COURSE_FOLDER LESSON…   (LAB_TRIAL_TOKEN, LAB_CLASS_PASSWORD in the environment)
Prints what happened and what each took of memory; exit code 0 where nobody else noticed anything.
"""

import asyncio
import json
import os
import signal
import sys
import time
import uuid
from pathlib import Path

import aiohttp

URL, CLASS, COURSE = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
LESSONS = sys.argv[4:]
TOKEN = {"Authorization": f"token {os.environ['LAB_TRIAL_TOKEN']}"}
HOG = "const all: Uint8Array[] = []; for (;;) all.push(Buffer.alloc(20_000_000, 1));"
BEGAN = time.monotonic()


def tell(text):
    print(f"{time.monotonic() - BEGAN:6.0f} s  {text}", flush=True)


async def log_in(name, password):
    """The form of the login page, as a browser sends it; returns whether it let the student in."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        async with browser.get(f"{URL}/hub/login") as page:
            await page.text()
        xsrf = next((c.value for c in browser.cookie_jar if c.key == "_xsrf"), "")
        form = {"username": name, "password": password, "_xsrf": xsrf}
        async with browser.post(f"{URL}/hub/login", data=form, allow_redirects=False) as answer:
            return answer.status == 302


async def start_server(http, name):
    async with http.post(f"{URL}/hub/api/users/{name}/server") as answer:
        assert answer.status in (201, 202), (answer.status, await answer.text())
    while True:
        async with http.get(f"{URL}/hub/api/users/{name}") as answer:
            servers = (await answer.json())["servers"]
        if servers.get("", {}).get("ready"):
            return
        await asyncio.sleep(0.5)


async def sees_lab(http, name):
    """Whether the page that a browser is led to is JupyterLab's."""
    async with http.get(f"{URL}/user/{name}/lab") as answer:
        seen = answer.status == 200 and "jupyter-config-data" in await answer.text()
    tell(f"{name}: server is ready, {'with' if seen else 'WITHOUT'} JupyterLab")
    return seen


class Kernel:
    """A notebook of a student's own, open in a kernel through hub, proxy and server."""

    def __init__(self, http, name, path):
        self.http, self.base, self.path = http, f"{URL}/user/{name}/api", path

    async def __aenter__(self):
        body = {"path": self.path, "name": self.path, "type": "notebook", "kernel": {"name": "tslab"}}
        async with self.http.post(f"{self.base}/sessions", json=body) as answer:
            assert answer.status == 201, (answer.status, await answer.text())
            session = await answer.json()
        self.id, self.session = session["kernel"]["id"], session["id"]
        self.socket = await self.http.ws_connect(f"{self.base}/kernels/{self.id}/channels", max_msg_size=0)
        return self

    async def run(self, code):
        """The reply's content: status ok, or error with its name and value."""
        number = uuid.uuid4().hex
        header = {"msg_id": number, "msg_type": "execute_request", "username": "", "session": "trial", "version": "5.3"}
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False, "stop_on_error": False}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
        await self.socket.send_str(json.dumps(message))
        async for got in self.socket:
            if got.type != aiohttp.WSMsgType.TEXT:
                break
            answer = json.loads(got.data)
            if answer["msg_type"] == "execute_reply" and answer["parent_header"].get("msg_id") == number:
                return answer["content"]
        return {"status": "error", "ename": "Disconnected", "evalue": "the connection was closed"}

    async def __aexit__(self, *_):
        await self.socket.close()
        async with self.http.delete(f"{self.base}/sessions/{self.session}"):
            pass


def cells_of(lesson):
    file = next((COURSE / "notebooks").glob(f"{lesson}-*.ipynb"))
    cells = json.loads(file.read_text(encoding="utf8"))["cells"]
    return file.name, ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


async def run_lesson(http, name, lesson):
    """How many cells ran, and the first error, if any."""
    file, cells = cells_of(lesson)
    started = time.monotonic()
    async with Kernel(http, name, f"lessons/{file}") as kernel:
        for i, code in enumerate(cells):
            reply = await kernel.run(code)
            if reply["status"] != "ok":
                tell(f"{name}: lesson {lesson}, cell {i + 1} of {len(cells)}: {reply.get('ename')}: {reply.get('evalue')}")
                return False
    tell(f"{name}: lesson {lesson}, {len(cells)} cells, {time.monotonic() - started:.0f} s")
    return True


async def hog(http, name):
    """Fills all memory; the kernel says so, and computes on."""
    async with Kernel(http, name, "hog.ipynb") as kernel:
        reply = await kernel.run(HOG)
        tell(f"{name}: took all memory → {reply.get('ename')}: {reply.get('evalue', '')[:90]}")
        again = await kernel.run("1 + 1")
        tell(f"{name}: the next cell → {again['status']}")
        return reply["status"] == "error" and again["status"] == "ok"


async def killed(http, name):
    """All processes of a student end by force in the middle of a cell; the hub starts the server again, the work is there."""
    async with http.put(
        f"{URL}/user/{name}/api/contents/mine.txt", json={"type": "file", "format": "text", "content": "my work"}
    ) as answer:
        assert answer.status in (200, 201), answer.status
    async with Kernel(http, name, "killed.ipynb") as kernel:
        busy = asyncio.create_task(kernel.run("for (;;);"))
        await asyncio.sleep(8)
        pids = [pid for pid, owner, _ in processes() if owner == name]
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        reply = await asyncio.wait_for(busy, 120)
        tell(f"{name}: {len(pids)} processes killed → {reply.get('ename')}")
        kernel.socket = await Closed.make()
    for _ in range(120):  # the hub looks every half minute
        async with http.get(f"{URL}/hub/api/users/{name}") as answer:
            if not (await answer.json())["servers"]:
                break
        await asyncio.sleep(1)
    await start_server(http, name)
    async with http.get(f"{URL}/user/{name}/api/contents/mine.txt") as answer:
        kept = answer.status == 200 and (await answer.json())["content"] == "my work"
    tell(f"{name}: server started again, own work {'is there' if kept else 'IS GONE'}")
    return kept


class Closed:
    """Stands for a connection that is gone."""

    @staticmethod
    async def make():
        return Closed()

    async def close(self):
        pass


def processes():
    """(pid, student, part) of every process that a student's server has started, and of the server."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes().split(b"\0")
            owner = next((e[16:].decode() for e in environment if e.startswith(b"JUPYTERHUB_USER=")), None)
            if owner is None or f"LAB_HISTORY={CLASS}".encode() not in b"\0".join(environment):
                continue
            line = (folder / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        part = "cells" if "runner.js" in line else "kernel" if "launch.cjs" in line else "server"
        yield int(folder.name), owner, part


def memory_of(pid):
    """MB that a process takes, what it shares with others divided among them."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1000
    except OSError:
        return 0


async def watch(peaks, over):
    while not over.is_set():
        now = {}
        for pid, owner, part in processes():
            parts = now.setdefault(owner, {})
            parts[part] = parts.get(part, 0) + memory_of(pid)
        for owner, parts in now.items():
            best = peaks.setdefault(owner, {})
            for part, size in [*parts.items(), ("all", sum(parts.values()))]:
                best[part] = max(best.get(part, 0), size)
        whole = sum(sum(parts.values()) for parts in now.values())
        peaks["whole class"] = {"all": max(peaks.get("whole class", {}).get("all", 0), whole)}
        await asyncio.sleep(2)


async def student(http, name, role):
    await start_server(http, name)
    seen = await sees_lab(http, name)
    if role:
        good = await (hog if role == "hog" else killed)(http, name)
        return seen and good and all([await run_lesson(http, name, lesson) for lesson in LESSONS[:1]])
    return seen and all([await run_lesson(http, name, lesson) for lesson in LESSONS])


async def main():
    names = (CLASS / "students.txt").read_text().split()
    password = os.environ["LAB_CLASS_PASSWORD"]
    let_in = [await log_in(name, password) for name in names]
    refused = [await log_in("stranger", password), await log_in(names[0], "wrong")]
    tell(f"{sum(let_in)} of {len(names)} logged in; a stranger and a wrong password {'WERE LET IN' if any(refused) else 'were refused'}")
    roles = {names[-1]: "hog", names[-2]: "killed"} if len(names) > 2 else {}
    peaks, over = {}, asyncio.Event()
    watching = asyncio.create_task(watch(peaks, over))
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(headers=TOKEN, timeout=timeout) as http:
        work = [student(http, name, roles.get(name)) for name in names]
        results = await asyncio.gather(*work, return_exceptions=True)
    over.set()
    await watching
    columns = ["server", "kernel", "cells", "all"]
    print(f"\nmost memory at a time, MB: {'student':12}" + "".join(f"{c:>8}" for c in columns))
    for name, parts in sorted(peaks.items()):
        print(" " * 27 + f"{name:12}" + "".join(f"{parts.get(c, 0):8.0f}" if c in parts else " " * 8 for c in columns))
    for name, result in zip(names, results):
        if result is not True:
            print(f"✗ {name} ({roles.get(name, 'works')}): {result!r}")
    good = all(let_in) and not any(refused) and all(result is True for result in results)
    print(f"\n{'✓' if good else '✗'} {sum(r is True for r in results)} of {len(names)} came to the end")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
