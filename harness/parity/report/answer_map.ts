/**
 * The heat maps of an answer: what was computed, what was expected, and the error in budgets.
 *
 * @module
 */
import { size } from "../../../norms/basics/shape.ts";
import { type FigureSpec, FRAME } from "../../../reports/figure.ts";
import { formatNumber } from "../../../reports/format.ts";
import type { Counterexample } from "../record.ts";

/** Rows and columns of the largest map; larger answers are shown by the worst element of each block. */
const MOST = 32;

/** Pixels of a map; three of them stand side by side, on a phone as well. */
const [WIDTH, TALLEST] = [96, 260];

/** Columns up to which the numbers fit into their cells. */
const MOST_NUMBERS = 2;

interface Cell {
  readonly row: number;
  readonly column: number;
  readonly got: number;
  readonly expected: number;
  /** |got - expected| over the budget of any order; at most {@linkcode WORST}. */
  readonly error: number;
}

/** Stands for NaN, infinity and everything as far off. */
const WORST = 1e6;

/** Whether there is an answer of more than one element. */
export function hasMap({ got = [] }: Counterexample): boolean {
  return got.length > 1;
}

/** Got, expected and difference, element by element: rows are all axes but the last. */
export function answerMap(example: Counterexample, name: string): FigureSpec {
  const { quantity, expected: { shape } } = example;
  const cells = cellsOf(example);
  const columns = Math.max(...cells.map(({ column }) => column)) + 1;
  const rows = Math.max(...cells.map(({ row }) => row)) + 1;
  const shown = cells.flatMap(({ got, expected }) => [got, expected]).filter(Number.isFinite);
  const extent = Math.max(1e-30, ...shown.map(Math.abs));
  const height = Math.min(TALLEST, Math.max(26 * rows, 26));
  const panel = (title: string, field: "got" | "expected" | "error", color: object) => ({
    title: { text: title, fontSize: 12, anchor: "start" as const },
    width: WIDTH,
    height,
    data: {
      values: cells.map((cell) => ({
        ...cell,
        text: field === "error" && cell.error >= WORST ? "∞" : formatNumber(cell[field]),
        value: Number.isFinite(cell[field]) ? cell[field] : null,
      })),
    },
    encoding: {
      x: { field: "column", type: "ordinal" as const, axis: { ...AXIS, orient: "top" as const } },
      y: { field: "row", type: "ordinal" as const, axis: field === "got" ? AXIS : null },
    },
    layer: [
      {
        mark: { type: "rect" as const, invalid: null, stroke: "#80808055", strokeWidth: 0.5 },
        encoding: {
          color: {
            condition: { test: "datum.value === null", value: "#9a9a9a" },
            field: "value",
            type: "quantitative" as const,
            legend: null,
            ...color,
          },
          tooltip: { field: "text", type: "nominal" as const },
        },
      },
      ...(columns <= MOST_NUMBERS && 20 * rows <= height
        ? [{
          mark: { type: "text" as const, fontSize: 12 },
          encoding: {
            text: { field: "text", type: "nominal" as const },
            color: { value: "#101820" },
          },
        }]
        : []),
    ],
  });
  const values = {
    scale: {
      domain: [-extent, 0, extent],
      range: ["#6aaed6", "#f6f6f2", "#f2994a"],
      interpolate: "rgb" as const,
    },
  };
  const errors = {
    scale: {
      type: "symlog" as const,
      domain: [0, 1, WORST],
      range: ["#d6eaf8", "#fbe3c4", "#d9660b"],
      interpolate: "rgb" as const,
    },
  };
  return {
    name,
    title: `${quantity} of shape [${shape.join(", ")}] element by element: ` +
      "what was computed, what was expected, and the error in budgets",
    spec: {
      ...FRAME,
      columns: 3,
      spacing: 12,
      concat: [
        panel("got", "got", values),
        panel("expected", "expected", values),
        panel("error / budget", "error", errors),
      ],
      resolve: { scale: { color: "independent" } },
    },
  };
}

const AXIS = {
  title: null,
  labelAngle: 0,
  labelOverlap: true,
  domain: false,
  ticks: false,
};

/** The elements as a matrix; of blocks of a larger one, the element that is furthest off. */
function cellsOf({ got = [], expected: { shape, values }, budget }: Counterexample): Cell[] {
  const columns = shape.at(-1) ?? 1;
  const rows = size(shape) / columns;
  const [tall, wide] = [rows, columns].map((length) => Math.ceil(length / MOST)) as [
    number,
    number,
  ];
  const cells = new Map<string, Cell>();
  values.forEach((of, i) => {
    const [row, column] = [Math.floor(i / columns / tall), Math.floor((i % columns) / wide)];
    const [value, right] = [Number(got[i]), Number(of)];
    const error = Object.is(value, right) || value === right
      ? 0
      : Math.abs(value - right) / Number(budget[i]);
    const cell = {
      row,
      column,
      got: value,
      expected: right,
      error: error < WORST ? error : WORST,
    };
    const key = `${row} ${column}`;
    if (!(cells.get(key)?.error! >= cell.error)) cells.set(key, cell);
  });
  return [...cells.values()];
}
