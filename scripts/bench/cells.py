"""Time of a trivial cell from request to reply, in our kernel and in Python's own, in turns. Prints one line of JSON."""
import json
import sys
import time

from jupyter_client.manager import KernelManager

CELLS = {"tslab": "const y{0} = x.shape[0] + {0}; y{0}", "python3": "y{0} = len(x) + {0}; y{0}"}
FIRST = {"tslab": "import {{ tf }} from './lib'; const x = tf.ones([2, 2]);", "python3": "import numpy; x = numpy.ones([2, 2])"}


def ask(client, code):
    before = time.perf_counter()
    request = client.execute(code)
    while True:
        reply = client.get_shell_msg(timeout=120)
        if reply["parent_header"].get("msg_id") == request:
            break
    if reply["content"]["status"] != "ok":
        raise RuntimeError(f"{code}: {reply['content'].get('evalue')}")
    return 1000 * (time.perf_counter() - before)


def main(folder, count):
    managers, clients, result = [], {}, {}
    for name in CELLS:
        manager = KernelManager(kernel_name=name)
        before = time.perf_counter()
        manager.start_kernel(cwd=folder)
        managers.append(manager)
        clients[name] = manager.client()
        clients[name].start_channels()
        clients[name].wait_for_ready(timeout=120)
        result[name] = {"startMs": 1000 * (time.perf_counter() - before), "times": []}
        ask(clients[name], FIRST[name].format())
    for i in range(count + 5):
        for name, client in clients.items():
            took = ask(client, CELLS[name].format(i))
            if i >= 5:
                result[name]["times"].append(took)
    for manager in managers:
        manager.shutdown_kernel(now=True)
    print(json.dumps(result))


main(sys.argv[1], int(sys.argv[2]))
