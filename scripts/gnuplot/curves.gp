# SPDX-License-Identifier: BSD-3-Clause
#
# curves.gp - a sweep: what a buffer takes over the values of one option, a curve a variant with the
# interval of its medians; below it the lines that the model moves.
#
# $data: panel name x mid lo hi transfers knee known, ascending, name as in NAME; $crossings: panel x
# lo hi y; NCROSSINGS NKNEES; OVER BY: names of options; NX X_AT[] X_TEXT[]: values of the first, where
# they stand; LOGX LOGY: 1 for a logarithmic axis; LEAST[] MOST[] LINES_MOST[]: what each panel shows;
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

# where a value stands along the axis; each has a tick, and a name where there is room for it
along(x) = LOGX ? log(x) / log(2) : x
least = along(X_AT[1])
most = least
do for [i=2:NX] {
	least = along(X_AT[i]) < least ? along(X_AT[i]) : least
	most = along(X_AT[i]) > most ? along(X_AT[i]) : most
}
pad = 0.06 * (most - least)
named = 0
array X_NAME[NX]
do for [i=1:NX] {
	X_NAME[i] = named < 20 ? X_TEXT[i] : ''
	do for [k=1:i - 1] {
		if (X_NAME[k] ne '' && abs(along(X_AT[i]) - along(X_AT[k])) <= 0.055 * (most - least)) { X_NAME[i] = '' }
	}
	named = named + (X_NAME[i] ne '')
}
XMARKS = "set xtics (); set for [i=1:NX] xtics add ('' X_AT[i])"
XTICS = "set xtics () noenhanced; set for [i=1:NX] xtics add (X_NAME[i] X_AT[i])"

# a round step, of which about three go up to v
power(v) = 10.0 ** floor(log10(v / 3))
part(v) = v / 3 / power(v)
step(v) = power(v) * (part(v) < 1.5 ? 1 : part(v) < 3.5 ? 2 : part(v) < 7.5 ? 5 : 10)
x(panel, name, v, at) = panel == p && name == v ? at : NaN

eval OPEN
set xrange [LOGX ? 2 ** (least - pad) : least - pad:LOGX ? 2 ** (most + pad) : most + pad]
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
	set yrange [LOGY ? LEAST[p] / 1.15 : 0:MOST[p] * (LOGY ? 1.15 : 1.05)]
	if (col(p) == 0) { set ylabel (EXACT ? 'transfers per buffer' : 'ns per buffer') offset 0.5,0 } else { unset ylabel }
	eval (LINES ? XMARKS : XTICS)
	if (LINES) { unset xlabel } else { set xlabel OVER offset 0,0.2 noenhanced }
	plot for [v=1:NNAMES] $data using (x($1, $2, v, $3)):5:6 with filledcurves fc rgb HUE_OF[v] fs transparent solid 0.18 notitle, \
	     for [v=1:NNAMES] $data using (x($1, $2, v, $3)):4 with lines lc rgb HUE_OF[v] lw 1.6 notitle, \
	     for [v=1:NNAMES] $data using (x($1, $2, v, $3)):($9 > 0 ? $4 : NaN):5:6 with yerrorbars pt -1 lc rgb HUE_OF[v] lw 1 notitle, \
	     for [v=1:NNAMES] $data using (x($1, $2, v, $3)):($9 > 0 ? NaN : $4) with points pt MARK_OF[v] - 1 ps PS lc rgb HUE_OF[v] notitle, \
	     for [v=1:NNAMES] $data using (x($1, $2, v, $3)):($9 > 0 ? $4 : NaN) with points pt MARK_OF[v] ps 0.8 * PS lc rgb HUE_OF[v] notitle, \
	     for [v=1:NNAMES] $data using (x($1, $2, v, $3)):($8 > 0 ? $4 : NaN) with points pt 6 ps 2.2 * PS lw 1.8 lc rgb HUE_OF[v] notitle, \
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
		end = LINES_MOST[p] > 0 ? LINES_MOST[p] * 1.08 : 1
		set yrange [0:end]
		set ytics 0, step(end)
		if (col(p) == 0) { set ylabel 'transfers' offset 0.5,0 }
		set xlabel OVER offset 0,0.2 noenhanced
		eval XTICS
		plot for [v=1:NNAMES] $data using (x($1, $2, v, $3)):7 with lines lc rgb HUE_OF[v] lw 1.6 notitle, \
		     for [v=1:NNAMES] $data using (x($1, $2, v, $3)):7 with points pt MARK_OF[v] ps 0.6 * PS lc rgb HUE_OF[v] notitle
	}
}
eval CLOSE
