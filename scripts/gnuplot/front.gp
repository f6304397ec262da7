# SPDX-License-Identifier: BSD-3-Clause
#
# front.gp - what rings cost on the model against what they do: all that were run, the front, those
# with names, and the floor.
#
# $rings: work cost rings; $front: work cost, work ascending; $named: work cost
# height winner "label", height of the label as a share of the panel; COST: what is minimised; WORK: what stands
# for work, RUN: which rings are drawn;
# FLOOR: 0: it is not of that cost; BINNED: 1: a mark may be many rings; X_LEAST X_MOST Y_LEAST Y_MOST.

TITLE = 'Which rings move the fewest lines, and which do the least work'
READING = 'Down is fewer lines, left is fewer '.word(WORK, 1).'; both axes are logarithmic.' \
        . ' Grey: '.RUN.(BINNED ? ', darker where there are more.' : '.')

PANEL_PX = 560
LEFT_PX = 84
RIGHT_PX = 20
SHARED_LEFT = 0
KEYS = 4
KEY_CHARS = 44
NCLASSES = 1
load SCRIPTS.'/style.gp'

eval OPEN
set logscale xy
set xrange [X_LEAST:X_MOST]
set yrange [Y_LEAST:Y_MOST]
set grid xtics ytics ls 10
set xlabel WORK.' per buffer' offset 0,0.2
set ylabel COST
set xtics (1, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500)
set ytics (0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10, 20, 30, 50, 100, 200, 500)
p = 1
eval PLACE
set palette defined (0 '#d9e2ec', 1 '#8fa3b8', 2 '#3f5873')
unset colorbox
# a label stands at its height, right of its mark, with a line to it where it had to move
up(share) = Y_LEAST * (Y_MOST / Y_LEAST) ** share
right(x) = x * (X_MOST / X_LEAST) ** 0.011
plot $rings using 1:2:(log10($3)) with points pt 5 ps 0.62 * PS lc palette notitle, \
     (FLOOR > 0 ? FLOOR : NaN) with lines lw 2 dt 2 lc rgb '#B23A48' notitle, \
     $front using 1:2 with steps lw 2.4 lc rgb '#0072B2' notitle, \
     $front using 1:2 with points pt 7 ps 1.1 * PS lc rgb '#0072B2' notitle, \
     $named using (right($1)):(up($3)):($1 - right($1)):($2 - up($3)) with vectors nohead lw 0.7 lc rgb GREY notitle, \
     $named using 1:($4 == 0 ? $2 : NaN) with points pt 6 ps 1.3 * PS lw 1.6 lc rgb INK notitle, \
     $named using 1:($4 == 1 ? $2 : NaN) with points pt 3 ps 1.9 * PS lw 2.2 lc rgb '#B04A00' notitle, \
     $named using (right($1)):(up($3)):5 with labels left offset 0.3,0 font FONT.','.small tc rgb INK noenhanced notitle, \
     keyentry with points pt 5 ps 1.2 lc rgb '#8fa3b8' title RUN, \
     keyentry with linespoints pt 7 lw 2.4 lc rgb '#0072B2' title 'front', \
     keyentry with points pt 6 ps 1.3 lw 1.6 lc rgb INK title 'rings with a name', \
     keyentry with lines lw 2 dt 2 lc rgb '#B23A48' title (FLOOR > 0 ? sprintf('floor: %.3f, no ring can move fewer', FLOOR) : ' ')
eval CLOSE
