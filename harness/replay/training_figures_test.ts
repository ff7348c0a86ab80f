import { assertEquals } from "@std/assert";
import type { NotebookRunRecord } from "./record.ts";
import { SCHEMA } from "../run/record.ts";
import { PUBLISHED } from "./published.ts";
import { trainingFigures } from "./training_figures.ts";

function run(seed: number, accuracy: number, epochs = 10): NotebookRunRecord {
  return {
    kind: "notebook-run",
    schema: SCHEMA,
    backend: "wasm",
    network: "plain",
    seed,
    losses: Array.from({ length: 20 * epochs }, (_, i) => 2 - i / 1000),
    accuracies: Array.from({ length: epochs + 1 }, (_, epoch) => ({
      epoch,
      train: epoch === epochs ? accuracy : epoch / 100,
      validation: accuracy / 2,
    })),
  };
}

const valuesOf = (runs: NotebookRunRecord[]) =>
  new Map(trainingFigures(runs).map(({ figure, values }) => [figure, values]));

Deno.test("the notebook's own run gives every printed loss and accuracy of its network", () => {
  const figures = valuesOf([run(220, 0.7)]);
  const printed = Object.keys(PUBLISHED["N7"]!).filter((figure) =>
    figure.endsWith("plain") && !figure.startsWith("median")
  );
  assertEquals(printed.filter((figure) => !figures.has(figure)), []);
  assertEquals(figures.get("loss at iteration 21, plain"), [2 - 20 / 1000]);
  assertEquals(figures.get("training accuracy at epoch 3, plain"), [0.03]);
});

Deno.test("medians are over further seeds alone, at the end of runs of full length", () => {
  const median = "median training accuracy over further seeds, plain";
  const figures = valuesOf([run(220, 0.9), run(221, 0.2), run(222, 0.6), run(223, 0.3)]);
  assertEquals(figures.get(median), [0.3]);
  assertEquals(figures.get(median.replace("training", "validation")), [0.15]);
  assertEquals(valuesOf([run(220, 0.9)]).has(median), false);
  assertEquals(valuesOf([run(221, 0.2, 3)]).has(median), false);
});
