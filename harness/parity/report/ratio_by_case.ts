/**
 * The dot plot of a norm: measured error over budget, case by case.
 *
 * @module
 */
import {
  decades,
  type FigureSpec,
  FRAME,
  LINE_AT_ONE,
  logPosition,
  namedScale,
  powersAround,
  rowPosition,
  TICK_LABEL,
} from "../../../reports/figure.ts";
import { CUSTOM_COLOURS, REFERENCE_COLOURS } from "../../../reports/palette.ts";
import type { NormTally, ParityReport } from "./model.ts";
import { answeredRatios, tally } from "./tally.ts";

/** Smaller ratios are drawn here: how far within the budget they are makes no difference. */
const LEAST_RATIO = 0.01;

const WHO = ["custom", "reference"];

const X_TITLE =
  "measured error / budget (log scale; ∞: not finite, or an error where none is allowed)";

/** The range in which finite ratios are drawn, the same for every norm of a report. */
function ratioDomain({ checks }: ParityReport): [number, number] {
  const outside = checks.flatMap(({ record }) => answeredRatios(record.quantities))
    .filter((ratio) => Number.isFinite(ratio) && ratio > 1);
  return [LEAST_RATIO, powersAround([10, ...outside])[1]];
}

/** Measured / budget of every case of a norm, custom and reference, a mark for each backend. */
export function ratioByCase(norm: NormTally, report: ParityReport): FigureSpec {
  const [low, high] = ratioDomain(report);
  const infinity = 10 * high;
  const values = norm.cases.flatMap(({ label, checks }) =>
    [...Map.groupBy(checks, ({ site }) => site)].flatMap(([{ label: backend }, members]) => {
      const { custom, reference } = tally(members);
      const place = (ratio: number) => Math.max(low, Math.min(ratio, infinity));
      const at = { case: label, backend };
      return [
        ...(custom.ratio === null ? [] : [{ ...at, who: "custom", ratio: place(custom.ratio) }]),
        ...(reference.ratio === null
          ? []
          : [{ ...at, who: "reference", ratio: place(reference.ratio) }]),
      ];
    })
  );
  return {
    name: `ratio-by-case-${norm.slug}`,
    title: `Measured error over budget by case, ${norm.norm} norm`,
    spec: {
      ...FRAME,
      data: { values },
      width: 430,
      height: { step: 17 },
      layer: [
        LINE_AT_ONE,
        {
          mark: { type: "point", size: 42, opacity: 0.85, strokeWidth: 1.4 },
          encoding: {
            x: logPosition("ratio", X_TITLE, [low, infinity], {
              values: [...decades(low, high), infinity],
              labelExpr: `datum.value > ${2 * high} ? '∞' : datum.value < ${
                2 * low
              } ? '≤ ${low}' : ${TICK_LABEL}`,
              labelFlush: false,
            }),
            y: rowPosition("case"),
            color: namedScale("who", WHO, [CUSTOM_COLOURS[0], REFERENCE_COLOURS[0]]),
            shape: namedScale("who", WHO, ["circle", "diamond"]),
          },
        },
      ],
    },
  };
}
