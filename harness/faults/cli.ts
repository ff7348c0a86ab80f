/**
 * The faults task: runs the planted faults and prints the mutation score.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { CONTROLS, FAULTS } from "../../fixtures/faults/registry.ts";
import { UsageError } from "../../norms/basics/errors.ts";
import { ExitStatus } from "../run/exit_status.ts";
import { faultCases, mutationScore } from "./mutation_score.ts";
import { scoreMarkdown, scoreText, survivors } from "./mutation_tables.ts";

/** The parity task's default, so that the faults go through the cases that a user sees. */
const SEED = 0;

const HELP = `Plant faults in textbook norms, and see whether parity catches each of them.

Usage: deno task faults [options]

  --markdown   print a table for a document, a row for every kind of fault
  --help       this text

Leaves with 0 if every fault is caught, 1 if one is not, 2 for a wrong call.`;

/** Runs the task on its arguments. */
export async function runFaults(args: string[]): Promise<ExitStatus> {
  const given = parseArgs(args, {
    boolean: ["help", "markdown"],
    alias: { help: "h" },
    unknown: (argument) => {
      throw new UsageError(`${argument} is not an option of the faults task. See --help.`);
    },
  });
  if (given.help) {
    console.log(HELP);
    return ExitStatus.ok;
  }
  const score = await mutationScore(FAULTS, CONTROLS, faultCases, SEED);
  console.log(given.markdown ? scoreMarkdown(score) : scoreText(score));
  return survivors(score).length === 0 ? ExitStatus.ok : ExitStatus.failed;
}
