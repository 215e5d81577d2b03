"""Runs the trials of a sweep on a Ray cluster and tells each as it ends, one JSON object a line, on standard output.

Reads from standard input: {"address", "folder", "command": [...], "trials": [{environment variable: value}, ...]}.
A trial is the command, run in the folder on the machine that Ray chooses; it takes one core of the cluster.
"""

import json
import os
import subprocess
import sys
import time

import ray


@ray.remote(num_cpus=1, max_retries=0)
def run(number, folder, command, settings):
    started = time.monotonic()
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        code, output = done.returncode, done.stdout[-200_000:]
    except OSError as error:  # this machine lacks the program or the folder
        code, output = -1, str(error)
    return {"trial": number, "code": code, "seconds": time.monotonic() - started, "output": output}


def main():
    work = json.load(sys.stdin)
    ray.init(address=work["address"], log_to_driver=False, logging_level="error")
    waiting = {
        run.remote(number, work["folder"], work["command"], settings): number
        for number, settings in enumerate(work["trials"])
    }
    while waiting:
        ready, _ = ray.wait(list(waiting), num_returns=1)
        number = waiting.pop(ready[0])
        try:
            told = ray.get(ready[0])
        except ray.exceptions.RayError as error:  # a machine that is gone, memory that was not enough
            told = {"trial": number, "code": -1, "seconds": 0, "output": str(error).strip().splitlines()[-1]}
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
