# SPDX-License-Identifier: BSD-3-Clause
#
# predict.gp - predictions: a bar a variant and burst, from one bound to the other, a tick
# at the estimate, or without one at the middle of the two, and the measured point.
#
# $data: panel burst variant overlapped serial tick measured lo hi, burst and variant by number;
# BURSTS: 'a b c', what these are; LEAST[] MOST[]: ends of each panel's axis; MEASURED: 1 if
# anything was measured; ESTIMATED: 1 if the tick is the estimate.

TITLE = MEASURED ? 'What a buffer was predicted to take, and what it took' : 'What a buffer is predicted to take'
READING = 'Bar: predicted, between two bounds: misses overlap (mostly lower), or each is waited for;' \
        . (ESTIMATED ? ' tick: the estimate.' : ' tick: their geometric mean.') \
        . (MEASURED ? ' Point: measured median; line: its 95 % interval.' : '')

SHARED_LEFT = 0
PANEL_PX = 330
LEFT_PX = 76
RIGHT_PX = 14
KEYS = NNAMES
KEY_CHARS = NAME_CHARS
NCLASSES = 1
load SCRIPTS.'/style.gp'

step = 0.84 / NNAMES
x(burst, variant) = burst - 0.42 + step * (variant - 0.5)

eval OPEN
set logscale y
set xrange [0.5:NBURSTS + 0.5]
set grid ytics ls 10
set xlabel 'buffers a burst' offset 0,0.2
set ytics (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000)
do for [p=1:NPANELS] {
	eval PLACE
	set yrange [LEAST[p] / 1.15:MOST[p] * 1.15]
	if (col(p) == 0) { set ylabel 'ns per buffer' } else { unset ylabel }
	set xtics ('' 1) scale 0
	set for [i=1:NBURSTS] xtics add (word(BURSTS, i) i)
	plot for [v=1:NNAMES] $data using (x($2, $3)):($1 == p && $3 == v ? $4 : NaN):(x($2, $3) - step * 0.42):(x($2, $3) + step * 0.42):4:5 \
	             with boxxyerror fc rgb HUE_OF[v] fs solid 0.75 border lc rgb HUE_OF[v] notitle, \
	     for [v=1:NNAMES] $data using (x($2, $3) - step * 0.42):($1 == p && $3 == v ? $6 : NaN):(step * 0.84):(0) \
	             with vectors nohead lc rgb DARK_OF[v] lw 1.2 notitle, \
	     for [v=1:NNAMES] $data using (x($2, $3)):($1 == p && $3 == v && $8 > 0 ? $7 : NaN):8:9 \
	             with yerrorbars pt -1 lc rgb DARK_OF[v] lw 1.6 notitle, \
	     for [v=1:NNAMES] $data using (x($2, $3)):($1 == p && $3 == v ? $7 : NaN) \
	             with points pt MARK_OF[v] ps 0.8 * PS lc rgb DARK_OF[v] notitle, \
	     for [v=1:NNAMES] keyentry with boxes fc rgb HUE_OF[v] fs solid 0.75 border lc rgb DARK_OF[v] title NAME[v]
	eval NO_HEADLINE
}
eval CLOSE
