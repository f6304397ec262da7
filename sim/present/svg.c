/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * svg.c - a plot of gnuplot as a part of a page: tag by tag, and only those that it draws with.
 */
#include "present/svg.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define BLANKS " \t\r\n"

/* What may stand in a page; all else is refused. */
static const char *const elements[] = {
	"svg",	       "g",	  "defs",	    "path", "use",    "circle",
	"ellipse",     "rect",	  "line",	    "text", "tspan",  "polygon",
	"polyline",    "pattern", "clipPath",	    "mask", "filter", "feFlood",
	"feComposite", "image",	  "linearGradient", "stop",
};

struct svg {
	FILE *out;
	const char *at;
	const char *prefix, *label;
	struct vrb_err *err;
};

/* One attribute of a tag. */
struct attribute {
	const char *name, *value;
	size_t name_len, value_len;
};

static bool is_word(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && !strncmp(text, word, len);
}

static int refuse(const struct svg *p, const char *what, const char *text, size_t len)
{
	return vrb_fail(p->err, EBADMSG, "a plot of gnuplot is not shown: %s '%.*s'", what,
			(int)(len < 40 ? len : 40), text);
}

/* A value in which url(#ID) may stand. */
static void put_value(const struct svg *p, const char *value, size_t len)
{
	static const char mark[] = "url(#";
	const char *end = value + len;

	while (value < end) {
		const char *found = memmem(value, (size_t)(end - value), mark, strlen(mark));
		const char *next = found ? found + strlen(mark) : end;

		fwrite(value, 1, (size_t)(next - value), p->out);
		if (found)
			fputs(p->prefix, p->out);
		value = next;
	}
}

static bool begins(const struct attribute *a, const char *with)
{
	return a->value_len >= strlen(with) && !strncmp(a->value, with, strlen(with));
}

/* Of everything but the outermost element, which has its own. */
static int put_attribute(struct svg *p, const struct attribute *a)
{
	const bool id = is_word(a->name, a->name_len, "id");
	const bool ref = is_word(a->name, a->name_len, "xlink:href") ||
			 is_word(a->name, a->name_len, "href");

	if (!strncasecmp(a->name, "on", 2) || !strncasecmp(a->name, "xmlns", 5))
		return refuse(p, "attribute", a->name, a->name_len);
	if (memchr(a->value, '"', a->value_len) || memchr(a->value, '<', a->value_len))
		return refuse(p, "value", a->value, a->value_len);
	if (ref && !begins(a, "#") && !begins(a, "data:image/png;base64,"))
		return refuse(p, "a reference to", a->value, a->value_len);
	if (ref)
		fputs(" href=\"", p->out);
	else
		fprintf(p->out, " %.*s=\"", (int)a->name_len, a->name);
	/* an ID of its own */
	if (ref && begins(a, "#"))
		fprintf(p->out, "#%s%.*s", p->prefix, (int)a->value_len - 1, a->value + 1);
	else if (id)
		fprintf(p->out, "%s%.*s", p->prefix, (int)a->value_len, a->value);
	else
		put_value(p, a->value, a->value_len);
	fputc('"', p->out);
	return 0;
}

/* The next attribute of the tag. Returns 1; 0: the tag ends here; -EBADMSG. */
static int next_attribute(struct svg *p, struct attribute *a)
{
	const char *at = p->at + strspn(p->at, BLANKS);

	if (*at == '>' || *at == '/' || *at == '\0') {
		p->at = at;
		return 0;
	}
	a->name = at;
	a->name_len = strcspn(at, "=/><\"'" BLANKS);
	at += a->name_len;
	at += strspn(at, BLANKS);
	if (at == a->name || *at != '=') {
		refuse(p, "no attribute in", a->name, strcspn(a->name, ">"));
		return -EBADMSG;
	}
	at += 1 + strspn(at + 1, BLANKS);

	const char quote = *at;
	const char *end = quote == '"' || quote == '\'' ? strchr(at + 1, quote) : NULL;

	if (!end) {
		refuse(p, "no value in", a->name, a->name_len);
		return -EBADMSG;
	}
	a->value = at + 1;
	a->value_len = (size_t)(end - a->value);
	p->at = end + 1;
	return 1;
}

