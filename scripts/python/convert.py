"""Prints prepared notebooks as HTML with nbconvert: the cells of a page ('lesson') or of a slide show ('deck').

Reads a JSON list of {"input": path, "output": path, "template": "lesson" | "deck"} from standard input.
"""

import json
import pathlib
import sys

import nbformat
from nbconvert import HTMLExporter, SlidesExporter

TEMPLATES = pathlib.Path(__file__).resolve().parent / "templates"
EXPORTERS = {"lesson": HTMLExporter, "deck": SlidesExporter}


def exporter(template):
    """An exporter that finds our templates first and adds nothing from any network."""
    return EXPORTERS[template](
        template_name=template,
        extra_template_basedirs=[str(TEMPLATES)],
        extra_template_paths=[str(TEMPLATES)],
    )


def main():
    jobs = json.load(sys.stdin)
    exporters = {template: exporter(template) for template in {job["template"] for job in jobs}}
    for job in jobs:
        notebook = nbformat.read(job["input"], as_version=4)
        body, _ = exporters[job["template"]].from_notebook_node(notebook)
        pathlib.Path(job["output"]).write_text(body, encoding="utf8")


if __name__ == "__main__":
    main()
