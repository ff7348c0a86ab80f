/**
 * What a bench report shows of traces: where the time of a step goes, and what each operation takes.
 *
 * @module
 */
import { type Block, paragraph, type Section, tableBlocks } from "../../../reports/document.ts";
import { count, formatNumber } from "../../../reports/format.ts";
import { type Table, table } from "../../../reports/table.ts";
import type { Located } from "../../run/report.ts";
import { traceName, type TraceRecord, traceTitle } from "../record.ts";
import { formatSeconds, formatShare } from "./tables.ts";

export type TraceGroup = Located<TraceRecord>;

/** Seconds of a step: means, which add up. */
interface Shares {
  readonly step: number;
  /** Beyond the border of the backend; `null` where traces do not see one. */
  readonly beyond: number | null;
  /** In kernels, calls included. */
  readonly kernels: number;
  /** JavaScript outside of kernels and calls. */
  readonly outside: number;
}

function sharesOf({ steps, operations, calls, total }: TraceRecord): Shares {
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / steps;
  const kernels = sum(operations.map(({ seconds }) => seconds));
  const beyond = calls.length === 0 ? null : sum(operations.map(({ inside }) => inside));
  const step = total / steps;
  return { step, beyond, kernels, outside: step - kernels };
}

/** A row for each trace: how its time divides. */
export function traceTable(traces: readonly TraceGroup[]): Table {
  return table(
    [
      ...["norm", "network", "backend", "contender", "as", "step#", "untraced#", "native calls#"],
      ...["kernels' JavaScript#", "outside kernels#", "operations#", "calls#"],
    ],
    traces.map(({ record, site }) => {
      const { step, beyond, kernels, outside } = sharesOf(record);
      const part = (seconds: number) =>
        `${formatSeconds(seconds)} (${formatShare(seconds / step)})`;
      const each = (counted: readonly { readonly calls: number }[]) =>
        formatNumber(counted.reduce((sum, { calls }) => sum + calls, 0) / record.steps);
      return [
        ...[record.norm, record.network, site.label, record.contender, record.mode],
        ...[formatSeconds(step), formatSeconds(record.untraced)],
        beyond === null ? "not seen" : part(beyond),
        beyond === null ? `${part(kernels)}, native included` : part(kernels - beyond),
        part(outside),
        each(record.operations),
        each(record.calls),
      ];
    }),
  );
}

/** What operations or calls took a step; the first `most` of them. */
function operationTable(record: TraceRecord, most = Infinity): Table {
  const { steps, operations } = record;
  const { step } = sharesOf(record);
  return table(
    ["operation", "calls#", "time#", "of the step#", "native#"],
    operations.slice(0, most).map(({ name, calls, seconds, inside }) => [
      name,
      formatNumber(calls / steps),
      formatSeconds(seconds / steps),
      formatShare(seconds / steps / step),
      record.calls.length === 0 ? "not seen" : formatSeconds(inside / steps),
    ]),
  );
}

function callTable({ steps, calls }: TraceRecord): Table {
  return table(
    ["call", "calls#", "time#", "a call#"],
    calls.map(({ name, calls, seconds }) => [
      name,
      formatNumber(calls / steps),
      formatSeconds(seconds / steps),
      formatSeconds(seconds / calls),
    ]),
  );
}

const HOW =
  "Time of the host's thread, a step; loss read back. native calls: beyond the border of the backend (TensorFlow's executeOp, functions of the GPU device, waiting for its results); what a device or other threads do meanwhile is not in it. kernels' JavaScript: what kernels of TensorFlow.js do around those calls. outside kernels: the tape, layers, optimizer and bookkeeping. Times are means over the traced steps; tracing itself costs the difference between step and untraced, which is a median.";

export function traceSection(traces: readonly TraceGroup[]): Section {
  const blocks: Block[] = [
    paragraph(HOW),
    ...tableBlocks(traceTable(traces)),
    ...traces.map(({ record }): Block => ({
      kind: "details",
      summary: `${traceTitle(record)}: every operation (${
        traceName(record)
      }.json for chrome://tracing and Perfetto)`,
      blocks: [...tableBlocks(operationTable(record)), ...tableBlocks(callTable(record))],
    })),
  ];
  return {
    heading: "Where the time goes",
    anchor: "trace",
    blocks: traces.length > 0 ? blocks : [],
  };
}

/** Operations that the terminal shows of each trace, if there are few. */
const SHOWN = 6;
const FEW = 4;

/** For the terminal: how the time divides, and the operations that take most of it. */
export function traceTables(traces: readonly TraceGroup[]): readonly [string, Table][] {
  if (traces.length === 0) return [];
  return [
    ["", traceTable(traces)],
    ...(traces.length > FEW ? [] : traces).map(({ record }): [string, Table] => [
      traceTitle(record),
      operationTable(record, SHOWN),
    ]),
  ];
}

/** A sentence for each trace. */
export function traceSentences(traces: readonly TraceGroup[]): string[] {
  return traces.map(({ record }) => {
    const { step, beyond, kernels, outside } = sharesOf(record);
    const where = beyond === null
      ? `${formatShare(kernels / step)} in kernels`
      : `${formatShare(beyond / step)} in ${count(callsOf(record), "native call")}`;
    return `${traceTitle(record)}: of ${formatSeconds(step)}, ${where}, ${
      formatShare(outside / step)
    } outside kernels.`;
  });
}

function callsOf({ steps, calls }: TraceRecord): number {
  return Math.round(calls.reduce((sum, each) => sum + each.calls, 0) / steps);
}
