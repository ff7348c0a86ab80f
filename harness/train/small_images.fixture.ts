/** The train task on small images, to be started as a process. */
import { main } from "../run/task.ts";
import { trainTask } from "./task.ts";
import { loadSmallImages } from "./train_testing.ts";

await main(trainTask(loadSmallImages));
