/** Entry point of `deno task setup`. */
import { runSetup } from "./cli.ts";

Deno.exit(await runSetup(Deno.args));
