import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { UsageError } from "../../norms/basics/errors.ts";
import {
  annotations,
  FORMAT,
  junitXml,
  missingOutcomes,
  type Outcome,
  stepSummary,
} from "./formats.ts";
import { SCHEMA } from "./record.ts";

const AWKWARD = 'dx < "2" & \u0007 ]]> \ud800 off\nsecond line, 50 %';

const FAILED: Outcome = {
  suite: "cpu",
  subject: "batch.mine",
  name: "batch/dense",
  status: "failed",
  message: AWKWARD,
  source: { file: "src/my,norm.ts", symbol: "mine" },
};

const OUTCOMES: readonly Outcome[] = [
  FAILED,
  { ...FAILED, name: "batch/images", details: "further" },
  { suite: "wasm", subject: "batch.mine", name: "batch/dense", status: "passed", message: "" },
  ...missingOutcomes([{
    kind: "missing",
    schema: SCHEMA,
    what: "backend",
    name: "webgpu",
    reason: "no adapter",
    remedy: "install a driver",
  }]),
];

const NOW = new Date("2026-01-02T03:04:05.678Z");

/** The names and attributes that JUnit's schemas know, and what each element must have. */
const ELEMENTS: Readonly<Record<string, { attributes: string; inside: string }>> = {
  testsuites: { attributes: "", inside: "" },
  testsuite: {
    attributes: "errors failures hostname id name package skipped tests time timestamp",
    inside: "testsuites",
  },
  properties: { attributes: "", inside: "testsuite" },
  property: { attributes: "name value", inside: "properties" },
  testcase: { attributes: "classname name time", inside: "testsuite" },
  failure: { attributes: "message type", inside: "testcase" },
  skipped: { attributes: "message", inside: "testcase" },
  "system-out": { attributes: "", inside: "testsuite" },
  "system-err": { attributes: "", inside: "testsuite" },
};

Deno.test("JUnit: every element is closed, known and where it belongs, and has its attributes", () => {
  const xml = junitXml("parity", OUTCOMES, { deno: "2 <9>" }, NOW);
  const open: string[] = [];
  const found: string[] = [];
  for (
    const [, close, name, attributes, empty] of xml.matchAll(
      /<(\/?)([a-z-]+)((?: [a-z]+="[^"<>]*")*)(\/?)>/g,
    )
  ) {
    if (close) {
      assertEquals(open.pop(), name);
      continue;
    }
    const { attributes: known, inside } = ELEMENTS[name!]!;
    assertEquals(open.at(-1) ?? "", inside, name);
    const given = [...attributes!.matchAll(/ ([a-z]+)=/g)].map(([, each]) => each);
    assertEquals(given.sort().join(" "), known, name);
    found.push(name!);
    if (!empty) open.push(name!);
  }
  assertEquals(open, []);
  assertEquals(found.filter((name) => name === "testcase").length, OUTCOMES.length);
  // Nothing is left that is no element: text is escaped.
  assertEquals(
    xml.replace(/<\?xml[^>]*>|<\/?[a-z-]+(?: [a-z]+="[^"<>]*")*\/?>/g, "").match(/[<>]/),
    null,
  );
});

Deno.test("JUnit: suites are places, counted, and text has nothing that XML forbids", () => {
  const xml = junitXml("parity", OUTCOMES, {}, NOW);
  assertStringIncludes(xml, 'name="parity.cpu" timestamp="2026-01-02T03:04:05"');
  assertStringIncludes(xml, 'tests="2" failures="2" errors="0" skipped="0"');
  assertStringIncludes(xml, 'tests="1" failures="0" errors="0" skipped="1"');
  assertStringIncludes(xml, "dx &lt; &quot;2&quot; &amp; \ufffd ]]&gt; \ufffd off\nsecond line");
  assertStringIncludes(xml, '<skipped message="no adapter: install a driver"/>');
});

Deno.test("GitHub: one annotation for a subject, at its line, with what the commands escape", () => {
  const lines = annotations("parity", OUTCOMES, ({ symbol }) => symbol === "mine" ? 12 : undefined);
  assertEquals(lines.length, 2);
  assertStringIncludes(
    lines[0]!,
    "::error file=src/my%2Cnorm.ts,line=12,title=parity%3A batch.mine fails in batch/dense on cpu::dx <",
  );
  assertStringIncludes(lines[0]!, "off%0Asecond line, 50 %25%0A%0AIt fails in 1 more check.");
  assertEquals(lines[0]!.includes("\n"), false);
  assertStringIncludes(
    lines[1]!,
    "::warning title=parity%3A backend webgpu is missing::no adapter",
  );
});

Deno.test("GitHub shows ten annotations of a step: the last one says how many there are", () => {
  const many = Array.from({ length: 12 }, (_, i) => ({ ...FAILED, subject: `norm.${i}` }));
  const lines = annotations("parity", many, () => undefined);
  assertEquals([lines.length, lines.at(-1)], [10, "::error::3 more fail: see the report"]);
});

Deno.test("the summary of a step says how many fail, lists them and escapes the rest", () => {
  const summary = stepSummary("parity", OUTCOMES, "a <table>");
  assertStringIncludes(summary, "## Normbench parity: 2 of 3 checks fail");
  assertStringIncludes(summary, "| batch.mine | batch/dense | cpu |");
  assertStringIncludes(summary, "<pre>a &lt;table&gt;</pre>");
  assertStringIncludes(stepSummary("parity", [], ""), "nothing fails in 0 checks");
});

Deno.test("--format: what is asked for, and what cannot be printed together", () => {
  const read = (...values: string[]) => FORMAT.read(values, "format");
  assertEquals(read(), { text: true, github: false });
  assertEquals(read("github"), { text: false, github: true });
  assertEquals(read("junit"), { text: false, github: false, junit: "-" });
  assertEquals(read("text,junit=a.xml", "github"), { text: true, github: true, junit: "a.xml" });
  assertThrows(() => read("junit,text"), UsageError, "name a file");
  assertThrows(() => read("html"), UsageError, "--format html is unknown");
});
