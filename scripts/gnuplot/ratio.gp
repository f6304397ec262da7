# SPDX-License-Identifier: BSD-3-Clause
#
# ratio.gp - each variant's time over baseline's: a forest plot with the null rows.
#
# $data: panel class row rank ratio lo hi null "label"; LEAST, MOST: ends of the axis;
# ERROR: by panel, what copies of baseline differ by;
# LABEL_CHARS: length of the longest label.

TITLE = 'How each ring variant compares with baseline'
READING = 'Point: median over paired rounds. Line: its 95 % interval. Grey band: the error, what copies of baseline (null-control) differ by; a verdict needs the whole line beyond it.'

# baseline is row 1 of NAME and is the line at 1
rows = NNAMES - 1
SHARED_LEFT = 1
PANEL_PX = rows * (NCLASSES * 20 + 14) + 10
LEFT_PX = NAME_CHARS * 8.6 + 44
RIGHT_PX = LABEL_CHARS * 7.6 + 16
KEYS = NCLASSES
KEY_CHARS = CLASS_CHARS
load SCRIPTS.'/style.gp'
down(i) = NAME[i + 1]

half = 0.40 / NCLASSES
y(row, rank) = row - 1 - 0.40 + half * (2 * rank + 1)

eval OPEN
eval LOG_TICS('x', 1, 0.13, ROUND_RATIOS)
set logscale x
set xrange [LEAST:MOST]
set yrange [rows + 0.6:0.4]
set grid xtics ls 10
set xlabel 'faster ←  ratio to baseline  → slower' offset 0,0.2
set arrow 1 from 1, graph 0 to 1, graph 1 nohead lc rgb INK lw 1.4 back
set arrow 2 from graph 0, first rows - NNULLS + 0.5 to graph 1, first rows - NNULLS + 0.5 nohead lc rgb GREY lw 1 dt 3 back
do for [p=1:NPANELS] {
	eval PLACE
	eval NAMES_DOWN
	set object 1 rectangle from 1 / (1 + ERROR[p]), graph 0 to 1 + ERROR[p], graph 1 fc rgb '#cfcfcf' fs solid 0.7 noborder behind
	plot for [c in CLASSES] $data using 5:($1 == p && $2 == c + 0 && $6 > 0 ? y($3, $4) : NaN):6:7 \
	             with xerrorbars pt -1 lc rgb COLOUR[c + 1] lw 2 notitle, \
	     for [c in CLASSES] $data using 5:($1 == p && $2 == c + 0 && $8 == 0 ? y($3, $4) : NaN) \
	             with points pt SHAPE[c + 1] ps 1.2 * PS lc rgb COLOUR[c + 1] notitle, \
	     for [c in CLASSES] $data using 5:($1 == p && $2 == c + 0 && $8 == 1 ? y($3, $4) : NaN) \
	             with points pt SHAPE[c + 1] ps 1.1 * PS lc rgb 'white' notitle, \
	     for [c in CLASSES] $data using 5:($1 == p && $2 == c + 0 && $8 == 1 ? y($3, $4) : NaN) \
	             with points pt HOLLOW[c + 1] ps 1.2 * PS lw 1.6 lc rgb COLOUR[c + 1] notitle, \
	     $data using (MOST):(y($3, $4)):($1 == p ? strcol(9) : '') with labels left offset 0.8,0 font FONT.','.small tc rgb INK notitle, \
	     for [c in CLASSES] keyentry with points pt SHAPE[c + 1] ps 1.2 * PS lc rgb COLOUR[c + 1] title CLASS[c + 1]
	eval NO_HEADLINE
}
eval CLOSE
