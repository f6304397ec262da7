# SPDX-License-Identifier: BSD-3-Clause
#
# latency.gp - how long buffers took, over percentiles on an axis of nines: a panel for each
# direction, loop and class, a line a variant.
#
# $data, a block a line: panel name nines ns solid; LEAST, MOST, NINES: of all; SATURATED[]: which
# lines of a panel are of a rate that was not reached.

TITLE = 'How long a buffer takes: its latency distribution and tail latency'
READING = 'Where a line crosses 99 %, 99 of 100 buffers took at most so long. Dotted: fewer than 10 buffers are expected beyond it. A line ends at its slowest buffer.'

SHARED_LEFT = 1
PANEL_PX = NROWS > 2 ? 220 : 300
LEFT_PX = 92
RIGHT_PX = 24
KEYS = NNAMES
KEY_CHARS = NAME_CHARS
load SCRIPTS.'/style.gp'

hue(i) = HUE_OF[i]
# more variants than hues differ by their dashes
dash(i) = NAME[i] eq 'null-control' ? 2 : (i - 1) / 7 + 1

eval OPEN
set logscale y
set datafile missing NaN
set xrange [0:NINES * 1.02]
set yrange [LEAST / 1.4:MOST * 1.4]
# a line for each decade, where there are few for its 2 and 5, too; named in the unit in which one reads it
unit(v) = v < 1e3 ? sprintf('%g ns', v) : v < 1e6 ? sprintf('%g µs', v / 1e3) : v < 1e9 ? sprintf('%g ms', v / 1e6) : sprintf('%g s', v / 1e9)
set xtics ('0' 0, '90 %%' 1, '99 %%' 2, '99.9 %%' 3, '99.99 %%' 4, '99.999 %%' 5, '99.9999 %%' 6)
set grid xtics ytics ls 10
set xlabel 'share of the buffers that took no longer' offset 0,0.2
first_decade = floor(log10(LEAST)) + 0
last_decade = ceil(log10(MOST)) + 0
FINE = last_decade - first_decade < 4 ? '1 2 5' : '1'
do for [p=1:NPANELS] {
	eval PLACE
	# a list, or there would be numbers among the names
	set ytics ('' 1)
	set for [d=first_decade:last_decade] for [k in FINE] ytics add ((col(p) == 0 ? unit(k * 10.0 ** d) : '') k * 10.0 ** d)
	if (SATURATED[p] eq '') { unset label 9 } else { set label 9 SATURATED[p] at graph 0.985, graph 0.07 right front boxed font FONT.','.small tc rgb '#D55E00' noenhanced }
	plot for [i=1:NNAMES] $data using 3:($1 == p && $2 == i && $5 == 1 ? $4 : NaN) with lines lc rgb hue(i) lw 1.8 dt dash(i) notitle, \
	     for [i=1:NNAMES] $data using 3:($1 == p && $2 == i && $5 == 0 ? $4 : NaN) with lines lc rgb hue(i) lw 1.1 dt 3 notitle, \
	     for [i=1:NNAMES] keyentry with lines lc rgb hue(i) lw 1.8 dt dash(i) title NAME[i]
	eval NO_HEADLINE
}
eval CLOSE
