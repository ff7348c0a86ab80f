"""Records what other orders of sums make of the notebook's gradient checks (N3, N4, N6), in NumPy and float64.

    python -m venv recorder && recorder/bin/pip install numpy==2.4.6
    recorder/bin/python harness/replay/orders_recording.py

writes orders_recording.json beside this script: for each figure its value in 60 orders. Samples, features and hidden
units are permuted, which changes nothing but the order of sums; the first order is the notebook's.
"""

import json
import pathlib

import numpy as np

ORDERS, SEED, EPSILON, STEP, LEAK = 60, 220, 1e-5, 1e-5, 0.01


def error(a, b):
    return float(np.max(np.abs(a - b) / np.maximum(1e-8, np.abs(a) + np.abs(b))))


def numeric(f, p, weight=1.0):
    """The gradient of sum(f() weight) with respect to p by central differences."""
    gradient = np.zeros_like(p)
    for i in np.ndindex(p.shape):
        old = p[i]
        p[i] = old + STEP
        ahead = f()
        p[i] = old - STEP
        behind = f()
        p[i] = old
        gradient[i] = np.sum((ahead - behind) * weight) / (2 * STEP)
    return gradient


def norm(x, gamma, beta, axis=0):
    centred = x - x.mean(axis, keepdims=True)
    deviation = np.sqrt(x.var(axis, keepdims=True) + EPSILON)
    xhat = centred / deviation
    return gamma * xhat + beta, (centred, deviation, xhat, gamma, axis)


def simplified(dy, cache):
    _, deviation, xhat, gamma, axis = cache
    d = dy * gamma
    means = d.mean(axis, keepdims=True), (d * xhat).mean(axis, keepdims=True)
    return (d - means[0] - xhat * means[1]) / deviation, (dy * xhat).sum(0), dy.sum(0)


def step_by_step(dy, cache):
    centred, deviation, xhat, gamma, _ = cache
    n, d = len(dy), dy * gamma
    dvariance = -(d * centred).sum(0) / deviation**2 / (2 * deviation)
    dcentred = d / deviation + 2 * centred * dvariance / n
    return dcentred - dcentred.sum(0) / n, (dy * xhat).sum(0), dy.sum(0)


def draw(samples, features, order):
    random = np.random.RandomState(SEED)
    x = 5 * random.randn(samples, features) + 12
    gamma, beta, dy = random.randn(features), random.randn(features), random.randn(samples, features)
    rows, columns = order(samples), order(features)
    both = np.ix_(rows, columns)
    return x[both], gamma[columns], beta[columns], dy[both]


def gradient_checks(order):
    x, gamma, beta, dy = draw(4, 5, order)
    for name, axis in (("batch norm", 0), ("layer norm", 1)):
        backward = simplified if axis else step_by_step
        gradients = backward(dy, norm(x, gamma, beta, axis)[1])
        for p, parameter, gradient in zip("x gamma beta".split(), (x, gamma, beta), gradients):
            f = lambda: norm(x, gamma, beta, axis)[0]  # noqa: E731
            yield f"error of d{p}, {name}", error(gradient, numeric(f, parameter, dy))


def two_backward_passes(order):
    x, gamma, beta, dy = draw(100, 500, order)
    cache = norm(x, gamma, beta)[1]
    pairs = zip("x gamma beta".split(), step_by_step(dy, cache), simplified(dy, cache))
    for p, long, short in pairs:
        yield f"difference of d{p}", error(long, short)


UNITS = [15, 20, 30, 10]


def network_checks(order):
    random = np.random.RandomState(SEED)
    x, y = random.randn(2, UNITS[0]), random.randint(UNITS[-1], size=2)
    rows, orders = order(2), [order(units) for units in UNITS[:-1]] + [np.arange(UNITS[-1])]
    x, y = x[np.ix_(rows, orders[0])], y[rows]
    for reg in (0, 3.14):
        p = {}
        for i in (1, 2, 3):
            weights = 5e-2 * random.randn(UNITS[i - 1], UNITS[i])
            p[f"W{i}"], p[f"b{i}"] = weights[np.ix_(orders[i - 1], orders[i])], np.zeros(UNITS[i])
            if i < 3:
                p[f"gamma{i}"], p[f"beta{i}"] = np.ones(UNITS[i]), np.zeros(UNITS[i])

        def forward():
            h, caches = x, []
            for i in (1, 2):
                z, cache = norm(h @ p[f"W{i}"] + p[f"b{i}"], p[f"gamma{i}"], p[f"beta{i}"])
                caches.append((h, cache, z))
                h = np.where(z > 0, z, LEAK * z)
            logits = h @ p["W3"] + p["b3"]
            shifted = logits - logits.max(1, keepdims=True)
            logs = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
            penalty = sum(0.5 * reg * np.sum(p[f"W{i}"] ** 2) for i in (1, 2, 3))
            return -logs[np.arange(2), y].sum() / 2 + penalty, logs, h, caches

        loss, logs, h, caches = forward()
        yield f"initial loss, reg {reg}", float(loss)
        d = np.exp(logs)
        d[np.arange(2), y] -= 1
        d /= 2
        gradients = {"W3": h.T @ d + reg * p["W3"], "b3": d.sum(0)}
        d = d @ p["W3"].T
        for i in (2, 1):
            h, cache, z = caches[i - 1]
            d = np.where(z > 0, d, LEAK * d)
            d, gradients[f"gamma{i}"], gradients[f"beta{i}"] = simplified(d, cache)
            gradients[f"W{i}"], gradients[f"b{i}"] = h.T @ d + reg * p[f"W{i}"], d.sum(0)
            d = d @ p[f"W{i}"].T
        for name, gradient in gradients.items():
            yield f"error of d{name}, reg {reg}", error(gradient, numeric(lambda: forward()[0], p[name]))


def main():
    figures = {}
    for i in range(ORDERS):
        random = np.random.RandomState(i)
        order = random.permutation if i else np.arange
        for experiment in (gradient_checks, two_backward_passes, network_checks):
            for name, value in experiment(order):
                figures.setdefault(name, []).append(value)
    recording = {"versions": {"numpy": np.__version__}, "figures": figures}
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(recording, separators=(",", ":")).replace("],", "],\n") + "\n")


if __name__ == "__main__":
    main()
