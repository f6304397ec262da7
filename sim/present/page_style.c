/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * page_style.c - how a page looks: on a phone and on paper, bright and dark, with the fonts that are
 * there.
 *
 * What is wider than the screen (tables, pictures, lines of a program) scrolls in a box of its own,
 * so that the page does not. Pictures are drawn on white; in the dark they are turned around: white
 * to dark, the hues back to about what they were.
 */
#include "present/page.h"

const char page_style[] =
	":root { color-scheme: light dark; --ink: #1b1b1b; --paper: #fdfdfc; --faint: #5c5c5c;\n"
	"  --line: #d9d9d6; --shade: #f2f2ef; --accent: #0b5c94; --warn: #8a4b00; --card: #ffffff }\n"
	"@media (prefers-color-scheme: dark) {\n"
	"  :root { --ink: #e6e6e3; --paper: #161718; --faint: #a3a3a0; --line: #3a3b3d;\n"
	"    --shade: #202224; --accent: #7cc0f0; --warn: #f0b469; --card: #ffffff }\n"
	"  figure svg { filter: invert(0.9) hue-rotate(180deg) brightness(1.1) }\n"
	"}\n"
	"* { box-sizing: border-box }\n"
	"body { margin: 0; background: var(--paper); color: var(--ink);\n"
	"  font: 1rem/1.5 system-ui, sans-serif; -webkit-text-size-adjust: 100% }\n"
	"main { max-width: 78rem; margin: 0 auto; padding: 1rem }\n"
	"h1 { font-size: 1rem; font-weight: 600; color: var(--faint); margin: 0 0 1rem }\n"
	"h2 { font-size: 1.45rem; line-height: 1.25; margin: 0 0 .25rem; text-wrap: balance }\n"
	"h3 { font-size: 1.05rem; margin: 2rem 0 .5rem }\n"
	"p, li { max-width: 50rem; overflow-wrap: anywhere }\n"
	"p { margin: .5rem 0 }\n"
	"ul, ol { padding-left: 1.25rem; margin: .5rem 0 }\n"
	"li { margin: .25rem 0 }\n"
	"li.below { margin-left: 1.25rem; list-style: circle }\n"
	"a { color: var(--accent) }\n"
	"nav { border: 1px solid var(--line); border-radius: .5rem; background: var(--shade);\n"
	"  padding: .25rem 1rem; margin-bottom: 2.5rem }\n"
	"nav li { margin: .6rem 0 }\n"
	"nav a { display: block; font-weight: 600 }\n"
	"section + section { border-top: 2px solid var(--line); margin-top: 3rem; padding-top: 2rem }\n"
	".fine { color: var(--faint); font-size: .875rem }\n"
	".warn { color: var(--warn); font-weight: 600 }\n"
	".answer { font-size: 1.15rem; border-left: .25rem solid var(--accent);\n"
	"  padding-left: .75rem; margin: 1rem 0 }\n"
	".wide { overflow-x: auto; margin: 1rem 0 }\n"
	".wide:focus-visible, pre:focus-visible { outline: 2px solid var(--accent) }\n"
	"table { border-collapse: collapse; font-size: .875rem;\n"
	"  font-variant-numeric: tabular-nums }\n"
	"h4 { font-size: .9375rem; margin: 1.25rem 0 0 }\n"
	"h4 + .wide { margin-top: .35rem }\n"
	"th:empty { padding: 0 }\n"
	"th, td { text-align: right; vertical-align: top; padding: .25rem .75rem;\n"
	"  border-bottom: 1px solid var(--line); white-space: nowrap }\n"
	"th { font-weight: 600 }\n"
	"th[scope=row] { font-weight: 400 }\n"
	"th.left, td.left { text-align: left }\n"
	"td.left + td.left, th.left + td.left { white-space: normal; min-width: 5rem }\n"
	"tbody tr:hover { background: var(--shade) }\n"
	"pre { overflow-x: auto; background: var(--shade); border: 1px solid var(--line);\n"
	"  border-radius: .375rem; padding: .75rem; font-size: .8125rem; line-height: 1.4 }\n"
	"details { margin: .75rem 0 }\n"
	"summary { cursor: pointer; color: var(--accent) }\n"
	"figure { margin: 1.5rem 0; background: var(--card); border: 1px solid var(--line);\n"
	"  border-radius: .375rem }\n"
	"figure svg { display: block; width: 100%; min-width: 54rem; height: auto }\n"
	"@media (prefers-color-scheme: dark) { figure { background: #1a1a1a } }\n"
	"@media print { .wide, pre { overflow: visible } figure svg { min-width: 0 } }\n";
