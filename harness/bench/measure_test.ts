import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { uniformStream } from "../../norms/basics/random.ts";
import * as tf from "../../norms/basics/tf.ts";
import { testOnEveryBackend } from "../backend/backends_testing.ts";
import type { Contender } from "./contender.ts";
import { measurePeak, measureRounds, type Ready, type Stopwatch, warmUp } from "./measure.ts";

/** A machine whose time passes only during work and waiting. */
class FakeMachine {
  seconds = 0;
  readonly now = () => this.seconds;
  /** Who ran, and on which turn. */
  readonly log: { name: string; turn: number }[] = [];

  stopwatch(completionSeconds = 0): Stopwatch {
    return {
      now: this.now,
      complete: () => void (this.seconds += completionSeconds),
      completionSeconds,
    };
  }

  /** Something that is warm, and whose sample is one run. */
  ready(name: string, seconds: number): Ready {
    const sample = (turn: number) => {
      this.log.push({ name, turn });
      this.seconds += seconds;
      return Promise.resolve(seconds);
    };
    return { name, role: "custom", batch: 1, sample };
  }

  contender(name: string, seconds: number): Contender {
    return {
      name,
      role: "custom",
      run: (turn) => {
        this.log.push({ name, turn });
        this.seconds += seconds;
        return [];
      },
      dispose: () => {},
    };
  }
}

Deno.test("a contender that takes far longer than all rounds should is run once", async () => {
  const machine = new FakeMachine();
  const { only } = await warmUp(machine.contender("endless", 60), machine.stopwatch(), 4);
  assertEquals([only, machine.log.length], [60, 1]);
});

Deno.test("a sample has enough runs for the clock not to matter", async () => {
  const machine = new FakeMachine();
  const { batch } = await warmUp(machine.contender("quick", 1e-4), machine.stopwatch());
  assertEquals(batch, 32, "the first power of two with 2 ms");
});

Deno.test("a costly completion is shared by many runs", async () => {
  const machine = new FakeMachine();
  const contender = machine.contender("queued", 1e-2);
  const { batch } = await warmUp(contender, machine.stopwatch(0.02));
  assert(batch * 1e-2 >= 0.9 * 0.2, `${batch} runs`);
});

Deno.test("a slow contender is run twice before it is measured, and one run is a sample", async () => {
  const machine = new FakeMachine();
  assertEquals((await warmUp(machine.contender("slow", 3), machine.stopwatch())).batch, 1);
  assertEquals(machine.log.length, 2);
});

Deno.test("in each round every contender gives one sample, in a new random order", async () => {
  const machine = new FakeMachine();
  const ready = ["a", "b", "c"].map((name) => machine.ready(name, 0.01));
  const effort = { leastRounds: 12, seconds: 0 };
  const samples = await measureRounds(ready, effort, machine.now, uniformStream("0"));
  assertEquals([...samples.values()].map((each) => (each as number[]).length), [12, 12, 12]);
  const rounds = Array.from(
    { length: 13 },
    (_, round) => machine.log.slice(3 * round, 3 * round + 3).map(({ name }) => name).join(""),
  );
  assertEquals(new Set(rounds.map((order) => [...order].sort().join(""))), new Set(["abc"]));
  assert(new Set(rounds).size > 2, rounds.join());
  assertEquals(machine.log.map(({ turn }) => turn), machine.log.map((_, index) => index));
});

Deno.test("the same seed gives the same order", async () => {
  const orders = await Promise.all([0, 1].map(async () => {
    const machine = new FakeMachine();
    const ready = ["a", "b"].map((name) => machine.ready(name, 1));
    const effort = { leastRounds: 9, seconds: 0 };
    await measureRounds(ready, effort, machine.now, uniformStream("7"));
    return machine.log.map(({ name }) => name).join("");
  }));
  assertEquals(orders[0], orders[1]);
});

Deno.test("rounds go on until the time is over", async () => {
  const machine = new FakeMachine();
  const ready = machine.ready("a", 0.2);
  const effort = { leastRounds: 3, seconds: 1.9 };
  const samples = await measureRounds([ready], effort, machine.now, uniformStream("0"));
  assertEquals((samples.get(ready) as number[]).length, 10);
});

Deno.test("a sample is seconds a run, its completion included", async () => {
  const machine = new FakeMachine();
  const { batch, sample } = await warmUp(machine.contender("a", 0.01), machine.stopwatch(0.1));
  assertAlmostEquals(await sample(0), 0.01 + 0.1 / batch, 1e-12);
});

Deno.test("where other processes take turns, a run that is not timed precedes each sample", async () => {
  const machine = new FakeMachine();
  const contender = machine.contender("a", 0.01);
  const { batch, sample } = await warmUp(contender, { ...machine.stopwatch(), leadIn: true });
  const before = machine.log.length;
  assertAlmostEquals(await sample(8), 0.01, 1e-12);
  assertEquals(machine.log.slice(before).map(({ turn }) => turn), [8 + batch, 8]);
});

Deno.test("a run that reads is waited for, and timed with what it waits for", async () => {
  const machine = new FakeMachine();
  const reading: Contender = {
    ...machine.contender("reading", 0),
    run: async () => {
      await Promise.resolve();
      machine.seconds += 1;
      return [];
    },
  };
  const { sample } = await warmUp(reading, machine.stopwatch());
  assertEquals(await sample(0), 1);
});

Deno.test("a contender that throws is left out, and the others go on", async () => {
  const machine = new FakeMachine();
  let runs = 0;
  const broken: Ready = {
    ...machine.ready("broken", 1),
    sample: () => {
      if (++runs > 2) throw new Error("no memory left");
      return Promise.resolve(1);
    },
  };
  const sound = machine.ready("sound", 1);
  const effort = { leastRounds: 5, seconds: 0 };
  const samples = await measureRounds([broken, sound], effort, machine.now, uniformStream("0"));
  assertEquals((samples.get(broken) as Error).message, "no memory left");
  assertEquals((samples.get(sound) as number[]).length, 5);
});

Deno.test("a contender that keeps tensors is refused", async () => {
  const kept: tf.Tensor[] = [];
  const machine = new FakeMachine();
  const leaking: Contender = {
    ...machine.contender("leaking", 1),
    run: () => {
      machine.seconds++;
      kept.push(tf.keep(tf.scalar(1)));
      return [];
    },
  };
  await assertRejects(
    () => warmUp(leaking, machine.stopwatch()),
    Error,
    "leaking leaked 1 tensor",
  );
  tf.dispose(kept);
});

testOnEveryBackend("a run whose kernels are not seen has no peak", async () => {
  const unseen: Contender = {
    name: "unseen",
    role: "custom",
    run: () => [],
    dispose: () => {},
  };
  assertEquals(await measurePeak(unseen), undefined);
});

testOnEveryBackend("the peak counts what a run holds, and not what was held before", async () => {
  const x = tf.ones([256]);
  const contender: Contender = {
    name: "two at a time",
    role: "custom",
    run: () => [tf.tidy(() => tf.square(tf.abs(x)))],
    dispose: () => {},
  };
  const before = tf.memory().numTensors;
  assertEquals(await measurePeak(contender), { peakBytes: 2048, peakTensors: 2 });
  assertEquals(tf.memory().numTensors, before);
});
