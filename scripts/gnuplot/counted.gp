# SPDX-License-Identifier: BSD-3-Clause
#
# counted.gp - what rings cost on the model against the instructions that were counted: front.gp, of fewer rings.

load SCRIPTS.'/front.gp'
