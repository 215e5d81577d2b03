"""Asks Jupyter kernels the same questions and prints the answers as a Markdown table (docs/kernel.md).

usage: compare.py KERNEL...      names of installed kernel specs; Python where the spec's language is python, else TypeScript
"""

import re
import sys
import tempfile
import time
from pathlib import Path
from queue import Empty

from jupyter_client.manager import start_new_kernel

TS, PY = "typescript", "python"
PATIENCE = 25  # seconds until an answer counts as not given


class Probe:
    """One kernel, and what it says to a cell."""

    def __init__(self, name):
        self.name = name
        self.folder = Path(tempfile.mkdtemp(prefix="compare-"))
        self.manager, self.client = start_new_kernel(kernel_name=name, cwd=str(self.folder))
        self.python = self.manager.kernel_spec.language == PY

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def pick(self, typescript, python):
        return python if self.python else typescript

    def run(self, typescript, python=None, after=None, patience=PATIENCE, **options):
        """Runs a cell; `after` is called 0.8 s later. Returns (reply content or None, iopub messages)."""
        request = self.client.execute(self.pick(typescript, python), **options)
        if after:
            time.sleep(0.8)
            after()
        return self.answer(request, patience)

    def answer(self, request, patience=PATIENCE):
        messages, reply, end = [], None, time.monotonic() + patience
        while time.monotonic() < end:
            try:
                message = self.client.get_iopub_msg(timeout=0.3)
                if message["parent_header"].get("msg_id") == request:
                    messages.append(message)
            except Empty:
                reply = reply or self.shell(request)
                # Quiet for a moment after the end: nothing comes late.
                if reply and any(m["content"].get("execution_state") == "idle" for m in messages):
                    break
        return reply, messages

    def shell(self, request):
        try:
            message = self.client.get_shell_msg(timeout=0.05)
        except Empty:
            return None
        return message["content"] if message["parent_header"].get("msg_id") == request else None

    def ask(self, method, *args, patience=PATIENCE, **options):
        request = getattr(self.client, method)(*args, **options)
        end = time.monotonic() + patience
        while time.monotonic() < end:
            reply = self.shell(request)
            if reply is not None:
                return reply
        return None


def kinds(messages):
    return [m["msg_type"] for m in messages if m["msg_type"] not in ("status", "execute_input")]


def text(messages):
    return "".join(m["content"]["text"] for m in messages if m["msg_type"] == "stream")


def plain(messages):
    found = [m["content"]["data"].get("text/plain", "") for m in messages if m["msg_type"] == "execute_result"]
    return found[0] if found else text(messages)


def outcome(reply, messages):
    """What a reader sees, in a few words."""
    if reply is None:
        return "no answer"
    errors = [m["content"] for m in messages if m["msg_type"] == "error"]
    if errors:
        return f"`{errors[0]['ename']}`: {errors[0]['evalue'].splitlines()[0][:60]}" if errors[0]["evalue"] else errors[0]["ename"]
    shown = plain(messages).strip().splitlines()
    return f"{reply['status']}: {shown[0][:60] if shown else 'nothing'} ({', '.join(kinds(messages)) or 'no message'})"


PROBES = {}


def probe(title):
    def register(f):
        PROBES[title] = f
        return f

    return register


@probe("result of `1 + 1`")
def result(k):
    return outcome(*k.run("1 + 1", "1 + 1"))


@probe("a thrown error")
def thrown(k):
    reply, messages = k.run(
        "function fail() {\n  throw new Error('x');\n}\nfail();", "def fail():\n  raise ValueError('x')\n\nfail()"
    )
    lines = "\n".join(next((m["content"]["traceback"] for m in messages if m["msg_type"] == "error"), []))
    frame = "code shown" if "fail();" in lines or "fail()" in lines.replace("fail ()", "") and "raise" in lines else "no code shown"
    return f"{outcome(reply, messages)}; {frame}"


@probe("cell sent right after an error's reply")
def after_error(k):
    failing = k.client.execute(k.pick("throw new Error('x')", "raise ValueError('x')"))
    while k.shell(failing) is None:
        pass
    return outcome(*k.run("2 + 2", "2 + 2"))


@probe("top-level `for await`")
def for_await(k):
    return outcome(
        *k.run(
            "let s = 0; for await (const n of (async function* () { yield 1; yield 2; })()) s += n;\ns",
            "async def g():\n  yield 1\n  yield 2\ns = 0\nasync for n in g(): s += n\ns",
        )
    )


@probe("`const` declared anew, other type")
def redeclare(k):
    k.run("const again = 1;", "again = 1")
    return outcome(*k.run("const again = 'two';\nagain", "again = 'two'\nagain"))


@probe("rejected promise as last value")
def rejected(k):
    return outcome(
        *k.run("Promise.reject(new Error('no'))", "async def f(): raise ValueError('no')\nawait f()")
    )


@probe("type error")
def type_error(k):
    return outcome(*k.run("const wrong: string = 5;", "wrong: str = 5"))


@probe("error in a timer, after its cell")
def late(k):
    request = k.client.execute(
        k.pick(
            "setTimeout(() => { throw new Error('late'); }, 1500); 1",
            "import asyncio\nasync def late():\n  await asyncio.sleep(1.5)\n  raise ValueError('late')\nt = asyncio.ensure_future(late()); 1",
        )
    )
    k.answer(request)
    end, heard = time.monotonic() + 5, []
    while time.monotonic() < end:
        try:
            message = k.client.get_iopub_msg(timeout=0.2)
            own = message["parent_header"].get("msg_id") == request
            if message["msg_type"] in ("error", "stream"):
                heard.append(f"{message['msg_type']} {'in its cell' if own else 'elsewhere'}")
        except Empty:
            pass
    return f"{', '.join(dict.fromkeys(heard)) or 'silent'}; next cell: {outcome(*k.run('1 + 1', '1 + 1', patience=15))}"


