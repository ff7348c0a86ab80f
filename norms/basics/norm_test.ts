import { assertEquals, assertThrows } from "@std/assert";
import { checkInputs, type InputSpec } from "./norm.ts";

const SPECS: readonly InputSpec[] = [
  { name: "x", shape: [4, 3], role: "data", initializer: "none" },
  { name: "gamma", shape: [3], role: "weight", initializer: "ones" },
];

Deno.test("inputs as described pass", () => {
  checkInputs(SPECS, { x: [4, 3], gamma: [3] });
});

const REFUSED = {
  "a missing input": {
    shapes: { x: [4, 3] },
    ErrorClass: TypeError,
    message: "input gamma is missing: give a tensor of shape [3]",
  },
  "an input of another length": {
    shapes: { x: [4, 3], gamma: [4] },
    ErrorClass: RangeError,
    message: "input gamma has shape [4], but these options need [3]",
  },
  "an input of another rank": {
    shapes: { x: [4, 3], gamma: [1, 3] },
    ErrorClass: RangeError,
    message: "input gamma has shape [1, 3], but these options need [3]",
  },
  "an empty input": {
    shapes: { x: [0, 3], gamma: [3] },
    ErrorClass: RangeError,
    message: "input x of shape [0, 3] is empty: statistics need at least one element",
  },
  "a superfluous input": {
    shapes: { x: [4, 3], gamma: [3], beta: [3] },
    ErrorClass: TypeError,
    message: "input beta is not used with these options, which take x, gamma: " +
      "leave it out, or switch it on",
  },
};

for (const [what, { shapes, ErrorClass, message }] of Object.entries(REFUSED)) {
  Deno.test(`${what} is refused`, () => {
    assertEquals(assertThrows(() => checkInputs(SPECS, shapes), ErrorClass).message, message);
  });
}
