"""Makes the small data sets of this folder from those that ship inside scikit-learn. Run: python make_tables.py

Needs scikit-learn 1.9.1 (any version with the same data will do); writes iris.csv, wine.csv, breast-cancer.csv, digits.npz.
"""
import csv
import pathlib

import numpy as np
from sklearn import datasets

HERE = pathlib.Path(__file__).resolve().parent


def write_csv(name, bunch):
    """One row a sample: the features, then the class as a word."""
    with open(HERE / f"{name}.csv", "w", newline="", encoding="utf8") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow([*[str(n) for n in bunch.feature_names], "class"])
        for row, target in zip(bunch.data, bunch.target):
            out.writerow([*[repr(float(v)) for v in row], bunch.target_names[target]])


write_csv("iris", datasets.load_iris())
write_csv("wine", datasets.load_wine())
write_csv("breast-cancer", datasets.load_breast_cancer())
digits = datasets.load_digits()
np.savez_compressed(HERE / "digits.npz", images=digits.images.astype("uint8"), labels=digits.target.astype("uint8"))
