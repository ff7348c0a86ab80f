/** The training task on images that need no data set, to be killed by tests. */
import { runTask } from "../run/run_task.ts";
import { runTrain } from "./cli.ts";
import { loadSmallImages } from "./train_testing.ts";

Deno.exit(await runTask((args) => runTrain(args, loadSmallImages), Deno.args));
