/**
 * Shrinking: from a case on which a norm fails to the smallest one.
 *
 * Equal mistakes should end in equal cases. So small cases that do not depend on the one that was found are
 * tried first, in order of size: of the found case they take the options that it needs. Where none of them
 * fails, as where a mistake begins at 129 groups, the found case is made smaller step by step. Then its
 * values become simple one by one.
 *
 * @module
 */
import {
  fits,
  givenOptions,
  optionChoices,
  type Options,
} from "../../../fixtures/generated/option_choices.ts";
import { breathe } from "../../../norms/basics/event_loop.ts";
import { range, type Shape, size } from "../../../norms/basics/shape.ts";
import { type Arrays, arrayShapes, type GivenCase, UPSTREAM } from "./given_case.ts";
import { PATTERN_COUNT, patternArrays } from "./patterns.ts";
import { simplifyValues } from "./simplify.ts";
import { type Failed, type Suspicion, Trials, WRONG_NUMBER } from "./trial.ts";

/** The smallest failing case, and how it fails. */
export interface Shrunk {
  readonly given: GivenCase;
  readonly failed: Failed;
  /** Shape of `y`. */
  readonly outputShape: Shape;
  /** How often the norm was run. */
  readonly runs: number;
}

/** Most elements of the small cases. */
const SMALL = 8;

/** Work after which the smallest case so far is taken, in elements; see {@linkcode Trials}. */
const MOST_WORK = 4e6;

/** Part of that work for the small cases. */
const SMALL_WORK = MOST_WORK / 2;

/** Error, in budgets, from which a mistake cannot be taken for rounding. */
const CLEAR = 10;

/**
 * Makes a failing case smaller, as long as the norm fails in the same way: with the same verdict, in `y`, or
 * as it did in states or in gradients, which do not follow from each other.
 *
 * @param options.quantity The quantity whose failure is looked at; left out, the first that fails.
 * @returns `undefined` if the norm does not fail on the case, now that its arrays are given.
 */
export async function shrink(
  suspicion: Suspicion,
  found: GivenCase,
  { quantity, work = MOST_WORK }: { readonly quantity?: string; readonly work?: number } = {},
): Promise<Shrunk | undefined> {
  const search = new Search(suspicion, work);
  if (!await search.start(found, quantity)) return undefined;
  await search.dropOptions();
  if (!await search.trySmallCases(found)) await search.shrinkCase();
  search.keepQuantity();
  await search.dropOptions();
  await search.simplify();
  return search.result;
}

class Search {
  readonly #trials: Trials;
  readonly #work: number;
  readonly #tried = new Set<string>();
  #best!: GivenCase;
  #failed!: Failed;
  #kind = "";
  #quantity: string | undefined;

  constructor(suspicion: Suspicion, work: number) {
    this.#trials = new Trials(suspicion);
    this.#work = work;
  }

  get result(): Shrunk {
    return {
      given: this.#best,
      failed: this.#failed,
      outputShape: this.#trials.outputShape(this.#best.shape, this.#best.options)!,
      runs: this.#trials.runs,
    };
  }

