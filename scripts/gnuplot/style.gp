# SPDX-License-Identifier: BSD-3-Clause
#
# style.gp - what the plots share: colours, shapes, terminals, layout.
#
# Loaded by the other files after they have set, in pixels of a canvas 1280 wide:
#   PANEL_PX  height of a panel's plotting area
#   LEFT_PX   room left of it, for names or numbers
#   RIGHT_PX  room right of it
#   SHARED_LEFT  1: the second column needs no room of its own on the left
# and, for the key:
#   KEYS      how many entries it has
#   KEY_CHARS length of the longest of them
# Labels of other panels are empty texts, not NaN: gnuplot 5.4 ends by a signal where a panel has none.
# From the program: FORMAT (svg or png) STEM MACHINE CONDITIONS NOTE LEFT_OUT NPANELS NCOLS NROWS
# PANEL[] EMPTY[] CLASSES NCLASSES CLASS[] CLASS_CHARS; NAME[] NNAMES: variants, where there are any; CUT: an
# interval is wider than its panel, where there are any.

# Okabe and Ito's palette, by class: none smt near far xsocket. In grey their lightness
# differs, and so do the shapes and patterns.
array COLOUR[5] = ['#0072B2', '#009E73', '#0072B2', '#E69F00', '#CC79A7']
array FILL[5]   = [3, 5, 3, 4, 1]
array SHAPE[5]  = [7, 5, 7, 9, 13]
array HOLLOW[5] = [6, 4, 6, 8, 12]
INK = '#222222'
# the same point size is larger in an SVG, and the lines of small hollow marks are thin
PS = FORMAT eq 'svg' ? 0.8 : 1.0
HOLLOW_PS = FORMAT eq 'svg' ? 1.45 : 1.3
GREY = '#8a8a8a'
FAINT = '#dcdcdc'

# By enum ring_region. What the driver writes for the device is orange, what comes back is blue;
# what the two have next to each other differs in lightness, too; what asks for notifications is green or black.
array REGION_HUE[14] = ['#14304F', '#4B6E96', '#B04A00', '#F6B26B', '#2E9BD6', '#BFE3F7', '#000000', '#3F6B1F', '#7FB069', '#CFE3BC', '#8E3A80', '#F7EE9A', '#C8B8A8', '#7A7A7A']
array REGION_ON[14] = ['white', 'white', 'white', INK, INK, INK, 'white', 'white', INK, INK, 'white', INK, INK, 'white']

# Of a variant, by its name, the same in all plots: Okabe and Ito's palette, a kin of each for what
# stands on it, and a mark. Names without a place of their own get the last six in turn.
KNOWN = 'baseline shadow-avail fixed-layout in-order vectorized null-control null-control-2'
array LOOK_HUE[13] = ['#222222', '#E69F00', '#56B4E9', '#009E73', '#CC79A7', '#8a8a8a', '#b5b5b5', \
                      '#0072B2', '#D55E00', '#7f6b00', '#7a4fbf', '#B23A48', '#4f7d5a']
array LOOK_DARK[13] = ['#222222', '#7a5200', '#1d5f8a', '#004d38', '#7d3a5f', '#222222', '#222222', \
                       '#003454', '#6e2f00', '#3d3400', '#3c2266', '#5c141d', '#20402a']
array LOOK_MARK[13] = [7, 5, 9, 13, 11, 8, 8, 5, 7, 9, 13, 11, 5]
if (exists('NNAMES')) {
	array HUE_OF[NNAMES + 1]
	array DARK_OF[NNAMES + 1]
	array MARK_OF[NNAMES + 1]
	others = 0
	do for [i=1:NNAMES] {
		look = 0
		do for [k=1:words(KNOWN)] { look = word(KNOWN, k) eq NAME[i] ? k : look }
		if (look == 0) { look = words(KNOWN) + 1 + others % 6; others = others + 1 }
		HUE_OF[i] = LOOK_HUE[look]
		DARK_OF[i] = LOOK_DARK[look]
		MARK_OF[i] = LOOK_MARK[look]
	}
}

W = 1280
# the entries of the key are as wide as the longest
key_fit = int((W - 36) / (KEY_CHARS * 8.4 + 72))
key_fit = key_fit < 1 ? 1 : key_fit
key_lines = (KEYS + key_fit - 1) / key_fit
HEAD_PX = 110 + 22 * key_lines
TITLE_PX = 30
AXIS_PX = 74
# loaded once a format, so NOTE stays as it is
NOTES = NOTE.(exists('CUT') && CUT ? (NOTE eq '' ? '' : ' ').'A line that ends at the edge of a panel goes on beyond it.' : '')
H = HEAD_PX + NROWS * (TITLE_PX + PANEL_PX + AXIS_PX) + 40 + 20 * ((NOTES ne '') + (LEFT_OUT ne ''))

sx(px) = px / (1.0 * W)
sy(px) = 1 - px / (1.0 * H)

