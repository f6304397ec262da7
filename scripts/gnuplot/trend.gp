# SPDX-License-Identifier: BSD-3-Clause
#
# trend.gp - series over the commits of a history, a panel each: values, levels, changes.
#
# $data: panel place value lo hi; $levels: panel from to level; $changes: panel place verdict
# (1 slower, 2 faster, 3 inconclusive, 4 below the margin) words turn; $turns: panel place words;
# LEAST[], MOST[]: of each panel; LAST: the newest place; COMMITS: labels; UNIT, SAME_UNIT; TIMES:
# there are intervals; TURNS, OUTSIDE: are there any?

one = NPANELS == 1
TITLE = one ? 'One figure over the commits of a history' : 'Figures over the commits of a history'
READING = (TIMES ? 'Point: a session, the mean of its launches; grey: its 95 % interval. ' : 'Point: a session. ') \
        . 'Dark line: mean level between changes.'.(TURNS ? ' Dotted: machine or build became another one.' : '')

SHARED_LEFT = 0
PANEL_PX = one ? 400 : 170
LEFT_PX = 84
RIGHT_PX = 34
KEYS = 4 + TURNS + OUTSIDE
KEY_CHARS = 28
load SCRIPTS.'/style.gp'

array HUE[4] = ['#B03A00', '#0072B2', INK, GREY]
array MARK[4] = [9, 11, 13, 6]
array WORD[4] = ['slower', 'faster', 'inconclusive', 'smaller than the margin']
size = PS * (LAST > 200 ? 0.35 : LAST > 60 ? 0.5 : 0.8) * (one ? 1 : 0.8)

eval OPEN
set xrange [-0.5 - 0.01 * LAST:LAST + 0.5 + 0.01 * LAST]
set grid ytics ls 10
set style fill solid 1 noborder
mark(p) = MOST[p] - 0.07 * (MOST[p] - LEAST[p])
beside(p, turn) = mark(p) - 0.1 * turn * (MOST[p] - LEAST[p])
drawn(p, v) = v >= LEAST[p] && v <= MOST[p]
in(p, v) = v < LEAST[p] ? LEAST[p] : v > MOST[p] ? MOST[p] : v
do for [p=1:NPANELS] {
	eval PLACE
	eval COMMITS
	set yrange [LEAST[p]:MOST[p]]
	if (one) { set xlabel 'commit, oldest left' offset 0,0.2 }
	if (one || (SAME_UNIT && col(p) == 0)) { set ylabel UNIT offset 0.5,0 } else { unset ylabel }
	plot $data using ($1 == p ? $2 : NaN):(in(p, $4)):(in(p, $5)) with filledcurves lc rgb '#d4d4d4' notitle, \
	     $turns using ($1 == p ? $2 : NaN):(LEAST[p]):(0):(MOST[p] - LEAST[p]) with vectors nohead lc rgb INK lw 1.4 dt 3 notitle, \
	     for [k=1:4] $changes using ($1 == p && $3 == k ? $2 : NaN):(LEAST[p]):(0):(mark(p) - LEAST[p]) with vectors nohead lc rgb HUE[k] lw 1.6 notitle, \
	     $data using ($1 == p && drawn(p, $3) ? $2 : NaN):3 with points pt 7 ps size lc rgb '#6a6a6a' notitle, \
	     $data using ($1 == p && $3 > MOST[p] ? $2 : NaN):(MOST[p]) with points pt 2 ps 0.8 * PS lc rgb INK notitle, \
	     $data using ($1 == p && $3 < LEAST[p] ? $2 : NaN):(LEAST[p]) with points pt 2 ps 0.8 * PS lc rgb INK notitle, \
	     $levels using ($1 == p ? $2 : NaN):4:($3 - $2):(0) with vectors nohead lc rgb INK lw 2.4 notitle, \
	     for [k=1:4] $changes using ($1 == p && $3 == k ? $2 : NaN):(mark(p)) with points pt MARK[k] ps 1.3 * PS lc rgb HUE[k] notitle, \
	     $changes using 2:(beside(p, $5)):($1 == p && $2 <= 0.8 * LAST ? strcol(4) : '') with labels left offset 0.9,0 font FONT.','.small noenhanced notitle, \
	     $changes using 2:(beside(p, $5)):($1 == p && $2 > 0.8 * LAST ? strcol(4) : '') with labels right offset -0.9,0 font FONT.','.small noenhanced notitle, \
	     $turns using 2:(LEAST[p] + 0.06 * (MOST[p] - LEAST[p])):(one && $1 == p ? strcol(3) : '') with labels left offset 0.6,0 font FONT.','.small noenhanced notitle, \
	     for [k=1:4] keyentry with points pt MARK[k] ps 1.3 * PS lc rgb HUE[k] title WORD[k], \
	     for [k=1:TURNS] keyentry with lines lc rgb INK lw 1.4 dt 3 title 'another machine or build', \
	     for [k=1:OUTSIDE] keyentry with points pt 2 ps 0.8 * PS lc rgb INK title 'outside the axis'
	eval NO_HEADLINE
}
eval CLOSE
