import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { openRun } from "../../run/run_folder.ts";
import { inTemporaryFolder } from "../../run/task_testing.ts";
import * as tf from "../../../norms/basics/tf.ts";
import { testOn } from "../../backend/backends_testing.ts";
import { TRAIN_KINDS } from "../record.ts";
import { trainHeader } from "../report/records_testing.ts";
import { SMALL_IMAGES } from "../train_testing.ts";
import type { Mechanism, Settings } from "./mechanism.ts";
import { MECHANISMS } from "./registry.ts";
import { runMechanisms } from "./run_mechanisms.ts";

const IMAGES = { ...SMALL_IMAGES, name: "rows" };

/** Settings at which a trial takes moments: fewer steps and samples, equal rates. */
function shortened(settings: Settings): Settings {
  const most: Readonly<Record<string, number>> = {
    steps: 4,
    linearSteps: 2,
    every: 2,
    batchSize: 16,
    depth: 3,
    networks: 1,
    halvings: 2,
  };
  return Object.fromEntries(
    Object.entries(settings).map((
      [name, value],
    ) => [name, Math.min(value, most[name] ?? Infinity)]),
  );
}

for (const mechanism of MECHANISMS) {
  testOn(
    "wasm",
    `every arm of ${mechanism.name} has what its claims and figures ask for`,
    async () => {
      const settings = shortened(mechanism.settings("quick"));
      const names = mechanism.arms.map(({ name }) => name);
      assertEquals(new Set(names).size, names.length);
      for (const arm of mechanism.arms) {
        const { numTensors } = tf.memory();
        const shares: number[] = [];
        const measured = await arm.measure({
          settings,
          seed: 3,
          images: IMAGES,
          onProgress: (share) => shares.push(share),
        });
        assertEquals(tf.memory().numTensors, numTensors, `${arm.name} leaks tensors`);
        assertEquals(shares.at(-1), 1);
        for (const claim of mechanism.claims) {
          if (claim.arm !== arm.name && claim.base !== arm.name) continue;
          assert(Number.isFinite(measured.values[claim.value]), `${arm.name}: ${claim.value}`);
        }
        for (const { series, band = [], arms } of mechanism.figures) {
          if (arms !== undefined && !arms.includes(arm.name)) continue;
          for (const name of [series, ...band]) {
            const { x, y } = measured.series[name]!;
            assertEquals(x.length, y.length);
            assertGreater(x.length, 0);
          }
        }
      }
      for (const { arm, base = arm } of mechanism.claims) {
        for (const name of [arm, base]) assert(names.includes(name), name);
      }
    },
  );

  Deno.test(`${mechanism.name} takes longer from preset to preset`, () => {
    const steps = (["quick", "standard", "full"] as const).map((preset) =>
      Object.values(mechanism.settings(preset)).reduce((sum, value) => sum + value)
    );
    assertLess(steps[0]!, steps[1]!);
    assertLess(steps[1]!, steps[2]!);
  });
}

const COUNTED: number[] = [];

const STUB: Mechanism = {
  ...MECHANISMS[0]!,
  name: "stub",
  settings: () => ({ steps: 1 }),
  arms: ["a", "b"].map((name) => ({
    name,
    colour: "#000000",
    measure({ seed, onProgress }) {
      COUNTED.push(seed);
      onProgress(1);
      return Promise.resolve({ values: { seed }, series: { seed: { x: [0], y: [seed] } } });
    },
  })),
};

Deno.test("arms are measured in turns, each number with its seed, and not twice", async () => {
  await inTemporaryFolder(async (out) => {
    const choice = { mechanisms: [STUB], preset: "quick", seed: 2, trials: 2 } as const;
    const run = openRun(trainHeader(), TRAIN_KINDS, { out, resume: false });
    await runMechanisms({ ...choice, trials: 1 }, IMAGES, "cpu", run);
    await runMechanisms(choice, IMAGES, "cpu", run);
    const found = run.results.flatMap((record) =>
      record.kind === "observation" ? [[record.arm, record.number, record.values["seed"]]] : []
    );
    run[Symbol.dispose]();
    assertEquals(found, [["a", 0, 2000], ["b", 0, 2000], ["a", 1, 2001], ["b", 1, 2001]]);
    assertEquals(COUNTED, [2000, 2000, 2001, 2001]);
  });
});

Deno.test("a shard measures its own part", async () => {
  await inTemporaryFolder(async (out) => {
    const run = openRun(trainHeader(), TRAIN_KINDS, { out, resume: false });
    const shard = { number: 2, count: 2 };
    await runMechanisms(
      { mechanisms: [STUB], preset: "quick", seed: 0, trials: 2, shard },
      IMAGES,
      "cpu",
      run,
    );
    const arms = run.results.map((record) => record.kind === "observation" ? record.arm : "");
    run[Symbol.dispose]();
    assertEquals(arms, ["b", "b"]);
  });
});
