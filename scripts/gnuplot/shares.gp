# SPDX-License-Identifier: BSD-3-Clause
#
# shares.gp - from baseline to the combination that saves most: a waterfall, a step an optimization.
#
# $data: panel row from to kind lo hi "label", kind 0: what it takes, 1: saved, 2: lost; STEP[]: names,
# STEPS a panel; MOST[]: the end of each panel's axis.

TITLE = 'From baseline to all of them: contribution per optimization'
READING = 'Step: what one adds, averaged over all orders; steps add up. Whole rounds only, so baseline may differ from its bar above. Line: 95 % interval. Scales differ.'

SHARED_LEFT = 0
PANEL_PX = STEPS * 34
LEFT_PX = 140
RIGHT_PX = 118
KEYS = 3
KEY_CHARS = 22
load SCRIPTS.'/style.gp'

array HUE[3] = ['#7A8794', '#0072B2', '#D55E00']
array KIND[3] = ['what a buffer takes', 'saved', 'lost']

eval OPEN
set yrange [STEPS + 0.5:0.5]
set grid xtics ls 10
set xlabel 'ns per buffer' offset 0,0.2
do for [p=1:NPANELS] {
	eval PLACE
	set xrange [0:MOST[p] * 1.04]
	# a list, or there would be numbers among the names
	set ytics ('' 0) scale 0 offset 0.4,0 noenhanced
	set for [i=1:STEPS] ytics add (STEP[(p - 1) * STEPS + i] i)
	plot for [k=0:2] $data using 3:($1 == p && $5 == k ? $2 : NaN):3:4:($2 - 0.32):($2 + 0.32) \
	             with boxxyerror fc rgb HUE[k + 1] fs solid 1 border lc rgb 'white' notitle, \
	     $data using 4:($1 == p && $5 > 0 ? $2 : NaN):6:7 with xerrorbars pt -1 lc rgb INK lw 1.6 notitle, \
	     $data using (MOST[p] * 1.04):($1 == p ? $2 : NaN):8 with labels left offset 0.8,0 font FONT.','.small tc rgb INK notitle, \
	     for [k=0:2] keyentry with boxes fc rgb HUE[k + 1] fs solid 1 border lc rgb GREY title KIND[k + 1]
	eval NO_HEADLINE
}
eval CLOSE
