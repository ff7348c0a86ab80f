/**
 * How well shrinking does: to how many different inputs a planted fault shrinks, and how large they are.
 *
 * @module
 */
import type { Fault } from "../../fixtures/faults/registry.ts";
import { generatedCases } from "../../fixtures/generated/cases.ts";
import { size } from "../../norms/basics/shape.ts";
import { functionSubject } from "../../norms/basics/subject.ts";
import { normByName } from "../../norms/registry.ts";
import { count } from "../../reports/format.ts";
import { markdownTable, table } from "../../reports/table.ts";
import { shrinkCheck } from "../parity/counterexample/find.ts";
import type { Shrunk } from "../parity/counterexample/shrink.ts";
import { fails } from "../parity/record.ts";
import { runCase } from "../parity/run_case.ts";

const BACKEND = "cpu";

/** Cases that are drawn of a norm for every seed. */
const MOST_CASES = 60;

/** What a fault shrank to. */
export interface ShrinkScore {
  readonly fault: Fault;
  /** Of every seed whose cases noticed it, in their order. */
  readonly minima: readonly Shrunk[];
  /** Milliseconds that finding the smallest input took, in the median. */
  readonly milliseconds: number;
}

/** Shrinks the first generated case of every seed that notices a fault, on the cpu backend. */
export async function shrinkScores(
  faults: readonly Fault[],
  seeds: readonly number[],
): Promise<ShrinkScore[]> {
  const found = new Map<Fault, { minimum: Shrunk; milliseconds: number }[]>();
  for (const [name, ofNorm] of Map.groupBy(faults, ({ norm }) => norm)) {
    for (const seed of seeds) {
      for await (const each of minimaOf(name, ofNorm, seed)) {
        found.set(each.fault, [...found.get(each.fault) ?? [], each]);
      }
    }
  }
  return faults.map((fault) => {
    const each = found.get(fault) ?? [];
    return {
      fault,
      minima: each.map(({ minimum }) => minimum),
      milliseconds: median(each.map(({ milliseconds }) => milliseconds)) ?? 0,
    };
  });
}

/** A run shrinks the smallest case that fails; so the cases of a seed are tried in the order of their size. */
async function* minimaOf(name: string, faults: readonly Fault[], seed: number) {
  const norm = normByName(name);
  const cases = generatedCases(norm, MOST_CASES, seed)
    .toSorted((a, b) => size(a.shape) - size(b.shape));
  let left = [...faults];
  for (const parityCase of cases) {
    if (left.length === 0) return;
    const subjects = Object.fromEntries(
      left.map(({ name, implementation }) => [name, functionSubject(implementation)]),
    );
    for (
      const record of await runCase({ norm, parityCase, subjects, references: {} }, [BACKEND], seed)
    ) {
      const quantity = record.quantities.find(({ verdict }) => fails(verdict));
      if (quantity === undefined) continue;
      const fault = left.find(({ name }) => name === record.contender)!;
      left = left.filter((each) => each !== fault);
      const start = performance.now();
      const suspicion = { norm, subject: subjects[fault.name]!, backend: BACKEND } as const;
      const minimum = await shrinkCheck(suspicion, record, quantity, parityCase);
      if (minimum === undefined) continue;
      yield { fault, minimum, milliseconds: performance.now() - start };
    }
  }
}

/** How many different inputs there are among the minima. */
export function differentMinima({ minima }: Pick<ShrinkScore, "minima">): number {
  return new Set(
    minima.map(({ given: { arrays, ...frame }, failed: { quantity } }) =>
      JSON.stringify([frame, quantity, Object.values(arrays).map((values) => [...values])])
    ),
  ).size;
}

/** Elements of `x` in the median of the minima; undefined of none. */
export function medianElements(minima: readonly Shrunk[]): number | undefined {
  return median(minima.map(({ given }) => size(given.shape)));
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

/** The scores in a line. */
export function shrinkLine(scores: readonly ShrinkScore[]): string {
  const noticed = scores.filter(({ minima }) => minima.length > 0);
  const few = noticed.filter((score) => differentMinima(score) <= 2).length;
  const one = noticed.filter((score) => differentMinima(score) === 1).length;
  const small = noticed.filter(({ minima }) => medianElements(minima)! <= 8).length;
  return `${
    count(noticed.length, "fault")
  } noticed by generated cases: ${one} shrink to one input, ` +
    `${few} to at most two; of ${small} the median has at most 8 elements`;
}

/** A row for every kind of fault, over the norms that it was planted in. */
export function shrinkMarkdown(scores: readonly ShrinkScore[]): string {
  const kinds = Map.groupBy(scores, ({ fault }) => fault.name);
  const rows = [...kinds].map(([name, ofKind]) => {
    const minima = ofKind.flatMap((score) => score.minima);
    const example = minima[0];
    return [
      name,
      ofKind.map(({ fault }) => fault.norm).join(", "),
      String(minima.length),
      String(Math.max(...ofKind.map(differentMinima))),
      String(medianElements(minima) ?? ""),
      example === undefined
        ? ""
        : `[${example.given.shape.join(", ")}] (${example.failed.quantity})`,
      String(Math.round(median(ofKind.map(({ milliseconds }) => milliseconds))!)),
    ];
  });
  const cells = table(
    ["fault", "norms", "found#", "inputs#", "elements#", "such as", "time / ms#"],
    rows,
  );
  return `${markdownTable(cells)}\n\n${shrinkLine(scores)}.`;
}
