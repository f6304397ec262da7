/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_pmu_table.c - the table of events: complete, fit to be counted together, with the codes
 * that the list of sourced ones has and that libpfm4 gives.
 */
#include "host/perfctr.h"
#include "host/pmu_table.h"

#include "spawned.h"

#include <dlfcn.h>
#include <perfmon/pfmlib.h>
#include <sys/utsname.h>

#define FIRST_UARCH (UARCH_UNKNOWN + 1)
#define TRANSFERS   COUNTER_CYCLES /* the counters before it have rows */

/* "icx xfer_in_rd", for messages. */
static const char *row_name(const struct pmu_row *row)
{
	static char name[64];

	snprintf(name, sizeof(name), "%s %s", uarch_name(row->uarch), counter_name(row->counter));
	return name;
}

#define FOR_EACH_ROW(r) \
	for (const struct pmu_row *r = pmu_table_rows(&(unsigned){0}); r < rows_end(); r++)

static const struct pmu_row *rows_end(void)
{
	unsigned n;
	const struct pmu_row *rows = pmu_table_rows(&n);

	return rows + n;
}

/* ---- as a whole ---- */

Test(pmu_table, names_of_counters)
{
	cr_assert_str_eq(counter_name(COUNTER_XFER_IN_RD), "xfer_in_rd");
	cr_assert_str_eq(counter_name(COUNTER_XFER_IN_RFO), "xfer_in_rfo");
	cr_assert_str_eq(counter_name(COUNTER_XFER_IN_ANY), "xfer_in_any");
	cr_assert_str_eq(counter_name(COUNTER_INVAL_IN), "inval_in");
	cr_assert_str_eq(counter_name(COUNTER_CYCLES), "cycles");
	cr_assert_str_eq(counter_name(COUNTER_INSTRUCTIONS), "instructions");
	cr_assert_str_eq(counter_name(COUNTERS), "unknown");
}

Test(pmu_table, one_row_for_each_uarch_and_counter)
{
	unsigned n, seen[UARCH_COUNT][COUNTERS] = {{0}};
	const struct pmu_row *rows = pmu_table_rows(&n);

	for (unsigned i = 0; i < n; i++) {
		cr_assert_lt((unsigned)rows[i].uarch, (unsigned)UARCH_COUNT);
		cr_assert_lt((unsigned)rows[i].counter, (unsigned)TRANSFERS);
		seen[rows[i].uarch][rows[i].counter]++;
		cr_assert_eq(pmu_table_find(rows[i].uarch, rows[i].counter), &rows[i], "%s",
			     row_name(&rows[i]));
	}
	for (enum uarch u = FIRST_UARCH; u < UARCH_COUNT; u++) {
		for (enum counter c = 0; c < TRANSFERS; c++)
			cr_assert_eq(seen[u][c], 1U, "%s %s: %u rows", uarch_name(u),
				     counter_name(c), seen[u][c]);
	}
	cr_assert_eq(n, (unsigned)((UARCH_COUNT - FIRST_UARCH) * TRANSFERS));
}

Test(pmu_table, what_has_no_row)
{
	cr_assert_null(pmu_table_find(UARCH_UNKNOWN, COUNTER_XFER_IN_RD));
	cr_assert_null(pmu_table_find(UARCH_SKX, COUNTER_CYCLES));
	cr_assert_null(pmu_table_find(UARCH_SKX, COUNTER_INSTRUCTIONS));
	cr_assert_null(pmu_table_find(UARCH_COUNT, COUNTER_XFER_IN_RD));
}

Test(pmu_table, rows_say_what_they_must)
{
	FOR_EACH_ROW (r) {
		if (r->quality == PMU_UNAVAILABLE) {
			cr_assert(*r->note, "%s: no reason", row_name(r));
			cr_assert(!*r->pmu && !*r->event && !*r->source && !r->config &&
					  !r->config1,
				  "%s is unavailable and has a code", row_name(r));
			continue;
		}
		cr_assert(*r->pmu && *r->event && *r->source && r->config, "%s: not all there",
			  row_name(r));
		cr_assert(r->quality == PMU_EXACT || *r->note, "%s: an upper bound, and of what?",
			  row_name(r));
	}
}

/* Or the report would show the beginning of them only. */
Test(pmu_table, texts_fit_where_they_go)
{
	const struct perfctr_event room;

	FOR_EACH_ROW (r) {
		cr_assert_lt(strlen(r->event), sizeof(room.event), "%s", row_name(r));
		cr_assert_lt(strlen(r->note), sizeof(room.why), "%s", row_name(r));
		cr_assert_lt(strlen(r->source), sizeof(room.source), "%s", row_name(r));
	}
}

