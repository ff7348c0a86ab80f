import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { changeRecord, referenceRun as benchRun } from "../bench/records_testing.ts";
import { checkRecord, formatRecord } from "../run/record.ts";
import { KINDS, type NormbenchRecord } from "../tasks.ts";
import { missingBackend, parityRecord } from "../parity/report/records_testing.ts";
import { studyRun } from "../replay/records_testing.ts";
import { STUDIES } from "../replay/studies.ts";
import { exampleOf } from "../parity/counterexample/example_testing.ts";
import type { Counterexample } from "../parity/counterexample/record.ts";
import { observation, trialRecords } from "../train/report/records_testing.ts";
import { inTemporaryFolder } from "../run/task_testing.ts";
import { renderReport, summarize } from "../tasks.ts";
import { readRecords, writeReport } from "../../system.ts";

/** A path out of any folder, markup, a broken attribute, patterns of `replace`, sequences and control characters of terminals, Markdown. */
const HOSTILE = "x/../../../../../forged\"'><script>forged()//<img src=x onerror=forged()>" +
  '" onload="forged" ' +
  "&lt;b&gt; $& $` $' \u001b[2J\u009b31m\u001b]0;forged\u0007\r\0\u202e\u2028" +
  "[forged](javascript:forged) ![forged](http://forged) <http://forged> | forged `forged`" +
  "\n# Forged\n\n---\n- forged\n\n<details>\n| forged |\n";

/** The committed run of a task. */
function referenceRun(task: string): NormbenchRecord[] {
  return readRecords(new URL(`../../reports/reference/${task}`, import.meta.url).pathname);
}

/** Few cases of parity, with each verdict that a reference can have. */
const PARITY = referenceRun("parity").filter((record) =>
  record.kind !== "parity" ||
  ["batch", "layer"].includes(record.norm) && ["cpu", "wasm"].includes(record.backend) &&
    ["analytic", "tf.layers"].includes(record.contender) &&
    /(dense|no-scale|axis-2-1|sweep-100?)$/.test(record.case.id)
);

/** Two seeds of a few networks of each study. */
const STUDY_RUNS = Object.entries(STUDIES).flatMap(([experiment, passes]) =>
  passes.slice(0, 3).flatMap((rounds) => rounds.flat().slice(0, 3)).flatMap((training) =>
    [220, 221].map((seed) => studyRun(experiment as keyof typeof STUDIES, training, seed, 0.5))
  )
);

/** The replay with one header, one network and few of its seeds. */
const REPLAY = referenceRun("replay").filter((record, index) =>
  record.kind === "notebook-run"
    ? record.backend === "wasm" && record.network === "plain" && record.seed < 222
    : record.kind === "figure"
    ? record.experiment === "N3" || record.training?.iteration === 200
    : record.kind === "demonstration" || index === 0
);

/** A wrong answer with all that can be known of it, and one that threw. */
const COUNTEREXAMPLES: Counterexample[] = [
  {
    ...exampleOf({ norm: "layer", shape: [2, 6], quantity: "dx", contender: "wrong" }),
    generated: { seed: 0, path: "3" },
    storage: "float16",
    got: Array.from({ length: 12 }, (_, i) => i),
    diagnosis: {
      suspects: [
        { fault: "fault", about: "how it happens", digits: 3 },
        { fault: "other", about: "otherwise", digits: 0, explains: ["dx"] },
      ],
      confirmed: 2,
      elements: "the last row",
      relation: { formula: "got = 2 expected", meaning: "twice as much" },
    },
  },
  exampleOf({
    ...{ norm: "batch", shape: [3, 2], options: { training: true }, steps: 2 },
    ...{ quantity: "movingMean", verdict: "cannot run", error: "out of memory" },
  }),
];

/** A run of each task, as small as it may be and with every kind of record in it. */
const RUNS: Readonly<Record<string, readonly NormbenchRecord[]>> = {
  parity: [
    ...PARITY,
    missingBackend(),
    parityRecord({ error: 2 }),
    parityRecord({ norm: "batch", error: "out of memory", backend: "webgpu" }),
    ...COUNTEREXAMPLES,
  ],
  bench: [
    ...benchRun().filter((record) =>
      record.kind !== "bench" ||
      ["batch", "group"].includes(record.norm) &&
        ["4x14x14x32", "64x784"].includes(record.shape.join("x"))
    ),
    changeRecord(1.2),
  ],
  train: [
    ...referenceRun("train").filter((record) =>
      record.kind === "header" ||
      /^(with-without|placement)\/mlp\/(none|batch)\S*\/[01]$/.test(
        record.kind === "trial" ? record.trial.id : record.kind === "epoch" ? record.trial : "",
      )
    ),
    ...[0, 1].flatMap((number) =>
      trialRecords({ suite: "own", arm: "own arm", number, epochs: 2 })
    ),
    ...trialRecords({ suite: "own", arm: "lost", epochs: 3, diverges: 2 }),
    trialRecords({ suite: "own", arm: "cut off" })[0]!,
    ...["none", "batch"].flatMap((arm) => [0, 1].map((number) => observation(arm, number, 0.5))),
  ],
  replay: [...REPLAY, ...STUDY_RUNS],
};

