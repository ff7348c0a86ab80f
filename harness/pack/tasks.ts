/**
 * The tasks in a pack.
 *
 * @module
 */
import { BENCH_TASK } from "../bench/task.ts";
import { DOCTOR_TASK } from "../doctor/task.ts";
import { PARITY_TASK } from "../parity/task.ts";
import { REPORT_TASK } from "../report/task.ts";
import type { Task } from "../run/task.ts";
import { TRAIN_TASK } from "../train/task.ts";

/** The tasks that run without a network; `normbench.sh` lists their names, too. */
export const PACKED_TASKS: readonly Task[] = [
  DOCTOR_TASK,
  PARITY_TASK,
  BENCH_TASK,
  TRAIN_TASK,
  REPORT_TASK,
] as readonly Task[];
