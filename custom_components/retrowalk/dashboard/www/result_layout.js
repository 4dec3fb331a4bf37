// @ts-check
/** The elements of the result of the last session, and their style. */
export const BODY = `<style>
.card.resulting > :is(.stage, .curve, .week, .hint) { display: none; }
/* Nothing moves, and what is long is scrolled. */
.card.resulting > .press { position: static; }
.result { display: flex; flex-direction: column; gap: 12px; }
.result h3 { margin: 0; font-size: 1.4rem; font-weight: 500; }
.result .plot { height: 84px; }
.result dl { display: grid; grid-template-columns: 1fr 1fr; gap: 8px; margin: 0; }
@container (min-width: 400px) { .result dl { grid-template-columns: repeat(4, 1fr); } }
.result dl > div { background: var(--rw-soft); border-radius: var(--rw-radius); padding: 8px 10px; }
.result dt { color: var(--rw-muted); font-size: .8rem; }
.result dd { margin: 0; font-size: 1.35rem; font-weight: 500; font-variant-numeric: tabular-nums; }
.result .row { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; }
.result .row > .ask { flex-basis: 100%; font-weight: 500; }
.result button, .result select { font: inherit; color: inherit; min-height: 48px; padding: 4px 14px; border: 2px solid transparent; border-radius: var(--rw-radius); background: var(--rw-soft); cursor: pointer; }
.result .answers { flex-basis: 100%; display: grid; grid-template-columns: 1fr 1fr; gap: 8px; }
.result .answers button { padding: 4px 6px; font-weight: 500; }
@container (min-width: 400px) { .result .answers { grid-template-columns: repeat(4, 1fr); } }
.result button[aria-pressed="true"] { border-color: var(--primary-color); background: color-mix(in srgb, var(--primary-color) 22%, transparent); }
.result :is(button, select):disabled { opacity: .45; cursor: default; }
.result :is(button, select):focus-visible { outline: 3px solid var(--primary-color); outline-offset: 2px; }
.result label { display: flex; align-items: center; gap: 8px; flex: 1 1 150px; font-size: .875rem; }
.result label select { flex: 1; min-width: 64px; max-width: 12em; }
.result .said { min-height: 48px; display: flex; align-items: center; gap: 12px; }
.result .why { color: var(--rw-muted); font-size: .875rem; }
.result .done { flex: 1 1 100px; font-weight: 700; }
.result .today.reached i { animation: fill-in .8s ease-out; }
@keyframes fill-in { from { transform: scale(.2); } 60% { transform: scale(1.25); } }
@media (prefers-reduced-motion: reduce) { .result .today.reached i { animation: none; } }
</style>
<h3></h3>
<div class="plot" role="img" hidden><svg viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true"><polygon/><polyline/></svg></div>
<div class="row knee" role="group"><span class="ask"></span><div class="answers"></div></div>
<div class="said" role="status"><span></span><button class="undo" type="button" hidden></button></div>
<dl></dl>
<div class="row days-row"><div class="days" role="img"></div><div class="streak"><b></b><span></span></div></div>
<p class="coming"><span class="when"></span> <span class="why"></span></p>
<div class="row more">
  <label class="whose-was-it"><span></span><select></select></label>
  <button class="save" type="button"></button>
  <button class="delete" type="button"></button>
  <button class="keep" type="button" hidden></button>
  <button class="done" type="button"></button>
</div>`;
