# SPDX-License-Identifier: BSD-3-Clause
#
# beside.gp - ns per buffer as measured, and beside it the cache-line transfers on the model: the same
# variants in the same order.
#
# $data: panel class row rank ns lo hi at "label", as of ns.gp; $lines: panel row region from to and
# $totals: panel row transfers upgrades "label", as of transfers.gp, panels from 1 each; NS_MOST[],
# LINES_MOST[]: ends of the axes; NS_CHARS, LINES_CHARS: lengths of the longest labels; REGIONS
# NREGIONS REGION[] REGION_CHARS: those that are drawn, and their names; GROUPS: how many rows.

TITLE = 'What a buffer takes, and its cache-line transfers (shorter is better)'
READING = 'Left: median of all samples, with its 95 % interval. Right: transfers from one core''s cache to the other''s that the model counts, by what was wanted of the line.'

# the null rows come last in NAME and have no bars here
rows = NNAMES - NNULLS
chars = NS_CHARS > LINES_CHARS ? NS_CHARS : LINES_CHARS
SHARED_LEFT = 1
PANEL_PX = rows * (NCLASSES * 20 + 14) + 10
LEFT_PX = NAME_CHARS * 8.6 + 44
RIGHT_PX = chars * 7.6 + 16
KEYS = NCLASSES + NREGIONS
KEY_CHARS = CLASS_CHARS > REGION_CHARS ? CLASS_CHARS : REGION_CHARS
load SCRIPTS.'/style.gp'

half = 0.40 / NCLASSES
y(row, rank) = row - 0.40 + half * (2 * rank + 1)

eval OPEN
set yrange [rows + 0.6:0.4]
set grid xtics ls 10
do for [g=1:GROUPS] {
	p = 2 * g - 1
	eval PLACE
	set xlabel 'ns per buffer, measured' offset 0,0.2
	set xrange [0:NS_MOST[g] * 1.03]
	# a list, or there would be numbers among the names
	set ytics ('' 0) scale 0 offset 0.4,0 noenhanced
	set for [i=1:rows] ytics add (NAME[i] i)
	plot for [c in CLASSES] $data using (0):($1 == g && $2 == c + 0 ? y($3, $4) : NaN):(0):5:(y($3, $4) - half * 0.88):(y($3, $4) + half * 0.88) \
	             with boxxyerror fc rgb COLOUR[c + 1] fill pattern FILL[c + 1] border lc rgb COLOUR[c + 1] notitle, \
	     $data using 5:($1 == g && $6 > 0 ? y($3, $4) : NaN):6:7 with xerrorbars pt -1 lc rgb INK lw 1.6 notitle, \
	     $data using ($8 > NS_MOST[g] * 1.03 ? NS_MOST[g] * 1.03 : $8):($1 == g ? y($3, $4) : NaN):9 with labels left offset 0.7,0 font FONT.','.small tc rgb INK notitle, \
	     for [c in CLASSES] keyentry with boxes fc rgb COLOUR[c + 1] fill pattern FILL[c + 1] border lc rgb COLOUR[c + 1] title CLASS[c + 1], \
	     for [r in REGIONS] keyentry with boxes fc rgb REGION_HUE[r + 1] fs solid 1 border lc rgb GREY title REGION[r + 1]
	eval NO_HEADLINE
	p = 2 * g
	eval PLACE
	set xlabel 'transfers per buffer, on the model' offset 0,0.2
	set xrange [0:LINES_MOST[g] * 1.03]
	set ytics ('' 0) scale 0
	set for [i=1:rows] ytics add ('' i)
	plot for [r in REGIONS] $lines using 4:($1 == g && $3 == r + 0 ? $2 : NaN):4:5:($2 - 0.34):($2 + 0.34) \
	             with boxxyerror fc rgb REGION_HUE[r + 1] fs solid 1 border lc rgb 'white' notitle, \
	     $totals using 3:($1 == g ? $2 : NaN):5 with labels left offset 0.7,0 font FONT.','.small tc rgb INK notitle
}
eval CLOSE
