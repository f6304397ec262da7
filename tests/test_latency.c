/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_latency.c - the presets, machines by name, and machine files good and bad.
 */
#include "cell.h"
#include "coherence/coherence.h"
#include "coherence/latency.h"
#include "spawned.h"

#include <sys/stat.h>
#include <unistd.h>

/* ---- presets ---- */

/* NULL behind the last one. */
static const struct latency_machine *preset(unsigned i)
{
	unsigned n;
	const struct latency_machine *all = latency_presets(&n);

	return i < n ? &all[i] : NULL;
}

#define FOR_EACH_PRESET(m)                                   \
	for (const struct latency_machine *m = preset(0); m; \
	     m = preset((unsigned)(m - preset(0)) + 1))

/* By where its place @p stands: "zen5-far". */
#define FOR_EACH_PLACE(m, p) \
	FOR_EACH_PRESET (m)  \
		for (unsigned p = 0; p < m->nplaces; p++)

Test(latency, each_place_of_each_preset_has_all_kinds)
{
	FOR_EACH_PLACE (m, p) {
		for (enum coh_kind k = 0; k < COH_KINDS; k++)
			cr_assert_geq(m->places[p].ps[k], 1000, "%s-%s %s: %u ps", m->name,
				      m->places[p].name, coh_kind_name(k), m->places[p].ps[k]);
	}
}

Test(latency, each_preset_fits_the_model_and_names_its_source)
{
	FOR_EACH_PRESET (m) {
		cr_assert(m->nplaces >= 1 && m->nplaces <= LATENCY_PLACES_MAX, "%s", m->name);
		cr_assert(m->hit_ps >= 100 && m->hit_ps <= 2000, "%s: %u ps", m->name, m->hit_ps);
		cr_assert(m->store_buffer >= 1 && m->store_buffer <= COH_STORE_BUFFER_MAX,
			  "%s: store buffer %u", m->name, m->store_buffer);
		cr_assert(m->window >= 1 && m->window <= COH_WINDOW_MAX, "%s: window %u", m->name,
			  m->window);
		cr_assert_lt((unsigned)m->protocol, COH_PROTOCOLS, "%s", m->name);
		cr_assert_gt(strlen(m->source), 20, "%s: '%s'", m->name, m->source);
	}
}

/*
 * A place is named after the class of its hand-off; but another package of some makers is no
 * further than another cluster of others, and keeps its name.
 */
Test(latency, each_place_is_named_after_the_class_of_its_hand_off)
{
	FOR_EACH_PLACE (m, p) {
		const struct latency_place *at = &m->places[p];
		enum place_class class = place_class_of(at->handoff_ns);

		if (strcmp(at->name, "xsocket") || class != CLASS_FAR)
			cr_assert_str_eq(at->name, place_class_name(class), "%s-%s: %g ns", m->name,
					 at->name, at->handoff_ns);
	}
}

Test(latency, names_are_unique)
{
	FOR_EACH_PRESET (m) {
		for (const struct latency_machine *other = preset(0); other < m; other++)
			cr_assert_str_neq(m->name, other->name);
	}
	FOR_EACH_PLACE (m, p) {
		for (unsigned q = 0; q < p; q++)
			cr_assert_str_neq(m->places[p].name, m->places[q].name, "%s", m->name);
	}
	for (enum coh_kind k = 0; k < COH_KINDS; k++) {
		for (unsigned j = 0; j < k; j++)
			cr_assert_str_neq(coh_kind_name(k), coh_kind_name((enum coh_kind)j));
	}
}

/* ---- by name ---- */

/* Compared by what a file holds: the struct has padding. */
static void same_machine(const struct latency_machine *a, const struct latency_machine *b)
{
	cr_assert_str_eq(a->name, b->name);
	cr_assert_str_eq(a->source, b->source);
	cr_assert_eq(a->protocol, b->protocol, "%s", a->name);
	cr_assert_eq(a->hit_ps, b->hit_ps, "%s", a->name);
	cr_assert_eq(a->store_buffer, b->store_buffer, "%s", a->name);
	cr_assert_eq(a->window, b->window, "%s", a->name);
	cr_assert_eq(a->nplaces, b->nplaces, "%s", a->name);
	for (unsigned p = 0; p < a->nplaces; p++) {
		cr_assert_str_eq(a->places[p].name, b->places[p].name);
		cr_assert_float_eq(a->places[p].handoff_ns, b->places[p].handoff_ns, 1e-6, "%s",
				   a->name);
		for (enum coh_kind k = 0; k < COH_KINDS; k++)
			cr_assert_eq(a->places[p].ps[k], b->places[p].ps[k], "%s-%s %s: %u, %u",
				     a->name, a->places[p].name, coh_kind_name(k),
				     a->places[p].ps[k], b->places[p].ps[k]);
	}
}

