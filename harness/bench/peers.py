"""Times norms and training steps in PyTorch or Keras, for `deno task bench --peers`.

Usage: python peers.py pytorch|keras

Writes one line of JSON when it is ready, then answers each request, a line, with a line:

    {"forget": true}                      forgets what was prepared
    {"variant": NAME, "prepare": JOB}     builds a computation; the number of runs in a sample
    {"variant": NAME, "turn": NUMBER}     one sample of it: the seconds of a run

A job that the framework has no equivalent for is answered with {"unsupported": true}. A training step
reads its loss, as all do that it is compared with.
"""

import json
import math
import os
import signal
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

CLASSES = 10
COLD_BYTES = 2**26
MOST_INPUTS = 32
LEAST_SAMPLE = 2e-3
WARM_UP = 0.04
MOST_RUNS = 1024


def ring_length(shape):
    return min(MOST_INPUTS, max(2, math.ceil(COLD_BYTES / (4 * math.prod(shape)))))


class Prepared:
    """A computation that is warm, and how many runs make a sample."""

    def __init__(self, run, finish):
        self.run, self.finish, self.batch = run, finish, 1
        start = time.perf_counter()
        finish(run(0))
        while self.batch < MOST_RUNS and self.seconds(self.batch, 0) < LEAST_SAMPLE:
            self.batch *= 2
        while time.perf_counter() - start < WARM_UP:
            self.seconds(self.batch, 0)

    def seconds(self, runs, turn):
        start = time.perf_counter()
        for i in range(runs):
            result = self.run(turn + i)
        self.finish(result)
        return time.perf_counter() - start

    def sample(self, turn):
        """Seconds of a run, after one that is not timed: another process had the caches."""
        self.seconds(1, turn + self.batch)
        return self.seconds(self.batch, turn) / self.batch


def kernel_shape(shape):
    return [math.prod(shape[:-1]), shape[-1]]


