"""Restarts the kernel again and again, as JupyterLab's button does, and prints what is left behind, as JSON.

Usage: restarts.py COUNT. Every other restart meets a cell that computes, every third one is by force (JupyterLab's
way where a kernel does not answer). Watchers are inotify handles of the kernel's processes (Linux; elsewhere 0).
"""

import json
import sys
import time
from pathlib import Path

import psutil
from jupyter_client.manager import KernelManager

BUSY = "let turns = 0; while (true) { await new Promise(r => setTimeout(r, 1)); turns++; }"


def family(pid):
    """The kernel's process and those that it started."""
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def watchers(processes):
    count = 0
    for process in processes:
        for handle in Path(f"/proc/{process.pid}/fd").glob("*"):
            try:
                count += "inotify" in str(handle.readlink())
            except OSError:
                pass  # closed meanwhile
    return count


def gone(processes, seconds):
    end = time.monotonic() + seconds
    while any(map(alive, processes)) and time.monotonic() < end:
        time.sleep(0.05)
    return not any(map(alive, processes))


def alive(process):
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def value_of(client, code):
    """Text of the cell's result."""
    shown = []

    def hear(message):
        if message["msg_type"] == "execute_result":
            shown.append(message["content"]["data"]["text/plain"])

    client.execute_interactive(code, output_hook=hear, timeout=60)
    return shown[0] if shown else None


def main(count):
    manager = KernelManager(kernel_name="tslab")
    manager.start_kernel()
    left, seen, answers, seconds = 0, 0, [], []
    client = manager.blocking_client()
    client.start_channels()
    for turn in range(count):
        client.wait_for_ready(timeout=60)
        answers.append(value_of(client, f"const own = {turn}; [own, typeof (globalThis as {{ before?: unknown }}).before]"))
        client.execute_interactive("(globalThis as { before?: number }).before = 1;", timeout=60)
        if turn % 2:
            client.execute(BUSY)
            time.sleep(0.2)
        before = family(manager.provisioner.process.pid)
        seen = max(seen, watchers(before))
        began = time.monotonic()
        manager.restart_kernel(now=turn % 3 == 2)
        left += 0 if gone(before, 10) else sum(map(alive, before))
        seconds.append(round(time.monotonic() - began, 2))
    client.wait_for_ready(timeout=60)
    last = family(manager.provisioner.process.pid)
    client.stop_channels()
    manager.shutdown_kernel()
    left += 0 if gone(last, 10) else sum(map(alive, last))
    print(json.dumps({"answers": answers, "processes": left, "watchers": seen, "family": len(last), "seconds": seconds}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
