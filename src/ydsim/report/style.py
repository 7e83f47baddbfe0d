"""Looks of the page: on a wide screen, on a narrow one, on paper. No font or file from afar."""

from __future__ import annotations

from typing import Final

STYLE: Final = """
:root { color-scheme: light; --ink: #1a1a1a; --muted: #4f4f4f; --line: #c8c8c8; --back: #f4f6f8;
  --link: #0b4f8a; }
* { box-sizing: border-box; }
body { margin: 0; background: #fff; color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif;
  overflow-wrap: anywhere; }
header, main, footer { max-width: 58rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2rem; }
h1 { font-size: 1.8rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.3rem; margin: 2.5rem 0 .6rem; border-bottom: 2px solid var(--ink); }
h3 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; }
a { color: var(--link); }
p, li { max-width: 46rem; }
.made, figcaption, .how { color: var(--muted); font-size: .9rem; }
.short { background: var(--back); border-left: .3rem solid var(--link); padding: .7rem 1rem;
  margin: 1.2rem 0; }
.short ul { margin: 0; padding-left: 1.2rem; }
.alert { border: 2px solid #8a3b00; background: #fff4ea; padding: .6rem 1rem; margin: 1rem 0; }
nav ul { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; list-style: none; padding: 0; }
nav a { display: inline-block; padding: .2rem 0; }
.wide { overflow-x: auto; margin: .8rem 0; }
.wide:focus-visible, pre:focus-visible, summary:focus-visible { outline: 3px solid var(--link); }
table { border-collapse: collapse; font-size: .9rem; width: 100%; overflow-wrap: normal; }
caption { text-align: left; color: var(--muted); padding-bottom: .3rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .7rem .3rem 0;
  border-bottom: 1px solid var(--line); font-weight: normal; }
thead th { font-weight: 600; border-bottom: 1px solid var(--ink); vertical-align: bottom; }
tbody th { min-width: 8rem; }
td { min-width: 4.5rem; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap;
  padding: .3rem 0 .3rem .7rem; }
.number + td:not(.number), .number + th:not(.number) { padding-left: .9rem; }
thead .number { white-space: normal; }
figure { margin: 1.2rem 0; }
figure img { display: block; width: 100%; height: auto; border: 1px solid var(--line); }
pre { background: var(--back); padding: .7rem 1rem; overflow-x: auto; font-size: .85rem;
  overflow-wrap: normal; }
code { font-family: ui-monospace, "DejaVu Sans Mono", Consolas, monospace; font-size: .92em; }
pre code { font-size: 1em; }
details { margin: .8rem 0; }
summary { cursor: pointer; color: var(--link); padding: .2rem 0; }
footer { margin-top: 3rem; padding-top: .8rem; padding-bottom: 2rem; }
@media (max-width: 40rem) {
  header, main, footer { padding-left: .9rem; padding-right: .9rem; }
  h1 { font-size: 1.4rem; }
  h2 { font-size: 1.15rem; }
  figure .wide img { width: 44rem; max-width: none; }
}
@media print {
  @page { margin: 16mm 14mm; }
  body { font-size: 10pt; }
  header, main, footer { max-width: none; padding: 0; }
  nav { display: none; }
  h2, h3, caption, summary { break-after: avoid; }
  figure, tr, .short, .alert { break-inside: avoid; }
  thead { display: table-header-group; }
  details::details-content { content-visibility: visible; display: block; }
  .wide, pre { overflow: visible; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  table { font-size: 8pt; }
  .number { white-space: normal; }
  td, tbody th { min-width: 0; }
  figure img { max-height: 225mm; width: auto; max-width: 100%; }
}
"""
