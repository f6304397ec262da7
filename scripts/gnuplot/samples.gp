# SPDX-License-Identifier: BSD-3-Clause
#
# samples.gp - every sample in the order they ran: what moved, and what disturbed them.
#
# $data: panel class seconds ns state (0 undisturbed, 1 disturbed, 2 dropped); LAST: end of
# the time axis; LEAST, MOST, LOG: the other axis; $launches: seconds launch.

TITLE = 'Every sample in the order they ran, all variants together'
READING = 'One mark is one sample.'.(NLAUNCHES > 1 ? ' Dashed lines: a new process starts.' : '')

SHARED_LEFT = 0
PANEL_PX = NROWS > 2 ? 190 : 270
LEFT_PX = 92
RIGHT_PX = 20
DISTURBED = 'disturbed, but used (hollow)'
KEYS = NCLASSES + 2
KEY_CHARS = CLASS_CHARS > strlen(DISTURBED) ? CLASS_CHARS : strlen(DISTURBED)
load SCRIPTS.'/style.gp'

size = PS * (NSAMPLES > 4000 ? 0.35 : NSAMPLES > 1000 ? 0.5 : 0.7)

eval OPEN
set xrange [0:LAST * 1.02]
set yrange [LEAST:MOST]
set grid ytics ls 10
set xlabel 'seconds since the session began' offset 0,0.2
if (LOG) { set logscale y; eval LOG_TICS('y', 10, 0.06, ROUND_TIMES) }
do for [p=1:NPANELS] {
	eval PLACE
	set ylabel 'ns per buffer'.(LOG ? ' (log scale)' : '') offset 0.5,0
	plot $launches using 1:(NLAUNCHES > 1 && NLAUNCHES <= 40 ? LEAST : NaN):(0):(MOST - LEAST) with vectors nohead lc rgb GREY lw 0.8 dt 2 notitle, \
	     $data using 3:($1 == p && $5 == 2 ? $4 : NaN) with points pt 2 ps size * 1.1 lc rgb GREY notitle, \
	     for [c in CLASSES] $data using 3:($1 == p && $2 == c + 0 && $5 == 0 ? $4 : NaN) with points pt SHAPE[c + 1] ps size lc rgb COLOUR[c + 1] notitle, \
	     for [c in CLASSES] $data using 3:($1 == p && $2 == c + 0 && $5 == 1 ? $4 : NaN) with points pt HOLLOW[c + 1] ps size * HOLLOW_PS lw 1.3 lc rgb COLOUR[c + 1] notitle, \
	     for [c in CLASSES] keyentry with points pt SHAPE[c + 1] ps 1 * PS lc rgb COLOUR[c + 1] title CLASS[c + 1], \
	     keyentry with points pt HOLLOW[word(CLASSES, 1) + 1] ps 1.2 * PS lw 1.3 lc rgb INK title DISTURBED, \
	     keyentry with points pt 2 ps 0.9 * PS lc rgb GREY title 'dropped, not used'
	eval NO_HEADLINE
}
eval CLOSE
