# SPDX-License-Identifier: BSD-3-Clause
#
# profile.gp - where each side's time goes: two bars a variant, driver above device, each of what
# the side computes, what its lines cost, and how long it waits.
#
# $data: panel row side part from to value, side 0 driver 1 device, part 0 compute 1 coherence
# 2 waiting; $labels: panel row side end "label"; MOST[]: the end of each panel's axis.

TITLE = 'Where each side spends the time of a buffer'
READING = 'Bars of a variant: driver above, device below; both end at its ns per buffer, or beyond if bursts took longer when profiled. The side that waits least limits.'

LABEL = 'driver, limits'
rows = NNAMES > 0 ? NNAMES : 1
SHARED_LEFT = 1
PANEL_PX = rows * 54 + 10
LEFT_PX = NAME_CHARS * 8.6 + 44
RIGHT_PX = strlen(LABEL) * 7.6 + 16
array PART[3] = ['compute: on one core', 'coherence: more on two cores', 'waiting: the rest']
KEYS = 3
KEY_CHARS = 28
NCLASSES = 1
load SCRIPTS.'/style.gp'

# Okabe and Ito's palette; in grey they differ in lightness, too
array HUE[3] = ['#0072B2', '#E69F00', '#dcdcdc']
array ON[3]  = ['white', INK, INK]

# the two bars of a variant
top_of(row, side) = row + (side > 0 ? 0.03 : -0.40)
foot(row, side) = row + (side > 0 ? 0.40 : -0.03)
mid(row, side) = row + (side > 0 ? 0.215 : -0.215)
# a number stands in its part where there is room
fits(p, from, to) = (to - from) / (MOST[p] * 1.03) * area_px > 46

eval OPEN
set yrange [rows + 0.5:0.5]
set grid xtics ls 10
set xlabel 'ns per buffer' offset 0,0.2
do for [p=1:NPANELS] {
	eval PLACE
	set xrange [0:MOST[p] * 1.03]
	eval NAMES_DOWN
	plot for [k=0:2] $data using 5:($1 == p && $4 == k ? mid($2, $3) : NaN):5:6:(top_of($2, $3)):(foot($2, $3)) \
	             with boxxyerror fc rgb HUE[k + 1] fs solid 1 border lc rgb 'white' notitle, \
	     for [k=0:2] $data using (($5 + $6) / 2):(mid($2, $3)):($1 == p && $4 == k && fits(p, $5, $6) ? sprintf('%.2f', $7) : '') \
	             with labels center font FONT.','.small tc rgb ON[k + 1] notitle, \
	     $labels using 4:(mid($2, $3)):($1 == p ? strcol(5) : '') with labels left offset 0.7,0 font FONT.','.small tc rgb INK notitle, \
	     for [k=0:2] keyentry with boxes fc rgb HUE[k + 1] fs solid 1 border lc rgb GREY title PART[k + 1]
	eval NO_HEADLINE
}
eval CLOSE
