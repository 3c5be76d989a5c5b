/** The only stylesheet: light and dark as the browser asks, tables that become cards where the screen is narrow. */
export const STYLE = `
:root { color-scheme: light dark;
  --ground: #ffffff; --raised: #f3f5f8; --line: #c9d0d9; --text: #16191d; --quiet: #4c5560; --link: #0a4fb4;
  --good: #14632f; --bad: #a3170f; --warn: #7a4700; --button: #0a4fb4; --button-text: #ffffff; --focus: #0a4fb4; }
@media (prefers-color-scheme: dark) { :root {
  --ground: #111418; --raised: #1b2026; --line: #3b444f; --text: #e7eaee; --quiet: #aab4bf; --link: #8fbcff;
  --good: #7fd69b; --bad: #ffa198; --warn: #f0c069; --button: #8fbcff; --button-text: #0c1a2e; --focus: #ffffff; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, sans-serif;
  overflow-wrap: anywhere; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: .5rem; top: .5rem; padding: .5rem 1rem; background: var(--ground); z-index: 1; }
header, nav, main, footer { max-width: 80rem; margin: 0 auto; padding: 0 1rem; }
header { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: center; justify-content: space-between;
  padding-top: .75rem; }
header p { margin: 0; font-weight: 600; }
header form { display: flex; gap: .75rem; align-items: center; }
header form.search { flex: 1 1 18rem; max-width: 34rem; gap: .5rem; } header form.search label { margin: 0; }
header label, header button { overflow-wrap: normal; }
figure { margin: 1rem 0; overflow-x: auto; } svg.chart { min-width: 20rem; width: 100%; height: auto; max-height: 20rem; }
svg.chart text { fill: var(--quiet); font-size: 11px; } rect.came { fill: var(--link); } rect.lost { fill: var(--bad); }
rect.recovered { fill: var(--good); } rect.late { fill: var(--warn); }
.key { margin-right: 1rem; padding-left: .4rem; border-left: .6rem solid var(--link); } .key.lost { border-color: var(--bad); }
.key.recovered { border-color: var(--good); } .key.late { border-color: var(--warn); }
nav { border-bottom: 1px solid var(--line); }
nav ul { display: flex; flex-wrap: wrap; gap: 0 1.25rem; margin: 0; padding: .5rem 0; list-style: none; }
nav a { display: block; padding: .25rem 0; }
nav a[aria-current] { font-weight: 700; color: var(--text); text-decoration: none;
  box-shadow: inset 0 -3px var(--link); }
footer { padding-top: 2rem; padding-bottom: 2rem; color: var(--quiet); font-size: .875rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 1.25rem 0 .5rem; }
h2 { font-size: 1.125rem; margin: 2rem 0 .5rem; }
p { margin: .5rem 0; max-width: 65rem; }
.quiet { color: var(--quiet); }
.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); }
.good, .bad, .warn { font-weight: 600; }
.notice { border: 1px solid var(--line); border-left: .4rem solid var(--link); background: var(--raised);
  padding: .5rem .75rem; margin: 1rem 0; }
.notice.is-bad { border-left-color: var(--bad); } .notice.is-good { border-left-color: var(--good); }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .75rem; margin: 1rem 0;
  padding: 0; list-style: none; }
.cards a { display: block; height: 100%; padding: .6rem .75rem; border: 1px solid var(--line);
  border-left: .4rem solid var(--line); background: var(--raised); color: var(--text); text-decoration: none; }
.cards a:hover { border-color: var(--link); }
.cards .is-bad { border-left-color: var(--bad); } .cards .is-good { border-left-color: var(--good); }
.cards strong { display: block; font-size: 1.6rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
table { width: 100%; border-collapse: collapse; margin: .5rem 0; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--quiet); padding: .25rem 0; }
th, td { text-align: left; vertical-align: top; padding: .45rem .75rem .45rem 0; border-bottom: 1px solid var(--line); }
thead th { font-size: .875rem; color: var(--quiet); font-weight: 600; white-space: nowrap; }
td form { margin: 0; } td .stack > * { display: block; }
code, pre { font: .875em/1.5 ui-monospace, monospace; } pre { white-space: pre-wrap; margin: 0; }
dl { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: .3rem 1rem; margin: .5rem 0; }
dt { color: var(--quiet); } dd { margin: 0; min-width: 0; }
ul.plain { list-style: none; margin: 0; padding: 0; }
label { display: block; margin: .5rem 0 .15rem; font-weight: 600; font-size: .9375rem; }
label.tick { margin: 0; font-weight: 400; display: inline-block; padding: .15rem .35rem .15rem 0; }
input, select, textarea, button { font: inherit; color: inherit; max-width: 100%; }
input:not([type=checkbox]), select, textarea { background: var(--ground); border: 1px solid var(--quiet);
  padding: .35rem .5rem; border-radius: .2rem; width: 100%; }
input[type=checkbox] { width: 1.25rem; height: 1.25rem; vertical-align: middle; }
button { background: var(--button); color: var(--button-text); border: 1px solid var(--button); border-radius: .2rem;
  padding: .4rem .9rem; min-height: 2.5rem; cursor: pointer; font-weight: 600; }
button.plain { background: none; color: var(--link); border-color: var(--line); min-height: 0; padding: .2rem .6rem; }
button.grave { background: var(--bad); border-color: var(--bad); color: var(--ground); }
fieldset { border: 1px solid var(--line); margin: 1rem 0; padding: .5rem 1rem 1rem; min-width: 0; }
legend { font-weight: 600; padding: 0 .35rem; }
.row { display: flex; flex-wrap: wrap; gap: .5rem .75rem; align-items: end; margin: .75rem 0; }
.cards strong.word { font-size: 1.2rem; line-height: 1.6; overflow-wrap: normal; }
.row > * { flex: 0 1 12rem; } fieldset .row > * { flex: 1 1 7rem; } .row > button { flex: 0 0 auto; } .row > .wide { flex: 1 1 22rem; }
.forms { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr)); gap: 0 1rem; }
.narrow { max-width: 28rem; }
.more { margin: .75rem 0; display: flex; gap: 1.25rem; flex-wrap: wrap; }
@media (max-width: 52rem) {
  .cards strong.word { font-size: 1.1rem; } .row > * { flex: 1 1 8rem; }
  table, tbody, tr, td, caption { display: block; width: 100%; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { border: 1px solid var(--line); background: var(--raised); padding: .35rem .75rem; margin: .6rem 0; }
  td { display: grid; grid-template-columns: 6.5rem minmax(0, 1fr); gap: .5rem; border: 0; padding: .2rem 0; }
  td::before { content: attr(data-label); color: var(--quiet); font-size: .875rem; }
  dl { grid-template-columns: minmax(0, 1fr); gap: 0; } dd { margin-bottom: .5rem; }
}
`;