/* The end of a tag whose attributes are read: > or />. */
static int put_tag_end(struct svg *p)
{
	const size_t len = *p->at == '/' ? 2 : 1;

	if (p->at[len - 1] != '>')
		return refuse(p, "no end of a tag at", p->at, strcspn(p->at, ">"));
	fwrite(p->at, 1, len, p->out);
	p->at += len;
	return 0;
}

/* The outermost element: of its attributes only the viewBox is ours to keep. */
static int put_outermost(struct svg *p)
{
	struct attribute a, box = {0};
	int more;

	while ((more = next_attribute(p, &a)) > 0) {
		if (is_word(a.name, a.name_len, "viewBox"))
			box = a;
	}
	if (more < 0)
		return more;
	if (!box.name || strspn(box.value, "0123456789. ") < box.value_len)
		return refuse(p, "viewBox", box.name ? box.value : "", box.value_len);
	fprintf(p->out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"%.*s\" role=\"img\" "
		"aria-label=\"%s\"",
		(int)box.value_len, box.value, p->label);
	return put_tag_end(p);
}

static bool may_stand(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(elements); i++) {
		if (is_word(name, len, elements[i]))
			return true;
	}
	return false;
}

/* With all that it holds; there is nothing but text in it. */
static int skip_element(struct svg *p, const char *name, size_t len)
{
	const char *end = strstr(p->at, "</");

	if (!end || strncmp(end + 2, name, len) || end[2 + len] != '>')
		return refuse(p, "no end of", name, len);
	p->at = end + 2 + len + 1;
	return 0;
}

/* @depth: of elements that are open before it, and then after it. */
static int put_tag(struct svg *p, unsigned *depth)
{
	const bool closes = p->at[1] == '/';
	const char *name = p->at + 1 + closes;
	const size_t len = strcspn(name, "/>" BLANKS);
	struct attribute a;
	int rc;

	p->at = name + len;
	if (!closes && (is_word(name, len, "title") || is_word(name, len, "desc")))
		return skip_element(p, name, len);
	if (!may_stand(name, len))
		return refuse(p, "element", name, len);
	if (closes) {
		fprintf(p->out, "</%.*s", (int)len, name);
		p->at += strspn(p->at, BLANKS);
		--*depth;
		return *p->at == '>' ? put_tag_end(p) : refuse(p, "no end of", name, len);
	}
	++*depth;
	if (*depth == 1)
		return put_outermost(p);
	if (is_word(name, len, "svg"))
		return refuse(p, "a plot in a plot", name, len);
	fprintf(p->out, "<%.*s", (int)len, name);
	while ((rc = next_attribute(p, &a)) > 0) {
		rc = put_attribute(p, &a);
		if (rc)
			return rc;
	}
	if (rc < 0)
		return rc;
	*depth -= *p->at == '/';
	return put_tag_end(p);
}

int svg_inline(FILE *out, const char *svg, const char *prefix, const char *label,
	       struct vrb_err *err)
{
	struct svg p = {out, strstr(svg, "<svg"), prefix, label, err};
	unsigned depth = 0;

	if (!p.at)
		return refuse(&p, "no plot in", svg, strlen(svg));
	do {
		int rc = put_tag(&p, &depth);

		if (rc)
			return rc;
		const size_t text = depth ? strcspn(p.at, "<") : 0;

		/* between tags nothing but words of labels counts */
		if (strspn(p.at, BLANKS) < text)
			fwrite(p.at, 1, text, out);
		p.at += text;
	} while (depth && *p.at);
	fputc('\n', out);
	return depth ? refuse(&p, "no end of", "svg", 3) : 0;
}

void svg_title(const char *svg, char *buf, size_t size)
{
	const char *bold = strstr(svg, "font-weight=\"bold\"");
	const char *words = bold ? strchr(bold, '>') : NULL;
	size_t len = words ? strcspn(words + 1, "<\"") : 0;

	snprintf(buf, size, "%.*s", (int)len, words ? words + 1 : "");
}