/* Beside cycles and instructions, which have counters of their own on Intel. */
Test(pmu_table, a_group_of_all_fits)
{
	for (enum uarch u = FIRST_UARCH; u < UARCH_COUNT; u++) {
		unsigned events = 0, offcore = 0;
		const char *pmu = NULL;

		for (enum counter c = 0; c < TRANSFERS; c++) {
			const struct pmu_row *r = pmu_table_find(u, c);

			if (r->quality == PMU_UNAVAILABLE)
				continue;
			events++;
			offcore += r->config1 != 0;
			cr_assert(!pmu || !strcmp(pmu, r->pmu), "%s: two PMUs in one group",
				  row_name(r));
			pmu = r->pmu;
		}
		cr_assert_leq(events, 4U, "%s", uarch_name(u));
		cr_assert_leq(offcore, 2U, "%s: two offcore registers", uarch_name(u));
	}
}

Test(pmu_table, pmu_of_the_kind_of_core)
{
	FOR_EACH_ROW (r) {
		const enum uarch u = r->uarch;
		const char *want = "cpu";

		if (r->quality == PMU_UNAVAILABLE)
			continue;
		if (u == UARCH_ADL_P || u == UARCH_LNL_P)
			want = "cpu_core";
		else if (u == UARCH_ADL_E || u == UARCH_LNL_E)
			want = "cpu_atom";
		cr_assert_str_eq(r->pmu, want, "%s", row_name(r));
	}
}

/* ---- against the list of sourced codes ---- */

#define COLUMNS 7
enum column { COL_UARCH = 1, COL_EVENT = 2, COL_CODE = 3, COL_SOURCE = 6 };

struct fact {
	char text[600];
	char *column[COLUMNS];
};

struct facts {
	struct fact fact[200];
	unsigned n;
};

/* What each microarchitecture is called there: only these rows are its own. */
static const char *const called[UARCH_COUNT][4] = {
	[UARCH_SKL] = {"SKL client"},
	[UARCH_SKX] = {"SKX", "SKX/CLX", "SKX..GNR", "SKX/SPR"},
	[UARCH_CLX] = {"SKX/CLX", "SKX..GNR"},
	[UARCH_ICX] = {"ICX", "SKX..GNR"},
	[UARCH_SPR] = {"SPR/EMR", "SPR/EMR/GNR", "SKX..GNR", "SKX/SPR"},
	[UARCH_EMR] = {"SPR/EMR", "SPR/EMR/GNR", "SKX..GNR"},
	[UARCH_GNR] = {"SPR/EMR/GNR", "SKX..GNR"},
	[UARCH_SRF] = {"SRF (Crestmont server)"},
	[UARCH_ADL_P] = {"ADL P-core (Golden Cove)"},
	[UARCH_ADL_E] = {"ADL E-core (Gracemont)"},
	[UARCH_LNL_P] = {"LNL P-core (Lion Cove)"},
	[UARCH_ZEN2] = {"zen2", "zen2/3/4"},
	[UARCH_ZEN3] = {"zen3", "zen2/3/4"},
	[UARCH_ZEN4] = {"zen4/zen5", "zen2/3/4"},
	[UARCH_ZEN5] = {"zen5", "zen4/zen5"},
	[UARCH_N1] = {"neoverse n1/n2/v1/v2"},
	[UARCH_N2] = {"neoverse n1/n2/v1/v2", "neoverse n2/v2"},
	[UARCH_V1] = {"neoverse n1/n2/v1/v2"},
	[UARCH_V2] = {"neoverse n1/n2/v1/v2", "neoverse n2/v2"},
};

static void facts_read(struct facts *out)
{
	char path[4200];
	FILE *f;

	snprintf(path, sizeof(path), "%s/sim/host/pmu_events.csv", spawn_root());
	f = fopen(path, "re");
	cr_assert(f, "%s", path);
	while (out->n < ARRAY_SIZE(out->fact)) {
		struct fact *fact = &out->fact[out->n];
		char *at = fact->text;

		if (!fgets(fact->text, sizeof(fact->text), f))
			break;
		if (*fact->text == '#')
			continue;
		for (unsigned i = 0; i < COLUMNS; i++)
			fact->column[i] = at ? strsep(&at, ",\n") : NULL;
		cr_assert(fact->column[COLUMNS - 1], "%s, row %u", path, out->n + 1);
		out->n++;
	}
	cr_assert(feof(f) && out->n > 1, "%s: %u lines", path, out->n);
	fclose(f);
}

