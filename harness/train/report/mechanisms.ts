/** The pages of the mechanisms: claim, the paper's figure, ours, and what the records make of it. */
import {
  type Block,
  figureBlocks,
  paragraph,
  type ReportDocument,
  type Section,
  tableBlocks,
} from "../../../reports/document.ts";
import { draw, type FigureSpec, FRAME, namedScale } from "../../../reports/figure.ts";
import { formatNumber } from "../../../reports/format.ts";
import { mean, summarize } from "../../../reports/statistics.ts";
import { type Table, table } from "../../../reports/table.ts";
import { missingSection, runLines } from "../../run/report.ts";
import type { CurveFigure, Mechanism } from "../mechanisms/mechanism.ts";
import type { ObservationRecord } from "../record.ts";
import {
  effectText,
  inWords,
  mechanismHeadline,
  type MechanismPanel,
  mechanismPanels,
} from "./mechanism_claims.ts";
import type { TrainReport } from "./model.ts";

/** What the index says of mechanisms: a line a claim. */
export function mechanismSection(report: TrainReport): Section {
  const panels = mechanismPanels(report);
  return {
    heading: "Why norms help",
    anchor: "why",
    blocks: panels.length === 0
      ? []
      : [paragraph(mechanismHeadline(panels)), ...tableBlocks(claimTable(panels, true))],
  };
}

function claimTable(panels: readonly MechanismPanel[], isNamed: boolean): Table {
  return table(
    [...(isNamed ? ["mechanism"] : []), "claim", "published", "here", "verdict"],
    panels.flatMap(({ mechanism, claims }) =>
      claims.map(({ claim, judged }) => [
        ...(isNamed ? [mechanism.name] : []),
        `${claim.says} (${claim.source})`,
        claim.published,
        effectText(claim, judged),
        judged.verdict,
      ])
    ),
  );
}

/** A page for every mechanism of which there is a record. */
export async function mechanismPages(report: TrainReport): Promise<Map<string, ReportDocument>> {
  const pages = new Map<string, ReportDocument>();
  for (
    const [mechanism, panels] of Map.groupBy(mechanismPanels(report), (each) => each.mechanism)
  ) {
    pages.set(pageName(mechanism), await mechanismPage(mechanism, panels, report));
  }
  return pages;
}

/** The pages of these mechanisms, as an index names them. */
export function linksToMechanisms(report: TrainReport): NonNullable<ReportDocument["pages"]> {
  return [...new Set(mechanismPanels(report).map(({ mechanism }) => mechanism))]
    .map((mechanism) => ({ name: pageName(mechanism), title: mechanism.title }));
}

/** Its page, which no suite has: their names never begin so. */
function pageName({ name }: Mechanism): string {
  return `why-${name}`;
}

async function mechanismPage(
  mechanism: Mechanism,
  panels: readonly MechanismPanel[],
  report: TrainReport,
): Promise<ReportDocument> {
  const figures = await Promise.all(
    panels.flatMap((panel, index) =>
      mechanism.figures.flatMap((figure) => curveFigure(panel, figure, index)).map(draw)
    ),
  );
  return {
    title: `Normbench training report: ${mechanism.title}`,
    headline: {
      tone: "neutral",
      verdict: mechanismHeadline(panels),
      remarks: panels.flatMap(({ claims }) =>
        claims.map(({ claim, judged }) => `${claim.says} ${capital(judged.verdict)}.`)
      ),
    },
    environment: runLines(report.runs),
    pages: [{ name: "report", title: "All suites and findings" }],
    sections: [
      missingSection(report.runs),
      { heading: "Figures", anchor: "figures", blocks: figureBlocks(figures) },
      {
        heading: "Claims",
        anchor: "claims",
        blocks: [...tableBlocks(claimTable(panels, false)), paragraph(HOW_JUDGED)],
      },
      {
        heading: "What was asked and done",
        anchor: "question",
        blocks: [
          paragraph(mechanism.question),
          paragraph(mechanism.method),
          ...panels.flatMap(settingsBlocks),
        ],
      },
      { heading: "Values", anchor: "values", blocks: panels.flatMap(valueBlocks) },
      { heading: "Limits", anchor: "limits", blocks: [{ kind: "list", items: mechanism.limits }] },
    ],
  };
}

