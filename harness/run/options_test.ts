import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { UsageError } from "../../norms/basics/errors.ts";
import {
  flag,
  helpOf,
  list,
  oneOf,
  parsed,
  readCommandLine,
  someOf,
  text,
  wholeNumber,
} from "./options.ts";

const SYNTAX = {
  name: "bake",
  about: "Bake bread.",
  options: {
    flour: someOf(["rye", "wheat", "spelt"], "what it is made of"),
    crust: oneOf(["thin", "thick"], "how it ends", "thin"),
    seed: wholeNumber("random numbers follow from it", { least: 0, fallback: 0 }),
    loaves: wholeNumber("how many", { least: 1, most: 9 }),
    ovenDir: text("DIR", "where the oven is"),
    title: text("TEXT", "what it is called", "bread"),
    nut: list("NAMES", "what is added"),
    heat: parsed("DEGREES", "how hot", Number),
    slow: flag("wait longer"),
  },
} as const;

const read = (...args: string[]) => readCommandLine(SYNTAX, args)!.options;

Deno.test("what is not given has its default", () => {
  assertEquals(read(), {
    flour: ["rye", "wheat", "spelt"],
    crust: "thin",
    seed: 0,
    loaves: undefined,
    ovenDir: undefined,
    title: "bread",
    nut: [],
    heat: undefined,
    slow: false,
  });
});

Deno.test("what is given is read by its kind", () => {
  const given = read(
    ...["--flour", "spelt,rye", "--crust=thick", "--seed", "7", "--loaves", "2"],
    ...["--oven-dir", "a b", "--nut", "hazel", "--nut=wal, pecan", "--heat=-4", "--slow"],
  );
  assertEquals(given.flour, ["rye", "spelt"], "in the declared order");
  assertEquals(given.nut, ["hazel", "wal", "pecan"]);
  assertEquals([given.crust, given.seed, given.loaves], ["thick", 7, 2]);
  assertEquals([given.ovenDir, given.heat, given.slow], ["a b", -4, true]);
});

Deno.test("of an option that is repeated the last counts", () => {
  assertEquals(read("--seed", "1", "--seed", "2").seed, 2);
});

const MISTAKES: [args: string[], message: string][] = [
  [["--sed", "1"], "--sed is not an option of the bake task"],
  [["-x"], "-x is not an option"],
  [["rye"], "rye is not an option"],
  [["--flour", "oats"], "--flour oats is unknown. Choose from rye, wheat, spelt."],
  [["--crust", "burnt"], "--crust burnt is unknown"],
  [["--seed", "-1"], "--seed -1 is not a whole number 0 or greater"],
  [["--seed", "1e3"], "--seed 1e3 is not a whole number"],
  [["--loaves", "10"], "--loaves 10 is not a whole number from 1 to 9"],
  [["--seed"], "--seed needs a value"],
  [["--oven-dir", ""], "--oven-dir needs a value"],
  [["--oven-dir", "--slow"], "--oven-dir needs a value"],
  [["--slow=yes"], "--slow takes no value"],
  [["--ovenDir", "x"], "--ovenDir is not an option"],
];
for (const [args, message] of MISTAKES) {
  Deno.test(`bad usage is named: ${args.join(" ")}`, () => {
    assertThrows(() => read(...args), UsageError, message);
  });
}

Deno.test("operands are read where a task takes them", () => {
  const syntax = { ...SYNTAX, operands: { takes: "PAN...", about: "what to bake in" } };
  assertEquals(readCommandLine(syntax, ["a", "--slow", "b", "--", "-c"])?.operands, [
    "a",
    "b",
    "-c",
  ]);
});

Deno.test("--help and -h ask for help, with any other arguments", () => {
  assertEquals(readCommandLine(SYNTAX, ["--help"]), undefined);
  assertEquals(readCommandLine(SYNTAX, ["--seed", "1", "-h"]), undefined);
});

Deno.test("help names every option with value and default, within 80 columns", () => {
  const help = helpOf({ ...SYNTAX, notes: "Exit status: 0. ".repeat(9).trim() });
  assertStringIncludes(help, "Usage: deno task bake [options]");
  assertStringIncludes(help, "--oven-dir DIR");
  assertStringIncludes(help, "(default: thin)");
  for (const line of help.split("\n")) assertEquals(line.length <= 80, true, line);
});
