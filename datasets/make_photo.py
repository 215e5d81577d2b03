"""Makes the photograph of this folder, cat.png, from the one that ships inside scikit-image. Run: python make_photo.py

Needs scikit-image (any version with skimage/data/chelsea.png) and Pillow: 240 × 240 pixels of it, made 160 × 160.
"""
import pathlib

import skimage
from PIL import Image

HERE = pathlib.Path(__file__).resolve().parent
source = pathlib.Path(skimage.__file__).parent / "data" / "chelsea.png"
left, top, size = 110, 20, 240
with Image.open(source) as photo:
    part = photo.convert("RGB").crop((left, top, left + size, top + size))
    part.resize((160, 160), Image.Resampling.LANCZOS).save(HERE / "cat.png", optimize=True)