const HOW_JUDGED =
  "Trials of equal number share seed, images and their order, and are compared in pairs; in brackets is the 95 % interval of the mean over trials, by Student's t. A claim is supported if the whole interval is on its side and the effect is at least the least one of interest, which each claim declares; contradicted if the whole interval is on the other side of that, so that an effect too small to be of interest contradicts it, too; else undecided.";

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function settingsBlocks({ records: [first], site }: MechanismPanel): Block[] {
  const settings = Object.entries(first!.settings).map(([name, value]) =>
    `${inWords(name)} ${value}`
  );
  return [paragraph(`${site.label}, ${first!.data}; ${settings.join(", ")}.`, "Settings:")];
}

function valueBlocks({ records }: MechanismPanel): Block[] {
  const names = [...new Set(records.flatMap(({ values }) => Object.keys(values)))];
  const arms = [...Map.groupBy(records, ({ arm }) => arm)];
  return tableBlocks(table(
    ["arm", "trials#", "diverged#", ...names.map((name) => `${inWords(name)}#`)],
    arms.map(([arm, group]) => {
      const finite = (name: string) =>
        group.map(({ values }) => values[name] ?? NaN).filter(Number.isFinite);
      const diverged = group.filter(({ values }) => Object.values(values).some(Number.isNaN));
      return [
        arm,
        String(group.length),
        String(diverged.length),
        ...names.map((name) => {
          const summary = summarize(finite(name));
          return summary === null ? "" : formatNumber(summary.mean);
        }),
      ];
    }),
  ));
}

function curveFigure(
  { mechanism, records, site }: MechanismPanel,
  { series, band, arms, title, x, y, isLog = false, isLogX = false }: CurveFigure,
  index: number,
): FigureSpec[] {
  const styles = mechanism.arms.filter(({ name }) =>
    (arms === undefined || arms.includes(name)) &&
    records.some((record) => record.arm === name && record.series[series] !== undefined)
  );
  const points = styles.flatMap(({ name, isDashed = false }) => {
    const group = records.filter(({ arm }) => arm === name);
    const of = (which: string) => group.flatMap((record) => record.series[which] ?? []);
    return positionsOf(of(series)).map((at) => {
      const values = valuesAt(of(series), at);
      const [first] = group;
      const edge = (which: string) => valuesAt([first!.series[which]!], at)[0] ?? NaN;
      return {
        arm: name,
        dash: isDashed,
        x: at,
        value: band === undefined ? mean(values) : edge(series),
        low: band === undefined ? Math.min(...values) : edge(band[0]),
        high: band === undefined ? Math.max(...values) : edge(band[1]),
      };
    });
  }).filter(({ low, value }) => Number.isFinite(value) && (!isLog || low > 0));
  if (points.length === 0) return [];
  const scale = isLog
    ? { type: "log" as const, nice: false, padding: 6 }
    : { zero: false, nice: true };
  const vertical = { type: "quantitative" as const, scale };
  return [{
    name: `why-${mechanism.name}-${series.replaceAll(/\W+/g, "-")}${
      index === 0 ? "" : `-${index + 1}`
    }`,
    title: `${title}${index === 0 ? "" : `; on ${site.label}`}`,
    spec: {
      ...FRAME,
      data: { values: points },
      width: 640,
      height: 260,
      encoding: {
        x: {
          field: "x",
          type: "quantitative",
          axis: { title: x, grid: false },
          scale: isLogX ? { type: "log", nice: false } : { nice: false },
        },
        color: namedScale(
          "arm",
          styles.map(({ name }) => name),
          styles.map(({ colour }) => colour),
        ),
      },
      layer: [
        {
          mark: { type: "area", opacity: 0.16 },
          encoding: {
            y: { ...vertical, field: "low", axis: { title: y, format: "~g", tickCount: 5 } },
            y2: { field: "high" },
          },
        },
        {
          mark: { type: "line", strokeWidth: 1.8 },
          encoding: {
            y: { ...vertical, field: "value" },
            strokeDash: {
              field: "dash",
              type: "nominal",
              scale: { domain: [false, true], range: [[1, 0], [5, 3]] },
              legend: null,
            },
          },
        },
      ],
    },
  }];
}

type Curve = ObservationRecord["series"][string];

function positionsOf(curves: readonly Curve[]): number[] {
  return [...new Set(curves.flatMap(({ x }) => x))].sort((a, b) => a - b);
}

function valuesAt(curves: readonly Curve[], at: number): number[] {
  return curves.flatMap(({ x, y }) => {
    const i = x.indexOf(at);
    return i < 0 || !Number.isFinite(y[i]) ? [] : [y[i]!];
  });
}
