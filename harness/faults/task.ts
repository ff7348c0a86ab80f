/**
 * The faults task: runs the planted faults and prints the mutation score.
 *
 * @module
 */
import { CONTROLS, FAULTS } from "../../fixtures/faults/registry.ts";
import { flag } from "../run/options.ts";
import { defineTask, ExitStatus } from "../run/task.ts";
import { faultCases, mutationScore } from "./mutation_score.ts";
import { scoreMarkdown, scoreText, survivors } from "./mutation_tables.ts";

/** The parity task's default, so that the faults go through the cases that a user sees. */
const SEED = 0;

/** `deno task faults`. */
export const FAULTS_TASK = defineTask({
  name: "faults",
  about: "Plant faults in textbook norms, and see whether parity catches each of them.",
  options: { markdown: flag("print the table of docs/faults.md, a row for every kind of fault") },
  notes: "Exit status: 0 if every fault is caught, 1 if one is not, 2 for bad usage.",
  async run({ markdown }) {
    const score = await mutationScore(FAULTS, CONTROLS, faultCases, SEED);
    console.log(markdown ? scoreMarkdown(score) : scoreText(score));
    return survivors(score).length === 0 ? ExitStatus.ok : ExitStatus.failed;
  },
});