# Panels go row by row.
col(p) = (p - 1) % NCOLS
row(p) = (p - 1) / NCOLS
gap = SHARED_LEFT ? 34 : LEFT_PX
area_px = (W - LEFT_PX - (NCOLS - 1) * gap - NCOLS * RIGHT_PX) / NCOLS
left(p) = LEFT_PX + col(p) * (area_px + RIGHT_PX + gap)
top(p) = HEAD_PX + row(p) * (TITLE_PX + PANEL_PX + AXIS_PX) + TITLE_PX

SCALE = 1.5
# an SVG is drawn with whatever fonts its reader has
FONT = FORMAT eq 'svg' ? 'sans-serif' : 'DejaVu Sans'
SVG = sprintf("set terminal svg size %d,%d font '%s,14' background 'white' enhanced", W, H, FONT)
PNG = sprintf("set terminal pngcairo size %d,%d font '%s,10.5' fontscale %g linewidth %g pointscale %g dashlength %g background 'white' enhanced", \
              W * SCALE, H * SCALE, FONT, SCALE, SCALE, SCALE, SCALE)

set encoding utf8
set format x '%g'
set format y '%g'
set border 3 lw 1 lc rgb INK
set tics nomirror out textcolor rgb INK
set style line 10 lc rgb FAINT lw 1 dt 1
set style textbox opaque noborder
unset key

# Titles stand in the first panel only, at places of the whole canvas. Only our own words
# may be bold: what a machine calls itself could hold what enhanced text takes for markup.
# A font named 'x:Bold' would do for the bitmap, but is no font in an SVG.
HEADLINE = "set label 1 '{/:Bold '.TITLE.'}' at screen sx(24), screen sy(30) left font FONT.','.big;" \
         . "set label 2 MACHINE at screen sx(24), screen sy(57) left noenhanced;" \
         . "set label 3 CONDITIONS at screen sx(24), screen sy(79) left noenhanced;" \
         . "set label 4 READING at screen sx(24), screen sy(H - 18 - 20 * ((NOTES ne '') + (LEFT_OUT ne ''))) left tc rgb '#555555' noenhanced;" \
         . "set label 6 NOTES at screen sx(24), screen sy(H - 18 - 20 * (LEFT_OUT ne '')) left tc rgb '#555555' noenhanced;" \
         . "set label 7 LEFT_OUT at screen sx(24), screen sy(H - 18) left tc rgb '#555555' noenhanced;" \
         . "set key at screen sx(18), screen sy(96) left top Left reverse vertical maxrows key_lines samplen 1.6 width 2 textcolor rgb INK noenhanced"
NO_HEADLINE = "unset label 1; unset label 2; unset label 3; unset label 4; unset label 6; unset label 7; unset key"

PLACE = "set lmargin at screen sx(left(p)); set rmargin at screen sx(left(p)+area_px);" \
      . "set tmargin at screen sy(top(p)); set bmargin at screen sy(top(p)+PANEL_PX);" \
      . "set label 5 '{/:Bold '.PANEL[p].'}' at graph 0, graph 1 offset 0,character 0.9 left font FONT.','.middle;" \
      . "if (EMPTY[p] eq '') { unset label 8 } else { set label 8 EMPTY[p] at graph 0.5, graph 0.5 center front boxed tc rgb '#555555' noenhanced }"

# Names down the left side, once a row of panels; a list, or there would be numbers among them.
down(i) = NAME[i]
NAMES_DOWN = "set ytics ('' 0) scale 0 offset 0.4,0 noenhanced;" \
           . "if (col(p) == 0) { set for [i=1:rows] ytics add (down(i) i) } else { set for [i=1:rows] ytics add ('' i) }"

# Labels of a logarithmic axis ('x' or 'y'), LEAST to MOST: of round numbers, outward from
# one of them, none closer to its neighbour than a share of the axis that leaves room for its text.
ROUND_RATIOS = '0.01 0.02 0.05 0.1 0.15 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 0.95 1 1.05 1.1 1.2 1.3 1.5 1.7 2 2.5 3 4 5 7 10 15 20 50 100'
ROUND_TIMES = '0.01 0.02 0.05 0.1 0.2 0.5 1 2 5 10 20 50 100 200 500 1000 2000 5000 10000 20000 50000'
LOG_TICS(axis, from, share, numbers) = sprintf("set %stics ();", axis) \
         . sprintf("do for [up=0:1] { last = %g; do for [i=1:%d] {", from, words(numbers)) \
         . sprintf("v = word('%s', up ? i : %d - i) + 0.0;", numbers, words(numbers) + 1) \
         . sprintf("far = abs(log(v / last)) >= %g * log(MOST / LEAST);", share) \
         . sprintf("if (v >= LEAST && v <= MOST && (v == %g || (up == (v > %g) && far))) { set %stics add (sprintf('%%g', v) v); last = v } } }", from, from, axis)

# Font sizes follow the terminal: points of the bitmap are larger than pixels of the SVG.
OPEN = "big = FORMAT eq 'svg' ? '20' : '15'; middle = FORMAT eq 'svg' ? '15' : '11.25';" \
     . "small = FORMAT eq 'svg' ? '13' : '9.75';" \
     . "eval (FORMAT eq 'svg' ? SVG : PNG); set output STEM.'.'.FORMAT; set multiplot;" \
     . HEADLINE
CLOSE = "unset multiplot; unset output"
