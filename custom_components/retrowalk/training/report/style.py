"""The style of a report: one page of A4 or Letter, light or dark on a screen, dark ink on paper."""

from typing import Final

STYLE: Final = """
:root {
  color-scheme: light dark; --ink: #1c1c1c; --soft: #5a5a5a; --line: #c9c9c9; --mark: #1565a8; --paper: #fff;
  --ground: #ececec;
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 13px/1.4 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
main { max-width: 52rem; margin: 1rem auto; padding: 1.5rem; background: var(--paper); border-radius: 6px; }
h1 { margin: 0; font-size: 1.45rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: .8rem 0 .2rem; font-size: 1rem; }
p { margin: .2rem 0; overflow-wrap: anywhere; }
.soft, figcaption, th, dt { color: var(--soft); }
dl { display: grid; grid-template-columns: repeat(4, 1fr); gap: .5rem 1rem; margin: .8rem 0; }
dl div {
  display: flex; flex-direction: column-reverse; justify-content: flex-end;
  border-inline-start: 3px solid var(--mark); padding-inline-start: .5rem; min-width: 0;
}
dt { font-size: .8rem; }
dd { margin: 0; font-size: 1.15rem; font-weight: 600; overflow-wrap: anywhere; }
.charts { display: grid; grid-template-columns: repeat(3, 1fr); gap: 1rem; align-items: end; }
figure { margin: 0; min-width: 0; }
figcaption { font-size: .8rem; }
svg { display: block; width: 100%; height: auto; }
.legend { white-space: nowrap; }
.key { display: inline-block; width: .9em; height: .9em; vertical-align: -.1em; }
svg text { fill: var(--soft); font-size: 10px; }
.grid { stroke: var(--line); stroke-width: 1; }
.bar { fill: var(--mark); }
polyline { fill: none; stroke: var(--mark); stroke-width: 2; }
circle { fill: var(--mark); stroke: var(--mark); stroke-width: 1.5; }
polyline.before { stroke-dasharray: 4 3; stroke: var(--soft); }
circle.before { fill: var(--paper); stroke: var(--soft); }
.wide { overflow-x: auto; }
table { width: 100%; margin: .6rem 0; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .12rem .3rem; text-align: end; border-block-end: 1px solid var(--line); }
th { font-size: .8rem; font-weight: 500; vertical-align: bottom; }
th:first-child { text-align: start; white-space: nowrap; }
tbody th { color: var(--ink); font-size: inherit; }
tfoot th, tfoot td { font-weight: 600; color: var(--ink); font-size: inherit; border-block-end: 0; }
ul { margin: 0; padding: 0; list-style: none; }
li { margin: .15rem 0; overflow-wrap: anywhere; }
.paper { display: none; }
footer { margin-block-start: .8rem; font-size: .8rem; color: var(--soft); }
@media (max-width: 40rem) {
  main { margin: 0; padding: 1rem; border-radius: 0; }
  dl { grid-template-columns: 1fr 1fr; }
  .charts { grid-template-columns: 1fr; }
}
@media screen and (prefers-color-scheme: dark) {
  :root { --ink: #ececec; --soft: #b4b4b4; --line: #555; --mark: #6cb2ec; --paper: #1e1e1e; --ground: #101010; }
}
@page { margin: 12mm; }
@media print {
  body {
    background: none; font-size: 9pt; line-height: 1.3; -webkit-print-color-adjust: exact;
    print-color-adjust: exact;
  }
  main { max-width: none; margin: 0; padding: 0; }
  h1, li {
    display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; max-height: 2.6em;
    overflow: hidden;
  }
  h1 { font-size: 15pt; }
  h2 { margin: 5pt 0 1pt; font-size: 10pt; }
  dl { margin: 5pt 0; gap: 3pt 8pt; grid-template-columns: repeat(4, 1fr); }
  dt, figcaption, th, footer { font-size: 7.5pt; }
  dd { font-size: 11pt; max-height: 1.3em; overflow: hidden; }
  .charts { grid-template-columns: repeat(3, 1fr); gap: 8pt; }
  .wide { overflow: hidden; }
  table { margin: 4pt 0; font-size: 8pt; line-height: 1.2; }
  th, td { padding: .6pt 2pt; }
  tbody td, tfoot td { white-space: nowrap; }
  footer { margin-block-start: 5pt; }
  .screen { display: none; }
  .paper { display: block; }
}
"""
