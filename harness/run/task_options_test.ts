import { assert, assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../norms/basics/errors.ts";
import { oneOf, readArguments, someOf, wholeNumber } from "./task_options.ts";

const KNITTING = {
  task: "knitting",
  values: ["seed"],
  lists: ["yarn"],
  flags: ["tight"],
} as const;

const read = (...args: string[]) => readArguments(args, KNITTING);

Deno.test("what is given is read, lists with commas or repeated", () => {
  const given = read("--seed", "3", "--yarn", "red, blue", "--yarn=green", "--tight", "--json");
  assert(given);
  const { seed, yarn, tight, json, resume, out } = given;
  assertEquals([seed, tight, json, resume, out], ["3", true, true, false, undefined]);
  assertEquals(yarn, ["red", "blue", "green"]);
});

Deno.test("what is not given is undefined, empty or false", () => {
  const given = read();
  assert(given);
  assertEquals([given.seed, given.yarn, given.tight], [undefined, [], false]);
});

Deno.test("--help and -h ask for help, whatever else is given", () => {
  assertEquals(read("--help"), undefined);
  assertEquals(read("-h", "--resume"), undefined);
});

const REFUSED: readonly (readonly [string[], string])[] = [
  [["--purl"], "--purl is not an option of the knitting task"],
  [["scarf"], "scarf is not an option"],
  [["--seed", ""], "--seed needs a value"],
  [["--yarn", ""], "--yarn needs a value"],
  [["--resume"], "--resume needs --out DIR"],
];

for (const [args, message] of REFUSED) {
  Deno.test(`${args.join(" ")} is refused`, () => {
    assertThrows(() => read(...args), UsageError, message);
  });
}

Deno.test("names are chosen among those that there are", () => {
  const known = ["a", "b", "c"] as const;
  assertEquals(oneOf(known, "letter", "b"), "b");
  assertEquals(someOf(known, "letter", ["c", "a"]), ["a", "c"]);
  assertEquals(someOf(known, "letter", []), ["a", "b", "c"]);
  for (const choose of [() => oneOf(known, "letter", "d"), () => someOf(known, "letter", ["d"])]) {
    assertThrows(choose, UsageError, 'There is no letter "d". Choose among a, b, c.');
  }
});

Deno.test("whole numbers are whole and within their range", () => {
  assertEquals(wholeNumber("seed", "7", 0), 7);
  assertThrows(() => wholeNumber("seed", "1.5", 0), UsageError, "--seed 1.5 is not a whole number");
  assertThrows(() => wholeNumber("seed", "-1", 0), UsageError, "from 0 up");
  assertThrows(() => wholeNumber("epochs", "11", 1, 10), UsageError, "from 1 to 10");
});
