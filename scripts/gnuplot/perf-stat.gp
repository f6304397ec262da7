# SPDX-License-Identifier: BSD-3-Clause
#
# perf-stat.gp - what perf counted per buffer against the burst: a row of panels an event, below that
# of ns; a line a variant and class.
#
# $data: panel class variant burst value least most; BURSTS: those of the session; YLABEL[]: what a
# panel's axis is of.

TITLE = 'Events per buffer, counted by perf stat'
READING = 'Points: medians over runs. Bars: of ns the 95 % interval, of events the least and the most. Each panel has its own scale.'

NKEYS = NNAMES > 0 ? NNAMES : 1
SHARED_LEFT = 0
PANEL_PX = 210
LEFT_PX = 104
RIGHT_PX = 20
KEYS = NKEYS + NCLASSES
KEY_CHARS = NAME_CHARS > CLASS_CHARS ? NAME_CHARS : CLASS_CHARS
load SCRIPTS.'/style.gp'

# by class: none smt near far xsocket
array DASH[5] = [3, 3, 1, 2, 3]

eval OPEN
set logscale x 2
# what is of another line does not interrupt this one
set datafile missing NaN
set grid ytics ls 10
set xlabel 'burst' offset 0,0.4
unset xtics
set xtics nomirror out ()
set for [b in BURSTS] xtics add (b b + 0)
most_burst = 0
least_burst = 1e9
do for [b in BURSTS] {
	most_burst = b + 0 > most_burst ? b + 0 : most_burst
	least_burst = b + 0 < least_burst ? b + 0 : least_burst
}
set xrange [least_burst / 1.3:most_burst * 1.3]
set yrange [0:*]
do for [p=1:NPANELS] {
	eval PLACE
	set ylabel YLABEL[p] offset -0.5,0 noenhanced
	if (EMPTY[p] ne '') { set yrange [0:1] } else { set yrange [0:*] }
	plot for [c=0:4] for [i=1:NKEYS] $data using 4:($1 == p && $2 == c && $3 == i ? $5 : NaN):6:7 \
	             with yerrorbars lc rgb HUE_OF[i] lw 1 pt 0 notitle, \
	     for [c=0:4] for [i=1:NKEYS] $data using 4:($1 == p && $2 == c && $3 == i ? $5 : NaN) \
	             with linespoints lc rgb HUE_OF[i] lw 1.6 dt DASH[c + 1] pt MARK_OF[i] ps PS notitle, \
	     for [i=1:NNAMES] keyentry with linespoints lc rgb HUE_OF[i] lw 1.6 pt MARK_OF[i] ps PS title NAME[i], \
	     for [c in CLASSES] keyentry with lines lc rgb GREY lw 1.6 dt DASH[c + 1] title CLASS[c + 1]
	eval NO_HEADLINE
}
eval CLOSE
