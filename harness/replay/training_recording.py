"""Records a small run of the notebook's deep network in NumPy, as expectations for training.ts.

    python -m venv recorder && recorder/bin/pip install numpy==2.4.6
    recorder/bin/python harness/replay/training_recording.py

writes training_recording.json beside this script. The images are few, small and random, the network is
the notebook's: five hidden layers of 100, leaky ReLU, Adam, float32, running statistics from zero.
"""

import json
import pathlib

import numpy as np

SEED, DATA_SEED = 3, 7
POPULATION, TRAIN, VALIDATION, FEATURES, CLASSES = 80, 60, 20, 12, 10
UNITS = [FEATURES, 100, 100, 100, 100, 100, CLASSES]
SCALE, BATCH, STEPS, RATE, LEAK, EPSILON, MOMENTUM = 2e-2, 50, 20, 1e-3, 0.01, 1e-5, 0.9


class Net:
    def __init__(self, normalized, units=UNITS, leak=LEAK):
        self.normalized, self.leak = normalized, leak
        self.w = [(SCALE * np.random.randn(a, b)).astype("f4") for a, b in zip(units, units[1:])]
        self.b = [np.zeros(n, "f4") for n in units[1:]]
        hidden = units[1:-1] if normalized else []
        self.gamma = [np.ones(n, "f4") for n in hidden]
        self.beta = [np.zeros(n, "f4") for n in hidden]
        self.mean = [np.zeros(n, "f4") for n in hidden]
        self.variance = [np.zeros(n, "f4") for n in hidden]
        self.parameters = self.w + self.b + self.gamma + self.beta
        self.m = [np.zeros_like(p) for p in self.parameters]
        self.v = [np.zeros_like(p) for p in self.parameters]
        self.steps = 0

    def forward(self, x, training):
        caches, h = [], x
        for i, (w, b) in enumerate(zip(self.w, self.b)):
            a = h @ w + b
            if i == len(self.w) - 1:
                caches.append((h, None, None, None))
                return a, caches
            xhat = deviation = None
            if self.normalized:
                mean, variance = (a.mean(0), a.var(0)) if training else (self.mean[i], self.variance[i])
                if training:
                    self.mean[i] = MOMENTUM * self.mean[i] + (1 - MOMENTUM) * mean
                    self.variance[i] = MOMENTUM * self.variance[i] + (1 - MOMENTUM) * variance
                deviation = np.sqrt(variance + EPSILON)
                xhat = (a - mean) / deviation
                a = self.gamma[i] * xhat + self.beta[i]
            caches.append((h, xhat, deviation, a))
            h = np.where(a > 0, a, np.float32(self.leak) * a)

    def step(self, x, y):
        logits, caches = self.forward(x, True)
        shifted = logits - logits.max(1, keepdims=True)
        exponentials = np.exp(shifted)
        sums = exponentials.sum(1, keepdims=True)
        rows = np.arange(len(y))
        loss = (np.log(sums[:, 0]) - shifted[rows, y]).mean()
        d = exponentials / sums
        d[rows, y] -= 1
        d /= len(y)
        gradients = {}
        for i in reversed(range(len(self.w))):
            h, xhat, deviation, a = caches[i]
            if a is not None:
                d = np.where(a > 0, d, np.float32(self.leak) * d)
            if xhat is not None:
                gradients["gamma", i], gradients["beta", i] = (d * xhat).sum(0), d.sum(0)
                d = d * self.gamma[i]
                d = (d - d.mean(0) - xhat * (d * xhat).mean(0)) / deviation
            gradients["w", i], gradients["b", i] = h.T @ d, d.sum(0)
            d = d @ self.w[i].T
        self.update([
            gradients[name, i]
            for name, group in (("w", self.w), ("b", self.b), ("gamma", self.gamma), ("beta", self.beta))
            for i in range(len(group))
        ])
        return float(loss)

    def update(self, gradients):
        self.steps += 1
        for p, m, v, g in zip(self.parameters, self.m, self.v, gradients):
            m[:] = 0.9 * m + 0.1 * g
            v[:] = 0.999 * v + 0.001 * g * g
            p -= RATE * (m / (1 - 0.9**self.steps)) / (np.sqrt(v / (1 - 0.999**self.steps)) + 1e-8)

    def accuracy(self, x, y):
        return float((self.forward(x, False)[0].argmax(1) == y).mean())


def main():
    np.random.seed(DATA_SEED)
    pixels = np.random.randint(0, 256, size=(POPULATION + VALIDATION, FEATURES))
    labels = np.random.randint(0, CLASSES, size=POPULATION + VALIDATION)
    centred = (pixels - pixels[:POPULATION].mean(0)).astype("f4")
    x, y = centred[:TRAIN], labels[:TRAIN]
    validation, expected = centred[POPULATION:], labels[POPULATION:]
    np.random.seed(SEED)
    nets = {"batch norm": Net(True), "plain": Net(False)}
    runs = {}
    for name, net in nets.items():
        losses, accuracies = [], []
        for step in range(10 * STEPS):
            batch = np.random.choice(TRAIN, BATCH)
            if step >= STEPS:
                continue  # Only the draws count: the next network begins after them.
            losses.append(net.step(x[batch], y[batch]))
            if step in (0, STEPS - 1):
                accuracies.append([net.accuracy(x, y), net.accuracy(validation, expected)])
        runs[name] = {"losses": losses, "accuracies": accuracies}
    recording = {
        "versions": {"numpy": np.__version__},
        "seeds": {"data": DATA_SEED, "training": SEED},
        "images": {
            "population": POPULATION,
            "train": TRAIN,
            "validation": VALIDATION,
            "features": FEATURES,
        },
        "runs": runs,
    }
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(recording, indent=2) + "\n")


if __name__ == "__main__":
    main()
