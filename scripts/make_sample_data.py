#!/usr/bin/python3
"""Makes the sample images in resources/data from two Debian packages.

    python3-sklearn         UCI digits, 1,797 images of 8x8, values 0 to 16
    dataset-fashion-mnist   Fashion-MNIST, 60,000 + 10,000 images of 28x28

Run it from anywhere: scripts/make_sample_data.py [--output FOLDER]
The same input gives the same bytes: nothing is drawn at random, gzip headers carry no time.
"""

import argparse
import gzip
import hashlib
import struct
import sys
import zlib
from pathlib import Path

DIGITS = Path("/usr/lib/python3/dist-packages/sklearn/datasets/data/digits.csv.gz")
FASHION = Path("/usr/share/datasets/fashion-mnist")
OUTPUT = Path(__file__).resolve().parent.parent / "resources" / "data"
CLASSES = 10
TRAIN_PER_CLASS = 600
TEST_PER_CLASS = 100


def gzipped(data):
    """A gzip member without name and time, so that equal data give equal bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, 9)
    body = packer.compress(data) + packer.flush()
    header = b"\x1f\x8b\x08\x00" + b"\x00\x00\x00\x00" + b"\x02\xff"
    return header + body + struct.pack("<II", zlib.crc32(data), len(data))


def write(folder, prefix, images, side, labels):
    """Writes one pair of IDX files: images of side x side bytes, and their labels."""
    count = len(labels)
    pair = {
        f"{prefix}images-idx3-ubyte.gz": struct.pack(">4I", 0x803, count, side, side) + images,
        f"{prefix}labels-idx1-ubyte.gz": struct.pack(">2I", 0x801, count) + bytes(labels),
    }
    for name, data in pair.items():
        packed = gzipped(data)
        (folder / name).write_bytes(packed)
        digest = hashlib.sha256(data).hexdigest()[:16]
        print(f"{name}: {count} items, {len(packed)} bytes, sha256 of the content {digest}")


def read_idx(path, dimensions):
    """The extents and the bytes of an IDX file of unsigned bytes."""
    data = gzip.decompress(path.read_bytes())
    header = struct.unpack_from(f">{1 + dimensions}I", data)
    if header[0] != 0x800 + dimensions:
        sys.exit(f"{path}: expected magic 0x{0x800 + dimensions:08x}, found 0x{header[0]:08x}")
    return header[1:], data[4 * (1 + dimensions):]


def make_digits(source, folder):
    """UCI digits; 0..16 becomes 0..255, rounded, so that a byte / 255 is the value / 16."""
    images, labels = bytearray(), bytearray()
    for line in gzip.decompress(source.read_bytes()).decode("ascii").splitlines():
        values = [int(float(text)) for text in line.split(",")]
        if len(values) != 65 or not all(0 <= value <= 16 for value in values):
            sys.exit(f"{source}: expected 64 values from 0 to 16 and a label, found: {line}")
        images += bytes((value * 255 + 8) // 16 for value in values[:64])
        labels.append(values[64])
    write(folder, "digits-", bytes(images), 8, labels)


def make_fashion(source, folder, part, per_class):
    """The first `per_class` images of every class, in the order of the original."""
    (count, height, width), pixels = read_idx(source / f"{part}-images-idx3-ubyte.gz", 3)
    (label_count,), labels = read_idx(source / f"{part}-labels-idx1-ubyte.gz", 1)
    if (height, width) != (28, 28) or count != label_count:
        sys.exit(f"{source}: expected 28x28 images, one label each")
    taken, left = [], [per_class] * CLASSES
    for index, label in enumerate(labels):
        if left[label] > 0:
            left[label] -= 1
            taken.append(index)
    if any(left):
        sys.exit(f"{source}: expected at least {per_class} images of each class")
    images = b"".join(pixels[index * 784:(index + 1) * 784] for index in taken)
    write(folder, f"fashion-mini-{part}-", images, 28, bytes(labels[index] for index in taken))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--digits", type=Path, default=DIGITS)
    parser.add_argument("--fashion", type=Path, default=FASHION)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args()
    needed = {options.digits: "python3-sklearn", options.fashion: "dataset-fashion-mnist"}
    for path, package in needed.items():
        if not path.exists():
            sys.exit(f"{path} is missing. Install it: apt install {package}")
    options.output.mkdir(parents=True, exist_ok=True)
    make_digits(options.digits, options.output)
    make_fashion(options.fashion, options.output, "train", TRAIN_PER_CLASS)
    make_fashion(options.fashion, options.output, "t10k", TEST_PER_CLASS)


if __name__ == "__main__":
    main()
