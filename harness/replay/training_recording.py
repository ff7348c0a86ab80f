"""Records small runs of the notebook's networks in NumPy, as expectations for training.ts and studies.ts.

    python -m venv recorder && recorder/bin/pip install numpy==2.4.6
    recorder/bin/python harness/replay/training_recording.py

writes training_recording.json beside this script. The images are small and random; everything else is the
notebook's: hidden layers, leaky ReLU, Adam, float32, running statistics from zero, and the order in which N7, N8
and N9 draw their random numbers. Of N8 only some scales are trained, and a layer norm takes the place of the
batch norm in a second pass.
"""

import json
import pathlib

import numpy as np

SEED, DATA_SEED = 3, 7
POPULATION, TRAIN, VALIDATION, FEATURES, CLASSES = 1020, 1000, 20, 12, 10
UNITS = [FEATURES, 100, 100, 100, 100, 100, CLASSES]
SCALE, BATCH, RATE, LEAK, EPSILON, MOMENTUM, EPOCHS = 2e-2, 50, 1e-3, 0.01, 1e-5, 0.9, 10
# Steps of a run of N8 or N9, and the scales of N8 that are trained: after more steps, or with smaller weights, Adam
# makes a fourth digit of what was rounding.
STEPS = 10
TRAINED_SCALES = (11, 15, 19)


class Net:
    def __init__(self, norm, units=UNITS, leak=LEAK, scale=SCALE, rate=RATE):
        self.norm, self.leak, self.rate = norm, leak, rate
        self.w = [(scale * np.random.randn(a, b)).astype("f4") for a, b in zip(units, units[1:])]
        self.b = [np.zeros(n, "f4") for n in units[1:]]
        hidden = units[1:-1] if norm else []
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
            if self.norm == "layer":
                deviation = np.sqrt(a.var(1, keepdims=True) + EPSILON)
                xhat = (a - a.mean(1, keepdims=True)) / deviation
                a = self.gamma[i] * xhat + self.beta[i]
            elif self.norm == "batch":
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
                axis = 1 if self.norm == "layer" else 0
                mean = d.mean(axis, keepdims=True), (d * xhat).mean(axis, keepdims=True)
                d = (d - mean[0] - xhat * mean[1]) / deviation
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
            p -= self.rate * (m / (1 - 0.9**self.steps)) / (np.sqrt(v / (1 - 0.999**self.steps)) + 1e-8)

    def accuracy(self, x, y):
        return float((self.forward(x, False)[0].argmax(1) == y).mean())


def train(net, steps, batch, data, each_epoch):
    """Trains for so many steps, and draws the batches of ten epochs; losses, and accuracies as the notebook takes them."""
    (x, y), (validation, expected) = data
    losses, accuracies, batches = [], [], []
    epoch = max(TRAIN // batch, 1)
    for step in range(EPOCHS * epoch):
        batches.append(np.random.choice(TRAIN, batch))
        if step < steps:
            losses.append(net.step(x[batches[-1]], y[batches[-1]]))
        if step == 0 < steps or each_epoch and step == epoch - 1:
            accuracies.append([net.accuracy(x, y), net.accuracy(validation, expected)])
    return {"losses": losses, "accuracies": accuracies}, batches


def deep_network(data):
    np.random.seed(SEED)
    nets = {"batch norm": Net("batch"), "plain": Net(None)}
    return {name: train(net, TRAIN // BATCH, BATCH, data, True)[0] for name, net in nets.items()}


def studies(data):
    runs = []

    def run(experiment, net, batch, steps, **setting):
        # The first and the last weight, and below the first and the last image.
        weights = [float(net.w[0][0, 0]), float(net.w[-1][-1, -1])]
        log, batches = train(net, steps, batch, data, False)
        drawn = [*weights, int(batches[0][0]), int(batches[-1][-1])]
        network = f"{net.norm} norm" if net.norm else "plain"
        runs.append({"experiment": experiment, "network": network, **setting, "drawn": drawn, **log})

    for norm in ("batch", "layer"):
        np.random.seed(SEED)
        units = [FEATURES, *7 * [50], CLASSES]
        for i, scale in enumerate(np.logspace(-4, 0, num=20)):
            normalized = Net(norm, units, scale=scale)
            plain = Net(None, units, scale=scale)
            for net in (normalized, plain):
                run("N8", net, BATCH, STEPS if i in TRAINED_SCALES else 0, weightScale=scale)
        np.random.seed(SEED)
        rate = 10**-3.5
        run("N9", Net(None, rate=rate), 5, STEPS, batchSize=5)
        for batch in (5, 10, 50):
            run("N9", Net(norm, rate=rate), batch, STEPS, batchSize=batch)
    return runs


def main():
    np.random.seed(DATA_SEED)
    pixels = np.random.randint(0, 256, size=(POPULATION + VALIDATION, FEATURES))
    labels = np.random.randint(0, CLASSES, size=POPULATION + VALIDATION)
    centred = (pixels - pixels[:POPULATION].mean(0)).astype("f4")
    data = (centred[:TRAIN], labels[:TRAIN]), (centred[POPULATION:], labels[POPULATION:])
    recording = {
        "versions": {"numpy": np.__version__},
        "seeds": {"data": DATA_SEED, "training": SEED},
        "images": {
            "population": POPULATION,
            "train": TRAIN,
            "validation": VALIDATION,
            "features": FEATURES,
        },
        "centred": [float(v) for v in (centred[0, 0], centred[TRAIN - 1, -1], centred[-1, -1])],
        "runs": deep_network(data),
        "studies": studies(data),
    }
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(recording, separators=(",", ":")).replace("},", "},\n") + "\n")


if __name__ == "__main__":
    main()
