# SPDX-License-Identifier: BSD-3-Clause
#
# curves.gp - a sweep: what a buffer takes over the values of one option, a curve a variant with the
# interval of its medians; below it the lines that the model moves.
#
# $data: a block a curve, "x mid lo hi transfers knee known"; FIRST[] LAST[]: a panel's blocks, from 0;
# NAME_OF[]: a block's variant, from 1; $crossings: panel x lo hi y; NCROSSINGS NKNEES; OVER BY: names
# of options; LOGX LOGY: 1 for a logarithmic axis; XTICS XMARKS (the same without words) XLEAST XMOST
# LEAST[] MOST[] LINES_MOST[] LINES_STEP[]: axes;
# EXACT: 1 on the model, where y is lines; LINES: 1 if there is something to draw below.

TITLE = (EXACT ? 'Cache-line transfers per buffer, over ' : 'How long one buffer takes, over ').OVER.(BY ne '' ? ' and '.BY : '')
READING = (EXACT ? 'Point: counted by the model, exact.' : 'Point: median of all samples (hollow: fewer than 6). Ribbon and line: its 95 % interval.') \
        . (LINES ? ' Below: cache-line transfers per buffer, on the model.' : '')

CROSSING = 'crossing, and the values it lies between'
SHARED_LEFT = 0
UPPER_PX = 300
LOWER_PX = LINES ? 110 : 0
BETWEEN_PX = LINES ? 26 : 0
PANEL_PX = UPPER_PX + BETWEEN_PX + LOWER_PX
LEFT_PX = 80
RIGHT_PX = 14
KEYS = NNAMES + (NKNEES > 0) + (NCROSSINGS > 0)
KEY_CHARS = NAME_CHARS > strlen(CROSSING) ? NAME_CHARS : strlen(CROSSING)
NCLASSES = 1
load SCRIPTS.'/style.gp'

eval OPEN
set xrange [XLEAST:XMOST]
if (LOGX) { set logscale x 2 }
set grid ytics ls 10
do for [p=1:NPANELS] {
	eval PLACE
	set bmargin at screen sy(top(p) + UPPER_PX)
	if (LOGY) {
		set logscale y
		set ytics (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000)
	} else {
		set ytics autofreq
	}
	set yrange [LEAST[p]:MOST[p]]
	if (col(p) == 0) { set ylabel (EXACT ? 'transfers per buffer' : 'ns per buffer') offset 0.5,0 } else { unset ylabel }
	eval (LINES ? XMARKS : XTICS)
	if (LINES) { unset xlabel } else { set xlabel OVER offset 0,0.2 noenhanced }
	plot for [k=FIRST[p]:LAST[p]] $data index k using 1:3:4 with filledcurves fc rgb HUE_OF[NAME_OF[k + 1]] fs transparent solid 0.18 notitle, \
	     for [k=FIRST[p]:LAST[p]] $data index k using 1:2 with lines lc rgb HUE_OF[NAME_OF[k + 1]] lw 1.6 notitle, \
	     for [k=FIRST[p]:LAST[p]] $data index k using 1:($7 > 0 ? $2 : NaN):3:4 with yerrorbars pt -1 lc rgb HUE_OF[NAME_OF[k + 1]] lw 1 notitle, \
	     for [k=FIRST[p]:LAST[p]] $data index k using 1:($7 > 0 ? NaN : $2) with points pt MARK_OF[NAME_OF[k + 1]] - 1 ps PS lc rgb HUE_OF[NAME_OF[k + 1]] notitle, \
	     for [k=FIRST[p]:LAST[p]] $data index k using 1:($7 > 0 ? $2 : NaN) with points pt MARK_OF[NAME_OF[k + 1]] ps 0.8 * PS lc rgb HUE_OF[NAME_OF[k + 1]] notitle, \
	     for [k=FIRST[p]:LAST[p]] $data index k using 1:($6 > 0 ? $2 : NaN) with points pt 6 ps 2.2 * PS lw 1.8 lc rgb HUE_OF[NAME_OF[k + 1]] notitle, \
	     $crossings using 2:($1 == p ? $5 : NaN):3:4 with xerrorbars pt 2 ps 1.1 * PS lw 1.2 lc rgb INK notitle, \
	     for [v=1:NNAMES] keyentry with linespoints pt MARK_OF[v] ps PS lw 1.6 lc rgb HUE_OF[v] title NAME[v], \
	     for [i=1:(NKNEES > 0)] keyentry with points pt 6 ps 1.8 * PS lw 1.8 lc rgb INK title 'knee: farthest from the chord', \
	     for [i=1:(NCROSSINGS > 0)] keyentry with points pt 2 ps 1.1 * PS lw 1.2 lc rgb INK title CROSSING
	eval NO_HEADLINE
	if (LINES) {
		unset label 5
		unset label 8
		unset logscale y
		set tmargin at screen sy(top(p) + UPPER_PX + BETWEEN_PX)
		set bmargin at screen sy(top(p) + PANEL_PX)
		set yrange [0:LINES_MOST[p]]
		set ytics 0, LINES_STEP[p]
		if (col(p) == 0) { set ylabel 'transfers' offset 0.5,0 }
		set xlabel OVER offset 0,0.2 noenhanced
		eval XTICS
		plot for [k=FIRST[p]:LAST[p]] $data index k using 1:5 with lines lc rgb HUE_OF[NAME_OF[k + 1]] lw 1.6 notitle, \
		     for [k=FIRST[p]:LAST[p]] $data index k using 1:5 with points pt MARK_OF[NAME_OF[k + 1]] ps 0.6 * PS lc rgb HUE_OF[NAME_OF[k + 1]] notitle
	}
}
eval CLOSE
