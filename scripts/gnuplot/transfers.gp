# SPDX-License-Identifier: BSD-3-Clause
#
# transfers.gp - line transfers per buffer on the model: a bar a variant, stacked by region.
#
# $data: panel row region from to; $totals: panel row transfers upgrades "label"; MOST[]: the
# end of each panel's axis; OWN_SCALES: 1 if these differ; LABEL_CHARS: length of the longest
# label; REGIONS NREGIONS REGION[] REGION_CHARS: those that are drawn, and their names.

TITLE = 'Cache-line transfers between the two cores, per buffer (shorter is better)'
READING = 'Bar: transfers of a line from one core''s cache to the other''s, by what was wanted of it. Thin bar: upgrades, that is ownership without data.'.(OWN_SCALES ? ' The scales of the rows differ.' : '')

UPGRADES = 'upgrades (thin bar)'
rows = NNAMES
SHARED_LEFT = 1
PANEL_PX = rows * 40 + 10
LEFT_PX = NAME_CHARS * 8.6 + 44
RIGHT_PX = LABEL_CHARS * 7.6 + 16
KEYS = NREGIONS + 1
KEY_CHARS = REGION_CHARS > strlen(UPGRADES) ? REGION_CHARS : strlen(UPGRADES)
load SCRIPTS.'/style.gp'

THIN = '#b8b8b8'

# the bar, and below it the thin one
top_of(row) = row - 0.36
foot(row) = row + 0.16
thin(row) = row + 0.20
thin_foot(row) = row + 0.34
mid(row) = row - 0.10
# a number stands in its part where there is room
fits(p, from, to) = (to - from) / (MOST[p] * 1.03) * area_px > 46

eval OPEN
set yrange [rows + 0.5:0.5]
set grid xtics ls 10
set xlabel 'transfers per buffer' offset 0,0.2
do for [p=1:NPANELS] {
	eval PLACE
	set xrange [0:MOST[p] * 1.03]
	eval NAMES_DOWN
	plot for [r in REGIONS] $data using 4:($1 == p && $3 == r + 0 ? mid($2) : NaN):4:5:(top_of($2)):(foot($2)) \
	             with boxxyerror fc rgb REGION_HUE[r + 1] fs solid 1 border lc rgb 'white' notitle, \
	     for [r in REGIONS] $data using (($4 + $5) / 2):(mid($2)):($1 == p && $3 == r + 0 && fits(p, $4, $5) ? sprintf('%.3f', $5 - $4) : '') \
	             with labels center font FONT.','.small tc rgb REGION_ON[r + 1] notitle, \
	     $totals using (0):($1 == p && $4 > 0 ? thin($2) : NaN):(0):4:(thin($2)):(thin_foot($2)) \
	             with boxxyerror fc rgb THIN fs solid 1 border lc rgb GREY notitle, \
	     $totals using 3:(mid($2)):($1 == p ? strcol(5) : '') with labels left offset 0.7,0 font FONT.','.small tc rgb INK notitle, \
	     for [r in REGIONS] keyentry with boxes fc rgb REGION_HUE[r + 1] fs solid 1 border lc rgb GREY title REGION[r + 1], \
	     keyentry with boxes fc rgb THIN fs solid 1 border lc rgb GREY title UPGRADES
	eval NO_HEADLINE
}
eval CLOSE
