/** Style of the page of a run: light and dark, from a phone to a wide screen. It loads nothing. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1c2024, #e6e8ea); --paper: light-dark(#fff, #15181b);
  --soft: light-dark(#5b6570, #9aa4ae); --line: light-dark(#dde2e7, #2c3238); --code: light-dark(#f5f7f9, #1c2125);
  --good: light-dark(#116329, #6fdd8b); --bad: light-dark(#a40e26, #ff9492); --warn: light-dark(#7d4e00, #e3b341);
  --added: light-dark(#e6f6ea, #12301c); --removed: light-dark(#fdeced, #3a1618); }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 64rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.35rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1rem; margin: 2rem 0 .5rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); }
p { margin: .25rem 0; }
dl { display: grid; grid-template-columns: minmax(7rem, max-content) minmax(0, 1fr); gap: .15rem 1rem; margin: .75rem 0; }
dt { color: var(--soft); }
dd { margin: 0; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
td, th { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 500; }
.tight { white-space: nowrap; }
pre, code { font-family: ui-monospace, monospace; font-size: .85em; }
pre { background: var(--code); border: 1px solid var(--line); border-radius: 6px; padding: .75rem; margin: .5rem 0;
  overflow-x: auto; overflow-wrap: normal; }
pre span { display: block; min-height: 1.5em; }
.added { background: var(--added); }
.removed { background: var(--removed); }
.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); } .soft { color: var(--soft); }
@media (max-width: 480px) { dl { grid-template-columns: 1fr; } dt { margin-top: .4rem; } td, th { padding-right: .4rem; } }
@media print { body { max-width: none; } pre { white-space: pre-wrap; } }
`