static bool is_called(enum uarch u, const char *name)
{
	for (unsigned i = 0; i < ARRAY_SIZE(called[u]) && called[u][i]; i++) {
		if (!strcmp(called[u][i], name))
			return true;
	}
	return false;
}

static const struct fact *fact_find(const struct facts *facts, enum uarch u, const char *event)
{
	for (unsigned i = 0; i < facts->n; i++) {
		const struct fact *f = &facts->fact[i];

		if (is_called(u, f->column[COL_UARCH]) && !strcmp(event, f->column[COL_EVENT]))
			return f;
	}
	return NULL;
}

/* The number after "term="; 0: there is none. */
static uint64_t term(const char *code, const char *name)
{
	const char *at = strstr(code, name);

	return at ? strtoull(at + strlen(name), NULL, 16) : 0;
}

/* "r04d2" is the config itself; bits 8-11 of an event select stand at 32. */
static void fact_config(const char *code, uint64_t *config, uint64_t *config1)
{
	const uint64_t event = term(code, "event=");

	*config1 = term(code, "offcore_rsp=");
	if (event)
		*config = (event & 0xff) | term(code, "umask=") << 8 | (event >> 8) << 32;
	else
		*config = strtoull(code + 1, NULL, 16);
}

/* The length of "A." in "A.B + C". */
static int first_group(const char *event)
{
	size_t n = strcspn(event, " ");

	while (n && event[n - 1] != '.')
		n--;
	return (int)n;
}

/* The codes of "A.B + C", which is A.B and A.C, and that the row has the sources of each. */
static void event_config(const struct facts *facts, const struct pmu_row *row, uint64_t *config,
			 uint64_t *config1)
{
	char names[200], *at = names, *name;
	int group = 0;

	*config = *config1 = 0;
	snprintf(names, sizeof(names), "%s", row->event);
	while ((name = strsep(&at, "+"))) {
		char event[300];
		uint64_t one, response;
		const struct fact *f;

		name += strspn(name, " ");
		name[strcspn(name, " ")] = '\0';
		snprintf(event, sizeof(event), "%.*s%s", group, row->event, name);
		f = fact_find(facts, row->uarch, event);
		cr_assert(f, "%s: %s is not sourced for it", row_name(row), event);
		fact_config(f->column[COL_CODE], &one, &response);
		cr_assert(one, "%s: %s", event, f->column[COL_CODE]);
		cr_assert(!*config || !((*config ^ one) & ~0xff00ULL), "%s: %s, another select",
			  row_name(row), event);
		cr_assert(strstr(row->source, f->column[COL_SOURCE]), "%s: %s", row_name(row),
			  f->column[COL_SOURCE]);
		*config |= one;
		*config1 |= response;
		group = first_group(row->event);
	}
}

Test(pmu_table, codes_are_the_sourced_ones)
{
	struct facts *facts = calloc(1, sizeof(*facts));

	cr_assert(facts);
	facts_read(facts);
	FOR_EACH_ROW (r) {
		uint64_t config, config1;

		if (r->quality == PMU_UNAVAILABLE)
			continue;
		event_config(facts, r, &config, &config1);
		cr_assert_eq(r->config, config, "%s: 0x%lx, sourced 0x%lx", row_name(r), r->config,
			     config);
		cr_assert_eq(r->config1, config1, "%s: offcore 0x%lx, sourced 0x%lx", row_name(r),
			     r->config1, config1);
	}
	free(facts);
}

/* An event select of more than 8 bits: AMD's of L2 fills, which no row has yet. */
Test(pmu_table, codes_of_twelve_bits)
{
	struct facts *facts = calloc(1, sizeof(*facts));
	const struct fact *f;
	uint64_t config, config1;

	cr_assert(facts);
	facts_read(facts);
	f = fact_find(facts, UARCH_ZEN5, "l2_fill_rsp_src.near_cache");
	cr_assert(f);
	fact_config(f->column[COL_CODE], &config, &config1);
	cr_assert_eq(config, 0x100000465ULL);
	expect_in(f->column[COL_CODE], "(r100000465)");
	free(facts);
}

/* ---- against libpfm4 ---- */

/* Opened at run time: without it the other tests run. */
struct pfm {
	__typeof__(pfm_initialize) *initialize;
	__typeof__(pfm_strerror) *strerror;
	__typeof__(pfm_get_os_event_encoding) *encode;
	bool strict; /* of the version whose names stand below */
};

static void *symbol(void *lib, const char *name)
{
	void *at = dlsym(lib, name);

	cr_assert(at, "libpfm has no %s", name);
	return at;
}