/** Where a record has a text: in a field, or as the name of one. */
interface Place {
  readonly record: number;
  readonly path: readonly string[];
  readonly isKey: boolean;
  readonly text: string;
}

function placesIn(value: unknown, record: number, path: readonly string[] = []): Place[] {
  if (typeof value === "string") return [{ record, path, isKey: false, text: value }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(Array.isArray(value) ? [] : [{ record, path: [...path, key], isKey: true, text: key }]),
    ...placesIn(inner, record, [...path, key]),
  ]);
}

/** A copy of a value with what `places` name made hostile; the text stays at its end, so that none become alike. */
function forge(value: unknown, places: readonly Place[]): unknown {
  const here = (key: string) => places.filter(({ path }) => path[0] === key);
  if (typeof value === "string") return places.length > 0 ? HOSTILE + value : value;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => {
    const [renamed, deeper] = [true, false].map((own) =>
      here(key).filter(({ path, isKey }) => (isKey && path.length === 1) === own)
    );
    const rest = deeper!.map((place) => ({ ...place, path: place.path.slice(1) }));
    return [renamed!.length > 0 ? HOSTILE + key : key, forge(inner, rest)];
  });
  return Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}

/** The fields of a run whose text its schema leaves open, each with all its places. */
function openPlaces(records: readonly NormbenchRecord[]): Place[][] {
  const places = records.flatMap((record, index) =>
    placesIn(JSON.parse(formatRecord(record)), index)
  );
  const open = places.filter((place) => {
    const { record, path } = place;
    if (path.join() === "task") return false; // It decides which report it is.
    try {
      checkRecord(forge(JSON.parse(formatRecord(records[record]!)), [place]), KINDS);
      return true;
    } catch {
      return false;
    }
  });
  const fieldOf = ({ record, path, isKey }: Place) =>
    JSON.stringify([records[record]!.kind, isKey, path.map((step) => step.replace(/^\d+$/, "n"))]);
  // What has the same text in two fields, as the name of a trial, is forged in both.
  const firstOf = new Map(open.toReversed().map((place) => [place.text, fieldOf(place)]));
  return [...Map.groupBy(open, ({ text }) => firstOf.get(text)).values()];
}

function forgeRun(
  records: readonly NormbenchRecord[],
  places: readonly Place[],
): NormbenchRecord[] {
  const byRecord = Map.groupBy(places, ({ record }) => record);
  return records.map((record, index) =>
    checkRecord(forge(JSON.parse(formatRecord(record)), byRecord.get(index) ?? []), KINDS)
  );
}

