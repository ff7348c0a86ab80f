/**
 * TensorFlow's libraries and headers from the wheels that `pip` installs.
 *
 * Python only downloads them: the wheels are chosen by name and digest, and nothing in them is run, so
 * any Python with `pip` works, whichever versions TensorFlow supports.
 *
 * @module
 */
import { join } from "node:path";
import { MissingError } from "../../norms/basics/errors.ts";
import { buildBinding, findCompiler, type Libraries } from "./compile.ts";
import { firstThatAnswers, requireLinux, requireSpace, type SetupContext } from "./context.ts";
import { type Acquired, type AcquireFrom, findLibraries } from "./libraries.ts";

const VERSION = "2.21.0";

/** TensorFlow for the processor, Linux x86-64, as pip reads it. */
const CPU_WHEELS = `
tensorflow-cpu==${VERSION} --hash=sha256:dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb
`;

/** TensorFlow for CUDA 12, and the CUDA libraries that it asks for, Linux x86-64. */
const GPU_WHEELS = `
tensorflow==${VERSION} --hash=sha256:b3b95643c4e70eb925839938fb35cbe142f317ec84af6844ee61513713bb13c0
nvidia-cublas-cu12==12.9.3.13 --hash=sha256:d7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72
nvidia-cuda-cupti-cu12==12.8.90 --hash=sha256:ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182
nvidia-cuda-nvcc-cu12==12.9.86 --hash=sha256:5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0
nvidia-cuda-nvrtc-cu12==12.9.86 --hash=sha256:210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4
nvidia-cuda-runtime-cu12==12.9.79 --hash=sha256:25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3
nvidia-cudnn-cu12==9.28.0.42 --hash=sha256:9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375
nvidia-cufft-cu12==11.4.1.4 --hash=sha256:c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28
nvidia-curand-cu12==10.3.10.19 --hash=sha256:49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e
nvidia-cusolver-cu12==11.7.5.82 --hash=sha256:15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88
nvidia-cusparse-cu12==12.5.10.65 --hash=sha256:73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78
nvidia-nccl-cu12==2.32.3 --hash=sha256:bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c
nvidia-nvjitlink-cu12==12.9.86 --hash=sha256:e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9
`;

/** From the binding to the libraries. */
const RUN_PATH = "$ORIGIN/../../../tensorflow";

/** The platform in the names of the wheels; the digests decide what is accepted. */
const TAGS = [
  ...["--python-version", "3.12", "--implementation", "cp", "--abi", "cp312"],
  ...["_2_27", "_2_17", "2014", "_2_12", "2010"].flatMap((glibc) => [
    "--platform",
    `manylinux${glibc}_x86_64`,
  ]),
];

/** Disk space in bytes that the wheels take while they are unpacked. */
const SPACE = { cpu: 3e9, gpu: 15e9 };

/** The source `pip`, by the interpreter `python`, or the first that is found. */
export function fromPip(python: string | undefined): AcquireFrom {
  return async (dir, gpu, context): Promise<Acquired> => {
    requireLinux("The wheels", context);
    // First, since it is needed after a download of hundreds of megabytes.
    await findCompiler(context);
    const interpreter = await findPip(python, context);
    await requireSpace(dir, gpu ? SPACE.gpu : SPACE.cpu, context);
    const unpacked = join(dir, "wheels");
    const wheels = (gpu ? GPU_WHEELS : CPU_WHEELS).trimStart();
    await installWheels(interpreter, wheels, unpacked, context);
    const libraries = await findLibraries(unpacked);
    await buildBinding(dir, libraries, RUN_PATH, context);
    await keep(libraries, unpacked, dir);
    return {
      origin: `${gpu ? "tensorflow" : "tensorflow-cpu"} ${VERSION} from pip`,
      files: libraries.names.map((name) => join("tensorflow", name)),
    };
  };
}

/** The interpreter itself: a version manager's script in its place would outlive an interruption. */
async function findPip(python: string | undefined, context: SetupContext): Promise<string> {
  const candidates = python === undefined ? ["python3", "python"] : [python];
  const found = await firstThatAnswers(candidates, ["-m", "pip", "--version"], context.run);
  if (found !== undefined) {
    const { stdout } = await context.run(found, ["-c", "import sys; print(sys.executable)"]);
    return stdout || found;
  }
  throw new MissingError(
    `No Python with pip: no answer to "-m pip --version" from ${candidates.join(" or ")}`,
    "install it (Debian, Ubuntu: apt install python3-pip; else python3 -m ensurepip), or name one " +
      "that has it: --python PATH",
  );
}

async function installWheels(
  python: string,
  wheels: string,
  target: string,
  context: SetupContext,
): Promise<void> {
  await Deno.mkdir(target);
  const requirements = join(target, "requirements.txt");
  await Deno.writeTextFile(requirements, wheels);
  const [first, ...others] = wheels.match(/^\S+/gm)!;
  context.tell(`Installing ${1 + others.length} wheel(s) with ${python} -m pip …`);
  const args = [
    ...["-m", "pip", "install", "--requirement", requirements, "--require-hashes", "--no-deps"],
    ...["--target", target, "--no-compile", "--only-binary=:all:", ...TAGS],
  ];
  // Temporary files go where the space was checked, and are removed with the rest on interruption.
  const env = {
    ...{ TMPDIR: target, PIP_USER: "0" },
    ...{ PIP_DISABLE_PIP_VERSION_CHECK: "1", PIP_ROOT_USER_ACTION: "ignore" },
  };
  const { code } = await context.run(python, args, { env, show: true });
  if (code === 0) return;
  throw new MissingError(
    `pip cannot install ${first!.replace("==", " ")}; its own message is above`,
    "check the network or the mirror in pip's configuration; an old pip: " +
      `${python} -m pip install --upgrade pip`,
  );
}

/**
 * Keeps the libraries in the layout of the wheels, because TensorFlow's run path finds CUDA's folders
 * next to its own, without LD_LIBRARY_PATH.
 */
async function keep(libraries: Libraries, unpacked: string, dir: string): Promise<void> {
  await Deno.mkdir(join(dir, "tensorflow"));
  for (const name of libraries.names) {
    await Deno.rename(join(libraries.dir, name), join(dir, "tensorflow", name));
  }
  await Deno.rename(join(unpacked, "nvidia"), join(dir, "nvidia")).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error; // There is none for the processor.
  });
  await Deno.remove(unpacked, { recursive: true });
}