static void pfm_open(struct pfm *out)
{
	void *lib = dlopen("libpfm.so.4", RTLD_NOW);
	freed_by(free_text) char *path;
	Dl_info where;
	int code;

	if (!lib)
		cr_skip_test("%s", dlerror());
	out->initialize = symbol(lib, "pfm_initialize");
	out->strerror = symbol(lib, "pfm_strerror");
	out->encode = symbol(lib, "pfm_get_os_event_encoding");
	setenv("LIBPFM_ENCODE_INACTIVE", "1", 1);
	code = out->initialize();
	if (code != PFM_SUCCESS)
		cr_skip_test("pfm_initialize: %s", out->strerror(code));
	cr_assert(dladdr((const void *)out->initialize, &where));
	path = realpath(where.dli_fname, NULL);
	out->strict = path && strstr(path, ".so.4.13");
}

/* What libpfm calls the event of a row; several unit masks are or-ed here, for it joins not all. */
static const struct {
	enum uarch uarch;
	enum counter counter;
	const char *names[3]; /* none: libpfm 4.13 does not have it */
} known[] = {
	{UARCH_SKL, COUNTER_XFER_IN_RD, {"skl::MEM_LOAD_L3_HIT_RETIRED:XSNP_HITM"}},
	{UARCH_SKL, COUNTER_XFER_IN_RFO, {"skl::OFFCORE_RESPONSE_0:DMND_RFO:L3_HIT:SNP_HITM"}},
	{UARCH_SKX, COUNTER_XFER_IN_RD, {"skx::OFFCORE_RESPONSE_0:DMND_DATA_RD:L3_HIT:SNP_HITM"}},
	{UARCH_SKX, COUNTER_XFER_IN_RFO, {"skx::OFFCORE_RESPONSE_0:DMND_RFO:L3_HIT:SNP_HITM"}},
	{UARCH_SKX,
	 COUNTER_INVAL_IN,
	 {"skx::CORE_SNOOP_RESPONSE:RSP_IFWDM", "skx::CORE_SNOOP_RESPONSE:RSP_IHITFSE",
	  "skx::CORE_SNOOP_RESPONSE:RSP_IFWDFE"}},
	{UARCH_CLX, COUNTER_XFER_IN_RD, {"clx::MEM_LOAD_L3_HIT_RETIRED:XSNP_HITM"}},
	{UARCH_CLX,
	 COUNTER_INVAL_IN,
	 {"clx::CORE_SNOOP_RESPONSE:RSP_IFWDM", "clx::CORE_SNOOP_RESPONSE:RSP_IHITFSE",
	  "clx::CORE_SNOOP_RESPONSE:RSP_IFWDFE"}},
	/* the name that it had before XSNP_FWD */
	{UARCH_ICX, COUNTER_XFER_IN_RD, {"icx::MEM_LOAD_L3_HIT_RETIRED:XSNP_HITM"}},
	{UARCH_ICX, COUNTER_XFER_IN_RFO, {"icx::OCR:DEMAND_RFO_L3_HIT_SNOOP_HITM"}},
	{UARCH_ICX, COUNTER_XFER_IN_ANY, {"icx::OCR:READS_TO_CORE_L3_HIT_SNOOP_HITM"}},
	{UARCH_ICX, COUNTER_INVAL_IN, {NULL}},
	{UARCH_SPR, COUNTER_XFER_IN_RD, {"spr::MEM_LOAD_L3_HIT_RETIRED:XSNP_FWD"}},
	{UARCH_SPR, COUNTER_XFER_IN_RFO, {"spr::OCR:DEMAND_RFO_L3_HIT_SNOOP_HITM"}},
	{UARCH_SPR, COUNTER_XFER_IN_ANY, {"spr::OCR:READS_TO_CORE_L3_HIT_SNOOP_HITM"}},
	{UARCH_SPR, COUNTER_INVAL_IN, {NULL}},
	{UARCH_ZEN2, COUNTER_XFER_IN_RFO, {"amd64_fam17h_zen2::REQUESTS_TO_L2_GROUP1:RD_BLK_X"}},
	{UARCH_ZEN2,
	 COUNTER_XFER_IN_ANY,
	 {"amd64_fam17h_zen2::DATA_CACHE_REFILLS_FROM_SYSTEM:LS_MABRESP_LCL_CACHE",
	  "amd64_fam17h_zen2::DATA_CACHE_REFILLS_FROM_SYSTEM:LS_MABRESP_RMT_CACHE"}},
	{UARCH_ZEN3, COUNTER_XFER_IN_RFO, {"amd64_fam19h_zen3::REQUESTS_TO_L2_GROUP1:RD_BLK_X"}},
	{UARCH_ZEN3,
	 COUNTER_XFER_IN_ANY,
	 {"amd64_fam19h_zen3::DEMAND_DATA_CACHE_FILLS_FROM_SYSTEM:INT_CACHE",
	  "amd64_fam19h_zen3::DEMAND_DATA_CACHE_FILLS_FROM_SYSTEM:EXT_CACHE_LCL",
	  "amd64_fam19h_zen3::DEMAND_DATA_CACHE_FILLS_FROM_SYSTEM:EXT_CACHE_RMT"}},
	{UARCH_ZEN4, COUNTER_XFER_IN_RFO, {"amd64_fam19h_zen4::REQUESTS_TO_L2_GROUP1:RD_BLK_X"}},
	{UARCH_ZEN4,
	 COUNTER_XFER_IN_ANY,
	 {"amd64_fam19h_zen4::ANY_DATA_CACHE_FILLS_FROM_SYSTEM:LOCAL_CCX",
	  "amd64_fam19h_zen4::ANY_DATA_CACHE_FILLS_FROM_SYSTEM:NEAR_CACHE_NEAR_FAR",
	  "amd64_fam19h_zen4::ANY_DATA_CACHE_FILLS_FROM_SYSTEM:FAR_CACHE_NEAR_FAR"}},
};

