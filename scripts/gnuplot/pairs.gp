# SPDX-License-Identifier: BSD-3-Clause
#
# pairs.gp - two optimizations, four points a panel: parallel lines are independent.
#
# $data: panel first second ns lo hi, with 0 and 1 for without and with; first 2: what both would take
# if their gains added up; SECOND[]: its name, WHERE[]: the block's; MOST[]: the end of each panel's axis.

TITLE = 'Two optimizations without and with each other: parallel lines are independent'
READING = 'Point: median over rounds. Line: its 95 % interval. Hollow: where both would lie if their gains added up. The scales differ.'

SHARED_LEFT = 0
PANEL_PX = 190
LEFT_PX = 88
RIGHT_PX = 16
KEYS = 3
KEY_CHARS = 30
load SCRIPTS.'/style.gp'

array HUE[2] = [GREY, '#0072B2']
array MARK[2] = [7, 5]
array WHICH[2] = ['without the one named first', 'with the one named first']

eval OPEN
# what is of another line does not interrupt this one
set datafile missing NaN
set grid ytics ls 10
set xrange [-0.35:1.35]
set ylabel 'ns per buffer' offset -0.3,0
do for [p=1:NPANELS] {
	eval PLACE
	set yrange [0:MOST[p] * 1.12]
	set xtics ('without '.SECOND[p] 0, 'with '.SECOND[p] 1) scale 0 noenhanced
	set xlabel WHERE[p] offset 0,0.2 noenhanced
	plot for [w=0:1] $data using 3:($1 == p && $2 == w ? $4 : NaN) with lines lc rgb HUE[w + 1] lw 2 notitle, \
	     for [w=0:1] $data using 3:($1 == p && $2 == w ? $4 : NaN):5:6 with yerrorbars pt MARK[w + 1] ps 1.1 * PS lc rgb HUE[w + 1] lw 1.6 notitle, \
	     $data using 3:($1 == p && $2 == 2 ? $4 : NaN) with points pt 6 ps 1.6 * PS lw 1.6 lc rgb '#D55E00' notitle, \
	     for [w=0:1] keyentry with linespoints lc rgb HUE[w + 1] lw 2 pt MARK[w + 1] ps 1.1 * PS title WHICH[w + 1], \
	     keyentry with points pt 6 ps 1.6 * PS lw 1.6 lc rgb '#D55E00' title 'both, if gains added up'
	eval NO_HEADLINE
}
eval CLOSE
