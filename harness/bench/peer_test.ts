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

/** A program that greets with one line, and answers each kind of request with another. */
async function fakePython(
  folder: string,
  greeting: string,
  { prepare = "{}", turn = "{}" }: { readonly prepare?: string; readonly turn?: string } = {},
): Promise<string> {
  const path = join(folder, "python");
  const script = `#!/bin/sh
echo '${greeting}'
while read -r job; do case "$job" in
*prepare*) echo '${prepare}';; *turn*) echo '${turn}';; *) echo '{"forgotten": true}';;
esac; done
`;
  await Deno.writeTextFile(path, script, { mode: 0o755 });
  return path;
}

Deno.test("a peer prepares its variants of a job, each of which then gives samples", () =>
  inTemporaryFolder(async (folder) => {
    const python = await fakePython(folder, '{"version": "1.2"}', {
      prepare: '{"batch": 4}',
      turn: '{"seconds": 0.25}',
    });
    const peer = await startPeer("pytorch", python);
    assertEquals(peer.version, "1.2");
    const { ready, failed } = await peer.prepare(JOB);
    assertEquals(failed, []);
    assertEquals(ready.map(({ name, role, batch }) => [name, role, batch]), [
      ["pytorch", "peer", 4],
      ["pytorch channels-last", "peer", 4],
    ]);
    for (const { sample } of ready) assertEquals(await sample(0), 0.25);
    await peer.close();
  }));

Deno.test("a job without equivalent is left out, and a failure is reported", () =>
  inTemporaryFolder(async (folder) => {
    const prepareWith = async (prepare: string) => {
      const python = await fakePython(folder, '{"version": "3"}', { prepare });
      const peer = await startPeer("keras", python);
      const prepared = await peer.prepare(JOB);
      await peer.close();
      return prepared;
    };
    assertEquals(await prepareWith('{"unsupported": true}'), { ready: [], failed: [] });
    const { ready, failed } = await prepareWith('{"error": "no memory"}');
    assertEquals([ready, failed[0]], [[], { name: "keras", role: "peer", error: "no memory" }]);
  }));

Deno.test("a sample that fails is an error, also where the process has ended", () =>
  inTemporaryFolder(async (folder) => {
    const python = await fakePython(folder, '{"version": "3"}', {
      prepare: '{"batch": 1}',
      turn: '{"error": "no memory"}',
    });
    const peer = await startPeer("keras", python);
    const { ready } = await peer.prepare(JOB);
    await assertRejects(() => ready[0]!.sample(0), Error, "no memory");
    await peer.close();
    await assertRejects(() => ready[0]!.sample(0), Error, "it ended early");
  }));

Deno.test("a peer is told the hidden layers of a network, with the options that ours has", () =>
  inTemporaryFolder(async (folder) => {
    const asked = join(folder, "asked");
    const python = join(folder, "python");
    const script = `#!/bin/sh
echo '{"version": "1"}'
while read -r job; do echo "$job" >> ${asked}; echo '{"unsupported": true}'; done
`;
    await Deno.writeTextFile(python, script, { mode: 0o755 });
    const [job] = chooseJobs(
      { norm: ["group"], shape: [], network: ["cnn"], preset: "full" },
      "cpu",
    );
    const peer = await startPeer("keras", python);
    await peer.prepare(job!);
    await peer.close();
    const [forget, ...variants] = (await Deno.readTextFile(asked)).trim().split("\n")
      .map((line) => JSON.parse(line));
    assertEquals(forget, { forget: true });
    assertEquals(variants.map(({ variant }) => variant), ["keras", "keras XLA"]);
    assertEquals(variants.map(({ prepare }) => prepare.xla), [undefined, true]);
    const { architecture, hidden } = variants[0].prepare;
    assertEquals(architecture, "cnn");
    assertEquals(hidden, [
      { units: 16, bias: false, options: { epsilon: 1e-5, groups: 4 } },
      { units: 32, bias: false, options: { epsilon: 1e-5, groups: 8 } },
    ]);
  }));

Deno.test("a Python without the framework is refused with what to install", () =>
  inTemporaryFolder(async (folder) => {
    const python = await fakePython(folder, '{"missing": "No module named torch"}');
    const error = await assertRejects(() => startPeer("pytorch", python), MissingError);
    assertStringIncludes(error.message, "No module named torch");
    assertStringIncludes(error.remedy, "-m pip install torch");
  }));

Deno.test("a program that is not Python is refused", async () => {
  await assertRejects(() => startPeer("keras", "no-such-python"), MissingError, "no-such-python");
  await assertRejects(() => startPeer("keras", "true"), MissingError, "without an answer");
  await assertRejects(() => startPeer("keras", "echo"), MissingError, 'it answered "-u -c');
  await assertRejects(() => startPeer("keras", "/"), MissingError, "/ cannot be run");
});

Deno.test("a path with spaces and other letters is found, and a program that says nothing is ended", () =>
  inTemporaryFolder(async (folder) => {
    const odd = join(folder, "ein 'Pfad' ü☃");
    await Deno.mkdir(odd);
    const peer = await startPeer("keras", await fakePython(odd, '{"version": "3"}'));
    assertEquals(peer.version, "3");
    await peer.close();
    const silent = join(folder, "silent");
    await Deno.writeTextFile(silent, "#!/bin/sh\nexec sleep 600", { mode: 0o755 });
    await assertRejects(() => startPeer("keras", silent, 100), MissingError, "without an answer");
  }));
