/**
 * Traces training steps as networks run them: as one call, and operation by operation.
 *
 * @module
 */
import { median } from "../../reports/statistics.ts";
import { useBackend } from "../backend/active_backend.ts";
import { completionOf } from "../backend/registry.ts";
import { SCHEMA } from "../run/record.ts";
import { setStopwatch } from "./bandwidth.ts";
import { runOnce } from "./contender.ts";
import type { StepJob } from "./jobs.ts";
import { type Effort, MACHINE_CLOCK, measureRounds, warmUp } from "./measure.ts";
import { spread } from "./ratios.ts";
import { COMPILED, COMPILED_BY_XLA, EAGER, type TraceRecord } from "./record.ts";
import { uniformStream } from "../../norms/basics/random.ts";
import { stepField } from "./steps.ts";
import { type Span, trace } from "./trace.ts";

/** Traces at most so many steps, and fewer where they take long. */
const MOST_STEPS = 50;

/** The least that a median can be taken of. */
const LEAST_STEPS = 5;

/** A trace, and the spans of its last steps. */
export interface TracedStep {
  readonly record: TraceRecord;
  readonly spans: readonly Span[];
}

/**
 * Traces the steps of a job on its backend, which it activates.
 *
 * @throws {Error} what a step throws.
 */
export async function traceSteps(
  job: StepJob,
  seed: number,
  effort: Effort,
): Promise<TracedStep[]> {
  const { backend, norm, network, shape } = job;
  await useBackend(backend);
  const { stopwatch } = await setStopwatch(completionOf(backend), MACHINE_CLOCK);
  const field = stepField(job, seed);
  const traced: TracedStep[] = [];
  try {
    for (const contender of field.contenders.filter(({ name }) => TRACED.includes(name))) {
      const ready = await warmUp(contender, stopwatch);
      const uniform = uniformStream(`trace/${seed}`);
      const rounds = await measureRounds([ready], effort, stopwatch.now, uniform);
      const samples = rounds.get(ready)!;
      if (samples instanceof Error) throw samples;
      const untraced = median(samples);
      const steps = Math.max(
        LEAST_STEPS,
        Math.min(MOST_STEPS, Math.floor(effort.seconds / untraced)),
      );
      const found = await trace(backend, (turn) => runOnce(contender, turn), steps, stopwatch.now);
      traced.push({
        record: {
          kind: "trace",
          schema: SCHEMA,
          ...{ backend, norm, network, shape, untraced },
          contender: contender.name,
          mode: contender.mode!(),
          reads: field.reads!,
          steps: found.steps,
          seconds: spread(found.samples),
          total: found.samples.reduce((sum, each) => sum + each, 0),
          operations: found.operations,
          calls: found.calls,
        },
        spans: found.spans,
      });
    }
  } finally {
    field.dispose();
  }
  return traced;
}

const TRACED: readonly string[] = [COMPILED, COMPILED_BY_XLA, EAGER];
