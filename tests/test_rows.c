/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_rows.c - the table of row kinds: what it refuses, and what is made of it for others.
 */
#include "session_builder.h"

#include "session/codec.h"
#include "session/schema.h"

TestSuite(rows, .init = make_folder, .fini = drop_folder);

#define SIDE                                                                                  \
	"{\"polls\":9,\"empty_polls\":1,\"vol_switches\":0,\"invol_switches\":0,"             \
	"\"minor_faults\":0,\"major_faults\":0,\"migrations\":0,\"busy_ns\":0,\"task_ns\":0," \
	"\"cpu_before\":0,\"cpu_after\":0}"
#define EVENT                                                                                         \
	"{\"name\":\"e\",\"counter\":false,\"state\":\"as asked\",\"type\":4,\"event\":\"\",\"why\":" \
	"\"\",\"source\":\"\",\"config\":\"0x1\",\"config1\":\"0x0\",\"config2\":\"0x0\","            \
	"\"per_handoff\":null,\"alone\":1.5}"
#define BINS(bins)                                                                  \
	"{\"bursts\":1,\"moved\":4,\"productive_ns\":5,\"empty_ns\":6,\"polls\":2," \
	"\"empty_polls\":1,\"by_size\":" bins "}"
#define PROFILED BINS("[0,0,1]")
#define COUNTED(event, value, status)                                                \
	"[{\"event\":\"" event "\",\"value\":" value ",\"unit\":\"\",\"running\":1," \
	"\"status\":\"" status "\"}]"
#define VALUES "{\"enabled_ns\":5,\"running_ns\":5,\"values\":[7]}"
#define LINES  "{\"accesses\":5,\"read_dirty\":{\"desc\":1}}"