/* What it sets by itself: count in user space, interrupt, enable. */
#define PFM_OWN_BITS (1ULL << 16 | 1ULL << 20 | 1ULL << 22)

/* False: this libpfm does not know the name. */
static bool pfm_config(const struct pfm *pfm, const char *name, uint64_t *config, uint64_t *config1)
{
	pfm_pmu_encode_arg_t arg = {.size = sizeof(arg)};
	const int code = pfm->encode(name, PFM_PLM3, PFM_OS_NONE, &arg);

	if (code != PFM_SUCCESS) {
		cr_assert(!pfm->strict, "%s: %s", name, pfm->strerror(code));
		return false;
	}
	cr_assert(arg.count == 1 || arg.count == 2, "%s: %d codes", name, arg.count);
	*config |= arg.codes[0] & ~PFM_OWN_BITS;
	*config1 |= arg.count == 2 ? arg.codes[1] : 0;
	free(arg.codes);
	return true;
}

Test(pmu_table, codes_are_those_of_libpfm4)
{
	struct utsname machine;
	unsigned compared = 0;
	struct pfm pfm;

	cr_assert_eq(uname(&machine), 0);
	if (strcmp(machine.machine, "x86_64"))
		cr_skip_test("libpfm4 knows the CPUs of its own machine, and the rows are of x86");
	pfm_open(&pfm);
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		const struct pmu_row *row = pmu_table_find(known[i].uarch, known[i].counter);
		uint64_t config = 0, config1 = 0;
		bool all = known[i].names[0];

		for (size_t j = 0; j < ARRAY_SIZE(known[i].names) && known[i].names[j]; j++)
			all = all && pfm_config(&pfm, known[i].names[j], &config, &config1);
		if (!all)
			continue;
		compared++;
		cr_assert_eq(row->config, config, "%s: 0x%lx, libpfm 0x%lx", row_name(row),
			     row->config, config);
		cr_assert_eq(row->config1, config1, "%s: offcore 0x%lx, libpfm 0x%lx",
			     row_name(row), row->config1, config1);
	}
	if (!compared)
		cr_skip_test("this libpfm4 knows none of these microarchitectures");
}

/* So that a row added for one of these is compared, too. */
Test(pmu_table, no_row_is_left_out_of_the_comparison)
{
	static const enum uarch of_libpfm[] = {UARCH_SKL, UARCH_SKX,  UARCH_CLX,  UARCH_ICX,
					       UARCH_SPR, UARCH_ZEN2, UARCH_ZEN3, UARCH_ZEN4};

	for (size_t i = 0; i < ARRAY_SIZE(of_libpfm); i++) {
		for (enum counter c = 0; c < TRANSFERS; c++) {
			const struct pmu_row *row = pmu_table_find(of_libpfm[i], c);
			bool listed = false;

			for (size_t k = 0; k < ARRAY_SIZE(known); k++)
				listed |= known[k].uarch == row->uarch && known[k].counter == c;
			cr_assert_eq(listed, row->quality != PMU_UNAVAILABLE, "%s", row_name(row));
		}
	}
}
