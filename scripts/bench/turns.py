"""Runs a step when its turn comes and tells how long it took. Protocol: see worker.ts."""
import json
import resource
import sys
import time


def take_turns(step):
    """Each line of the standard input is a number of steps; the answer is one line of JSON, times in milliseconds."""
    for line in sys.stdin:
        times, cpu = [], time.process_time()
        for _ in range(int(line)):
            before = time.perf_counter()
            step()
            times.append(1000 * (time.perf_counter() - before))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        cpu = 1000 * (time.process_time() - cpu) / len(times)
        print(json.dumps({"times": times, "cpuMs": cpu, "peakMiB": peak}), flush=True)
