/**
 * What Normbench relies on in `parseArgs`, held against whichever implementation is active.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import { parseArgs } from "@std/cli/parse-args";

Deno.test("a string option takes its value after = or a space, and stays a string", () => {
  const options = { string: ["backend"] } as const;
  assertEquals(parseArgs(["--backend=1"], options).backend, "1");
  assertEquals(parseArgs(["--backend", "cpu"], options).backend, "cpu");
  assertEquals(parseArgs(["--backend=a=b"], options).backend, "a=b");
  assertEquals(parseArgs(["--backend", "cpu", "--backend", "wasm"], options).backend, "wasm");
  assertEquals(parseArgs(["--backend"], options).backend, "");
  assertEquals(parseArgs(["--backend", "--other"], options).backend, "");
  assertEquals(parseArgs([], options).backend, undefined);
});

Deno.test("a boolean option takes no value but true and false, and is false unless given", () => {
  const options = { boolean: ["json"] } as const;
  assertEquals(parseArgs([], options).json, false);
  assertEquals(parseArgs(["--json", "file"], options), { json: true, _: ["file"] });
  assertEquals(parseArgs(["--json=false"], options).json, false);
  assertEquals(parseArgs(["--json", "false", "x"], options), { json: false, _: ["x"] });
});

Deno.test("a collected option keeps every value, and is empty unless given", () => {
  const options = { string: ["case"], collect: ["case"] } as const;
  assertEquals(parseArgs(["--case", "a", "--case=b"], options).case, ["a", "b"]);
  assertEquals(parseArgs([], options).case, []);
});

Deno.test("defaults fill in what was not given, and nothing else", () => {
  const options = {
    string: ["backend"],
    boolean: ["json"],
    default: { backend: "auto", json: true },
  } as const;
  assertEquals(parseArgs([], options), { backend: "auto", json: true, _: [] });
  assertEquals(parseArgs(["--backend", "cpu", "--json=false"], options), {
    backend: "cpu",
    json: false,
    _: [],
  });
});

Deno.test("an option appears under each of its names", () => {
  const options = {
    string: ["out"],
    boolean: ["help"],
    alias: { out: "o", help: ["h"] },
    default: { out: "results" },
  } as const;
  assertEquals(parseArgs(["-o", "here", "-h"], options), {
    out: "here",
    o: "here",
    help: true,
    h: true,
    _: [],
  });
  assertEquals(parseArgs(["-o=there"], options).out, "there");
  assertEquals(parseArgs([], options)["o"], "results");
});

Deno.test("--no- negates what is negatable", () => {
  const options = { boolean: ["color"], negatable: ["color"], default: { color: true } } as const;
  assertEquals(parseArgs(["--no-color"], options).color, false);
  assertEquals(parseArgs([], options).color, true);
});

Deno.test("what is not an option is an argument, and a number where it looks like one", () => {
  assertEquals(parseArgs(["a", "12", "1e-3", "-", "1x"])._, ["a", 12, 1e-3, "-", "1x"]);
});

Deno.test("what follows -- is no option, and is kept apart on request", () => {
  const args = ["a", "--", "--json", "12"];
  assertEquals(parseArgs(args, { boolean: ["json"] }), { json: false, _: ["a", "--json", "12"] });
  assertEquals(parseArgs(args, { boolean: ["json"], "--": true }), {
    json: false,
    _: ["a"],
    "--": ["--json", "12"],
  });
});

Deno.test("an option that nobody declared is a number, a string or true", () => {
  assertEquals(parseArgs(["--n=3", "--name", "x", "--flag"]), {
    n: 3,
    name: "x",
    flag: true,
    _: [],
  });
});

Deno.test("unknown sees what was not declared, and decides whether it stays", () => {
  const seen: unknown[] = [];
  const unknown = (...call: unknown[]) => {
    seen.push(call);
    return false;
  };
  const args = ["--seed=3", "--bakend=cpu", "-x", "--no-json", "word"];
  const options = parseArgs(args, { string: ["seed"], unknown });
  assertEquals(options, { seed: "3", _: [] });
  assertEquals(seen, [
    ["--bakend=cpu", "bakend", "cpu"],
    ["-x", "x", true],
    ["--no-json", "no-json", "word"],
  ]);
});

Deno.test("unknown may throw", () => {
  const unknown = (arg: string) => {
    throw new RangeError(`no such option: ${arg}`);
  };
  assertThrows(() => parseArgs(["--x=1"], { unknown }), RangeError, "--x=1");
  assertThrows(() => parseArgs(["-x"], { unknown }), RangeError, "-x");
});

Deno.test("the types of the result follow from the options", () => {
  const options = parseArgs(["--case=a"], {
    string: ["out", "case", "backend"],
    boolean: ["json"],
    collect: ["case"],
    default: { backend: "auto" },
    "--": true,
  });
  const typed: {
    out: string | undefined;
    cases: string[];
    backend: string;
    json: boolean;
    positional: (string | number)[];
    rest: string[];
  } = {
    out: options.out,
    cases: options.case,
    backend: options.backend,
    json: options.json,
    positional: options._,
    rest: options["--"],
  };
  assertEquals(typed.cases, ["a"]);
});
