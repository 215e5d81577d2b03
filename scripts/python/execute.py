"""Runs a notebook in its own kernel with nbclient and tells what happens, one JSON object a line, on standard output.

usage: execute.py INPUT OUTPUT FOLDER SECONDS
INPUT is executed with FOLDER as working directory, for SECONDS at most, and saved to OUTPUT with all its outputs, also
where a cell fails. A cell whose metadata says `limit_seconds` may take no longer; of what one with `limit_printed` prints and
shows, so many characters are kept. Exit code 0 where every cell ran, 1 otherwise.
"""

import asyncio
import json
import sys
import time

import nbformat
from jupyter_client.kernelspec import NoSuchKernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError


def tell(event, **fields):
    print(json.dumps({"event": event, **fields}, ensure_ascii=False), flush=True)


class Reporter:
    """nbclient's hooks, with the time that each cell takes."""

    def __init__(self):
        self.started = 0.0
        self.cell = None

    def execute(self, cell, cell_index):
        self.started = time.monotonic()
        self.cell = cell["id"]
        tell("cell", id=cell["id"])

    def executed(self, cell, cell_index, execute_reply):
        if execute_reply["content"]["status"] == "ok" or "raises-exception" in cell["metadata"].get("tags", []):
            tell("done", id=cell["id"], seconds=time.monotonic() - self.started)


class Client(NotebookClient):
    """Keeps a part of what a cell prints: a cell that never stops would fill all memory, and what is put together at its end
    takes longer than the cell's own limit."""

    printed = 0
    printing = None

    def output(self, outs, msg, display_id, cell_index):
        limit = self.nb.cells[cell_index].metadata.get("limit_printed")
        if limit is not None and msg["msg_type"] in ("stream", "display_data"):
            if self.printing != cell_index:
                self.printing, self.printed = cell_index, 0
            content = msg["content"]
            self.printed += len(content["text"] if "text" in content else json.dumps(content.get("data")))
            if self.printed > limit:
                return None
        return super().output(outs, msg, display_id, cell_index)


def main(source, target, folder, seconds):
    # Other programs, VS Code among them, write notebooks whose cells have no ids: they get some.
    notebook = nbformat.v4.upgrade(nbformat.read(source, as_version=4))
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    reporter = Reporter()
    tell("start", cells=len(code))
    client = Client(
        notebook,
        timeout_func=lambda cell: cell.metadata.get("limit_seconds"),
        record_timing=False,
        store_widget_state=True,
        coalesce_streams=True,
        on_cell_execute=reporter.execute,
        on_cell_executed=reporter.executed,
        resources={"metadata": {"path": folder}},
    )
    def fail(name, message, traceback=()):
        tell("failed", id=reporter.cell, name=name, message=message, traceback=list(traceback))

    started = time.monotonic()
    try:
        asyncio.run(asyncio.wait_for(client.async_execute(), seconds))
        return 0
    except CellTimeoutError:
        fail("CellTimeout", "the cell was still running when its time was over")
    except (asyncio.TimeoutError, DeadKernelError) as error:
        if isinstance(error, asyncio.TimeoutError) or time.monotonic() - started >= seconds:
            fail("Timeout", f"the notebook was still running after {seconds:g} s")
        else:
            fail("DeadKernel", "the kernel ended while this cell ran")
    except NoSuchKernel as error:
        fail("NoSuchKernel", f"kernel '{error.name}' is not installed; run `npm run setup`")
    except CellExecutionError as error:
        outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
        shown = next((o for o in outputs if o.output_type == "error" and o.evalue == error.evalue), None)
        fail(error.ename, error.evalue, shown.traceback if shown else [])
    finally:
        nbformat.write(notebook, target)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4])))
