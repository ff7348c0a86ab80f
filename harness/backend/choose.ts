/**
 * The choice of backends: from `--backend` and what works here to those that run.
 *
 * @module
 */
import { MissingError, UsageError } from "../../norms/basics/errors.ts";
import { type BackendName, BACKENDS, type Candidate } from "./backend.ts";

/** What `--backend` may name. */
export type Choice = BackendName | "auto" | "all";

const CHOICES: readonly Choice[] = ["auto", "all", ...BACKENDS];

/**
 * Reads the value of `--backend`: one choice, or several between commas.
 *
 * @throws {UsageError} If a name is unknown.
 */
export function parseRequest(request: string): Choice[] {
  return request.split(",").map((part) => {
    const choice = CHOICES.find((known) => known === part.trim());
    if (choice !== undefined) return choice;
    throw new UsageError(
      `there is no backend "${part.trim()}"; --backend takes ${CHOICES.join(", ")}, ` +
        `or several between commas`,
    );
  });
}

/** The backends whose status must be known before `choices` can be met. */
export function candidatesFor(choices: readonly Choice[]): readonly BackendName[] {
  const named = choices.filter((choice) => choice !== "auto" && choice !== "all");
  return named.length === choices.length ? named : BACKENDS;
}

/**
 * The backends that meet `choices`, each once: `auto` is the fastest that works, `all` every one
 * that works.
 *
 * @throws {MissingError} If a backend that was asked for by name does not work.
 */
export function choose(choices: readonly Choice[], candidates: readonly Candidate[]): Candidate[] {
  const working = candidates.filter(({ name, works }) => works && name !== "wasm-stock");
  const chosen = choices.flatMap((choice) => {
    if (choice === "all") return working;
    if (choice === "auto") return fastest(working);
    return required(choice, candidates);
  });
  return [...new Set(chosen)];
}

/** The `cpu` backend, at least, works everywhere. */
function fastest(working: readonly Candidate[]): Candidate {
  return working.reduce((best, other) => other.speed! > best.speed! ? other : best);
}

function required(name: BackendName, candidates: readonly Candidate[]): Candidate {
  const candidate = candidates.find((other) => other.name === name)!;
  if (candidate.works) return candidate;
  throw new MissingError(
    `the backend ${name} does not work here: ${candidate.reason}`,
    candidate.remedy!,
  );
}
