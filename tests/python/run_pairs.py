"""Runs the Python of pythonBeside(…) and prints what of it is compared, as JSON (tests/python/pairs.ts feeds it)."""
import ast, contextlib, json, math, sys, tempfile, types

import numpy as np

NAMES = {"np": np, "math": math, "types": types}
with contextlib.suppress(ImportError):  # only NumPy is in .venv
    import scipy.stats
    import torch

    NAMES |= {"torch": torch, "nn": torch.nn, "F": torch.nn.functional, "scipy": scipy}


def wave(n, k, s):
    return (s * np.sin(0.7 * np.arange(n) + k)).astype(np.float32)


def remembering(code):
    """The same program, in which the value of each line that stands alone is kept in `seen`."""
    tree = ast.parse(code)
    for node in tree.body:
        if isinstance(node, ast.Expr):
            node.value = ast.Call(ast.Name("remember", ast.Load()), [node.value], [])
    return compile(ast.fix_missing_locations(tree), "<shown>", "exec")


def remember_in(seen):
    # a, b in one line are two values
    return lambda value: seen.extend(value) if type(value) is tuple else seen.append(value)


def numbers(value):
    if isinstance(value, (list, tuple)):
        return [number for item in value for number in numbers(item)]
    if isinstance(value, str):
        return [float(ord(character)) for character in value]
    if hasattr(value, "detach"):
        value = value.detach().numpy()
    return np.asarray(value, dtype=np.float64).ravel().tolist()


def run(pair):
    seen = []
    scope = NAMES | {"wave": wave, "seen": seen, "remember": remember_in(seen), "folder": tempfile.mkdtemp()}
    exec(pair["before"], scope)
    exec(remembering(pair["code"]), scope)
    return [numbers(eval(value, scope)) for value in pair["values"]]


print(json.dumps({pair["id"]: run(pair) for pair in json.load(sys.stdin)}))