/* A family alone is its first place. */
Test(latency, family_and_place_find_each_place)
{
	FOR_EACH_PLACE (of, p) {
		for (unsigned alone = 0; alone <= !p; alone++) {
			struct latency_machine m;
			unsigned place = 99;
			char name[64];

			snprintf(name, sizeof(name), alone ? "%s" : "%s-%s", of->name,
				 of->places[p].name);
			must(latency_find, name, &m, &place);
			cr_assert_eq(place, p, "%s: %u", name, place);
			same_machine(&m, of);
		}
	}
}

Test(latency, zen5_is_migratory_and_has_a_far_place)
{
	struct latency_machine m;
	unsigned place;

	cr_assert_eq(latency_find("zen5-far", &m, &place, NULL), 0);
	cr_assert_eq(m.protocol, COH_MOESI_MIGRATORY);
	cr_assert_str_eq(m.places[place].name, "far");
	cr_assert_gt(m.places[place].ps[COH_READ_DIRTY], 100000);
}

Test(latency, an_unknown_name_lists_what_there_is_and_the_nearest)
{
	static const struct {
		const char *name, *wants[3];
	} cases[] = {
		{"zen6000", {"'zen6000'", "zen5, zen5-desktop", "n1"}},
		{"zne5", {"'zne5'", "zen5,", "did you mean zen5?"}},
		{"zne5-far", {"'zne5-far'", "zen5,", "did you mean zen5?"}},
		{"zen5-fra", {"zen5", "'fra'", "near, far; did you mean far?"}},
		{"zen5-", {"zen5", "''", "near, far"}},
		{"", {"''", "zen5", "a file"}},
		{"-", {"'-'", "zen5", "a file"}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct latency_machine m;
		unsigned place;

		expect_each_in(
			refusal_of(cases[i].name, -ENOENT, latency_find, cases[i].name, &m, &place),
			cases[i].wants);
	}
}

/* ---- files ---- */

TestSuite(latency_file, .init = make_folder, .fini = drop_folder);

Test(latency_file, what_is_saved_is_loaded)
{
	FOR_EACH_PRESET (of) {
		const char *path = in_folder("m.json");
		struct latency_machine m;

		must(latency_save, path, of);
		must(latency_load, path, &m);
		same_machine(&m, of);
		m.next_line = true;
		must(latency_save, path, &m);
		must(latency_load, path, &m);
		cr_assert(m.next_line);
	}
	cr_assert_eq(files_in_folder(), 1, "%u", files_in_folder());
}

Test(latency_file, a_file_is_found_with_and_without_a_place)
{
	static const struct {
		const char *file, *suffix;
		unsigned place;
	} cases[] = {
		{"m.json", "", 0}, {"m.json", ":far", 1}, {"m", "", 0},
		{"m", ":far", 1},  {"a:b.json", "", 0},	  {"a:b.json", ":near", 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *path = in_folder(cases[i].file);
		struct latency_machine m, zen5;
		unsigned place = 99;
		char name[160];

		must(latency_find, "zen5", &zen5, &place);
		must(latency_save, path, &zen5);
		snprintf(name, sizeof(name), "%s%s", path, cases[i].suffix);
		must(latency_find, name, &m, &place);
		cr_assert_eq(place, cases[i].place, "%s: %u", name, place);
		same_machine(&m, &zen5);
	}
}

Test(latency_file, a_bare_name_that_ends_with_json_is_a_file)
{
	struct latency_machine m;
	unsigned place;

	cr_assert_eq(chdir(folder), 0);
	must(latency_save, "here.json", preset(0));
	must(latency_find, "here.json:far", &m, &place);
	cr_assert_eq(place, 1);
	cr_assert_eq(chdir("/"), 0);
}

Test(latency_file, a_place_that_the_file_has_not_is_refused)
{
	const char *path = in_folder("m.json");
	char name[160];
	struct latency_machine m;
	unsigned place;

	must(latency_save, path, preset(0));
	snprintf(name, sizeof(name), "%s:smt", path);
	expect_in(refusal(-ENOENT, latency_find, name, &m, &place), path, "'smt'", "near, far");
}

#define PLACE                                                                                   \
	"{\"handoff_ns\": 27.5, \"read_memory\": 135, \"read_clean\": 21, \"read_dirty\": 21, " \
	"\"own_memory\": 131, \"own_clean\": 18, \"own_dirty\": 17, \"upgrade\": 20}"
#define HEAD                                                                   \
	"{\"name\": \"x\", \"source\": \"made up\", \"protocol\": \"mesif\", " \
	"\"hit_ns\": 0.5, \"store_buffer\": 56, \"window\": 37, "
#define GOOD HEAD "\"places\": {\"near\": " PLACE ", \"far\": " PLACE "}}"

/* GOOD with the first `from` replaced. */
static void spoil(char *to, size_t size, const char *from, const char *by)
{
	const char *at = strstr(GOOD, from);

	cr_assert_not_null(at, "no '%s' in GOOD", from);
	snprintf(to, size, "%.*s%s%s", (int)(at - GOOD), GOOD, by, at + strlen(from));
}

Test(latency_file, the_text_that_the_bad_ones_come_from_is_good)
{
	struct latency_machine m;

	put_text(in_folder("m.json"), GOOD);
	must(latency_load, in_folder("m.json"), &m);
	cr_assert_eq(m.places[1].ps[COH_OWN_DIRTY], 17000, "%u", m.places[1].ps[COH_OWN_DIRTY]);
	cr_assert_eq(m.protocol, COH_MESIF);
	put_text(in_folder("m.json"), "\xef\xbb\xbf" GOOD);
	must(latency_load, in_folder("m.json"), &m); /* with a byte order mark */
}

Test(latency_file, each_bad_member_is_named)
{
	static const struct {
		const char *from, *by, *wants;
	} cases[] = {
		{"\"name\": \"x\", ", "", "name is missing"},
		{"\"x\"", "7", "name is not a string"},
		{"\"x\"", "\"\"", "name is not 1..31 bytes"},
		{"\"x\"", "\"0123456789012345678901234567890123456789\"", "name is not 1..31"},
		{"\"x\"", "\"a\\nb\"", "name holds a control character"},
		{"\"source\"", "\"sauce\"", "source is missing"},
		{"\"made up\"", "\"\\u001b[31m\"", "source holds a control character"},
		{"\"mesif\"", "\"mosi\"", "protocol is none of mesi, mesif, moesi"},
		{"\"mesif\"", "3", "protocol is none of"},
		{"\"hit_ns\": 0.5", "\"hit_ns\": -1", "hit_ns is not within 0..100000"},
		{"\"hit_ns\": 0.5", "\"hit_ns\": \"0.5\"", "hit_ns is not a number"},
		{"\"store_buffer\": 56", "\"store_buffer\": 129", "store_buffer is not a whole"},
		{"\"store_buffer\": 56", "\"store_buffer\": 5.5", "store_buffer is not a whole"},
		{"\"window\": 37", "\"window\": 0", "window is not a whole number within 1..512"},
		{"\"window\": 37", "\"window\": 99999999999", "window is not a whole number"},
		{"\"window\": 37", "\"window\": 37, \"widow\": 1", "widow is no member"},
		{"\"window\": 37", "\"window\": 37, \"window\": 38", "uplicate"},
		{"{\"near\": " PLACE ", \"far\": " PLACE "}", "{}", "places is not an object of 1"},
		{"{\"near\": " PLACE ", \"far\": " PLACE "}", "[]", "places is not an object of 1"},
		{"\"hit_ns\"", "\"next_line\": 1, \"hit_ns\"", "next_line is not true or false"},
		{"\"hit_ns\"", "\"adjacent_line\": null, \"hit_ns\"",
		 "adjacent_line is not true or false"},
		{"\"near\"", "\"nearby\"", "places.nearby is none of smt, near"},
		{"\"near\"", "\"far\"", "uplicate"},
		{"\"near\": " PLACE, "\"near\": 5", "places.near is not an object"},
		{"\"handoff_ns\": 27.5, ", "", "places.near.handoff_ns is missing"},
		{"\"read_clean\": 21", "\"read_claen\": 21", "places.near.read_clean is missing"},
		{"\"upgrade\": 20", "\"upgrade\": null", "places.near.upgrade is not a number"},
		{"\"upgrade\": 20", "\"upgrade\": 1e300", "places.near.upgrade is not within"},
		{"\"upgrade\": 20", "\"upgrade\": 1e999", "line 1"},
		{"\"upgrade\": 20", "\"upgrade\": 20, \"x\": 0", "places.near.x is no member"},
		{"}}", "}", "line 1"},
		{GOOD, "", "line 1"},
		{GOOD, "[1]", "not a JSON object"},
		{GOOD, "nonsense", "line 1"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *path = in_folder("bad.json");
		char text[2048];
		struct latency_machine m;

		spoil(text, sizeof(text), cases[i].from, cases[i].by);
		put_text(path, text);
		expect_in(refusal_of(text, -EINVAL, latency_load, path, &m), path, cases[i].wants);
	}
}

Test(latency_file, five_places_are_refused)
{
	char text[4096];
	struct latency_machine m;

	snprintf(text, sizeof(text),
		 "%s\"places\": {\"a\": %s, \"b\": %s, \"c\": %s, \"d\": %s, "
		 "\"e\": %s}}",
		 HEAD, PLACE, PLACE, PLACE, PLACE, PLACE);
	put_text(in_folder("m.json"), text);
	expect_in(refusal(-EINVAL, latency_load, in_folder("m.json"), &m), "1..4 places");
}

Test(latency_file, what_is_no_plain_file_is_refused)
{
	struct latency_machine m;

	refusal(-EINVAL, latency_load, folder, &m);
	refusal(-EINVAL, latency_load, "/dev/zero", &m);
	cr_assert_eq(mkfifo(in_folder("fifo"), 0600), 0);
	expect_in(refusal(-EINVAL, latency_load, in_folder("fifo"), &m), "not a plain file");
	expect_in(refusal(-ENOENT, latency_load, in_folder("none"), &m), in_folder("none"));
}

Test(latency_file, a_huge_file_is_refused)
{
	size_t size = (1 << 20) + 1;
	freed_by(free_text) char *text = calloc(1, size);
	struct latency_machine m;

	cr_assert_not_null(text);
	memset(text, ' ', size - 1);
	put_text(in_folder("m.json"), text);
	expect_in(refusal(-EFBIG, latency_load, in_folder("m.json"), &m), "at most 65536 bytes");
}

Test(latency_file, what_cannot_be_written_leaves_nothing)
{

	refusal(-EISDIR, latency_save, folder, preset(0));
	refusal(-EINVAL, latency_save, "/dev/null", preset(0));
	refusal(-ENOENT, latency_save, in_folder("no/m.json"), preset(0));
	refusal(-EINVAL, latency_save, "", preset(0));
	refusal(-ENOENT, latency_may_save, in_folder("no/m.json"));
	must(latency_may_save, in_folder("m.json"));
	cr_assert_eq(files_in_folder(), 0, "%u", files_in_folder());
}

/* Not UTF-8 cannot be JSON; the file that was there stays. */
Test(latency_file, a_machine_that_cannot_be_told_leaves_the_old_file)
{
	const char *path = in_folder("m.json");
	struct latency_machine odd = *preset(0), m;

	must(latency_save, path, preset(0));
	snprintf(odd.name, sizeof(odd.name), "\xff");
	refusal(-EINVAL, latency_save, path, &odd);
	must(latency_load, path, &m);
	same_machine(&m, preset(0));
	cr_assert_eq(files_in_folder(), 1, "%u", files_in_folder());
}

Test(latency_file, a_link_is_followed)
{
	const char *target = in_folder("target.json"), *link_name = in_folder("link.json");
	struct latency_machine m;
	struct stat st;

	must(latency_save, target, preset(0));
	cr_assert_eq(symlink(target, link_name), 0);
	must(latency_save, link_name, preset(1));
	cr_assert_eq(lstat(link_name, &st), 0);
	cr_assert(S_ISLNK(st.st_mode), "the link is gone");
	must(latency_load, target, &m);
	same_machine(&m, preset(1));
}
