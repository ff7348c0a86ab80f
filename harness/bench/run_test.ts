import { assert, assertEquals } from "@std/assert";
import { testOn } from "../backend/backends_testing.ts";
import { chooseJobs } from "./jobs.ts";
import type { Peer } from "./peer.ts";
import { hasTiming } from "./record.ts";
import { bandwidthRecord } from "./records_testing.ts";
import { runJobs, type RunPlan } from "./run.ts";

/** A peer that gives these answers, one a block. */
function fakePeer(name: Peer["name"], answers: readonly (number[] | Error | undefined)[]) {
  let asked = 0;
  const time: Peer["time"] = () => {
    const samples = answers[asked++ % answers.length];
    return Promise.resolve(samples && { name, batch: 1, samples });
  };
  const peer: Peer = { name, version: "1", time, close: () => Promise.resolve() };
  return { peer, asked: () => asked };
}

/** Runs a job on the cpu, with peers. */
async function runWith(...peers: Peer[]) {
  const [job] = chooseJobs({ norm: ["rms"], shape: [[4, 8]], preset: "quick" }, "cpu");
  const records: Parameters<RunPlan["onRecord"]>[0][] = [];
  await runJobs({ name: "cpu", works: true, version: "", device: "", notes: [] }, {
    jobs: [job!],
    effort: { leastRounds: 3, seconds: 0 },
    seed: 0,
    pass: 1,
    peers,
    bandwidth: { ...bandwidthRecord(), backend: "cpu" },
    onRecord: (record) => records.push(record),
  });
  const [record, ...others] = records;
  assertEquals(others, []);
  assert(record?.kind === "bench");
  return record.contenders;
}

testOn("cpu", "contenders and peers take turns in blocks, whose samples are joined", async () => {
  const { peer, asked } = fakePeer("pytorch", [[1, 2], [3]]);
  const contenders = await runWith(peer);
  assertEquals(asked(), 3);
  const timings = contenders.filter(hasTiming);
  assertEquals(timings.find(({ role }) => role === "peer")!.samples, [1, 2, 3, 1, 2]);
  assertEquals(timings.find(({ name }) => name === "composed")!.samples.length, 3);
});

testOn("cpu", "a peer that failed is reported and not asked again", async () => {
  const { peer, asked } = fakePeer("keras", [[1], new Error("no memory left"), [1]]);
  const contenders = await runWith(peer);
  assertEquals(asked(), 2);
  assertEquals(contenders.filter(({ role }) => role === "peer"), [
    { name: "keras", role: "peer", error: "no memory left" },
  ]);
});

testOn("cpu", "a peer without an equivalent is left out", async () => {
  const contenders = await runWith(fakePeer("keras", [undefined]).peer);
  assertEquals(contenders.filter(({ role }) => role === "peer"), []);
});
