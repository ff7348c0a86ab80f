"""Records N7, the notebook's deep network on CIFAR-10, over many runs in NumPy: distributions to judge a run by.

    python -m venv recorder && recorder/bin/pip install numpy==2.4.6
    recorder/bin/python harness/replay/seeds_recording.py CIFAR10_DIR

writes seeds_recording.json beside this script. CIFAR10_DIR has the binary version, data_batch_1.bin to
data_batch_5.bin, gzipped or not. Three samples:

- seeds: the notebook's run from thirty other seeds;
- roundings: its own seed, with the pixels and the rows of the first weights in another order each time, which changes
  nothing but the order of sums, and so the rounding;
- relu: the seed and the plain ReLU of the assignment that the notebook descends from, in fourteen roundings.
"""

import gzip
import json
import multiprocessing
import os
import pathlib
import sys

os.environ["OPENBLAS_NUM_THREADS"] = "1"
import numpy as np  # noqa: E402
from training_recording import BATCH, LEAK, Net  # noqa: E402

POPULATION, TRAIN, VALIDATION, FEATURES, CLASSES = 49_000, 1000, 1000, 3072, 10
UNITS = [FEATURES, 100, 100, 100, 100, 100, CLASSES]
STEPS, STEPS_PER_EPOCH, PRINT_EVERY = 200, 20, 20
# Seed, rounding (0: the notebook's order of pixels), slope of the activation below zero.
SAMPLES = {
    "seeds": [(seed, 0, LEAK) for seed in range(30)],
    "roundings": [(220, rounding, LEAK) for rounding in range(30)],
    "relu": [(231, rounding, 0.0) for rounding in range(14)],
}


def load(folder):
    batches = []
    for i in range(1, 6):
        path = pathlib.Path(folder) / f"data_batch_{i}.bin"
        raw = path.read_bytes() if path.exists() else gzip.decompress(path.with_name(path.name + ".gz").read_bytes())
        batches.append(np.frombuffer(raw, "u1").reshape(-1, 1 + FEATURES))
    data = np.concatenate(batches)
    x = data[:, 1:].astype("f8")
    x -= x[:POPULATION].mean(0)
    chosen = np.r_[0:TRAIN, POPULATION : POPULATION + VALIDATION]
    return x[chosen].astype("f4"), data[chosen, 0].astype(int)


def run(task):
    (seed, rounding, leak), (x, y) = task
    order = np.random.RandomState(rounding).permutation(FEATURES) if rounding else np.arange(FEATURES)
    x = np.ascontiguousarray(x[:, order])
    np.random.seed(seed)
    nets = {name: Net(norm, UNITS, leak) for name, norm in (("batch norm", "batch"), ("plain", None))}
    log = {}
    for name, net in nets.items():
        net.w[0][:] = net.w[0][order]
        losses, accuracies = [], []
        for step in range(STEPS):
            batch = np.random.choice(TRAIN, BATCH)
            loss = net.step(x[batch], y[batch])
            if step % PRINT_EVERY == 0:
                losses.append(round(loss, 7))
            if step == 0 or (step + 1) % STEPS_PER_EPOCH == 0:
                parts = [(x[:TRAIN], y[:TRAIN]), (x[TRAIN:], y[TRAIN:])]
                accuracies.append([round(net.accuracy(*part), 3) for part in parts])
        train, validation = zip(*accuracies)
        log[name] = {"loss": losses, "training": train, "validation": validation}
    return log


def transposed(logs):
    """For each network and measure, a row for each printed moment, with one number a run."""
    return {
        name: {key: [list(row) for row in zip(*(log[name][key] for log in logs))] for key in measures}
        for name, measures in logs[0].items()
    }


def main():
    data = load(sys.argv[1])
    with multiprocessing.Pool() as pool:
        samples = {
            name: transposed(pool.map(run, [(task, data) for task in tasks], chunksize=1))
            for name, tasks in SAMPLES.items()
        }
    recording = {"versions": {"numpy": np.__version__}, **samples}
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(recording, separators=(",", ":")).replace("]],", "]],\n") + "\n")


if __name__ == "__main__":
    main()
