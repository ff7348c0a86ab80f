/**
 * What this machine says about its NVIDIA graphics cards, read from the driver's own files.
 *
 * @module
 */

/** Where the Linux driver describes itself. */
const DRIVER = "/proc/driver/nvidia";

/** Model names of the graphics cards that the NVIDIA driver knows; empty where there is no driver. */
export function gpuNames(driver: string = DRIVER): string[] {
  const names: string[] = [];
  try {
    for (const card of Deno.readDirSync(`${driver}/gpus`)) {
      const text = Deno.readTextFileSync(`${driver}/gpus/${card.name}/information`);
      names.push(/^Model:\s*(.+)$/m.exec(text)?.[1] ?? "unnamed");
    }
  } catch {
    // No driver, or not allowed to look: no card can be named.
  }
  return names;
}

/** Why TensorFlow runs on the processor, in words for people. */
export function whyNoGpu(chosenForGpu: boolean, driver: string = DRIVER): string {
  const cards = gpuNames(driver);
  if (cards.length === 0) return "no NVIDIA driver answers";
  if (!chosenForGpu) return `${cards[0]} is there, but the setup is for CPU; deno task setup --gpu`;
  return `TensorFlow did not start CUDA on ${cards[0]}; TF_CPP_MIN_LOG_LEVEL=0 shows its reasons`;
}
