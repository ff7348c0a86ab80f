import { assertEquals, assertThrows } from "@std/assert";
import { readOpDefinition } from "./op_definition.ts";

/** A field with a length. */
function field(number: number, content: string | readonly number[]): number[] {
  const bytes = typeof content === "string" ? [...new TextEncoder().encode(content)] : content;
  return [number << 3 | 2, bytes.length, ...bytes];
}

const CONCAT = [
  ...field(1, "ConcatV2"),
  ...field(2, [...field(1, "values"), ...field(4, "T"), ...field(5, "N")]),
  ...field(2, [...field(1, "axis"), ...field(4, "Tidx")]),
  ...field(3, [...field(1, "output"), ...field(4, "T")]),
  ...field(4, [...field(1, "N"), ...field(2, "int"), 5 << 3, 1, 6 << 3, 2]),
  ...field(4, [...field(1, "T"), ...field(2, "type")]),
];

Deno.test("inputs, lists among them, and attributes are read from an OpDef", () => {
  assertEquals(readOpDefinition(Uint8Array.from(CONCAT)), {
    inputs: [{ typeAttribute: "T", listAttribute: "N" }, { typeAttribute: "Tidx" }],
    attributes: ["N", "T"],
    isStateful: false,
  });
});

Deno.test("a list of any dtypes has its attribute, and a state is seen", () => {
  const bytes = [
    ...field(2, [...field(1, "data"), ...field(6, "Targuments")]),
    ...field(2, [...field(1, "resource"), 3 << 3, 20]),
    ...[0x88, 0x01, 1], // field 17, a boolean
  ];
  assertEquals(readOpDefinition(Uint8Array.from(bytes)), {
    inputs: [{ listAttribute: "Targuments" }, {}],
    attributes: [],
    isStateful: true,
  });
});

Deno.test("an OpDef that ends too early is refused", () => {
  for (const length of [1, 5, CONCAT.length - 1]) {
    const cut = Uint8Array.from(CONCAT.slice(0, length));
    assertThrows(() => readOpDefinition(cut), RangeError, "ends too early");
  }
});
