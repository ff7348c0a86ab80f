"""Times norms and training steps in PyTorch or Keras, for `deno task bench --peers`.

Usage: python peers.py pytorch|keras

Writes one line of JSON when it is ready, then reads a job a line and answers each with a line:
the number of runs in a sample, and the seconds that a run took, sample by sample. What the framework
has nothing for is answered with {"unsupported": true}.
"""

import json
import math
import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

EPSILON = 1e-3
CLASSES = 10
COLD_BYTES = 2**26
MOST_INPUTS = 32
LEAST_SAMPLE = 2e-3
MOST_RUNS = 1024
MOST_ROUNDS = 200
NETWORKS = {"mlp": [256, 128], "cnn": [16, 32]}


def ring_length(shape):
    return min(MOST_INPUTS, max(2, math.ceil(COLD_BYTES / (4 * math.prod(shape)))))


def measure(run, finish, seconds, least_rounds):
    """Samples of `run(turn)`, each of as many runs as make it long enough, and of one completion."""
    finish(run(0))

    def sample(batch, turn):
        start = time.perf_counter()
        for i in range(batch):
            result = run(turn + i)
        finish(result)
        return time.perf_counter() - start

    batch = 1
    while batch < MOST_RUNS and sample(batch, 0) < LEAST_SAMPLE:
        batch *= 2
    samples = []
    start = time.perf_counter()
    while len(samples) < MOST_ROUNDS:
        if len(samples) >= least_rounds and time.perf_counter() - start >= seconds:
            break
        samples.append(sample(batch, len(samples) * batch) / batch)
    return {"batch": batch, "samples": samples}


