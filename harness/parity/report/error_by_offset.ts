/**
 * The plot of a norm's error against the offset of its input.
 *
 * @module
 */
import {
  type FigureSpec,
  FRAME,
  INK,
  logPosition,
  namedScale,
  powersAround,
} from "../../../reports/figure.ts";
import { CUSTOM_COLOURS, REFERENCE_COLOURS } from "../../../reports/palette.ts";
import { answered, type ParityRecord } from "../record.ts";
import type { NormTally, ParityReport } from "./model.ts";
import type { Check } from "./tally.ts";

const BUDGET = "budget";

/**
 * Error of `y` against the offset of the input, a panel for each backend.
 *
 * Elements of `y` differ in their budgets. So what is shown is error / budget times the largest budget of
 * the custom norms at that offset: a mark is above the budget's line exactly where it is outside. `null`
 * where the norm has fewer than two offsets.
 */
export function errorByOffset(norm: NormTally, { sites }: ParityReport): FigureSpec | null {
  const points = offsetPoints(norm.checks);
  if (new Set(points.map(({ offset }) => offset)).size < 2) return null;
  const series = offsetSeries(norm, points);
  const scale = <T>(range: T[]) =>
    namedScale("series", series.map(({ name }) => name), range, {
      symbolType: "stroke" as const,
      symbolSize: 300,
    });
  const errors = powersAround(points.map(({ error }) => error));
  const offsets = powersAround(points.map(({ offset }) => offset));
  return {
    name: `error-by-offset-${norm.slug}`,
    title: `Error of y against the offset of the input, ${norm.norm} norm`,
    spec: {
      ...FRAME,
      data: { values: points },
      columns: 3,
      facet: { field: "backend", type: "nominal", sort: sites.map(({ label }) => label) },
      spec: {
        width: 190,
        height: 170,
        encoding: {
          x: logPosition("offset", "offset of the input (spreads)", offsets, {
            labelFlush: false,
            grid: false,
          }),
          y: logPosition("error", "error of y (ratio × budget)", errors),
          color: scale(series.map(({ colour }) => colour)),
        },
        layer: series.map(({ name, width }) => ({
          transform: [{ filter: { field: "series", equal: name } }],
          mark: {
            type: "line",
            strokeWidth: width,
            point: name === BUDGET ? false : { size: 12 + 10 * width, filled: true },
          },
          encoding: { strokeDash: scale(series.map(({ dash }) => dash)) },
        })),
      },
    },
  };
}

/** How each line is drawn: implementations solid, references dashed, the budget dotted. */
function offsetSeries({ checks }: NormTally, points: ReturnType<typeof offsetPoints>) {
  const names = new Set(points.map(({ series }) => series));
  const contenders = (role: ParityRecord["role"]) =>
    new Set(
      checks.filter(({ record }) => record.role === role).map(({ record }) => record.contender),
    );
  return [
    // Each is drawn over those before it, and thinner, so that lines that coincide stay visible.
    ...styled(contenders("custom"), CUSTOM_COLOURS, [1, 0], [4.6, 2.2, 1]),
    ...styled(contenders("reference"), REFERENCE_COLOURS, [6, 3], [1.6]),
    { name: BUDGET, colour: INK, dash: [2, 3], width: 1.4 },
  ].filter(({ name }) => names.has(name));
}

function styled(
  names: ReadonlySet<string>,
  colours: readonly string[],
  dash: number[],
  widths: readonly number[],
) {
  return [...names].map((name, index) => ({
    name,
    colour: colours[index % colours.length] ?? INK,
    dash,
    width: widths[Math.min(index, widths.length - 1)] ?? 1,
  }));
}

/** The points of all lines, by backend and offset; a log scale has no place for zero or infinity. */
function offsetPoints(checks: readonly Check[]) {
  const measurements = checks.flatMap(measurementsOf);
  const groups = Map.groupBy(measurements, ({ backend, offset }) => `${offset} ${backend}`);
  return [...groups.values()].flatMap((group) => {
    const budget = Math.max(...group.map((each) => each.budget));
    return [...Map.groupBy(group, ({ series }) => series).values()].map((members) => {
      const error = budget * Math.max(...members.map(({ ratio }) => ratio));
      const { backend, series, offset } = members[0]!;
      return { backend, series, offset, error };
    });
  }).filter(({ error }) => Number.isFinite(error) && error > 0);
}

/** What a check adds to the plot: the error in budgets, and of a custom norm the budget itself. */
function measurementsOf({ record, site }: Check) {
  const y = record.quantities.find(({ name }) => name === "y");
  const offset = record.case.offset ?? 0;
  if (!y || offset <= 0 || !answered(y.answer)) return [];
  const { ratio, worst: { budget } } = y.answer;
  const own = { backend: site.label, offset, series: record.contender, ratio };
  return record.role === "custom"
    ? [{ ...own, series: BUDGET, ratio: 1, budget }, { ...own, budget }]
    : [{ ...own, budget: 0 }];
}
