/** The report's only style sheet. It is part of the page, and follows the reader's light or dark. */
export const style = `
:root { color-scheme: light dark; --ink: #1b1f24; --dim: #5d6670; --paper: #fff; --line: #d9dee3; --good: #1a7f37; --bad: #c4281c; --warm: 30 110 190; --accent: #1e6ebe; --card: #f6f8fa; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ec; --dim: #97a1ab; --paper: #14171a; --line: #333a41; --good: #4cc26a; --bad: #ff7b6e; --warm: 90 170 250; --accent: #6cb2ff; --card: #1c2126; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 72rem; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; border-top: 1px solid var(--line); padding-top: 1.25rem; } h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
p { margin: .25rem 0; overflow-wrap: anywhere; } a { color: inherit; } .dim { color: var(--dim); } .good { color: var(--good); } .bad { color: var(--bad); }
.verdict { font-size: 1.1rem; font-weight: 600; margin: .75rem 0 1.25rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: .875rem; } th, td { padding: .3rem .6rem; text-align: left; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; } table.goals { width: 100%; } .goals tr.part th { padding-top: 1rem; font-size: .95rem; }
@media (max-width: 40rem) {
  .goals thead { display: none; } .goals tr:not(.part) { display: grid; grid-template-columns: 4rem 1fr; border-bottom: 1px solid var(--line); padding: .3rem 0; }
  .goals td { border: 0; padding: .1rem .3rem; overflow-wrap: anywhere; } .goals td.wanted, .goals td.got { grid-column: 2; }
  .goals td.wanted::before { content: 'wanted '; color: var(--dim); } .goals td.got::before { content: 'got '; color: var(--dim); }
}
td.number { text-align: right; font-variant-numeric: tabular-nums; }
td.cell { text-align: right; min-width: 5.5rem; font-variant-numeric: tabular-nums; background: rgb(var(--warm) / var(--heat)); } td.thin { outline: 2px solid var(--bad); outline-offset: -2px; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: .75rem; overflow: auto; max-height: 32rem; font: 12px/1.45 ui-monospace, monospace; }
svg { max-width: 100%; height: auto; } svg text { fill: var(--dim); font: 11px system-ui, sans-serif; } svg .bar { fill: var(--accent); } svg .mark { stroke: var(--bad); stroke-dasharray: 3 3; }
details > summary { cursor: pointer; color: var(--dim); }
`;