def interrupted(k, typescript, python):
    stopped = []
    reply, messages = k.run(
        typescript, python, after=lambda: (stopped.append(time.monotonic()), k.manager.interrupt_kernel()), patience=20
    )
    seconds = time.monotonic() - stopped[0]
    if reply:
        return f"{outcome(reply, messages)}, {seconds:.1f} s"
    return "does not stop" if k.manager.is_alive() else "the kernel ends"


@probe("stop button: busy loop")
def busy(k):
    k.run("let kept = 7;", "kept = 7")
    said = interrupted(k, "while (true) {}", "while True: pass")
    return f"{said}; then `kept`: {outcome(*k.run('kept', 'kept', patience=8))}"


@probe("stop button: awaited loop")
def awaited(k):
    k.run("let turns = 0;", "import asyncio\nturns = 0")
    said = interrupted(
        k,
        "while (true) { await new Promise(r => setTimeout(r, 5)); turns++; }",
        "while True:\n  await asyncio.sleep(.005)\n  turns += 1",
    )
    first = plain(k.run("turns", "turns", patience=8)[1])
    time.sleep(0.5)
    second = plain(k.run("turns", "turns", patience=8)[1])
    if not second:
        return f"{said}; no answer afterwards"
    return f"{said}; " + ("nothing runs on" if first == second else f"runs on: {first.strip()}, then {second.strip()} turns")


@probe("asked on the control channel while a cell is busy")
def control(k):
    request = k.client.execute(k.pick("const end = Date.now() + 4000; while (Date.now() < end) {}", "import time\nend = time.time() + 4\nwhile time.time() < end: pass"))
    time.sleep(0.5)
    message = k.client.session.msg("kernel_info_request", {})
    begun = time.monotonic()
    k.client.control_channel.send(message)
    try:
        k.client.get_control_msg(timeout=10)
        said = f"{time.monotonic() - begun:.2f} s"
    except Empty:
        said = "no answer"
    k.answer(request)
    return said


@probe("`input`")
def stdin(k):
    typescript = "prompt('name?')" if k.name == "deno" else "await input('name?')"
    request = k.client.execute(k.pick(typescript, "input('name?')"), allow_stdin=True)
    try:
        k.client.get_stdin_msg(timeout=15)
        k.client.input("Ada")
    except Empty:
        pass
    return outcome(*k.answer(request))


@probe("100,000 lines printed")
def burst(k):
    begun = time.monotonic()
    reply, messages = k.run(
        "for (let i = 0; i < 100000; i++) console.log(i);", "for i in range(100000): print(i)", patience=60
    )
    lines = text(messages).count("\n")
    return f"{kinds(messages).count('stream'):,} messages, {lines:,} lines, {time.monotonic() - begun:.1f} s"


@probe("completion of a member")
def complete(k):
    reply = k.ask("complete", k.pick("Math.flo", "str.capital"))
    types = (reply or {}).get("metadata", {}).get("_jupyter_types_experimental")
    found = (reply or {}).get("matches", [])
    return f"{', '.join(found[:2]) or 'none'}; {'with types' if types else 'no types'}"


@probe("inspection")
def inspect(k):
    reply = k.ask("inspect", k.pick("Math.floor", "str.upper"), cursor_pos=6) or {}
    return f"found, {', '.join(reply['data'])}" if reply.get("found") else "not found"


@probe("is_complete: `f(`")
def is_complete(k):
    return (k.ask("is_complete", "f(") or {}).get("status", "no answer")


@probe("history of this session")
def history(k):
    for n in "123":
        k.run(n, n)
    reply = k.ask("history", hist_access_type="tail", n=3, raw=True, output=False)
    return "no answer" if reply is None else f"{len(reply.get('history', []))} of 3 cells"


@probe("a changed file, imported again")
def reload(k):
    suffix = k.pick("ts", "py")
    for value in (1, 22):
        (k.folder / f"part.{suffix}").write_text(k.pick(f"export const part = {value};\n", f"part = {value}\n"))
        said = outcome(*k.run("import { part } from './part.ts';\npart" if k.name == "deno" else "import { part } from './part';\npart", "from part import part\npart"))
    return f"changed from 1 to 22, shown: {said}"


@probe("`process.exit` / `os._exit` in a cell")
def leave(k):
    said = outcome(*k.run("process.exit(3)" if k.name != "deno" else "Deno.exit(3)", "import os\nos._exit(3)", patience=25))
    return f"{said}; next cell: {outcome(*k.run('1 + 1', '1 + 1', patience=25))}"


def main(names):
    answers = {title: [] for title in PROBES}
    for name in names:
        for title, ask in PROBES.items():
            kernel = Probe(name)  # what one question does to a kernel is not held against the next
            try:
                said = ask(kernel)
            except Exception as error:
                said = f"probe failed: {error!r}"
            kernel.close()
            answers[title].append(re.sub(r"\x1b\[\d+m", "", said))
            print(name, title, answers[title][-1], sep=" | ", file=sys.stderr, flush=True)
    print("| |", " | ".join(names), "|")
    print("|---|" + "---|" * len(names))
    for title, row in answers.items():
        print("|", title, "|", " | ".join(row), "|")


if __name__ == "__main__":
    main(sys.argv[1:])
