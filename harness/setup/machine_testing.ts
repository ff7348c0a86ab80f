/**
 * A machine for the tests of the setup: its programs and servers only put files of the right names where
 * the real ones would.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { MissingError } from "../../norms/basics/errors.ts";
import type { CommandResult, RunCommand, SetupContext } from "./context.ts";

/** Writes files, each with its own name as content. */
export async function writeFiles(root: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await Deno.mkdir(dirname(join(root, path)), { recursive: true });
    await Deno.writeTextFile(join(root, path), path);
  }
}

/** A context in which nothing answers except `parts`. */
export function fakeContext(parts: Partial<SetupContext>): SetupContext {
  return {
    run: (program) => Promise.resolve({ code: 127, stdout: "", stderr: `${program}: not found` }),
    download: (url) => Promise.reject(new MissingError(`${url} cannot be reached`, "try again")),
    unpack: (archive) => Promise.reject(new MissingError(`${archive} is damaged`, "try again")),
    tell: () => {},
    pause: () => new Promise((resolve) => setTimeout(resolve, 5)),
    env: () => undefined,
    freeBytes: () => Promise.resolve(Infinity),
    platform: "linux x86_64",
    ...parts,
  };
}

/** What a fake machine can do, and what it was asked to do. */
export interface FakeMachine {
  /** Programs that are there; take one out to see how the setup does without. */
  readonly programs: Set<string>;
  /** Parts of addresses that servers answer. */
  readonly servers: Set<string>;
  readonly ran: string[];
  /** Every address that was downloaded from, and the kind of digest that was asked for. */
  readonly downloads: string[];
  readonly told: string[];
  pipEnv: Readonly<Record<string, string>>;
  /** The list of wheels that pip was given. */
  requirements: string;
  /** How trying the result ends. */
  proof: CommandResult;
  readonly context: SetupContext;
}

const HEADER = "include/tensorflow/c/eager/c_api.h";
const WHEEL = [
  "tensorflow/libtensorflow_cc.so.2",
  "tensorflow/libtensorflow_framework.so.2",
  `tensorflow/${HEADER}`,
];

/** What the archives hold, by a part of their addresses; without the levels that are stripped. */
const ARCHIVES: Readonly<Record<string, readonly string[]>> = {
  "tfjs-node": ["package.json", "dist/proto/api_pb.js"],
  "node-api-headers": ["include/node_api.h"],
  "libtensorflow/": ["lib/libtensorflow.so.2", "lib/libtensorflow_framework.so.2", HEADER],
  "pre-built-binary": ["tfjs_binding.node"],
};

/** What `python3` stands for. */
const INTERPRETER = "/usr/bin/python3.12";
const WORKS = '{"version":"2.21.0","device":"CPU","notes":[]}';

/** A machine on which everything works, with no graphics card. */
export function fakeMachine(parts: Partial<SetupContext> = {}): FakeMachine {
  const machine: FakeMachine = {
    programs: new Set(["python3", INTERPRETER, "g++", Deno.execPath()]),
    servers: new Set(Object.keys(ARCHIVES)),
    ran: [],
    downloads: [],
    told: [],
    pipEnv: {},
    requirements: "",
    proof: result(0, WORKS),
    context: fakeContext({
      run: (...command) => run(machine, ...command),
      download: (...asked) => serve(machine, ...asked),
      unpack,
      tell: (line) => machine.told.push(line),
      ...parts,
    }),
  };
  return machine;
}

function result(code: number, stdout = "", stderr = ""): CommandResult {
  return { code, stdout, stderr };
}

async function run(
  machine: FakeMachine,
  ...[program, args, options]: Parameters<RunCommand>
): Promise<CommandResult> {
  machine.ran.push([program, ...args].join(" "));
  if (!machine.programs.has(program)) return result(127, "", `${program}: not found`);
  if (args.includes("--version")) return result(0);
  if (args.includes("-c")) return result(0, INTERPRETER);
  if (program === Deno.execPath()) return machine.proof;
  if (program === "g++") await Deno.writeTextFile(after(args, "-o"), "binding");
  if (args.includes("pip")) {
    machine.pipEnv = options?.env ?? {};
    machine.requirements = await Deno.readTextFile(after(args, "--requirement"));
    await writeFiles(after(args, "--target"), WHEEL);
    if (machine.requirements.includes("nvidia-cudnn-cu12")) {
      await writeFiles(after(args, "--target"), ["nvidia/cudnn/lib/libcudnn.so.9"]);
    }
  }
  return result(0);
}

function after(args: readonly string[], option: string): string {
  return args[args.indexOf(option) + 1] ?? "";
}

/** An archive of the fake servers holds its own address. */
async function serve(
  machine: FakeMachine,
  ...[url, path, digest]: Parameters<SetupContext["download"]>
): Promise<void> {
  machine.downloads.push(`${url} ${digest?.algorithm ?? "storage's own digest"}`);
  const answers = [...machine.servers].some((part) => url.includes(part));
  if (!answers) throw new MissingError(`${url} cannot be reached`, "check the network");
  await Deno.writeTextFile(path, url);
}

async function unpack(archive: string, into: string): Promise<void> {
  const url = await Deno.readTextFile(archive);
  for (const [part, files] of Object.entries(ARCHIVES)) {
    if (url.includes(part)) await writeFiles(into, files);
  }
  if (!url.includes("tfjs-node")) return;
  const dist = join(into, "dist");
  await Deno.mkdir(join(dist, "kernels"));
  const text = (name: string) => `var tf = require("@tensorflow/${name}");`;
  await Deno.writeTextFile(join(dist, "register_all_kernels.js"), text("tfjs"));
  await Deno.writeTextFile(join(dist, "kernels", "Abs.js"), text("tfjs-core"));
}
