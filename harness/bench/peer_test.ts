import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { normByName } from "../../norms/registry.ts";
import { MissingError } from "../../norms/basics/errors.ts";
import { inTemporaryFolder } from "../run/task_testing.ts";
import { chooseJobs, type Job } from "./jobs.ts";
import { startPeer } from "./peer.ts";

const JOB: Job = {
  backend: "cpu",
  norm: normByName("layer"),
  workload: "forward",
  shape: [4, 8],
  options: {},
};

const EFFORT = { leastRounds: 2, seconds: 0.1 };

/** A program that greets with one line, and answers each question with another. */
async function fakePython(folder: string, greeting: string, answer: string): Promise<string> {
  const path = join(folder, "python");
  const script = `#!/bin/sh\necho '${greeting}'\nwhile read -r job; do echo '${answer}'; done\n`;
  await Deno.writeTextFile(path, script, { mode: 0o755 });
  return path;
}

Deno.test("a peer answers jobs until it is closed", () =>
  inTemporaryFolder(async (folder) => {
    const python = await fakePython(
      folder,
      '{"version": "1.2"}',
      '{"batch": 4, "samples": [0.25, 0.5]}',
    );
    const peer = await startPeer("pytorch", python);
    assertEquals(peer.version, "1.2");
    for (let block = 0; block < 2; block++) {
      assertEquals(await peer.time(JOB, EFFORT), {
        name: "pytorch",
        batch: 4,
        samples: [0.25, 0.5],
      });
    }
    await peer.close();
  }));

Deno.test("a job without equivalent is left out, and a failure is reported", () =>
  inTemporaryFolder(async (folder) => {
    const timeWith = async (answer: string) => {
      const peer = await startPeer("keras", await fakePython(folder, '{"version": "3"}', answer));
      const samples = await peer.time(JOB, EFFORT);
      await peer.close();
      return samples;
    };
    assertEquals(await timeWith('{"unsupported": true}'), undefined);
    const failed = await timeWith('{"error": "no memory"}');
    assertEquals((failed!.samples as Error).message, "no memory");
  }));

Deno.test("a peer is told the hidden layers of a network, with the options that ours has", () =>
  inTemporaryFolder(async (folder) => {
    const asked = join(folder, "asked");
    const python = join(folder, "python");
    const script = `#!/bin/sh
echo '{"version": "1"}'
while read -r job; do echo "$job" > ${asked}; echo '{"unsupported": true}'; done
`;
    await Deno.writeTextFile(python, script, { mode: 0o755 });
    const [job] = chooseJobs({ norm: ["group"], shape: [], preset: "full" }, "cpu")
      .filter(({ network }) => network === "cnn");
    const peer = await startPeer("keras", python);
    await peer.time(job!, EFFORT);
    await peer.close();
    const { architecture, hidden } = JSON.parse(await Deno.readTextFile(asked));
    assertEquals(architecture, "cnn");
    assertEquals(hidden, [
      { units: 16, options: { epsilon: 1e-5, groups: 4 } },
      { units: 32, options: { epsilon: 1e-5, groups: 8 } },
    ]);
  }));

Deno.test("a Python without the framework is refused with what to install", () =>
  inTemporaryFolder(async (folder) => {
    const python = await fakePython(folder, '{"missing": "No module named torch"}', "");
    const error = await assertRejects(() => startPeer("pytorch", python), MissingError);
    assertStringIncludes(error.message, "No module named torch");
    assertStringIncludes(error.remedy, "-m pip install torch");
  }));

Deno.test("a program that is not Python is refused", async () => {
  await assertRejects(() => startPeer("keras", "no-such-python"), MissingError, "no-such-python");
  await assertRejects(() => startPeer("keras", "true"), MissingError, "without an answer");
});