class PyTorch:
    """Eager PyTorch, in its default memory order [N, C, H, W]; training steps in [N, H, W, C], too."""

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

    def norm(self, name, shape, options):
        """A module that normalizes data of `shape`, channels first; None where there is none."""
        nn = self.torch.nn
        channels, eps = shape[1], options.get("epsilon")
        if name == "batch":
            make = nn.BatchNorm1d if len(shape) == 2 else nn.BatchNorm2d
            return make(channels, eps=eps, momentum=1 - options["momentum"])
        if name == "layer":
            return nn.LayerNorm(shape[1:], eps=eps)
        if name == "rms" and hasattr(nn, "RMSNorm"):
            return nn.RMSNorm(shape[1:], eps=eps)
        if name == "group":
            return nn.GroupNorm(options["groups"], channels, eps=eps)
        if name == "instance":
            return nn.InstanceNorm2d(channels, eps=eps, affine=True)
        return None

    def alone(self, job):
        torch = self.torch
        if job.get("channelsLast"):
            return None
        if job["norm"] == "weight":
            return self.weight(job)
        shape = self.channels_first(job["shape"])
        norm = self.norm(job["norm"], shape, job["options"])
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
        is_cnn = job["architecture"] == "cnn"
        if job.get("channelsLast") and not is_cnn:
            return None
        order = torch.channels_last if job.get("channelsLast") else torch.contiguous_format
        shape = self.channels_first(job["shape"]) if is_cnn else job["shape"]
        inputs = [
            torch.randn(shape, device=self.device).contiguous(memory_format=order)
            for _ in range(ring_length(shape))
        ]
        labels = torch.arange(shape[0], device=self.device) % CLASSES
        layers, sample = [], shape
        for hidden in job["hidden"]:
            units = hidden["units"]
            weighted = (
                nn.Conv2d(sample[1], units, 3, padding=1, bias=hidden["bias"])
                if is_cnn
                else nn.Linear(sample[1], units, bias=hidden["bias"])
            )
            sample = [sample[0], units, *sample[2:]]
            if job["norm"] == "none":
                layers.append(weighted)
            elif job["norm"] == "weight":
                layers.append(nn.utils.parametrizations.weight_norm(weighted))
            else:
                norm = self.norm(job["norm"], sample, hidden["options"])
                if norm is None:
                    return None
                layers += [weighted, norm]
            layers.append(nn.ReLU())
            if is_cnn:
                layers.append(nn.MaxPool2d(2))
                sample = [*sample[:2], sample[2] // 2, sample[3] // 2]
        layers += [nn.Flatten(), nn.Linear(math.prod(sample[1:]), CLASSES)]
        model = nn.Sequential(*layers).to(self.device, memory_format=order)
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
        loss_of = nn.CrossEntropyLoss()

        def step(turn):
            optimizer.zero_grad()
            loss = loss_of(model(inputs[turn % len(inputs)]), labels)
            loss.backward()
            optimizer.step()
            return loss.item()

        return step


class Keras:
    """Keras on TensorFlow, in functions that TensorFlow compiles to graphs (`tf.function`), as `fit` does.

    Training steps also in functions that XLA compiles, as `fit` does where it is asked to.
    """

    def __init__(self):
        import keras
        import numpy
        import tensorflow as tf

        if keras.backend.backend() != "tensorflow":
            raise ImportError("Keras does not run on TensorFlow: set KERAS_BACKEND=tensorflow")
        self.keras, self.tf, self.np = keras, tf, numpy
        self.version = f"{keras.__version__} on TensorFlow {tf.__version__}"
        self.queues = len(tf.config.list_physical_devices("GPU")) > 0

    def norm(self, name, shape, options):
        """A layer that normalizes data of `shape`; None where there is none."""
        layers = self.keras.layers
        axes, epsilon = list(range(1, len(shape))), options.get("epsilon")
        if name == "batch":
            return layers.BatchNormalization(momentum=options["momentum"], epsilon=epsilon)
        if name == "layer":
            return layers.LayerNormalization(axis=axes, epsilon=epsilon)
        if name == "rms" and hasattr(layers, "RMSNormalization"):
            return layers.RMSNormalization(axis=axes, epsilon=epsilon)
        if name == "group":
            return layers.GroupNormalization(options["groups"], epsilon=epsilon)
        if name == "instance":
            return layers.GroupNormalization(-1, epsilon=epsilon)
        return None

    def alone(self, job):
        if job.get("xla"):
            return None
        tf, shape = self.tf, job["shape"]
        norm = self.norm(job["norm"], shape, job["options"])
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
        """Reads one number where work is queued, which waits for it; processors do not queue."""
        if not self.queues or isinstance(result, (float, self.np.generic)):
            return
        flat = self.tf.nest.flatten(result)[0]
        self.tf.reshape(flat, [-1])[0].numpy()

    def training(self, job):
        keras, tf, layers = self.keras, self.tf, self.keras.layers
        if job["norm"] == "weight":
            return None
        shape, is_cnn = job["shape"], job["architecture"] == "cnn"
        model = keras.Sequential([keras.Input(shape[1:])])
        for hidden in job["hidden"]:
            units = hidden["units"]
            bias = hidden["bias"]
            model.add(
                layers.Conv2D(units, 3, padding="same", use_bias=bias)
                if is_cnn
                else layers.Dense(units, use_bias=bias)
            )
            if job["norm"] != "none":
                norm = self.norm(job["norm"], list(model.output_shape), hidden["options"])
                if norm is None:
                    return None
                model.add(norm)
            model.add(layers.ReLU())
            if is_cnn:
                model.add(layers.MaxPooling2D())
        model.add(layers.Flatten())
        model.add(layers.Dense(CLASSES))
        inputs = [tf.random.normal(shape) for _ in range(ring_length(shape))]
        labels = tf.range(shape[0]) % CLASSES
        optimizer = keras.optimizers.Adam(1e-3)
        optimizer.build(model.trainable_variables)
        loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

        @tf.function(jit_compile=bool(job.get("xla")))
        def step(x):
            with tf.GradientTape() as tape:
                loss = loss_of(labels, model(x, training=True))
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply_gradients(zip(gradients, model.trainable_variables))
            return loss

        return lambda turn: step(inputs[turn % len(inputs)]).numpy()


def answer(peer, request, prepared):
    if "forget" in request:
        prepared.clear()
        return {"forgotten": True}
    variant = request["variant"]
    if "prepare" not in request:
        return {"seconds": prepared[variant].sample(request["turn"])}
    job = request["prepare"]
    run = (peer.training if job["workload"] == "training step" else peer.alone)(job)
    if run is None:
        return {"unsupported": True}
    prepared[variant] = Prepared(run, peer.finish)
    return {"batch": prepared[variant].batch}


def main():
    # A terminal sends Ctrl-C here too, and a failure would be recorded. The end of stdin ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    out = sys.stdout
    # Frameworks print, and standard output is for answers only.
    sys.stdout = sys.stderr

    def say(value):
        print(json.dumps(value), file=out, flush=True)

    try:
        peer = {"pytorch": PyTorch, "keras": Keras}[sys.argv[1]]()
    except ImportError as error:
        say({"missing": str(error)})
        return
    say({"version": peer.version})
    prepared = {}
    for line in sys.stdin:
        try:
            say(answer(peer, json.loads(line), prepared))
        except Exception as error:  # The task records it and continues.
            say({"error": f"{type(error).__name__}: {error}"})


main()
