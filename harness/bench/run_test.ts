import { assert, assertEquals } from "@std/assert";
import { testOn } from "../backend/backends_testing.ts";
import { chooseJobs } from "./jobs.ts";
import type { Ready } from "./measure.ts";
import type { Peer } from "./peer.ts";
import { hasTiming } from "./record.ts";
import { bandwidthRecord } from "./records_testing.ts";
import { runJobs, type RunPlan } from "./run.ts";

/** A peer whose contender gives these samples, one after the other. */
function fakePeer(samples: readonly (number | Error)[]) {
  let asked = 0;
  const sample = () => {
    const next = samples[asked++ % samples.length]!;
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
  };
  const ready: Ready[] = samples.length === 0
    ? []
    : [{ name: "keras", role: "peer", batch: 1, sample }];
  const peer: Peer = {
    name: "keras",
    version: "1",
    prepare: () => Promise.resolve({ ready, failed: [] }),
    close: () => Promise.resolve(),
  };
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

testOn("cpu", "contenders and peers take turns, round by round", async () => {
  const { peer } = fakePeer([1]);
  const contenders = await runWith(peer);
  const timings = contenders.filter(hasTiming);
  const rounds = new Set(timings.map(({ samples }) => samples.length));
  assertEquals([...rounds], [3]);
  assertEquals(timings.find(({ role }) => role === "peer")!.samples, [1, 1, 1]);
});

testOn("cpu", "a peer that failed is reported and not asked again", async () => {
  const { peer, asked } = fakePeer([1, new Error("no memory left"), 1]);
  const contenders = await runWith(peer);
  assertEquals(asked(), 2);
  assertEquals(contenders.filter(({ role }) => role === "peer"), [
    { name: "keras", role: "peer", error: "no memory left" },
  ]);
});

testOn("cpu", "a peer without an equivalent is left out", async () => {
  const contenders = await runWith(fakePeer([]).peer);
  assertEquals(contenders.filter(({ role }) => role === "peer"), []);
});
