// @ts-check
/** The card's style: the theme's colors, every width, left to right and right to left. */
export const css = `
:host {
  --rw-danger: var(--ha-color-fill-danger-loud-resting, #c62828);
  --rw-on-danger: var(--ha-color-on-danger-loud, #fff);
  --rw-line: var(--divider-color, #e0e0e0);
  --rw-soft: var(--secondary-background-color, #f5f5f5);
  --rw-muted: color-mix(in srgb, var(--primary-text-color, #212121) 75%, transparent);
  --rw-phase: var(--primary-color);
  --rw-warm: color-mix(in srgb, var(--orange-color, #ff9800) 65%, var(--primary-text-color, #212121));
  --rw-cool: color-mix(in srgb, var(--purple-color, #926bc7) 75%, var(--primary-text-color, #212121));
  --rw-radius: var(--ha-border-radius-lg, 12px);
  display: block;
  color: var(--primary-text-color);
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
.card { container-type: inline-size; display: flex; flex-direction: column; gap: 12px; padding: 16px; }
header { display: flex; align-items: center; gap: 8px; }
.who { flex: 1; min-width: 0; }
h2, p, ul { margin: 0; padding: 0; }
h2 { font-size: 1.1rem; font-weight: 500; line-height: 1.3; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.sub { color: var(--rw-muted); font-size: .875rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.state { padding: 4px 12px; border-radius: 99px; background: var(--rw-soft); font-size: .875rem; font-weight: 500; text-align: center; }
[data-tone="moving"] .state { background: color-mix(in srgb, var(--primary-color) 22%, transparent); }
[data-tone="attention"] .state { background: color-mix(in srgb, var(--warning-color, #ffa600) 35%, transparent); }
button { font: inherit; color: inherit; border: 0; background: none; cursor: pointer; border-radius: var(--rw-radius); }
button:focus-visible { outline: 3px solid var(--primary-color); outline-offset: 2px; }
button:disabled { opacity: .45; cursor: default; }
.voice { width: 44px; height: 44px; flex: none; display: grid; place-items: center; color: var(--rw-muted); }
.voice[aria-pressed="true"] { background: color-mix(in srgb, var(--primary-color) 18%, transparent); color: var(--primary-text-color); }
.alert { display: flex; gap: 12px; align-items: center; padding: 12px 16px; border-radius: var(--rw-radius); font-weight: 500; background: color-mix(in srgb, var(--warning-color, #ffa600) 22%, var(--card-background-color, #fff)); }
.alert.bad { background: var(--rw-danger); color: var(--rw-on-danger); font-size: 1.25rem; }
.hint { color: var(--rw-muted); font-size: .875rem; }
.stage { display: grid; grid-template-columns: minmax(132px, 42%) 1fr; gap: 16px; align-items: center; }
.ring { position: relative; aspect-ratio: 1; width: 100%; max-width: max(130px, 42vh); justify-self: center; }
.ring svg { width: 100%; height: 100%; transform: rotate(-90deg); }
.ring circle { fill: none; stroke-width: 9; stroke: var(--rw-line); }
.warm_up { --rw-phase: var(--rw-warm); }
.cool_down { --rw-phase: var(--rw-cool); }
.ring .left { stroke: var(--rw-phase); stroke-linecap: round; transition: stroke-dashoffset 1s linear; }
.ring:dir(rtl) svg { transform: rotate(-90deg) scaleY(-1); }
.time { position: absolute; inset: 0; display: flex; flex-direction: column; align-items: center; justify-content: center; }
.time b { font-size: clamp(1.9rem, min(11cqi, 11vh), 6rem); font-weight: 500; line-height: 1.1; font-variant-numeric: tabular-nums; }
.time span { color: var(--rw-muted); font-size: .875rem; }
.values { display: grid; grid-template-columns: 1fr 1fr; gap: 8px; }
.value { display: block; text-align: start; padding: 8px 10px; min-width: 0; background: var(--rw-soft); }
.value span { display: block; color: var(--rw-muted); font-size: .8rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.value b { font-size: clamp(1.15rem, 6cqi, 2.4rem); font-weight: 500; font-variant-numeric: tabular-nums; }
.value small { font-size: .75rem; color: var(--rw-muted); }
.value.main, .value:nth-child(even):last-child { grid-column: 1 / -1; }
.value.main b { font-size: clamp(1.6rem, 9cqi, 4.5rem); }
.count { text-align: center; font-size: clamp(min(9rem, 30vh), min(58cqi, 48vh), 30rem); font-weight: 700; line-height: 1; font-variant-numeric: tabular-nums; }
.checks { list-style: none; display: grid; gap: 6px; padding: 12px 16px; background: var(--rw-soft); border-radius: var(--rw-radius); }
.checks li { display: flex; gap: 10px; align-items: baseline; }
.checks li::before { content: ""; flex: none; width: .55em; height: .55em; border-radius: 50%; background: var(--primary-color); }
.curve { margin: 0; }
.plot { position: relative; height: 84px; border-block-end: 1px solid var(--rw-line); }
.plot svg { position: absolute; inset: 0; width: 100%; height: 100%; }
.plot:dir(rtl) svg { transform: scaleX(-1); }
.plot polyline { fill: none; stroke: var(--rw-phase); stroke-width: 2.5; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
.plot polyline.incline { stroke: var(--rw-muted); stroke-width: 1.5; stroke-dasharray: 4 4; }
.plot polygon { fill: var(--rw-phase); opacity: .16; }
.plot .elapsed polygon { opacity: .35; }
.here { position: absolute; width: 16px; height: 16px; margin: -8px; border-radius: 50%; background: var(--rw-phase); border: 3px solid var(--card-background-color, #fff); box-shadow: 0 0 0 1px var(--rw-phase); }
figcaption { display: flex; justify-content: space-between; gap: 12px; padding-block-start: 6px; font-size: .875rem; }
figcaption .whole { color: var(--rw-muted); white-space: nowrap; }
.next { font-weight: 500; }
.acts { min-height: 56px; margin-block-end: 20px; display: grid; grid-auto-flow: column; grid-auto-columns: 1fr; gap: 8px; }
.acts button { min-height: 56px; padding: 8px; background: var(--rw-soft); font-size: 20px; font-weight: 700; }
.acts .first { background: var(--primary-color); color: var(--text-primary-color, #fff); }
.week { display: flex; flex-wrap: wrap; align-items: center; justify-content: center; gap: 8px 12px; }
.days { flex: 1 1 180px; display: grid; grid-template-columns: repeat(7, 1fr); gap: 4px; text-align: center; font-size: .75rem; color: var(--rw-muted); }
.day i { display: block; width: 22px; height: 22px; margin: 0 auto 2px; border-radius: 50%; border: 2px solid var(--rw-line); background: conic-gradient(var(--primary-color) calc(var(--part) * 1turn), transparent 0); }
.day.free i { border-style: dotted; }
.day.reached i { background: var(--primary-color); border-color: var(--primary-color); }
.day.today { color: var(--primary-text-color); font-weight: 600; }
.day.today i { outline: 2px solid var(--primary-text-color); outline-offset: 2px; }
.streak { text-align: center; min-width: 64px; }
.streak b { display: block; font-size: 1.5rem; font-weight: 500; line-height: 1.1; }
.streak span { font-size: .75rem; color: var(--rw-muted); }
/* The buttons stay in view, however long the content above them is. */
.press { position: sticky; bottom: 0; z-index: 1; margin: 0 -16px -16px; padding: 8px 16px 16px; border-radius: var(--rw-radius); background: var(--ha-card-background, var(--card-background-color, #fff)); }
.stop { width: 100%; min-height: 80px; background: var(--rw-danger); color: var(--rw-on-danger); font-size: 1.9rem; font-weight: 700; letter-spacing: .06em; text-transform: uppercase; touch-action: manipulation; }
.stop:active { filter: brightness(.85); }
.stop.sending { outline: 4px solid var(--primary-text-color); outline-offset: -10px; }
.full { width: 100vw; height: 100vh; height: 100dvh; max-width: none; max-height: none; margin: 0; padding: 24px; border: 0; background: var(--rw-danger); color: var(--rw-on-danger); }
.full:popover-open { display: flex; flex-direction: column; justify-content: center; gap: 24px; }
.full p { flex: 1; display: grid; place-content: center; text-align: center; font-size: clamp(2.2rem, 11vmin, 8rem); font-weight: 700; line-height: 1.15; }
.full .stop { min-height: 25vh; border: 4px solid currentcolor; font-size: clamp(2rem, 10vmin, 6rem); }
.full .close { min-height: 56px; border: 2px solid currentcolor; font-size: 20px; }
.lost .plot { opacity: .4; }
.heard { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.whose { font-size: .875rem; max-width: 6em; overflow: hidden; text-overflow: ellipsis; }
.whose:empty { display: none; }
@media (max-height: 480px) {
  .acts, .acts button { min-height: 44px; }
  .acts { margin-block-end: 12px; }
  .press .stop { min-height: 72px; }
}
@container (max-width: 400px) {
  .stage { gap: 12px; }
  .values { gap: 6px; }
  .value { padding: 4px 10px; }
}
@container (max-width: 290px) {
  .stage { grid-template-columns: 1fr; }
  .ring { max-width: 150px; width: 100%; margin: 0 auto; }
}
@container (min-width: 520px) { .plot { height: 110px; } }
@container (min-width: 700px) {
  h2, .sub, .state, .checks, figcaption, .value span, .value small { font-size: 1.3rem; }
}
@media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
`;
