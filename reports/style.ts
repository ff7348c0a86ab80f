/**
 * The style sheet of HTML reports: light and dark, wide and narrow, screen and paper.
 *
 * @module
 */

/** The whole style sheet; it loads nothing. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #fff; --ink: #1d2228; --muted: #616a75; --line: #dfe3e8; --tint: #f5f7f9;
  --bad: #b34700; --warn: #8a5a00; --good: #1b6e53; --link: #0b62a8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171c; --ink: #dfe4ea; --muted: #98a2ae; --line: #2b3139; --tint: #1b1f26;
    --bad: #ff9a57; --warn: #e6b450; --good: #5cc8a1; --link: #73b7f2;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 2.5rem 1.25rem 4rem; max-width: 64rem; background: var(--page); color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
h1 { font-size: 1.65rem; line-height: 1.25; font-weight: 650; margin: .2rem 0 .6rem; text-wrap: balance; }
h2 { font-size: 1.2rem; font-weight: 650; margin: 3rem 0 .8rem; padding-top: .9rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; font-weight: 650; margin: 1.8rem 0 .5rem; }
p, li { margin: .5rem 0; max-width: 46rem; }
ul { padding-left: 1.2rem; } li { margin: .25rem 0; }
a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: 2px; }
.eyebrow { color: var(--muted); margin: 0; }
.muted, figcaption, dd { color: var(--muted); }
.failed h1 { color: var(--bad); } .passed h1 { color: var(--good); } .incomplete h1 { color: var(--warn); }
.bad, .warn, .quiet { white-space: nowrap; }
.bad { color: var(--bad); font-weight: 600; } .warn { color: var(--warn); } .quiet { color: var(--muted); }
nav { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; margin-top: 1.2rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .8rem 0; }
dt { white-space: nowrap; } dd { margin: 0; }
figure { margin: 1.4rem 0; overflow-x: auto; }
figure svg { display: block; color: var(--ink); }
figcaption { font-size: .87rem; margin-top: .4rem; }
.scroll { overflow-x: auto; margin: .8rem 0; }
table { border-collapse: collapse; font-size: .87rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .28rem .9rem .28rem 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; color: var(--muted); white-space: nowrap; }
tr > :last-child { padding-right: 0; }
.n { text-align: right; white-space: nowrap; }
#findings td:last-child { min-width: 7rem; }
section > details > summary { cursor: pointer; color: var(--muted); margin: .8rem 0; }
.case { border-bottom: 1px solid var(--line); font-size: .92rem; }
.case > summary, .heads {
  display: grid; grid-template-columns: 1.4rem minmax(8rem, 14rem) 1fr 4.5rem 5.5rem; gap: 0 .7rem; padding: .3rem 0;
  font-variant-numeric: tabular-nums;
}
.case > summary { cursor: pointer; list-style: none; overflow-wrap: anywhere; }
.case > summary::-webkit-details-marker { display: none; }
.case > summary:hover { background: var(--tint); }
.heads { font-size: .82rem; color: var(--muted); border-bottom: 1px solid var(--line); }
.case summary > :nth-child(n + 4), .heads > :nth-child(n + 4) { text-align: right; }
.case[open] { background: var(--tint); margin: 0 -.8rem; padding: 0 .8rem .6rem; }
.case p { font-size: .87rem; max-width: none; }
.errors { font-size: .8rem; }
.errors th, .errors td { padding: .16rem .62rem .16rem 0; }
.errors tbody th { color: var(--ink); padding-top: .7rem; }
.errors td:nth-child(n + 3) { text-align: right; white-space: nowrap; }
.errors td[colspan] { text-align: left; white-space: normal; min-width: 24rem; color: var(--muted); }
@media (max-width: 40rem) {
  body { padding: 1.5rem 1rem 3rem; }
  h1 { font-size: 1.35rem; }
  .case > summary, .heads { grid-template-columns: 1.2rem 1fr 3.6rem 4.6rem; }
  .case summary > :nth-child(3) { grid-row: 2; grid-column: 2 / -1; font-size: .85rem; }
  .heads > :nth-child(3) { display: none; }
  dl { grid-template-columns: 1fr; } dd { margin-bottom: .4rem; }
}
@media print {
  :root { --page: #fff; --ink: #000; --muted: #555; --line: #ccc; --tint: #fff; --bad: #b34700; --link: #000; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav { display: none; }
  figure, tr, .case > summary { break-inside: avoid; }
  h2 { break-after: avoid; }
  .scroll, figure { overflow: visible; }
  figure svg { max-width: 100%; height: auto; }
}
`;
