/** Colours of the classes, told apart also without red-green vision, on white, on black and on pictures. */
export const classColour = { nuclear: '#f07b2a', electron: '#3d95e6', other: '#9aa0aa' } as const

/** The one style sheet: follows the reader's light or dark preference, prints in one column flow. */
export const css = `
:root { color-scheme: light dark; --text: #1b1f24; --soft: #59636e; --page: #ffffff; --card: #f5f6f8;
  --line: #d9dde2; --good: #1a7f4b; --bad: #c4302b; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e4e7eb; --soft: #9aa4b0; --page: #14171b; --card: #1d2127; --line: #343a42;
    --good: #4cc38a; --bad: #ff7b72; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 1160px; color: var(--text); background: var(--page);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .3rem; }
h2 { font-size: 1.2rem; margin: 2.6rem 0 .6rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.4rem 0 .4rem; }
p { margin: .4rem 0; max-width: 75ch; }
.soft, figcaption, .tile small { color: var(--soft); }
code { font: .92em ui-monospace, "DejaVu Sans Mono", Menlo, monospace; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(320px, 100%), 1fr)); gap: 14px; margin: 1.4rem 0; }
.tile, .card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 12px 14px; }
.tile strong { display: block; font-size: 1.45rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
.tile span { font-weight: 600; font-size: .9rem; }
.tile small { display: block; font-size: .8rem; line-height: 1.4; margin-top: .3rem; }
.good { color: var(--good); } .bad { color: var(--bad); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: .5rem 0; font-size: .92rem; }
th, td { text-align: left; padding: .32rem 1.3rem .32rem 0; border-bottom: 1px solid var(--line); vertical-align: top;
  overflow-wrap: anywhere; }
th { color: var(--soft); font-weight: 600; white-space: nowrap; }
td:first-child { white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.pair { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(460px, 100%), 1fr)); gap: 18px; }
.crops { display: grid; grid-template-columns: repeat(auto-fill, minmax(250px, 1fr)); gap: 16px; }
figure { margin: 0; break-inside: avoid; }
figcaption { font-size: .84rem; line-height: 1.4; margin-top: .35rem; }
figcaption b { color: var(--text); }
.picture { display: block; width: 100%; height: auto; border-radius: 4px; background: #000; }
.picture image { image-rendering: pixelated; }
.chart { display: block; max-width: 100%; height: auto; }
.key { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin: 0 .3em 0 .7em; vertical-align: -.05em; }
.legend { max-width: none; } .entry { white-space: nowrap; }
ul { padding-left: 1.2rem; max-width: 80ch; } li { margin: .25rem 0; }
@media print { html { font-size: 11px; } h3 { break-after: avoid; } body { max-width: none; padding: 0; font-size: 11px; } h2 { break-after: avoid; }
  .tile, .card, tr { break-inside: avoid; } .pair { grid-template-columns: 1fr 1fr; }
  .crops { grid-template-columns: repeat(4, 1fr); } :root { --page: #ffffff; } }
`
