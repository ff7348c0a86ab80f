import { assert, assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { CONTROLS, FAULTS } from "../../fixtures/faults/registry.ts";
import { drawInputs, type ParityCase } from "../../fixtures/parity_case.ts";
import { normByName, NORMS } from "../../norms/registry.ts";
import { isQuadratic, isStandardization } from "../../norms/textbook/standardization.ts";
import { expectation } from "../parity/expect.ts";
import { fails } from "../parity/record.ts";
import { faultCases, mutationScore } from "./mutation_score.ts";
import { ExitStatus } from "../run/task.ts";
import { captureTask } from "../run/task_testing.ts";
import { FAULTS_TASK, scoreLine, scoreMarkdown, scoreText, survivors } from "./task.ts";

const SEED = 0;
const score = await mutationScore(FAULTS, CONTROLS, faultCases, SEED);

/** Whether the textbook's squares of the data leave the range of float32. */
function squaresOverflow(parityCase: ParityCase): boolean {
  const norm = normByName(parityCase.id.split("/")[0]!);
  const values = drawInputs(norm, parityCase, SEED).values[norm.normalized]!;
  return values.some((x) => Math.fround(x * x) === Infinity);
}

/** Whether the textbook always squares the data, and so fails wherever squares overflow. */
function squares(norm: string): boolean {
  const { steps } = normByName(norm).textbook;
  return !isStandardization(steps) || isQuadratic(steps);
}

for (const { fault, caught } of score.faults) {
  Deno.test(`caught: ${fault.norm} norm, ${fault.name}`, () => {
    assert(caught !== undefined, fault.about);
    assertGreater(caught.ratio, 1);
    assert(fault.isInexact || fails(caught.verdict), `${caught.caseId}: ${caught.verdict}`);
  });
}

for (const { control, cases, beyond } of score.controls) {
  Deno.test(`not caught: ${control.norm} norm, ${control.name} without a fault`, () => {
    const expected = faultCases(control.norm);
    assertEquals(cases, expected.length);
    const overflowing = expected.filter(squaresOverflow).map(({ id }) => id);
    // Whether a textbook's sums overflow at huge gradients is up to their order.
    const ids = beyond.map(({ caseId }) => caseId).filter((id) => !id.endsWith("huge-upstream"));
    if (squares(control.norm)) assertEquals(ids, overflowing);
    else assertEquals(ids.filter((id) => !overflowing.includes(id)), []);
  });
}

for (const norm of NORMS) {
  Deno.test(`every quantity of ${norm.name} norm is one that a fault shows in`, () => {
    const [parityCase] = faultCases(norm.name) as [ParityCase];
    const inputs = drawInputs(norm, parityCase, SEED);
    const { outputs, upstreams } = expectation(norm, parityCase, inputs, SEED);
    const quantities = { ...outputs, ...upstreams[0]!.gradients };
    const shown = score.faults
      .filter(({ fault }) => fault.norm === norm.name)
      .map(({ caught }) => caught?.quantity);
    for (const quantity of Object.keys(quantities)) assert(shown.includes(quantity), quantity);
  });
}

Deno.test("a norm without a fault survives, and the score says so", async () => {
  const rms = CONTROLS.filter(({ norm }) => norm === "rms");
  const innocent = {
    ...rms[1]!,
    name: "nothing wrong",
    about: "a copy of the control",
    isInexact: false,
    changed: [],
  };
  const guilty = FAULTS.find(({ norm }) => norm === "rms")!;
  const cases = () => faultCases("rms").filter(({ id }) => id === "rms/epsilon-like-variance");
  const mixed = await mutationScore([innocent, guilty], rms, cases, SEED);
  assertEquals(survivors(mixed).map(({ fault }) => fault.name), ["nothing wrong"]);
  assertStringIncludes(scoreLine(mixed), "1 of 2 planted faults caught");
  for (const text of [scoreText(mixed), scoreMarkdown(mixed)]) {
    assertStringIncludes(text, "NOT CAUGHT");
    assertStringIncludes(text, scoreLine(mixed));
  }
});

Deno.test("no catch counts where the textbook without a fault is off as well", async () => {
  const layer = CONTROLS.filter(({ norm }) => norm === "layer");
  const guilty = FAULTS.find(({ norm }) => norm === "layer")!;
  const cases = () => faultCases("layer").filter(squaresOverflow);
  const { faults, controls } = await mutationScore([guilty], layer, cases, SEED);
  assertEquals(faults[0]!.caught, undefined);
  assertEquals(controls.map(({ beyond }) => beyond.length), [1, 1]);
});

Deno.test("what throws is no fault caught, and no control that holds", async () => {
  const throws = {
    name: "throws",
    norm: "rms",
    about: "",
    isInexact: false,
    changed: [],
    implementation: () => {
      throw new Error("no kernel");
    },
  };
  const textbook = CONTROLS.find(({ norm }) => norm === "rms")!;
  const cases = () => faultCases("rms").slice(0, 1);
  const asFault = await mutationScore([throws], [textbook], cases, SEED);
  assertEquals(survivors(asFault).length, 1);
  const asControl = await mutationScore([], [throws], cases, SEED);
  assertEquals(asControl.controls[0]!.beyond.map(({ ratio }) => ratio), [Infinity]);
});

Deno.test("the score that is printed is that of the faults", () => {
  const caught = score.faults.filter((fault) => fault.caught !== undefined).length;
  assertStringIncludes(scoreLine(score), `${caught} of ${FAULTS.length} planted faults caught`);
  for (const page of ["README.md", "docs/faults.md"]) {
    const text = Deno.readTextFileSync(new URL(`../../${page}`, import.meta.url));
    assertStringIncludes(
      text.replace(/\s+/g, " "),
      `${caught} of ${FAULTS.length} planted faults`,
    );
  }
});

Deno.test("the tables hold every fault", () => {
  const lines = scoreText(score).split("\n");
  const rows = scoreMarkdown(score).split("\n").filter((line) => line.startsWith("|"));
  for (const { fault, caught } of score.faults) {
    assert(
      lines.some((line) => line.includes(fault.name) && line.includes(caught?.caseId ?? "NOT")),
      `${fault.norm}: ${fault.name}`,
    );
  }
  // A heading and a rule above the kinds of faults.
  assertEquals(rows.length, 2 + new Set(FAULTS.map(({ name }) => name)).size);
});

Deno.test("the faults task prints its usage", async () => {
  const { status, output } = await captureTask(FAULTS_TASK, "--help");
  assertEquals(status, ExitStatus.ok);
  assertStringIncludes(output, "Usage: deno task faults");
});

Deno.test("the faults task refuses an unknown option", async () => {
  const { status, errors } = await captureTask(FAULTS_TASK, "--sed");
  assertEquals(status, ExitStatus.usage);
  assertStringIncludes(errors, "--sed is not an option");
});

Deno.test("the faults task prints its score as Markdown, and every fault is caught", async () => {
  const { status, output } = await captureTask(FAULTS_TASK, "--markdown", "--norm", "weight");
  assertEquals(status, ExitStatus.ok);
  assertStringIncludes(output, "| norm not rooted");
  assertStringIncludes(output, "| factor first");
});
