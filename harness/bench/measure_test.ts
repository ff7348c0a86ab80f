import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { uniformStream } from "../../norms/basics/random.ts";
import * as tf from "../../norms/basics/tf.ts";
import { testOnEveryBackend } from "../backend/backends_testing.ts";
import type { Contender } from "./contender.ts";
import { measurePeak, measureRounds, type Stopwatch, warmUp } from "./measure.ts";

/** A machine whose time passes only during work and waiting. */
class FakeMachine {
  seconds = 0;
  /** Who ran, and on which turn. */
  readonly log: { name: string; turn: number }[] = [];

  stopwatch(completionSeconds = 0): Stopwatch {
    return {
      now: () => this.seconds,
      complete: () => void (this.seconds += completionSeconds),
      completionSeconds,
    };
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
  const ready = ["a", "b", "c"].map((name) => ({
    contender: machine.contender(name, 0.01),
    batch: 1,
  }));
  const effort = { leastRounds: 12, seconds: 0 };
  const samples = await measureRounds(ready, effort, machine.stopwatch(), uniformStream("0"));
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
    const ready = ["a", "b"].map((name) => ({ contender: machine.contender(name, 1), batch: 1 }));
    const effort = { leastRounds: 9, seconds: 0 };
    await measureRounds(ready, effort, machine.stopwatch(), uniformStream("7"));
    return machine.log.map(({ name }) => name).join("");
  }));
  assertEquals(orders[0], orders[1]);
});

Deno.test("rounds go on until the time is over, and a sample is seconds a run", async () => {
  const machine = new FakeMachine();
  const ready = [{ contender: machine.contender("a", 0.01), batch: 10 }];
  const effort = { leastRounds: 3, seconds: 1.9 };
  const samples = await measureRounds(ready, effort, machine.stopwatch(0.1), uniformStream("0"));
  const taken = samples.get(ready[0]!.contender) as number[];
  assertEquals(taken.length, 10);
  for (const seconds of taken) assertAlmostEquals(seconds, 0.02, 1e-12);
});

Deno.test("a contender that throws is left out, and the others go on", async () => {
  const machine = new FakeMachine();
  let runs = 0;
  const broken: Contender = {
    ...machine.contender("broken", 1),
    run: () => {
      if (++runs > 2) throw new Error("no memory left");
      return [];
    },
  };
  const ready = [broken, machine.contender("sound", 1)]
    .map((contender) => ({ contender, batch: 1 }));
  const effort = { leastRounds: 5, seconds: 0 };
  const samples = await measureRounds(ready, effort, machine.stopwatch(), uniformStream("0"));
  assertEquals((samples.get(broken) as Error).message, "no memory left");
  assertEquals((samples.get(ready[1]!.contender) as number[]).length, 5);
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
    "leaking leaked 2 tensors",
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