/* A session with a row of each kind, which no command would write. */
static const char *const good[] = {
	"{\"type\":\"session\",\"schema\":1,\"engine\":\"native\",\"counters\":{\"mode\":\"all\","
	"\"require\":false,\"sides\":[{\"side\":\"driver\",\"uarch\":\"x\",\"events\":[" EVENT
	"]},{\"side\":\"device\",\"uarch\":\"x\",\"events\":[" EVENT "]}]},\"perf_stat\":{"
	"\"version\":\"6\",\"paranoid\":2,\"asked\":[\"e\"],\"format\":\"json\",\"events\":[{"
	"\"name\":\"e\",\"unit\":\"\"}]}}",
	"{\"type\":\"cell\",\"id\":0,\"group\":0,\"role\":\"baseline\",\"variant\":\"baseline\","
	"\"direction\":\"rx\",\"ring_size\":256,\"burst\":32,\"payload\":0}",
	"{\"type\":\"cell\",\"id\":1,\"group\":0,\"role\":\"variant\",\"variant\":\"in-order\","
	"\"direction\":\"tx\",\"ring_size\":256,\"burst\":32,\"payload\":64,\"loop\":\"open\","
	"\"rate\":1000}",
	"{\"type\":\"sample\",\"cell\":0,\"launch\":0,\"round\":0,\"position\":0,\"buffers\":1000,"
	"\"elapsed_ns\":5000,\"c2c_before_ns\":20.5,\"c2c_after_ns\":21.5,\"place\":\"near\","
	"\"steal_ns\":-1,\"flags\":[\"faulted\"],\"start_ns\":0,\"drv\":" SIDE ",\"dev\":" SIDE "}",
	"{\"type\":\"events\",\"cell\":0,\"launch\":0,\"round\":0,\"drv\":" VALUES
	",\"dev\":" VALUES "}",
	"{\"type\":\"counts\",\"cell\":0,\"buffers\":1000,\"elapsed_ns\":5000,\"driver\":" LINES
	",\"device\":" LINES "}",
	"{\"type\":\"modelled\",\"cell\":1,\"protocol\":\"mesi\",\"buffers\":8,\"driver\":" LINES
	",\"device\":" LINES "}",
	"{\"type\":\"instructions\",\"cell\":0,\"driver\":20.5,\"device\":30.5,\"simd\":null,"
	"\"source\":\"gcc\"}",
	"{\"type\":\"prediction\",\"cell\":0,\"place\":\"near\",\"compute_drv_ns\":1.5,"
	"\"compute_dev_ns\":2.5,\"serial_ns\":9.5,\"overlapped_ns\":7.5}",
	"{\"type\":\"measured\",\"cell\":0,\"place\":\"near\",\"ns\":8.5,\"lo\":null,\"hi\":9.5,\"n\":3}",
	"{\"type\":\"profile\",\"cell\":0,\"launch\":1,\"round\":0,\"place\":\"far\",\"c2c_ns\":100.5,"
	"\"buffers\":4,\"elapsed_ns\":60,\"drv\":" PROFILED ",\"dev\":" PROFILED "}",
	"{\"type\":\"compute\",\"cell\":1,\"drv_ns\":1.5,\"dev_ns\":0.5}",
	"{\"type\":\"perf\",\"cell\":0,\"launch\":0,\"buffers\":1000,\"acknowledged\":true,"
	"\"beyond\":-0.5,\"counts\":[{\"event\":\"e\",\"value\":5,\"unit\":\"\",\"running\":1,"
	"\"status\":\"counted\"}]}",
	"{\"type\":\"hist\",\"cell\":1,\"launch\":0,\"place\":\"near\",\"samples\":2,"
	"\"backwards\":0,\"digits\":3,\"count\":3,\"min_ns\":40,\"max_ns\":50,\"bins\":[[40,2],"
	"[50,1]]}",
	"{\"type\":\"warning\",\"text\":\"hm\"}",
	"{\"type\":\"process\",\"cell\":0,\"block\":0,\"slot\":1,\"side\":\"new\",\"place\":\"near\",\"ns\":20.5,"
	"\"samples\":4}",
	"{\"type\":\"ring\",\"cell\":0,\"roles\":[\"winner\",\"step\"],\"step\":1,\"driver_accesses\":2.5,"
	"\"device_accesses\":2.25,\"upgrades\":0.5,\"transfers\":{\"desc\":0.25},\"ns\":[]}",
	"{\"type\":\"points\",\"binned\":true,\"points\":[[3,0.25,2.5]]}",
	"{\"type\":\"drive\",\"peer\":null,\"variant\":\"packed\",\"device\":\"blk\",\"mode\":\"mixed\","
	"\"notify\":\"flags\",\"ring_size\":256,\"burst\":32,\"payload\":4096,\"end\":\"done\",\"asked\":9,"
	"\"done\":9,\"features\":\"0x1\",\"kicks\":1,\"kicks_spared\":2,\"timed\":8,\"elapsed_ns\":5,"
	"\"blk\":{\"access\":\"random\",\"depth\":2,\"blocks\":3,\"sectors\":24,\"reads\":4,\"writes\":5,"
	"\"verified_bytes\":8,\"late\":1,\"late_by\":1,\"other_lengths\":0,\"posted\":15,\"entries_spared\":0}}",
	"{\"type\":\"end\",\"status\":\"complete\",\"ended\":\"2026-01-01T00:00:00Z\",\"cells\":2,"
	"\"samples\":1}",
};

/* Loads the good rows, with @row in place of row @at, or behind it. */
static int load_with(size_t at, const json_t *row, bool behind, struct vrb_err *err)
{
	FILE *f = fopen(in_folder("rows.jsonl"), "w");
	struct session s;
	int rc;

	cr_assert_not_null(f);
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		if (i != at || behind)
			fprintf(f, "%s\n", good[i]);
		if (i == at) {
			json_dumpf(row, f, JSON_COMPACT | JSON_ENCODE_ANY);
			fputc('\n', f);
		}
	}
	fclose(f);
	*err = (struct vrb_err){""};
	rc = session_load(in_folder("rows.jsonl"), &s, err);
	if (!rc)
		session_free(&s);
	return rc;
}

/* Rows that were refused, for the schema to refuse them, too. */
struct refused {
	FILE *rows;
	size_t at; /* of the row at hand, in good[] */
};

/*
 * A row in which one member is @value, or missing where that is NULL, is refused; the line names it
 * and what is legal.
 */
