/**
 * What a run found, for other programs: JUnit XML, annotations and the step summary of GitHub Actions.
 *
 * A task has them if its report says which outcomes its records hold.
 *
 * @module
 */
import { UsageError } from "../../norms/basics/errors.ts";
import { escapeHtml } from "../../reports/escape.ts";
import { count, oneLine } from "../../reports/format.ts";
import { markdownTable, table } from "../../reports/table.ts";
import type { Option } from "./options.ts";
import type { MissingRecord } from "./record.ts";

/** What became of one check of a run. */
export interface Outcome {
  /** Where it ran, such as `cpu`: the checks of a suite stand together. */
  readonly suite: string;
  /** Who was checked, such as `batch.composed`. */
  readonly subject: string;
  /** With what, such as `batch/dense`. */
  readonly name: string;
  /** `skipped` was not run, or says nothing. */
  readonly status: "passed" | "failed" | "skipped";
  /** In a line, why it failed or was skipped. */
  readonly message: string;
  /** All that is known of a failure, in lines. */
  readonly details?: string;
  /** The user's file that holds what was checked, and the export in it. */
  readonly source?: { readonly file: string; readonly symbol: string };
}

/** The ways in which a run is told: each to standard output, JUnit to a file if one is named. */
export interface Formats {
  /** Whether the summary is printed. */
  readonly text: boolean;
  /** Whether annotations are printed, and the step summary written. */
  readonly github: boolean;
  /** Where JUnit XML goes: a file, or `-` for standard output; left out, nowhere. */
  readonly junit?: string;
}

/** The option of every task that has outcomes. */
export const FORMAT: Option<Formats> = {
  takes: "NAMES",
  about:
    "how results are told: text, junit or junit=FILE, github (annotations, and a summary of the " +
    "step), separated by commas",
  default: "text",
  read(values) {
    const names = values.flatMap((value) => value.split(",")).map((name) => name.trim())
      .filter(Boolean);
    const junit = names.find((name) => /^junit(=.+)?$/.test(name));
    const unknown = names.find((name) => name !== "text" && name !== "github" && name !== junit);
    if (unknown !== undefined) {
      throw new UsageError(
        `--format ${unknown} is unknown, or named twice. Choose from text, junit, junit=FILE, github.`,
      );
    }
    const [text, github] = [names.length === 0 || names.includes("text"), names.includes("github")];
    if (junit === "junit" && (text || github)) {
      throw new UsageError("--format junit prints XML alone: name a file, as in junit=junit.xml.");
    }
    const file = junit?.slice("junit=".length) || "-";
    return { text, github, ...(junit !== undefined && { junit: file }) };
  },
};

/** A check for each thing that was missing, which is skipped. */
export function missingOutcomes(missing: readonly MissingRecord[]): Outcome[] {
  return missing.map(({ what, name, reason, remedy }) => ({
    suite: "missing",
    subject: what,
    name,
    status: "skipped",
    message: `${reason}: ${remedy}`,
  }));
}

/**
 * JUnit XML, as Jenkins and Ant describe it: a suite for each place, a test case for each check.
 *
 * Records hold no times, so all are 0.
 */
