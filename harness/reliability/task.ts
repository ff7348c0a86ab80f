/**
 * The reliability task: kills, stops, breaks and attacks Normbench, and says what was lost.
 *
 * @module
 */
import { environment } from "../run/environment.ts";
import { flag, someOf, wholeNumber } from "../run/options.ts";
import { defineTask, ExitStatus } from "../run/task.ts";
import { keepResults, outcomeText, type Result } from "./page.ts";
import { TRIALS } from "./registry.ts";

/** `deno task reliability`. */
export const RELIABILITY_TASK = defineTask({
  name: "reliability",
  about: "Kill, stop, break and attack the tasks of Normbench many times, and say what was lost.",
  options: {
    trial: someOf(TRIALS.map(({ name }) => name), "the trials"),
    times: wholeNumber("how often each is tried, instead of its own number", { least: 1 }),
    seed: wholeNumber("every random choice follows from it", { least: 0, fallback: 0 }),
    keep: flag("write the results to docs/reliability.md"),
  },
  notes: "Exit status: 0 if nothing was lost, 1 if something was, 2 for bad usage.",
  async run({ trial: names, times, seed, keep }) {
    const { normbench, versions, platform, cores } = await environment();
    const on = `Normbench ${normbench}, Deno ${versions["deno"]}, ${platform}, ${cores} cores`;
    let lostAny = false;
    for (const trial of TRIALS.filter(({ name }) => names.includes(name))) {
      const tried = times ?? trial.full;
      const outcome = await trial.run(tried, seed);
      const result: Result = { times: tried, seed, on, ...outcome };
      console.log(outcomeText(trial, tried, outcome));
      if (keep) keepResults({ [trial.name]: result });
      lostAny ||= outcome.lost.length > 0;
    }
    return lostAny ? ExitStatus.failed : ExitStatus.ok;
  },
});