def groups_of(channels):
    """Groups of group norm, the same as norms/group_norm.ts takes in networks."""
    most = min(8, channels // 4)
    return max([groups for groups in range(1, most + 1) if channels % groups == 0], default=1)


def kernel_shape(shape):
    return [math.prod(shape[:-1]), shape[-1]]


class PyTorch:
    """Eager PyTorch, in memory order [N, C, H, W], which is what its users have."""

    def __init__(self):
        import torch

        self.torch = torch
        self.version = torch.__version__
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    def finish(self, _result):
        if self.device.type == "cuda":
            self.torch.cuda.synchronize()

    def channels_first(self, shape):
        return [shape[0], shape[-1], *shape[1:-1]]

    def norm(self, job, shape):
        """A module that normalizes data of `shape`, channels first; None where there is none."""
        nn = self.torch.nn
        name, channels = job["norm"], shape[1]
        if name == "batch":
            make = nn.BatchNorm1d if len(shape) == 2 else nn.BatchNorm2d
            return make(channels, eps=EPSILON, momentum=0.01)
        if name == "layer":
            return nn.LayerNorm(shape[1:], eps=EPSILON)
        if name == "rms" and hasattr(nn, "RMSNorm"):
            return nn.RMSNorm(shape[1:], eps=1e-6)
        if name == "group":
            return nn.GroupNorm(groups_of(channels), channels, eps=EPSILON)
        if name == "instance":
            return nn.InstanceNorm2d(channels, eps=EPSILON, affine=True)
        return None

    def alone(self, job):
        torch = self.torch
        if job["norm"] == "weight":
            return self.weight(job)
        shape = self.channels_first(job["shape"])
        norm = self.norm(job, shape)
        if norm is None:
            return None
        norm = norm.to(self.device)
        inputs = [torch.randn(shape, device=self.device) for _ in range(ring_length(shape))]
        dy = torch.randn(shape, device=self.device)
        return self.both_ways(job, norm, inputs, list(norm.parameters()), dy)

    def weight(self, job):
        torch = self.torch
        shape = kernel_shape(job["shape"])
        inputs = [torch.randn(shape, device=self.device) for _ in range(ring_length(shape))]
        g = torch.ones([1, shape[1]], device=self.device, requires_grad=True)
        x = torch.randn([1, shape[0]], device=self.device)
        dy = torch.randn([1, shape[1]], device=self.device)
        return self.both_ways(job, lambda v: x @ torch._weight_norm(v, g, 1), inputs, [g], dy)

    def both_ways(self, job, f, inputs, parameters, dy):
        torch = self.torch

        def forward(turn):
            with torch.no_grad():
                return f(inputs[turn % len(inputs)])

        def both(turn):
            x = inputs[turn % len(inputs)].detach().requires_grad_(True)
            return torch.autograd.grad(f(x), [x, *parameters], dy)

        return forward if job["workload"] == "forward" else both

    def training(self, job):
        torch = self.torch
        nn = torch.nn
        shape = self.channels_first(job["shape"]) if job["network"] == "cnn" else job["shape"]
        inputs = [torch.randn(shape, device=self.device) for _ in range(ring_length(shape))]
        labels = torch.arange(shape[0], device=self.device) % CLASSES
        layers, sample = [], shape
        for units in NETWORKS[job["network"]]:
            weighted = (
                nn.Conv2d(sample[1], units, 3, padding=1)
                if job["network"] == "cnn"
                else nn.Linear(sample[1], units)
            )
            sample = [sample[0], units, *sample[2:]]
            if job["norm"] == "weight":
                layers.append(nn.utils.parametrizations.weight_norm(weighted))
            else:
                norm = self.norm(job, sample)
                if norm is None:
                    return None
                layers += [weighted, norm]
            layers.append(nn.ReLU())
            if job["network"] == "cnn":
                layers.append(nn.MaxPool2d(2))
                sample = [*sample[:2], sample[2] // 2, sample[3] // 2]
        layers += [nn.Flatten(), nn.Linear(math.prod(sample[1:]), CLASSES)]
        model = nn.Sequential(*layers).to(self.device)
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
        loss = nn.CrossEntropyLoss()

        def step(turn):
            optimizer.zero_grad()
            loss(model(inputs[turn % len(inputs)]), labels).backward()
            optimizer.step()

        return step


class Keras:
    """Keras on TensorFlow, in functions that TensorFlow has compiled to graphs, as `fit` does."""

    def __init__(self):
        import keras
        import tensorflow as tf

        if keras.backend.backend() != "tensorflow":
            raise ImportError("Keras does not run on TensorFlow: set KERAS_BACKEND=tensorflow")
        self.keras, self.tf = keras, tf
        self.version = f"{keras.__version__} on TensorFlow {tf.__version__}"
        self.queues = len(tf.config.list_physical_devices("GPU")) > 0

    def norm(self, job, shape):
        layers = self.keras.layers
        name, axes = job["norm"], list(range(1, len(shape)))
        if name == "batch":
            return layers.BatchNormalization(momentum=0.99, epsilon=EPSILON)
        if name == "layer":
            return layers.LayerNormalization(axis=axes, epsilon=EPSILON)
        if name == "rms" and hasattr(layers, "RMSNormalization"):
            return layers.RMSNormalization(axis=axes, epsilon=1e-6)
        if name == "group":
            return layers.GroupNormalization(groups_of(shape[-1]), epsilon=EPSILON)
        if name == "instance":
            return layers.GroupNormalization(-1, epsilon=EPSILON)
        return None

    def alone(self, job):
        tf, shape = self.tf, job["shape"]
        norm = self.norm(job, shape)
        if norm is None:
            return None
        norm.build(shape)
        inputs = [tf.random.normal(shape) for _ in range(ring_length(shape))]
        dy = tf.random.normal(shape)

        @tf.function
        def forward(x):
            return norm(x, training=True)

        @tf.function
        def both(x):
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = norm(x, training=True)
            return tape.gradient(y, [x, *norm.trainable_variables], dy)

        f = forward if job["workload"] == "forward" else both
        return lambda turn: f(inputs[turn % len(inputs)])

    def finish(self, result):
        """Reads one number where work is queued: it is done then. A processor computes at once."""
        if not self.queues:
            return
        flat = self.tf.nest.flatten(result)[0]
        self.tf.reshape(flat, [-1])[0].numpy()

    def training(self, job):
        keras, tf, layers = self.keras, self.tf, self.keras.layers
        if job["norm"] == "weight":
            return None
        shape = job["shape"]
        model, sample = keras.Sequential([keras.Input(shape[1:])]), shape
        for units in NETWORKS[job["network"]]:
            weighted = (
                layers.Conv2D(units, 3, padding="same")
                if job["network"] == "cnn"
                else layers.Dense(units)
            )
            model.add(weighted)
            norm = self.norm(job, list(model.output_shape))
            if norm is None:
                return None
            model.add(norm)
            model.add(layers.ReLU())
            if job["network"] == "cnn":
                model.add(layers.MaxPooling2D())
        model.add(layers.Flatten())
        model.add(layers.Dense(CLASSES))
        inputs = [tf.random.normal(shape) for _ in range(ring_length(shape))]
        labels = tf.range(shape[0]) % CLASSES
        optimizer = keras.optimizers.Adam(1e-3)
        optimizer.build(model.trainable_variables)
        loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

        @tf.function
        def step(x):
            with tf.GradientTape() as tape:
                loss = loss_of(labels, model(x, training=True))
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply_gradients(zip(gradients, model.trainable_variables))
            return loss

        return lambda turn: step(inputs[turn % len(inputs)])


def answer(peer, job, built):
    """Builds what a job runs, unless the job before was the same, and times it."""
    key = json.dumps([job[name] for name in ("norm", "workload", "shape")])
    if built.get("key") != key:
        built.clear()
        build = peer.training if job["workload"] == "training step" else peer.alone
        built.update(key=key, run=build(job))
    if built["run"] is None:
        return {"unsupported": True}
    return measure(built["run"], peer.finish, job["seconds"], job["leastRounds"])


def main():
    out = sys.stdout
    # Frameworks print; the answers must stay alone on the standard output.
    sys.stdout = sys.stderr

    def say(value):
        print(json.dumps(value), file=out, flush=True)

    try:
        peer = {"pytorch": PyTorch, "keras": Keras}[sys.argv[1]]()
    except ImportError as error:
        say({"missing": str(error)})
        return
    say({"version": peer.version})
    built = {}
    for line in sys.stdin:
        try:
            say(answer(peer, json.loads(line), built))
        except Exception as error:  # Told to the task, which goes on with what is next.
            built.clear()
            say({"error": f"{type(error).__name__}: {error}"})


main()