export function junitXml(
  task: string,
  outcomes: readonly Outcome[],
  properties: Readonly<Record<string, string>>,
  now: Date,
): string {
  const timestamp = now.toISOString().slice(0, 19);
  const suites = [...Map.groupBy(outcomes, ({ suite }) => suite)].map(([suite, members], id) => {
    const having = (status: Outcome["status"]) =>
      String(members.filter((each) => each.status === status).length);
    return element("testsuite", {
      ...{ id: String(id), package: `normbench.${task}`, name: `${task}.${suite}` },
      ...{ timestamp, hostname: "localhost", time: "0", tests: String(members.length) },
      ...{ failures: having("failed"), errors: "0", skipped: having("skipped") },
    }, [
      element(
        "properties",
        {},
        Object.entries(properties).map(([name, value]) => element("property", { name, value })),
      ),
      ...members.map((each) => testCase(task, each)),
      element("system-out", {}),
      element("system-err", {}),
    ]);
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element("testsuites", {}, suites)}\n`;
}

function testCase(task: string, { subject, name, status, message, details = message }: Outcome) {
  const content = status === "failed"
    ? [element("failure", { type: task, message }, xmlText(details))]
    : status === "skipped"
    ? [element("skipped", { message })]
    : [];
  return element("testcase", { classname: subject, name, time: "0" }, content);
}

function element(
  name: string,
  attributes: Readonly<Record<string, string>>,
  content: readonly string[] | string = [],
): string {
  const given = Object.entries(attributes).map(([key, value]) =>
    ` ${key}="${xmlText(oneLine(value))}"`
  ).join("");
  if (content.length === 0) return `<${name}${given}/>`;
  const inner = typeof content === "string" ? content : `\n${content.join("\n")}\n`;
  return `<${name}${given}>${inner}</${name}>`;
}

/** Text as XML holds it, which has no control characters, not even escaped. */
function xmlText(text: string): string {
  return escapeHtml(
    text.replace(/[^\P{Cc}\t\n\r]|[\ufffe\uffff]/gu, "\ufffd")
      .toWellFormed(),
  );
}

/** Annotations that GitHub shows of a step; it drops further ones. */
const MOST_ANNOTATIONS = 10;

/**
 * Commands that GitHub turns into annotations: one for each subject that fails, at its line.
 *
 * @param lineOf The line in which a file of the user's exports a name, where it is known.
 */
export function annotations(
  task: string,
  outcomes: readonly Outcome[],
  lineOf: (source: NonNullable<Outcome["source"]>) => number | undefined,
): string[] {
  const failed = outcomes.filter(({ status }) => status === "failed");
  const bySubject = [...Map.groupBy(failed, ({ subject }) => subject).values()];
  const shown = bySubject.slice(0, MOST_ANNOTATIONS - 1).map((group) => {
    const { subject, name, suite, message, details = message, source } = group[0]!;
    const others = group.length - 1;
    const more = others === 0 ? "" : `\n\nIt fails in ${count(others, "more check")}.`;
    const line = source && lineOf(source);
    return command("error", {
      ...(source && { file: source.file }),
      ...(line !== undefined && { line: String(line) }),
      title: `${task}: ${subject} fails in ${name} on ${suite}`,
    }, `${details}${more}`);
  });
  const hidden = bySubject.length - shown.length;
  if (hidden > 0) shown.push(command("error", {}, `${hidden} more fail: see the report`));
  const missing = outcomes.filter(({ suite }) => suite === "missing");
  return [
    ...shown,
    ...missing.map(({ subject, name, message }) =>
      command("warning", { title: `${task}: ${subject} ${name} is missing` }, message)
    ),
  ];
}

function command(
  name: string,
  properties: Readonly<Record<string, string>>,
  message: string,
): string {
  const text = (value: string) =>
    value.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
  const given = Object.entries(properties).map(([key, value]) =>
    `${key}=${text(value).replaceAll(":", "%3A").replaceAll(",", "%2C")}`
  ).join(",");
  return `::${name}${given && ` ${given}`}::${text(message)}`;
}

/** Failures that the summary of a step lists. */
const MOST_ROWS = 50;

/** The summary of a step, in Markdown: how many checks fail, which, and what the terminal shows. */
export function stepSummary(task: string, outcomes: readonly Outcome[], text: string): string {
  const failed = outcomes.filter(({ status }) => status === "failed");
  const checked = outcomes.filter(({ status }) => status !== "skipped");
  const heading = failed.length === 0
    ? `## Normbench ${task}: nothing fails in ${count(checked.length, "check")}`
    : `## Normbench ${task}: ${failed.length} of ${count(checked.length, "check")} fail`;
  const rows = failed.slice(0, MOST_ROWS).map((
    { subject, name, suite, message },
  ) => [subject, name, suite, oneLine(message)]);
  const hidden = failed.length - rows.length;
  return [
    heading,
    ...(rows.length === 0 ? [] : [markdownTable(table(["who", "case", "where", "what"], rows))]),
    ...(hidden === 0 ? [] : [`and ${hidden} more, which are in the report`]),
    `<details><summary>Summary</summary>\n\n<pre>${escapeHtml(text)}</pre>\n</details>`,
  ].join("\n\n") + "\n";
}