static void expect_bad(const struct refused *to, json_t *row, json_t *o, const char *prefix,
		       const struct field *f, json_t *value)
{
	json_t *before = json_incref(json_object_get(o, f->key));
	char where[32], member[96], legal[200];
	struct vrb_err err;

	if (value)
		json_object_set_new(o, f->key, value);
	else
		json_object_del(o, f->key);
	snprintf(where, sizeof(where), ":%zu: ", to->at + 1);
	snprintf(member, sizeof(member), "\"%s%s\"", prefix, f->key);
	codec_legal(f, legal, sizeof(legal));

	const int rc = load_with(to->at, row, false, &err);
	freed_by(free_text) char *text = json_dumps(row, JSON_COMPACT);

	cr_expect_eq(rc, -EINVAL, "%s", text);
	cr_expect_not_null(strstr(err.msg, where), "%s\n%s", text, err.msg);
	if (f->type == FIELD_HOOK)
		cr_expect_not_null(strstr(err.msg, f->key), "%s\n%s", text, err.msg);
	else
		cr_expect(strstr(err.msg, member) && strstr(err.msg, legal), "%s\n%s", text,
			  err.msg);
	fprintf(to->rows, "%s\n", text);
	json_object_set_new(o, f->key, before);
}

static bool is_integer(const struct field *f)
{
	return f->type == FIELD_COUNT || f->type == FIELD_WHOLE;
}

/* All that one field does not allow. */
static void try_field(const struct refused *to, json_t *row, json_t *o, const char *prefix,
		      const struct field *f)
{
	if (f->type == FIELD_HOOK && f->flags & FIELD_OPTIONAL)
		return;
	if (!(f->flags & FIELD_OPTIONAL))
		expect_bad(to, row, o, prefix, f, NULL);
	if (f->type != FIELD_OBJECT)
		expect_bad(to, row, o, prefix, f, json_object());
	if (f->type != FIELD_HOOK && !(f->flags & FIELD_NULL))
		expect_bad(to, row, o, prefix, f, json_null());
	if (is_integer(f) || f->type == FIELD_REAL || f->type == FIELD_BOOL)
		expect_bad(to, row, o, prefix, f, json_string("x"));
	if (is_integer(f)) {
		expect_bad(to, row, o, prefix, f, json_real(1.5));
		expect_bad(to, row, o, prefix, f, json_integer(f->min - 1));
		if (f->max || f->size < sizeof(uint64_t))
			expect_bad(to, row, o, prefix, f, json_integer(field_max(f) + 1));
	}
	if (f->type == FIELD_REAL && !(f->flags & FIELD_ANY))
		expect_bad(to, row, o, prefix, f,
			   json_real((double)f->min - (f->flags & FIELD_ABOVE ? 0 : 1e-9)));
	if (f->type == FIELD_REAL && f->max)
		expect_bad(to, row, o, prefix, f, json_real((double)f->max + 1e-9));
	if (f->type == FIELD_NAME)
		expect_bad(to, row, o, prefix, f, json_string("surprise"));
	if (f->type == FIELD_NAMES)
		expect_bad(to, row, o, prefix, f, json_pack("[s]", "surprise"));
	if ((f->type == FIELD_TEXT || f->type == FIELD_STRING) && f->min)
		expect_bad(to, row, o, prefix, f, json_string(""));
}

static void try_fields(const struct refused *to, json_t *row, json_t *o, const char *prefix,
		       const struct fields *fields)
{
	for (size_t i = 0; i < fields->n; i++) {
		const struct field *f = &fields->field[i];
		json_t *v = json_object_get(o, f->key);
		char inner[64];

		if (v)
			try_field(to, row, o, prefix, f);
		snprintf(inner, sizeof(inner), "%s%s.", prefix, f->key);
		if (f->type == FIELD_OBJECT && v)
			try_fields(to, row, json_object_get(o, f->key), inner, f->of);
	}
}

static json_t *good_row(size_t at)
{
	return json_loads(good[at], 0, NULL);
}

static const struct row_kind *kind_of(const json_t *row)
{
	return row_kind_of(json_string_value(json_object_get(row, "type")));
}

Test(rows, a_session_with_a_row_of_each_kind_is_read)
{
	bool seen[ROW_TYPES] = {false};
	json_t *end = good_row(ARRAY_SIZE(good) - 1);

	must(load_with, ARRAY_SIZE(good) - 1, end, false);
	json_decref(end);
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		json_t *row = good_row(i);

		seen[kind_of(row) - row_kinds] = true;
		json_decref(row);
	}
	for (size_t i = 0; i < ROW_TYPES; i++)
		cr_expect(seen[i], "no %s row was tried", row_kinds[i].type);
}

