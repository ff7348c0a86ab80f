export { PRESETS, type Question as Suite } from "./question.ts";
