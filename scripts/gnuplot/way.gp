# SPDX-License-Identifier: BSD-3-Clause
#
# way.gp - from a ring that there is to the winner of a search: line transfers per buffer by region,
# a bar a step.
#
# $data: step region from to; $totals: step transfers; NAME[] NNAMES: what each step changes; FLOOR:
# the fewest transfers; WIDEST: end of the axis; REGIONS NREGIONS REGION[] REGION_CHARS.

TITLE = 'What each choice of the winner saves: cache-line transfers per buffer'
READING = 'Bar: transfers by what was wanted of the line; a step changes as few fields as make a ring. Dashed: the floor.'

rows = NNAMES
SHARED_LEFT = 1
PANEL_PX = rows * 44 + 10
LEFT_PX = (NAME_CHARS < 44 ? NAME_CHARS : 44) * 8.2 + 40
RIGHT_PX = 90
KEYS = NREGIONS + 1
KEY_CHARS = REGION_CHARS
load SCRIPTS.'/style.gp'

fits(from, to) = (to - from) / (WIDEST * 1.03) * area_px > 46

eval OPEN
set yrange [rows + 0.5:0.5]
set xrange [0:WIDEST * 1.03]
set grid xtics ls 10
set xlabel 'transfers per buffer' offset 0,0.2
p = 1
eval PLACE
eval NAMES_DOWN
set arrow 1 from first FLOOR, graph 0 to first FLOOR, graph 1 nohead front lw 2 dt 2 lc rgb '#B23A48'
plot for [r in REGIONS] $data using 3:($2 == r + 0 ? $1 : NaN):3:4:($1 - 0.34):($1 + 0.34) \
             with boxxyerror fc rgb REGION_HUE[r + 1] fs solid 1 border lc rgb 'white' notitle, \
     for [r in REGIONS] $data using (($3 + $4) / 2):1:($2 == r + 0 && fits($3, $4) ? sprintf('%.3f', $4 - $3) : '') \
             with labels center font FONT.','.small tc rgb REGION_ON[r + 1] notitle, \
     $totals using 2:1:(sprintf('%.3f', $2)) with labels left offset 0.7,0 font FONT.','.small tc rgb INK notitle, \
     for [r in REGIONS] keyentry with boxes fc rgb REGION_HUE[r + 1] fs solid 1 border lc rgb GREY title REGION[r + 1], \
     keyentry with lines lw 2 dt 2 lc rgb '#B23A48' title sprintf('floor %.3f', FLOOR)
eval CLOSE
