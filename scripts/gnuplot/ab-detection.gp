# SPDX-License-Identifier: BSD-3-Clause
#
# ab-detection.gp - how many tables of `vringbench ab` say regression, by the slowdown that was planted.
#
# From scripts/ab-detection: FORMAT (svg or png), DATA (its curve.tsv), OUT.

INK = '#222222'
if (FORMAT eq 'svg') { set terminal svg size 900,520 font 'sans,14' background 'white' } else { set terminal pngcairo size 900,520 font 'sans,11' }
set output OUT
set datafile separator tab
set title 'Tables of ab that report a regression, by the planted slowdown' tc rgb INK
set xlabel 'planted slowdown, % of each timed sample'
set ylabel 'tables, %'
set xrange [-0.7:11]
set yrange [-8:108]
set grid ytics lc rgb '#dcdcdc'
set key bottom right
set arrow 1 from graph 0, first 90 to graph 1, first 90 nohead lc rgb '#8a8a8a' dt 2
plot DATA using 1:(100 * $4):(100 * $5):(100 * $6) skip 1 with yerrorbars pt 7 lc rgb '#0072B2' lw 2 \
	title 'share and its exact 95 % interval', \
     DATA using 1:(100 * $4) skip 1 with lines lc rgb '#0072B2' dt 3 notitle, \
     DATA using 1:(100 * $4):(sprintf('%d/%d', $3, $2)) skip 1 with labels offset 3,0.7 tc rgb INK notitle
