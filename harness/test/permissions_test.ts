/** What docs/security.md says that tasks may do is what deno.json lets them do. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { markdownTable, table } from "../../reports/table.ts";
import { inTemporaryFolder } from "../run/task_testing.ts";

const ROOT = join(import.meta.dirname!, "..", "..");
const { permissions, tasks } = JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.json")));

/** Tasks of users, in the order of deno.json; the others are for work on Normbench. */
const USERS = ["parity", "bench", "train", "replay", "faults", "report", "setup", "doctor", "pack"];

function cell(granted: undefined | true | readonly string[]): string {
  if (granted === undefined) return "nothing";
  return granted === true ? "all" : granted.join(", ");
}

Deno.test("docs/security.md lists what each task may do", () => {
  const rows = USERS.map((name) => {
    const { read, write, net, run, ffi } = permissions[name];
    return [name, cell(read), cell(write), cell(net), cell(run), ffi === true ? "yes" : "no"];
  });
  const headings = ["task", "reads", "writes", "connects to", "starts", "native code"];
  const page = Deno.readTextFileSync(join(ROOT, "docs", "security.md"));
  assertStringIncludes(page, markdownTable(table(headings, rows)));
});

Deno.test("every task of users has its permissions, never prompts, and takes no module that is not locked", () => {
  for (const name of USERS) {
    const { command } = tasks[name];
    assertStringIncludes(command, `deno run -q --frozen --no-prompt -P=${name} harness/${name}/`);
  }
  assertEquals(Object.keys(permissions).filter((name) => permissions[name].all), []);
});

Deno.test("only bench, setup and tests may start any program", () => {
  const any = Object.keys(permissions).filter((name) => permissions[name].run === true);
  assertEquals(any, ["run-tests", "test", "bench", "setup"]);
});

/** What a module of the user's may do, as it finds when parity loads it. */
const PROBE = `
// Some hosts are granted, not all.
const asked = [{ name: "ffi" }, { name: "net", host: "storage.googleapis.com" }];
const state = (each) => Deno.permissions.querySync(each).state;
console.log(asked.filter((each) => state(each) === "granted").map(({ name }) => name).join());
throw new Error("enough");
`;

Deno.test("a task gives up native code and the network where its options need neither", () =>
  inTemporaryFolder(async (folder) => {
    const module = join(folder, "probe.js");
    Deno.writeTextFileSync(module, PROBE);
    const keptBy = async (...options: string[]) => {
      const command = new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "--quiet", "--no-prompt", "--no-check", "-P=parity"],
          ...["harness/parity/main.ts", "--module", module, ...options],
        ],
        cwd: ROOT,
      });
      const { stdout } = await command.output();
      return new TextDecoder().decode(stdout).trim();
    };
    assertEquals(await keptBy("--backend", "tensorflow"), "ffi,net");
    assertEquals(await keptBy("--backend", "wasm,cpu"), "net");
    assertEquals(await keptBy("--backend", "cpu", "--data-dir", folder), "");
  }));