Test(rows, a_member_that_is_not_what_the_table_says_is_refused)
{
	freed_by(free_text) char *rows;
	size_t size;
	struct refused to = {.rows = open_memstream(&rows, &size)};
	FILE *f = fopen(in_folder("good.jsonl"), "w");

	cr_assert(f && to.rows);
	for (to.at = 1; to.at < ARRAY_SIZE(good); to.at++) {
		json_t *row = good_row(to.at);

		fprintf(f, "%s\n", good[to.at]);
		try_fields(&to, row, row, "", kind_of(row)->fields);
		json_decref(row);
	}
	fclose(f);
	fclose(to.rows);
	expect_by_schema(in_folder("good.jsonl"), rows);
}

Test(rows, a_member_of_the_head_with_a_wrong_type_is_refused)
{
	static const struct {
		const char *key, *value, *told;
	} bad[] = {
		{"schema", "\"x\"", "\"schema\" is not a whole number"},
		{"dirty", "7", "\"dirty\" is not true or false"},
		{"command", "7", "\"command\" is not a string"},
		{"plan", "{\"margin\":-1}", "\"plan.margin\" is not a number from 0"},
		{"plan", "[]", "\"plan\" is not an object"},
		{"engine", "\"model\"", "\"model\" is not an object"},
		{"counters", "{\"mode\":\"all\",\"sides\":[]}", "an array of two"},
		{"perf_stat", "{\"events\":[1]}", "\"perf_stat.events.name\""},
		{"host", "{\"nodes\":\"x\"}", "\"host.nodes\" is not a whole number"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		json_t *row = good_row(0);

		json_object_set_new(row, bad[i].key,
				    json_loads(bad[i].value, JSON_DECODE_ANY, NULL));
		expect_in(refusal(-EINVAL, load_with, 0, row, false), bad[i].told);
		json_decref(row);
	}
}

Test(rows, a_second_row_with_the_same_key_is_refused)
{
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		json_t *row = good_row(i);
		const struct row_kind *kind = kind_of(row);
		bool key = false;
		char told[64];

		for (size_t k = 0; k < kind->fields->n; k++)
			key |= kind->fields->field[k].flags & FIELD_KEY;
		snprintf(told, sizeof(told), "a second %s row of cell ", kind->type);
		if (key) {
			expect_in(refusal(-EINVAL, load_with, i, row, true), told, ", after line ");
		}
		json_decref(row);
	}
}

Test(rows, a_row_of_a_cell_that_is_not_there_is_refused)
{
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		json_t *row = good_row(i);

		if (json_object_get(row, "cell")) {
			json_object_set_new(row, "cell", json_integer(9));
			expect_in(refusal(-EINVAL, load_with, i, row, false),
				  "row of cell 9, of which no row came before");
		}
		json_decref(row);
	}
}

