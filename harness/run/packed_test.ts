import { assert, assertEquals, assertLess, assertStrictEquals } from "@std/assert";
import { plainRecords } from "../../reports/escape.ts";
import { Packer } from "./packed.ts";

const LIST = [
  { name: "y", shape: [2, 3], ratio: 0.1, worst: { got: NaN, expected: -Infinity, at: -0 } },
  { name: "dx", shape: [], ratio: 1e300, error: null, right: true, zero: "0" },
];

Deno.test("a packed value reads as the one that was packed, whatever is read in between", () => {
  const packer = new Packer();
  const first = packer.pack(LIST);
  const second = packer.pack([{ ...LIST[0]!, ratio: 0.2 }]);
  const named = packer.pack({ a: [1], "__proto__x": 2 });
  for (
    const list of [
      first,
      first.map((each) => each),
      [...first],
      JSON.parse(JSON.stringify(first)),
    ]
  ) {
    assertEquals(second[0]!.ratio, 0.2);
    assertEquals(list.length, 2);
  }
  assert(Array.isArray(first));
  assertEquals(first, LIST);
  assertEquals([...first], LIST);
  assertEquals(first.at(-1)!.ratio, 1e300);
  assertEquals(JSON.stringify(first), JSON.stringify(LIST));
  assertEquals({ ...named }, { a: [1], "__proto__x": 2 });
  assertEquals(Object.entries(second).map(([, { ratio }]) => ratio), [0.2]);
});

Deno.test("packed values without control characters are not copied where those are removed", () => {
  const packer = new Packer();
  const plain = packer.pack(LIST);
  assertStrictEquals(plainRecords(plain), plain);
  assertEquals(plainRecords(packer.pack([{ name: "a\u001b[2J" }])), [{ name: "a" }]);
});

Deno.test("equal values are shared", () => {
  const packer = new Packer();
  const first = packer.share({ id: "a", shape: [1] });
  assertStrictEquals(packer.share({ id: "a", shape: [1] }), first);
  assertEquals(packer.share({ id: "b", shape: [1] }), { id: "b", shape: [1] });
});

Deno.test("many packed values take little more than their numbers", () => {
  const packer = new Packer();
  const count = 100_000;
  const before = Deno.memoryUsage();
  const all = Array.from(
    { length: count },
    (_, i) => packer.pack([{ name: "y", values: [i, i, i] }]),
  );
  const after = Deno.memoryUsage();
  const taken = after.heapUsed + after.external - before.heapUsed - before.external;
  assertLess(taken / count, 1500);
  assertEquals(all[777]![0]!.values, [777, 777, 777]);
});
