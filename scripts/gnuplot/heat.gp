# SPDX-License-Identifier: BSD-3-Clause
#
# heat.gp - a sweep over two options: a box for each pair of values, coloured by the ratio to
# baseline, with its figures in it.
#
# $data: panel x y ratio grey "figure" "ratio", x and y by rank from 1, ratio 0: none, but grey 0..1; XNAME[] YNAME[] NXNAME NYNAME: the
# values; OVER BY: names of the options; EXACT: 1 on the model, where the figure is lines.

TITLE = (EXACT ? 'Cache-line transfers per buffer, over ' : 'ns per buffer, over ').OVER.' and '.BY
READING = (EXACT ? 'Above: transfers per buffer, counted by the model.' : 'Above: ns per buffer, median.') \
        . ' Below: ratio to baseline'.(EXACT ? '.' : ', paired; ~: no difference is resolved; (in parentheses): fewer than 6 samples.') \
        . ' Baseline itself: the darker, the more.'

SHARED_LEFT = 0
PANEL_PX = NYNAME * 44 + 4
LEFT_PX = 80
RIGHT_PX = 14
KEYS = 3
KEY_CHARS = 34
NCLASSES = 1
load SCRIPTS.'/style.gp'

# from white to a colour, and which: blue is faster, orange slower than baseline, full at a factor of two
mix(to, part) = int(255 + part * (to - 255) + 0.5)
shade(r, g, b, part) = mix(r, part) * 65536 + mix(g, part) * 256 + mix(b, part)
full(ratio) = abs(log(ratio) / log(2)) < 1 ? abs(log(ratio) / log(2)) : 1
colour(ratio, grey) = !(ratio > 0) ? shade(0x90, 0x90, 0x90, grey) \
                    : ratio < 1 ? shade(0x56, 0xa8, 0xe0, full(ratio)) : shade(0xe6, 0x8a, 0x1e, full(ratio))

eval OPEN
set xrange [0.5:NXNAME + 0.5]
set yrange [0.5:NYNAME + 0.5]
do for [p=1:NPANELS] {
	eval PLACE
	set xtics ('' 1) scale 0 noenhanced
	set for [i=1:NXNAME] xtics add (XNAME[i] i)
	set ytics ('' 1) scale 0 noenhanced
	set for [i=1:NYNAME] ytics add (YNAME[i] i)
	set xlabel OVER offset 0,0.2 noenhanced
	if (col(p) == 0) { set ylabel BY noenhanced } else { unset ylabel }
	plot $data using 2:($1 == p ? $3 : NaN):($2 - 0.5):($2 + 0.5):($3 - 0.5):($3 + 0.5):(colour($4, $5)) \
	             with boxxyerror fc rgb variable fs solid 1 border lc rgb 'white' notitle, \
	     $data using 2:($1 == p ? $3 + 0.2 : NaN):6 with labels center noenhanced font FONT.','.small tc rgb INK notitle, \
	     $data using 2:($1 == p ? $3 - 0.2 : NaN):7 with labels center noenhanced font FONT.','.small tc rgb INK notitle, \
	     keyentry with boxes fc rgb '#56a8e0' fs solid 1 title 'half of baseline, or less', \
	     keyentry with boxes fc rgb '#e68a1e' fs solid 1 title 'twice baseline, or more', \
	     keyentry with boxes fc rgb 'white' fs solid 1 border lc rgb GREY title 'as baseline; no box: not measured'
	eval NO_HEADLINE
}
eval CLOSE
