/** The train task on small images, in a process of its own. */
import { main } from "../run/task.ts";
import { trainTask } from "./task.ts";
import { loadSmallImages } from "./train_testing.ts";

await main(trainTask(loadSmallImages));
