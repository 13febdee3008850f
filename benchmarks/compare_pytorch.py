#!/usr/bin/env python3
"""Receptive and PyTorch side by side: the same networks, batch sizes, machine and hour.

Each round measures, for every net, `receptive bench` and then PyTorch with 1 and 2 threads, with
images as NCHW and channels_last, and with OpenMP threads that wait actively (its default) and
passively. PyTorch's best of these counts. The ratios of all rounds are printed with minimum, median
and maximum, and written as the Markdown table of docs/performance.md.

    build/release/receptive must exist; PyTorch is Debian's python3-torch:
    /usr/bin/python3 benchmarks/compare_pytorch.py --output table.md

A step is forward, loss (read), backward and update on a fixed batch in memory; the figure is the
median over at least --seconds. 'same' padding with stride 2 is symmetric in PyTorch: as much work.

PyTorch's Dense layers are done by the BLAS of the system. Without OpenBLAS (libopenblas0-pthread) they
are three to ten times slower, so the script asks for it. OpenBLAS 0.3.21 takes processors that it does
not know for very old ones; OPENBLAS_CORETYPE tells it better unless it is set.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

# Net, batch size, goals for training and inference (ratio to PyTorch).
CASES = [
    ("seed-a", 128, 6.0, 3.0),
    ("seed-a", 32, 8.0, 3.0),
    ("lenet5", 128, 4.0, 3.0),
    ("mnist-cnn", 128, 3.0, 1.5),
    ("mnist-cnn", 32, 3.0, 1.5),
    ("cifar-vgg", 128, 1.8, 1.5),
    ("cifar-vgg", 32, 1.8, 1.5),
    ("resnet-mini", 128, 1.8, 1.5),
    ("seed-b", 32, 1.8, 1.5),
    ("seed-c-gap", 4, 1.8, 1.5),
]
QUICK_CASES = {("seed-a", 128), ("lenet5", 128), ("mnist-cnn", 128), ("cifar-vgg", 128)}
LAYOUTS = ("nchw", "channels_last")
WAITING = ("active", "passive")


# What runs inside PyTorch's own process.


def build_net(name):
    import torch
    from torch import nn

    def conv(inputs, filters, kernel, activation=None, **options):
        layers = [nn.Conv2d(inputs, filters, kernel, **options)]
        return layers + ([activation()] if activation else [])

    class Residual(nn.Module):
        def __init__(self, inputs, filters, stride):
            super().__init__()
            self.main = nn.Sequential(
                nn.Conv2d(inputs, filters, 3, stride, 1, bias=False),
                nn.BatchNorm2d(filters),
                nn.ReLU(),
                nn.Conv2d(filters, filters, 3, 1, 1, bias=False),
                nn.BatchNorm2d(filters),
            )
            self.shortcut = nn.Conv2d(inputs, filters, 1, stride) if stride != 1 else nn.Identity()

        def forward(self, x):
            return torch.relu(self.main(x) + self.shortcut(x))

    relu, tanh = nn.ReLU, nn.Tanh
    if name == "seed-a":
        layers = conv(1, 32, 3, relu) + [nn.MaxPool2d(2), nn.Flatten(), nn.Linear(5408, 10)]
    elif name == "lenet5":
        layers = conv(1, 6, 5, tanh, padding=2) + [nn.AvgPool2d(2)]
        layers += conv(6, 16, 5, tanh) + [nn.AvgPool2d(2), nn.Flatten()]
        layers += [nn.Linear(400, 120), tanh(), nn.Linear(120, 84), tanh(), nn.Linear(84, 10)]
    elif name == "mnist-cnn":
        layers = conv(1, 32, 3, relu) + [nn.MaxPool2d(2)] + conv(32, 64, 3, relu)
        layers += [nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(0.5), nn.Linear(1600, 10)]
    elif name == "cifar-vgg":
        layers = conv(3, 32, 3, relu, padding=1) + conv(32, 32, 3, relu)
        layers += [nn.MaxPool2d(2), nn.Dropout(0.25)]
        layers += conv(32, 64, 3, relu, padding=1) + conv(64, 64, 3, relu)
        layers += [nn.MaxPool2d(2), nn.Dropout(0.25), nn.Flatten()]
        layers += [nn.Linear(2304, 512), relu(), nn.Dropout(0.5), nn.Linear(512, 10)]
    elif name == "resnet-mini":
        layers = [nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), relu()]
        inputs = 16
        for filters in (16, 32, 64):
            for block in range(2):
                stride = 2 if filters > 16 and block == 0 else 1
                layers.append(Residual(inputs, filters, stride))
                inputs = filters
        layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10)]
    elif name == "seed-b":
        layers = conv(3, 64, 5, relu, stride=2, padding=2) + conv(64, 128, 3, relu)
        layers += [nn.Flatten(), nn.Linear(30 * 30 * 128, 1000)]
    elif name == "seed-c-gap":
        layers = conv(3, 32, 3, relu) + conv(32, 64, 3, relu) + [nn.MaxPool2d(2)]
        layers += conv(64, 128, 3, relu) + conv(128, 256, 3, relu) + [nn.MaxPool2d(2)]
        layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(256, 10)]
    else:
        raise SystemExit(f"Expected a net of CASES, but received {name!r}.")
    return nn.Sequential(*layers)


INPUTS = {
    "seed-a": (1, 28, 28),
    "lenet5": (1, 28, 28),
    "mnist-cnn": (1, 28, 28),
    "cifar-vgg": (3, 32, 32),
    "resnet-mini": (3, 32, 32),
    "seed-b": (3, 64, 64),
    "seed-c-gap": (3, 256, 256),
}


def make_optimizer(name, net):
    import torch

    if name == "resnet-mini":
        return torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    if name == "seed-b":
        return torch.optim.SGD(net.parameters(), lr=0.01)
    return torch.optim.Adam(net.parameters(), lr=0.001)


def median_seconds(step, seconds):
    for _ in range(3):
        step()
    times = []
    while sum(times) < seconds or len(times) < 3:
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def multiply_adds(net, images):
    """Of a forward pass over one image."""
    import torch

    total = 0

    def count(layer, _, output):
        nonlocal total
        total += output[0].numel() * layer.weight[0].numel()

    for layer in net.modules():
        if isinstance(layer, (torch.nn.Conv2d, torch.nn.Linear)):
            layer.register_forward_hook(count)
    with torch.inference_mode():
        net(images[:1])
    return total


def run_pytorch(name, batch, threads, layout, seconds):
    import torch

    torch.set_num_threads(threads)
    torch.manual_seed(1)
    net = build_net(name)
    images = torch.rand(batch, *INPUTS[name])
    if layout == "channels_last":
        net = net.to(memory_format=torch.channels_last)
        images = images.contiguous(memory_format=torch.channels_last)
    labels = torch.randint(0, 1000 if name == "seed-b" else 10, (batch,))
    loss_function = torch.nn.CrossEntropyLoss()
    optimizer = make_optimizer(name, net)

    def train():
        optimizer.zero_grad(set_to_none=True)
        loss = loss_function(net(images), labels)
        loss.backward()
        optimizer.step()
        return loss.item()

    def infer():
        with torch.inference_mode():
            return torch.softmax(net(images), 1)

    net.train()
    trained = batch / median_seconds(train, seconds)
    net.eval()
    inferred = batch / median_seconds(infer, seconds)
    macs = multiply_adds(net, images)
    print(json.dumps({"train": trained, "infer": inferred, "multiply_adds": macs}))


# What compares.


def require_fast_blas():
    """Ends the script if PyTorch would multiply matrices by the reference BLAS."""
    for folder in (Path("/usr/lib"), Path("/usr/lib") / f"{platform.machine()}-linux-gnu"):
        library = folder / "libblas.so.3"
        if library.exists() and "openblas" not in str(library.resolve()):
            raise SystemExit(
                f"Expected OpenBLAS behind {library}, but found {library.resolve()}, with which "
                "PyTorch is several times slower. Install libopenblas0-pthread, or pass --any-blas."
            )


def blas_core():
    """The OpenBLAS kernels for this processor, or None where it can tell itself."""
    cpuinfo = Path("/proc/cpuinfo")
    flags = cpuinfo.read_text(encoding="utf-8").split() if cpuinfo.exists() else []
    if "avx512f" in flags:
        return "SkylakeX"
    return "Haswell" if "avx2" in flags and "fma" in flags else None


def measured_pytorch(name, batch, threads, layout, waiting, seconds):
    environment = dict(os.environ)
    environment.pop("OMP_WAIT_POLICY", None)
    if waiting == "passive":
        environment["OMP_WAIT_POLICY"] = "PASSIVE"
    if blas_core():
        environment.setdefault("OPENBLAS_CORETYPE", blas_core())
    command = [sys.executable, __file__, "--worker", name, str(batch), str(threads), layout]
    result = subprocess.run(
        command + ["--seconds", str(seconds)],
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return json.loads(result.stdout.splitlines()[-1])


def measured_receptive(program, name, batch, options):
    command = [program, "bench", "--net", name, "--batch-size", str(batch), "--json"] + options
    environment = dict(os.environ, QT_QPA_PLATFORM="offscreen")
    result = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, check=True, text=True
    )
    return json.loads(result.stdout.splitlines()[-1])


def best_pytorch(name, batch, arguments):
    best = {"train": (0.0, ""), "infer": (0.0, ""), "multiply_adds": 0}
    for threads in sorted({1, arguments.threads}):
        for layout in LAYOUTS:
            for waiting in WAITING if threads > 1 else WAITING[:1]:
                rates = measured_pytorch(
                    name, batch, threads, layout, waiting, arguments.seconds
                )
                label = f"{threads} thread{'s' if threads > 1 else ''}, {layout}, {waiting}"
                best["multiply_adds"] = rates["multiply_adds"]
                for what in ("train", "infer"):
                    best[what] = max(best[what], (rates[what], label))
    return best


def compare(cases, arguments):
    """{(net, batch): {"train": [(receptive, pytorch, label, share of peak)], "infer": [...]}}"""
    found = {(name, batch): {"train": [], "infer": []} for name, batch, _, _ in cases}
    for round_number in range(arguments.rounds):
        for name, batch, _, _ in cases:
            ours = measured_receptive(arguments.program, name, batch, arguments.option)
            theirs = best_pytorch(name, batch, arguments)
            inferred = ours["infer_images_per_second"] * theirs["multiply_adds"] * 2e-9
            shares = {
                "train": ours["gflops"] / ours["peak_gflops"],
                "infer": inferred / ours["peak_gflops"],
            }
            for what, share in shares.items():
                own = ours[f"{what}_images_per_second"]
                rate, label = theirs[what]
                found[name, batch][what].append((own, rate, label, share))
                print(
                    f"round {round_number + 1}  {name:<12} {batch:>4}  {what}  "
                    f"Receptive {own:>10.1f}/s  PyTorch {rate:>10.1f}/s  {own / rate:5.2f}x  "
                    f"({label})",
                    flush=True,
                )
    return found


def row(name, batch, what, goal, measurements):
    ratios = sorted(own / rate for own, rate, _, _ in measurements)
    middle = statistics.median(ratios)
    own = statistics.median(m[0] for m in measurements)
    rate = statistics.median(m[1] for m in measurements)
    label = max(measurements, key=lambda m: m[1])[2]
    share = statistics.median(m[3] for m in measurements)
    cells = [name, str(batch), f"{own:,.0f}" if own >= 100 else f"{own:.1f}"]
    cells += [f"{rate:,.0f}" if rate >= 100 else f"{rate:.1f}", label]
    cells += [f"{ratios[0]:.2f}", f"**{middle:.2f}**", f"{ratios[-1]:.2f}", f"{goal:g}"]
    cells.append(f"{100 * share:.0f} %")
    return "| " + " | ".join(cells) + " |"


def table(cases, found):
    lines = [f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores", ""]
    for what, title in (("train", "Training"), ("infer", "Inference")):
        head = ["net", "batch", "Receptive img/s", "PyTorch img/s", "PyTorch's best with"]
        head += ["ratio min", "median", "max", "goal", "of FMA peak"]
        lines += [f"{title}:", "", "| " + " | ".join(head) + " |"]
        lines.append("|" + "---|" * len(head))
        for name, batch, train_goal, infer_goal in cases:
            goal = train_goal if what == "train" else infer_goal
            lines.append(row(name, batch, what, goal, found[name, batch][what]))
        lines.append("")
    return "\n".join(lines)


def chosen_cases(arguments):
    cases = [c for c in CASES if not arguments.quick or c[:2] in QUICK_CASES]
    if arguments.nets:
        names = arguments.nets.split(",")
        unknown = [n for n in names if n not in INPUTS]
        if unknown:
            raise SystemExit(
                f"--nets: expected names out of {', '.join(INPUTS)}, but received "
                f"{', '.join(unknown)}."
            )
        cases = [c for c in CASES if c[0] in names]
    return cases


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    root = Path(__file__).resolve().parent.parent
    parser.add_argument("--nets", help="only these, with commas between")
    parser.add_argument("--quick", action="store_true", help="four nets, one round, half a second")
    parser.add_argument("--rounds", type=int, default=None, help="3, with --quick 1")
    parser.add_argument("--seconds", type=float, default=None, help="per PyTorch figure: 2")
    parser.add_argument("--threads", type=int, default=2, help="PyTorch's larger number of threads")
    parser.add_argument("--program", default=str(root / "build" / "release" / "receptive"))
    parser.add_argument("--option", action="append", default=[], help="passed to receptive bench")
    parser.add_argument("--any-blas", action="store_true", help="also without OpenBLAS")
    parser.add_argument("--output", help="file for the Markdown table")
    parser.add_argument("--worker", nargs=4, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    arguments.seconds = arguments.seconds or (0.5 if arguments.quick else 2.0)
    arguments.rounds = arguments.rounds or (1 if arguments.quick else 3)
    if arguments.worker:
        name, batch, threads, layout = arguments.worker
        run_pytorch(name, int(batch), int(threads), layout, arguments.seconds)
        return
    if not arguments.any_blas:
        require_fast_blas()
    cases = chosen_cases(arguments)
    text = table(cases, compare(cases, arguments))
    print("\n" + text)
    if arguments.output:
        Path(arguments.output).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