/* What more than one row or field has to say of, beyond the table. */
Test(rows, what_does_not_fit_together_is_refused)
{
	static const struct {
		size_t at;
		const char *member, *value, *told;
	} bad[] = {
		{1, "ring_size", "1", "2 to 32768"},
		{2, "id", "5", "cell 5, where cell 1 is due"},
		{2, "role", "\"baseline\"", "a second baseline of group 0, after line 2"},
		{2, "variant", "\"baseline\"", "a second baseline in group 0, after line 2"},
		{2, "rate", NULL, "\"rate\" is not there, though the \"loop\" is open"},
		{4, "round", "1", "events of cell 0, launch 0, round 1, which do not follow"},
		{5, "cell", "1", "counts of cell 1, which do not follow"},
		{5, "buffers", "999", "\"buffers\" is not that of the sample before"},
		{5, "driver", "{}", "\"driver.accesses\" is not there"},
		{5, "driver", "{\"accesses\":1,\"x\":{}}", "\"driver.x\" is not a name"},
		{5, "device", "{\"accesses\":1,\"upgrade\":{\"x\":1}}", "\"device.upgrade.x\""},
		{5, "device", "{\"accesses\":1,\"upgrade\":{\"desc\":-1}}", "0 to 2^53"},
		{5, "device", "{\"accesses\":1,\"elsewhere\":{\"desc>desc\":1}}", "lost>wanted"},
		{5, "device", "{\"accesses\":9007199254740993}", "\"device.accesses\""},
		{5, "device", "{\"accesses\":1,\"read_dirty\":[]}", "not an object"},
		{5, "device", "{\"accesses\":1,\"elsewhere\":{\"desc\":1}}", "lost>wanted"},
		{4, "drv", "{\"enabled_ns\":1,\"running_ns\":1,\"values\":[1,2]}", "as long as"},
		{4, "drv", "{\"enabled_ns\":1,\"running_ns\":1,\"values\":[-1]}",
		 "of whole numbers"},
		{10, "drv", BINS("[1,1]"), "as many as \"bursts\""},
		{10, "drv", BINS("[2,-1]"), "of whole numbers"},
		{10, "drv", BINS("[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1]"), "at most 17"},
		{12, "counts", COUNTED("f", "1", "counted"), "of the events of the head"},
		{12, "counts", COUNTED("e", "1", "not counted"), "null elsewhere"},
		{12, "counts", COUNTED("e", "null", "counted"), "null elsewhere"},
		{12, "counts", COUNTED("e", "1", "perhaps"), "\"counts.status\" is not counted"},
		{13, "bins", "[[2049,3]]", "at which a bin begins"},
		{13, "bins", "[[40]]", "of pairs"},
		{13, "bins", "7", "an array of pairs"},
		{12, "counts", "[]", "as many as the head has events"},
		{13, "cell", "0", "one with a \"loop\""},
		{13, "count", "4", "as many as \"count\""},
		{13, "min_ns", "41", "in the first bin"},
		{13, "max_ns", "52", "in the last bin"},
		{13, "bins", "[[50,1],[40,2]]", "in ascending order"},
		{13, "bins", "[[40,0],[50,3]]", "a count above 0"},
		{16, "transfers", "{\"x\":1}", "regions that are known"},
		{16, "transfers", "{\"desc\":-1}", "numbers from 0"},
		{16, "ns", "[1]", "a number for each machine"},
		{17, "points", "[[1,2]]", "a whole number and two numbers"},
		{17, "points", "[[1,2,-3]]", "a whole number and two numbers"},
		{19, "samples", "7", "the end row counts 2 cells and 7 samples"},
		{18, "mode", "\"sink\"", "\"mode\" is not read, write or mixed"},
		{18, "blk", NULL, "\"blk\" is not there"},
		{18, "device", "\"net\"", "\"mode\" is not sink or echo"},
		{18, "done", "10", "\"done\" is not at most \"asked\""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		json_t *row = good_row(bad[i].at);

		if (bad[i].value)
			json_object_set_new(row, bad[i].member,
					    json_loads(bad[i].value, JSON_DECODE_ANY, NULL));
		else
			json_object_del(row, bad[i].member);
		expect_in(refusal(-EINVAL, load_with, bad[i].at, row, false), bad[i].told);
		json_decref(row);
	}
}

/* Row @n of a kind, as the session that was read has it. */
static const void *kept_row(const struct session *s, const struct row_kind *kind, unsigned n)
{
	return *(char *const *)((const char *)s + kind->rows) + n * kind->size;
}

Test(rows, what_is_written_is_what_was_read)
{
	unsigned seen[ROW_TYPES] = {0};

	json_t *end = good_row(ARRAY_SIZE(good) - 1);
	struct vrb_err err;

	load_with(ARRAY_SIZE(good) - 1, end, false, &err);
	json_decref(end);
	LOADED(s, in_folder("rows.jsonl"));
	for (size_t i = 1; i < ARRAY_SIZE(good); i++) {
		json_t *row = good_row(i), *again;
		const struct row_kind *kind = kind_of(row);

		/* scripts/perf-stat-sweep writes perf rows */
		if (kind->rows == NOT_KEPT || kind == &row_kinds[ROW_PERF]) {
			json_decref(row);
			continue;
		}
		again = codec_write(kind->type, kind->fields,
				    kept_row(&s, kind, seen[kind - row_kinds]++));
		freed_by(free_text) char *text = json_dumps(again, JSON_COMPACT);

		cr_expect(json_equal(row, again), "%s\n%s", good[i], text);
		json_decref(row);
		json_decref(again);
	}
}

/* ---- what is made of the table ---- */

Test(rows, the_committed_schema_is_that_of_the_table)
{
	json_t *committed = json_load_file("results/schema/session.schema.json", 0, NULL);
	json_t *own = session_schema();

	cr_assert_not_null(committed, "run from the source folder");
	cr_expect(json_equal(committed, own), "run scripts/update-format");
	json_decref(committed);
	json_decref(own);
}

Test(rows, the_page_of_the_format_has_the_members_of_the_table)
{
	char *text, *members;
	size_t size;
	FILE *out = open_memstream(&members, &size);

	session_fields_page(out);
	fclose(out);
	text = get_text("docs/session-format.md");
	cr_expect_not_null(strstr(text, members), "run scripts/update-format");
	free(members);
}
