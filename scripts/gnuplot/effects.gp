# SPDX-License-Identifier: BSD-3-Clause
#
# effects.gp - what each optimization saves, alone, last and on average; and what two of them give
# together beyond the sum: a forest plot.
#
# $data: panel class row rank gain lo hi "label"; EFFECT[] NEFFECTS NPAIRS EFFECT_CHARS: the rows;
# LEAST[], MOST[]: ends of each panel's axis.

TITLE = 'What each optimization saves, and what two give beyond the sum'
READING = 'Point: median over rounds, in ns per buffer. Line: its 95 % interval. Below the dotted line: right of 0 two give more than the sum, left of it less. The scales differ.'

rows = NEFFECTS
SHARED_LEFT = 1
PANEL_PX = rows * (NCLASSES * 15 + 8) + 10
LEFT_PX = EFFECT_CHARS * 8.2 + 30
RIGHT_PX = 26 * 7.2
KEYS = NCLASSES
KEY_CHARS = CLASS_CHARS
load SCRIPTS.'/style.gp'
down(i) = EFFECT[i]

half = 0.40 / NCLASSES
y(row, rank) = row - 0.40 + half * (2 * rank + 1)

eval OPEN
set yrange [rows + 0.6:0.4]
set grid xtics ls 10
set xlabel 'slower ←  ns saved per buffer  → faster' offset 0,0.2
set arrow 2 from graph 0, first rows - NPAIRS + 0.5 to graph 1, first rows - NPAIRS + 0.5 nohead lc rgb GREY lw 1 dt 3 back
do for [p=1:NPANELS] {
	eval PLACE
	set xrange [LEAST[p]:MOST[p]]
	set arrow 1 from 0, graph 0 to 0, graph 1 nohead lc rgb INK lw 1.4 back
	eval NAMES_DOWN
	plot for [c in CLASSES] $data using 5:($1 == p && $2 == c + 0 ? y($3, $4) : NaN):6:7 \
	             with xerrorbars pt -1 lc rgb COLOUR[c + 1] lw 2 notitle, \
	     for [c in CLASSES] $data using 5:($1 == p && $2 == c + 0 ? y($3, $4) : NaN) \
	             with points pt SHAPE[c + 1] ps PS lc rgb COLOUR[c + 1] notitle, \
	     $data using (MOST[p]):(y($3, $4)):($1 == p ? strcol(8) : '') with labels left offset 0.8,0 font FONT.','.small tc rgb INK notitle, \
	     for [c in CLASSES] keyentry with points pt SHAPE[c + 1] ps 1.2 * PS lc rgb COLOUR[c + 1] title CLASS[c + 1]
	eval NO_HEADLINE
}
eval CLOSE
