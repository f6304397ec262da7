# SPDX-License-Identifier: BSD-3-Clause
#
# compare.gp - times of a newer session over those of an older one: a forest plot.
#
# $data: row change ratio lo hi; LINE[] NLINES LINE_CHARS: the rows; CHANGE[]: the verdicts by number,
# from 0; LEAST, MOST: ends of the axis; MARGIN: a share; AB: 1 if two programs ran in turns.

TITLE = AB ? 'Times of the new program over those of the old one' : 'Times of the newer session over those of the older one'
READING = AB ? 'Point: ratio, by blocks of processes. Line: its interval; all of them hold together with 99 %. Grey band: the margin.' \
        . ' Of a regression the point lies right of it, and the line right of 1.' \
        : 'Point: ratio of launch medians. Line: its interval; all of them hold together with 95 %. Grey band: the margin. A regression lies right of it as a whole.'

rows = NLINES
SHARED_LEFT = 1
PANEL_PX = rows * 20 + 10
LEFT_PX = LINE_CHARS * 8.2 + 30
RIGHT_PX = 40
KEYS = 4
KEY_CHARS = 24
load SCRIPTS.'/style.gp'
down(i) = LINE[i]

array HUE[4] = [INK, '#0072B2', '#D55E00', GREY]
array MARK[4] = [5, 9, 7, 6]

eval OPEN
eval LOG_TICS('x', 1, 0.13, ROUND_RATIOS)
set logscale x
set xrange [LEAST:MOST]
set yrange [rows + 0.6:0.4]
set grid xtics ls 10
set xlabel 'faster ←  new / old  → slower' offset 0,0.2
set arrow 1 from 1, graph 0 to 1, graph 1 nohead lc rgb INK lw 1.4 back
set object 1 rectangle from 1 / (1 + MARGIN), graph 0 to 1 + MARGIN, graph 1 fc rgb '#cfcfcf' fs solid 0.7 noborder behind
do for [p=1:NPANELS] {
	eval PLACE
	eval NAMES_DOWN
	plot for [c=0:3] $data using 3:($2 == c && $5 > 0 ? $1 : NaN):4:5 \
	             with xerrorbars pt -1 lc rgb HUE[c + 1] lw 2 notitle, \
	     for [c=0:3] $data using 3:($2 == c ? $1 : NaN) \
	             with points pt MARK[c + 1] ps 1.2 * PS lc rgb HUE[c + 1] notitle, \
	     for [c=0:3] keyentry with points pt MARK[c + 1] ps 1.2 * PS lc rgb HUE[c + 1] title CHANGE[c + 1]
}
eval CLOSE
