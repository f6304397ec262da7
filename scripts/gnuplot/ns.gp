# SPDX-License-Identifier: BSD-3-Clause
#
# ns.gp - ns per buffer: a bar a variant and class, with the interval of its median.
#
# $data: panel class row rank ns lo hi at "label"; MOST[]: the end of each panel's axis;
# OWN_SCALES: 1 if these differ; LABEL_CHARS: length of the longest label.

TITLE = 'How long one buffer takes in each ring variant (shorter is better)'
READING = 'Bar: median of all samples. Whisker: 95 % interval of the median. Not shown: the null rows (see the ratios).'.(OWN_SCALES ? ' The scales of the rows differ.' : '')

# the null rows come last in NAME and have no bars here
rows = NNAMES - NNULLS
SHARED_LEFT = 1
PANEL_PX = rows * (NCLASSES * 20 + 14) + 10
LEFT_PX = NAME_CHARS * 8.6 + 44
RIGHT_PX = LABEL_CHARS * 7.6 + 16
KEYS = NCLASSES
KEY_CHARS = CLASS_CHARS
load SCRIPTS.'/style.gp'

half = 0.40 / NCLASSES
y(row, rank) = row - 0.40 + half * (2 * rank + 1)

eval OPEN
set yrange [rows + 0.6:0.4]
set grid xtics ls 10
set xlabel 'ns per buffer' offset 0,0.2
do for [p=1:NPANELS] {
	eval PLACE
	set xrange [0:MOST[p] * 1.03]
	eval NAMES_DOWN
	plot for [c in CLASSES] $data using (0):($1 == p && $2 == c + 0 ? y($3, $4) : NaN):(0):5:(y($3, $4) - half * 0.88):(y($3, $4) + half * 0.88) \
	             with boxxyerror fc rgb COLOUR[c + 1] fill pattern FILL[c + 1] border lc rgb COLOUR[c + 1] notitle, \
	     $data using 5:($1 == p && $6 > 0 ? y($3, $4) : NaN):6:7 with xerrorbars pt -1 lc rgb INK lw 1.6 notitle, \
	     $data using ($8 > MOST[p] * 1.03 ? MOST[p] * 1.03 : $8):(y($3, $4)):($1 == p ? strcol(9) : '') with labels left offset 0.7,0 font FONT.','.small tc rgb INK notitle, \
	     for [c in CLASSES] keyentry with boxes fc rgb COLOUR[c + 1] fill pattern FILL[c + 1] border lc rgb COLOUR[c + 1] title CLASS[c + 1]
	eval NO_HEADLINE
}
eval CLOSE