  get #norm() {
    return this.#trials.suspicion.norm;
  }

  /** Whether there is anything to shrink. */
  async start(found: GivenCase, quantity?: string): Promise<boolean> {
    const failures = await this.#trials.run(found);
    const failed = failures.find((each) => each.quantity === quantity) ?? failures[0];
    if (failed === undefined) return false;
    this.#best = found;
    this.#failed = failed;
    this.#kind = failed.kind;
    return true;
  }

  /** From now on it has to fail in the same quantity. */
  keepQuantity(): void {
    this.#quantity = this.#failed.quantity;
  }

  /** Takes a case if the norm fails on it in the same way. */
  async accept(candidate: GivenCase, work = this.#work): Promise<boolean> {
    if (this.#trials.spent > work) return false;
    const key = keyOf(candidate);
    if (key !== undefined) {
      if (this.#tried.has(key)) return false;
      this.#tried.add(key);
    }
    if (this.#trials.runs % 64 === 0) await breathe();
    const least = Math.min(CLEAR, this.#failed.ratio);
    const failed = (await this.#trials.run(candidate)).find(({ quantity, stage, kind, ratio }) =>
      quantity === (this.#quantity ?? quantity) && (stage === 0 || stage === this.#failed.stage) &&
      kind === this.#kind && ratio >= least
    );
    if (failed === undefined) return false;
    this.#best = candidate;
    this.#failed = failed;
    return true;
  }

  /** The best case with other shape, options or steps, and arrays that belong to them. */
  async #acceptWith(change: Partial<Omit<GivenCase, "arrays">>, work?: number): Promise<boolean> {
    const frame = { ...this.#best, ...change };
    if (!fits(this.#norm, frame.shape, frame.options)) return false;
    const arrays = this.#refitted(frame);
    return arrays !== undefined && await this.accept({ ...frame, arrays }, work);
  }

  /** The arrays of the best case as far as they fit, else the first values of them. */
  #refitted(frame: GivenCase): Arrays | undefined {
    const shapes = this.#shapesOf(frame);
    if (shapes === undefined) return undefined;
    const before = this.#shapesOf(this.#best)!;
    const pattern = this.#pattern(frame, 1)!;
    return Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => {
        const [old, oldShape] = [this.#best.arrays[name], before[name]];
        if (old === undefined || oldShape === undefined) return [name, pattern[name]!];
        if (oldShape.join() === shape.join()) return [name, old];
        return [name, cropped(old, oldShape, shape) ?? pattern[name]!];
      }),
    );
  }

  /** Shapes of all arrays; undefined where the oracle refuses. */
  #shapesOf(frame: GivenCase): Record<string, Shape> | undefined {
    const output = this.#trials.outputShape(frame.shape, frame.options);
    if (output === undefined) return undefined;
    return { ...arrayShapes(this.#norm, frame), [UPSTREAM]: output };
  }

  #pattern(frame: Omit<GivenCase, "arrays">, number: number): Arrays | undefined {
    const output = this.#trials.outputShape(frame.shape, frame.options);
    if (output === undefined) return undefined;
    return patternArrays(number, this.#norm.inputs(frame.shape, frame.options), frame, output);
  }

  /** Leaves options out one by one. */
  async dropOptions(): Promise<void> {
    for (const name of Object.keys(this.#best.options)) {
      const { [name]: _, ...options } = this.#best.options;
      await this.#acceptWith({ options });
    }
  }

  /**
   * Tries cases of a few elements that are the same for every found case; whether one fails. A NaN says less
   * than a wrong number, so that it is looked for only where there is none of these.
   */
  async trySmallCases(found: GivenCase): Promise<boolean> {
    const { kind, verdict } = this.#failed;
    for (const each of verdict === "wrong" ? new Set([WRONG_NUMBER, kind]) : [kind]) {
      this.#kind = each;
      this.#tried.clear();
      if (await this.#trySmallCasesOfKind(found)) return true;
    }
    return false;
  }

  async #trySmallCasesOfKind(found: GivenCase): Promise<boolean> {
    const needed = this.#best.options;
    const steps = [...new Set([1, found.steps])];
    for (const shape of smallShapes(found.shape.length)) {
      for (const options of this.#optionSets(shape, needed)) {
        for (const step of steps) {
          const frame = { shape, options, steps: step };
          for (const number of range(PATTERN_COUNT)) {
            const arrays = this.#pattern(frame, number);
            if (arrays === undefined) break;
            if (await this.accept({ ...frame, arrays }, SMALL_WORK)) return true;
          }
        }
      }
    }
    return false;
  }

  /** Options for a shape, the simplest first: none, other values of those that are needed, as they are. */
  #optionSets(shape: Shape, needed: Options): Options[] {
    const choices = optionChoices(this.#norm, shape);
    let products: Options[] = [needed];
    for (const name of new Set([...Object.keys(needed), ...this.#required(shape, needed)])) {
      products = products.flatMap((options) =>
        [...new Set([...choices[name] ?? [], needed[name]])]
          .map((value) => givenOptions({ ...options, [name]: value }))
      ).slice(0, MOST_OPTION_SETS);
    }
    return [
      ...new Map([{}, ...products, needed].map((each) => [JSON.stringify(each), each])).values(),
    ]
      .filter((options) => fits(this.#norm, shape, options));
  }

  /** Options without which the norm refuses the shape. */
  #required(shape: Shape, options: Options): string[] {
    if (fits(this.#norm, shape, options)) return [];
    const choices = Object.entries(optionChoices(this.#norm, shape));
    const found = choices.find(([name, values]) =>
      values.some((value) => fits(this.#norm, shape, givenOptions({ ...options, [name]: value })))
    );
    return found === undefined ? [] : [found[0]];
  }

  /** Makes steps, rank and lengths smaller, to a fixpoint. */
  async shrinkCase(): Promise<void> {
    const { storage: _, ...plain } = this.#best;
    if (this.#best.storage !== undefined) await this.accept(plain);
    for (let before = ""; before !== frameKey(this.#best);) {
      before = frameKey(this.#best);
      for (const steps of range(this.#best.steps).slice(1)) {
        if (await this.#acceptWith({ steps })) break;
      }
      await this.#shrinkRank();
      for (const axis of range(this.#best.shape.length)) await this.#shrinkLength(axis);
      await this.dropOptions();
    }
  }

  /** Leaves out axes, or makes one of two, with any options that fit then. */
  async #shrinkRank(): Promise<void> {
    for (let axis = 0; axis < this.#best.shape.length && this.#best.shape.length > 2;) {
      const { shape } = this.#best;
      if (await this.#acceptShape(shape.toSpliced(axis, 1))) continue;
      const [length, next] = [shape[axis]!, shape[axis + 1]];
      if (next !== undefined && await this.#acceptShape(shape.toSpliced(axis, 2, length * next))) {
        continue;
      }
      axis++;
    }
  }

  /** Finds the least length of an axis with which it fails, as far as failing begins at one. */
  async #shrinkLength(axis: number): Promise<void> {
    const at = (length: number) => this.#acceptShape(this.#best.shape.with(axis, length));
    let works = 0;
    for (const length of [1, 2, 3, 4]) {
      if (length >= this.#best.shape[axis]!) return;
      if (await at(length)) return;
      works = length;
    }
    while (this.#best.shape[axis]! - works > 1) {
      const middle = (works + this.#best.shape[axis]!) >> 1;
      if (!await at(middle)) works = middle;
    }
  }

  /** Whether it fails with data of this shape: with one of the patterns, or the best values so far. */
  async #acceptShape(shape: Shape): Promise<boolean> {
    for (const options of this.#optionSets(shape, this.#best.options)) {
      const frame = { ...this.#best, shape, options };
      for (const number of range(PATTERN_COUNT)) {
        const arrays = this.#pattern(frame, number);
        if (arrays === undefined) break;
        if (await this.accept({ ...frame, arrays })) return true;
      }
      if (await this.#acceptWith({ shape, options })) return true;
    }
    return false;
  }

  /** Makes the values simple, one by one. */
  async simplify(): Promise<void> {
    const specs = this.#norm.inputs(this.#best.shape, this.#best.options);
    await simplifyValues(
      () => this.#best,
      specs,
      (arrays) => this.accept({ ...this.#best, arrays }),
    );
  }
}

/** Sets of options that are tried for a shape. */
const MOST_OPTION_SETS = 16;

/** Shapes of at most {@linkcode SMALL} elements, of rank 2 up to `rank`; of rank 1 where the found case is. */
function smallShapes(rank: number): Shape[] {
  const ofRank = (rank: number, most: number): number[][] =>
    rank === 0
      ? [[]]
      : range(most).flatMap((i) =>
        ofRank(rank - 1, Math.floor(most / (i + 1))).map((rest) => [i + 1, ...rest])
      );
  return range(rank + 1).slice(Math.min(rank, 2)).flatMap((rank) =>
    ofRank(rank, SMALL).sort((a, b) => size(a) - size(b))
  );
}

/** The first values along every axis; undefined if the ranks differ. */
function cropped(values: Float32Array, from: Shape, to: Shape): Float32Array | undefined {
  if (from.length !== to.length || to.some((length, axis) => length > from[axis]!)) {
    return undefined;
  }
  return Float32Array.from({ length: size(to) }, (_, position) => {
    let [rest, index, stride] = [position, 0, 1];
    for (let axis = to.length - 1; axis >= 0; axis--) {
      index += (rest % to[axis]!) * stride;
      rest = Math.floor(rest / to[axis]!);
      stride *= from[axis]!;
    }
    return values[index]!;
  });
}

function frameKey({ shape, options, steps }: Omit<GivenCase, "arrays">): string {
  return JSON.stringify([shape, options, steps]);
}

/** Identifies a case that is small enough to be remembered. */
function keyOf({ arrays, storage, ...frame }: GivenCase): string | undefined {
  const lengths = Object.values(arrays).reduce((sum, { length }) => sum + length, 0);
  if (lengths > 16 * SMALL) return undefined;
  const values = Object.entries(arrays).map(([name, array]) => `${name} ${array.join(" ")}`);
  return `${frameKey(frame)} ${storage} ${values.join()}`;
}