/** Every element of a page and every attribute that an element has; fails at what is no markup and looks like it. */
function vocabulary(html: string): Set<string> {
  const found = new Set<string>();
  const element = /<[!/]?([a-z][\w-]*)((?:\s+[\w:-]+(?:="[^"<>]*")?)*)\s*\/?>/gi;
  const text = html.replace(/<style>[^<]*<\/style>/g, "").replace(element, (_, tag, attributes) => {
    found.add(tag);
    for (const [, name, value = ""] of attributes.matchAll(/([\w:-]+)(?:="([^"]*)")?/g)) {
      found.add(`${tag} ${name}`);
      // Cases have their id as an anchor, as in `batch/frozen`.
      if (name === "href") assertMatches(value, /^(#[\w./-]+|[\w-]+\.html)$/);
      if (name === "id") assertMatches(value, /^[\w./-]+$/);
    }
    return "";
  });
  assertEquals(text.match(/.{0,60}<.{0,60}/)?.[0], undefined);
  return found;
}

function assertMatches(text: string, pattern: RegExp): void {
  assert(pattern.test(text), `${JSON.stringify(text)} does not match ${pattern}`);
}

function assertNoControls(text: string): void {
  assertEquals(text.match(/[^\P{Cc}\n]|\p{Bidi_Control}|\u2028/u)?.[0], undefined);
}

/** Nothing forged begins a line, and no character is one that a terminal obeys. */
function assertPlain(text: string): void {
  assertNoControls(text);
  assertEquals(text.match(/^\W*forged.*/im)?.[0], undefined);
}

/** The same of a terminal, where a long line goes on in indented ones, which any of its words may begin. */
function assertPlainOnTerminal(text: string): void {
  assertNoControls(text);
  assertEquals(text.match(/^(?! )\W*forged.*/im)?.[0], undefined);
}

function assertOwnMarkdown(markdown: string): void {
  assertPlain(markdown);
  const rest = markdown.replace(/\\[!-/:-@[-`{-~]/g, "")
    .replace(/!?\[[^[\]]*\]\((figures\/)?[\w-]+\.(md|svg|vl\.json)\)/g, "")
    .replace(/^<\/?details>$|^<summary>|<\/summary>$/gm, "");
  assertEquals(rest.match(/.{0,60}[<>[\]].{0,60}/)?.[0], undefined);
  for (const [rows] of rest.matchAll(/(^\|.*\|\n)+/gm)) {
    const widths = rows.trim().split("\n").map((row) => row.split("|").length);
    assertEquals(new Set(widths).size, 1, rows);
  }
}

/** Numbers that a log scale, a mean or a length of an array stumbles over. */
const EXTREMES = [1e308, 5e-324, -1, 0, "NaN", "Infinity", 1e9];

/** A record with every other number replaced by an extreme, as far as its schema takes that. */
function replaceNumbers(record: NormbenchRecord, first: number): NormbenchRecord {
  const raw = JSON.parse(formatRecord(record));
  let turn = first;
  const visit = (holder: Record<string, unknown>) => {
    for (const [key, value] of Object.entries(holder)) {
      if (typeof value === "object" && value !== null) visit(value as Record<string, unknown>);
      if (typeof value !== "number" || key === "schema" || turn++ % 2 === 1) continue;
      holder[key] = EXTREMES[turn % EXTREMES.length];
      try {
        checkRecord(raw, KINDS);
      } catch {
        holder[key] = value;
      }
    }
  };
  visit(raw);
  return checkRecord(raw, KINDS);
}

for (const [task, records] of Object.entries(RUNS)) {
  Deno.test(`a ${task} report of numbers out of all bounds is rendered`, async () => {
    for (const first of [0, 1]) {
      const run = records.map((record, index) =>
        index % 3 === 1 ? replaceNumbers(record, first + 5 * index) : record
      );
      assertPlainOnTerminal(summarize(run));
      const { figures, html } = await renderReport(run);
      for (const drawn of [html, ...figures.map(({ svg }) => svg)]) assert(drawn.length > 0);
    }
  });

  Deno.test(`no text of a ${task} record reaches beyond its place in the report`, async () => {
    const ordinary = await renderReport(records);
    const known = vocabulary([ordinary, ...ordinary.pages].map(({ html }) => html).join("\n"));
    const texts = openPlaces(records);
    assert(texts.length > 10);
    for (const places of [texts.flat(), ...texts]) {
      try {
        const run = forgeRun(records, places);
        assertPlainOnTerminal(summarize(run));
        const { figures, pages, ...first } = await renderReport(run);
        const names = [...figures, ...pages].map(({ name }) => name);
        for (const name of names) assertMatches(name, /^[\w-]+$/);
        assertEquals(new Set(names).size, names.length);
        for (const { html, markdown } of [first, ...pages]) {
          assertPlain(html);
          assertEquals([...vocabulary(html).difference(known)], []);
          assertOwnMarkdown(markdown);
        }
      } catch (cause) {
        throw new Error(`${places[0]!.path.join(".")}: ${places[0]!.text}`, { cause });
      }
    }
  });

  Deno.test(`the report of a hostile ${task} record stays in its folder`, async () => {
    await inTemporaryFolder(async (folder) => {
      const out = join(folder, "1/2/3/4/5/out");
      const paths: string[] = [];
      const walk = (at: string) => {
        for (const { name, isDirectory } of Deno.readDirSync(at)) {
          if (isDirectory) walk(join(at, name));
          else paths.push(join(at, name));
        }
      };
      await writeReport(forgeRun(records, openPlaces(records).flat()), out);
      walk(folder);
      assert(paths.length > 1);
      for (const path of paths) {
        assertMatches(path.slice(out.length), /^(\/figures)?\/[\w-]+\.(vl\.)?\w+$/);
      }
    });
  });
}
