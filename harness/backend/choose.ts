/**
 * The choice of backends: from `--backend` and what works here to those that run.
 *
 * @module
 */
import { kindOf, MissingError, UsageError } from "../../norms/basics/errors.ts";
import { BACKEND_NAMES, type BackendName, backendNamed, type BackendStatus } from "./registry.ts";

export type Choice = BackendName | "auto" | "all";

const CHOICES: readonly Choice[] = ["auto", "all", ...BACKEND_NAMES];

/** Reads the value of `--backend`: one choice, or several separated by commas. */
export function parseRequest(request: string): Choice[] {
  if (typeof request !== "string") {
    throw new TypeError(`the backend is ${kindOf(request)}: give a name, such as "cpu"`);
  }
  return request.split(",").map((part) => {
    const choice = CHOICES.find((known) => known === part.trim());
    if (choice !== undefined) return choice;
    throw new UsageError(
      `there is no backend "${part.trim()}"; --backend takes ${CHOICES.join(", ")}, ` +
        `or several separated by commas`,
    );
  });
}

export function candidatesFor(choices: readonly Choice[]): readonly BackendName[] {
  const named = choices.filter((choice) => choice !== "auto" && choice !== "all");
  return named.length === choices.length ? named : BACKEND_NAMES;
}

function isOffered({ name }: BackendStatus): boolean {
  return !backendNamed(name).onlyWhenNamed;
}

/**
 * The backends that meet `choices`, each once: `auto` is the fastest that works, `all` every one
 * that works.
 */
export function choose(
  choices: readonly Choice[],
  candidates: readonly BackendStatus[],
): BackendStatus[] {
  const chosen = choices.flatMap((choice) => {
    if (choice === "auto") return fastest(candidates);
    if (choice === "all") return candidates.filter((each) => each.works && isOffered(each));
    const named = candidates.find(({ name }) => name === choice)!;
    if (named.works) return named;
    const message = `the backend ${choice} does not work here: ${named.reason}`;
    throw new MissingError(message, named.remedy!);
  });
  return [...new Set(chosen)];
}

/** The backends that `choices` include if they work, and that do not work. */
export function absent(
  choices: readonly Choice[],
  candidates: readonly BackendStatus[],
): BackendStatus[] {
  if (!choices.includes("all")) return [];
  return candidates.filter((each) => !each.works && isOffered(each));
}

/** The backend that `auto` takes; at least `cpu` works everywhere. */
export function fastest(candidates: readonly BackendStatus[]): BackendStatus {
  return candidates.filter((each) => each.works && isOffered(each))
    .reduce((best, other) => other.speed! > best.speed! ? other : best);
}
