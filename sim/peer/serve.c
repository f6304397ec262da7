/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * serve.c - sockets, connections, signals, and turns of the queues.
 */
#include "peer/serve.h"

#include "names.h"
#include "peer/net.h"
#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

/* Sockets, kicks and signals are looked at once in 1 ms. Between two looks at the clock are some turns, few: a hostile one may take ms. */
#define LOOK_NS 1000000u
#define TURNS	4

#define DISK_GUARD (2 * SERVE_PORTS)

NAMES_OF(serve_device_name, serve_device, [SERVE_NET] = "net", [SERVE_BLK] = "blk")
NAMES_OF(serve_mode_name, serve_mode, [SERVE_SINK] = "sink", [SERVE_SOURCE] = "source",
	 [SERVE_ECHO] = "echo", [SERVE_LOOP] = "loop")
NAMES_OF(serve_wait_name, serve_wait, [WAIT_POLL] = "poll", [WAIT_KICK] = "kick")

/* A socket, and who is connected there. */
struct port {
	int listen_fd;
	bool connected, was; /* it has been */
	struct vhost device;
	unsigned starts[VHOST_QUEUES]; /* recorded */
};

struct server {
	const struct serve_conf *conf;
	struct port port[SERVE_PORTS];
	unsigned ports;
	struct serve_seen *seen;
	int signal_fd;
	int spare_fd; /* kept for refuse_connection() */
	bool stopped;
	struct vhost_offer offer;
	struct net_packet *packet;
	struct blk_disk disk;
	FILE *out;
};

bool serve_works(const struct serve_conf *conf, unsigned queue)
{
	if (conf->device != SERVE_NET || conf->mode > SERVE_SOURCE)
		return true;
	return queue % 2 == (conf->mode == SERVE_SINK);
}

/* ---- turns ---- */

static bool turn_blk(struct server *s, struct port *port)
{
	bool any = false;

	for (unsigned i = 0; i < s->offer.queues; i++)
		any |= blk_turn(&s->disk, &port->device.queue[i]);
	return any;
}

/* The queues of all pairs. */
static bool turn_net(struct server *s, struct port *port)
{
	struct port *to = s->conf->mode == SERVE_LOOP ? &s->port[port == s->port] : port;
	const struct net_format format = net_format_of(port->device.features),
				to_format = net_format_of(to->device.features);
	bool any = false;

	for (unsigned i = 0; i < s->offer.queues; i += 2) {
		struct peer_queue *rx = &port->device.queue[i], *tx = rx + 1;

		switch (s->conf->mode) {
		case SERVE_SINK:
			any |= net_sink(tx, &format, s->packet);
			break;
		case SERVE_SOURCE:
			s->packet->len = s->conf->frame;
			any |= net_source(rx, &format, s->packet);
			break;
		default:
			/* The other driver may have fewer pairs. */
			rx = &to->device.queue[i];
			if (tx->started && !tx->enabled) {
				any |= net_sink(tx, &format, s->packet);
				break;
			}
			if (!to->connected || !peer_queue_runs(rx))
				rx = &to->device.queue[0];
			any |= net_forward(tx, &format, rx, &to_format, s->packet);
		}
	}
	return any;
}

/* All queues of @port. Returns whether any buffer was returned. */
static bool turn(struct server *s, struct port *port)
{
	if (!port->connected)
		return false;
	return s->conf->device == SERVE_BLK ? turn_blk(s, port) : turn_net(s, port);
}

/* May it wait for a kick? Asks for those of queues that were found empty. */
static bool ask(struct server *s, bool kick)
{
	bool pending = false;

	for (unsigned p = 0; p < s->ports; p++) {
		for (unsigned i = 0; s->port[p].connected && i < s->offer.queues; i++) {
			struct peer_queue *q = &s->port[p].device.queue[i];

			if (serve_works(s->conf, i) && peer_queue_runs(q) && q->starved)
				/* Without a kick descriptor it cannot wake us. */
				pending |= peer_queue_ask(q, kick) || q->kick_fd < 0;
		}
	}
	return !pending;
}

static bool runs(const struct server *s)
{
	for (unsigned p = 0; p < s->ports; p++) {
		for (unsigned i = 0; s->port[p].connected && i < s->offer.queues; i++) {
			if (serve_works(s->conf, i) && peer_queue_runs(&s->port[p].device.queue[i]))
				return true;
		}
	}
	return false;
}

/* ---- connections ---- */

static void record(struct server *s, struct port *port)
{
	struct vrb_err err = {""};

	if (!s->conf->record ||
	    !serve_record(s->conf, (unsigned)(port - s->port), &port->device, port->starts, &err))
		return;
	vrb_complain(&err, EXIT_NOT_WRITTEN);
	s->seen->unwritten++;
}

static void guard(struct server *s, struct port *port, bool on)
{
	const unsigned slot = 2 * (unsigned)(port - s->port);

	peer_memory_guard(slot, on ? &port->device.memory : NULL);
	peer_memory_guard(slot + 1, on ? &port->device.inflight : NULL);
}

/*
 * No descriptor is left for one that waits: it would wait for good, and poll() return at once for ever. It gets that
 * of spare_fd, and is closed. @code: why.
 */
static void refuse_connection(struct server *s, struct port *port, int code)
{
	int fd;

	close(s->spare_fd);
	fd = accept4(port->listen_fd, NULL, NULL, SOCK_CLOEXEC);
	if (fd >= 0)
		close(fd);
	s->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	fprintf(stderr, "vringbench: %s: connection refused: %s\n", s->conf->socket[port - s->port],
		strerror(code));
	s->seen->bad++;
	port->was = true;
	s->stopped |= fd < 0 || s->spare_fd < 0; /* another process has taken it: ENFILE */
}

static void start_connection(struct server *s, struct port *port)
{
	const int fd = accept4(port->listen_fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0 && (errno == EMFILE || errno == ENFILE))
		refuse_connection(s, port, errno);
	if (fd < 0)
		return; /* whoever it was has gone again */
	vhost_open(&port->device, fd, &s->offer);
	guard(s, port, true);
	port->connected = port->was = true;
}

/* @why: it is refused; NULL: the front-end has closed it, or the program ends. */
static void end_connection(struct server *s, struct port *port, const char *why)
{
	bool good = !why;

	if (why)
		fprintf(stderr, "vringbench: %s: connection closed: %s\n",
			s->conf->socket[port - s->port], why);
	for (unsigned i = 0; i < VHOST_QUEUES; i++) {
		good = good && !port->device.queue[i].stats.broke;
		port->device.queue[i].started = false;
	}
	s->seen->bad += !good;
	record(s, port);
	serve_print(s->out, &port->device, s->conf);
	guard(s, port, false);
	vhost_close(&port->device);
	port->connected = false;
}

/* A kick counts what the driver wrote; one that is no eventfd is given up. */
static void take_kick(struct peer_queue *q)
{
	uint64_t kicks = 0;
	const ssize_t n = read(q->kick_fd, &kicks, sizeof(kicks));

	if (n == (ssize_t)sizeof(kicks)) {
		peer_queue_kicked(q, kicks);
	} else if (n >= 0 || errno != EAGAIN) {
		close(q->kick_fd);
		q->kick_fd = -1;
	}
}

/* What poll() found of a port: at @fds its socket, behind it the kicks of its queues. */
static void serve_port(struct server *s, struct port *port, const struct pollfd *fds)
{
	struct vrb_err why = {""};
	int ret = 0;

	if (!port->connected) {
		if (fds->revents)
			start_connection(s, port);
		return;
	}
	for (unsigned i = 0; i < VHOST_QUEUES; i++) {
		if (fds[1 + i].revents)
			take_kick(&port->device.queue[i]);
	}
	if (fds->revents)
		ret = vhost_message(&port->device, &why);
	record(s, port);
	if (ret)
		end_connection(s, port, ret < 0 ? why.msg : NULL);
}

/*
 * poll() of those of @n that are open: it refuses more places than the process may have descriptors, those that are
 * -1 as well, and each look would fail.
 */
static int poll_open(struct pollfd *fds, size_t n, int timeout)
{
	struct pollfd open_fds[1 + SERVE_PORTS * (1 + VHOST_QUEUES)];
	nfds_t used = 0;
	int ready;

	for (size_t i = 0; i < n; i++) {
		fds[i].revents = 0;
		if (fds[i].fd >= 0)
			open_fds[used++] = fds[i];
	}
	ready = poll(open_fds, used, timeout);
	used = 0;
	for (size_t i = 0; ready > 0 && i < n; i++) {
		if (fds[i].fd >= 0)
			fds[i].revents = open_fds[used++].revents;
	}
	return ready;
}

/* Sockets, kicks and signals. @wait: until there is one. */
static void look_aside(struct server *s, bool wait)
{
	struct pollfd fds[1 + SERVE_PORTS * (1 + VHOST_QUEUES)];
	const uint64_t now = now_ns();
	int ready;

	fds[0] = (struct pollfd){.fd = s->signal_fd, .events = POLLIN};
	for (unsigned p = 0; p < SERVE_PORTS; p++) {
		struct port *port = &s->port[p];
		struct pollfd *to = &fds[1 + p * (1 + VHOST_QUEUES)];

		to->fd = p >= s->ports ? -1 : port->connected ? port->device.fd : port->listen_fd;
		to->events = POLLIN;
		for (unsigned i = 0; i < VHOST_QUEUES; i++) {
			to[1 + i].fd = port->connected ? port->device.queue[i].kick_fd : -1;
			to[1 + i].events = POLLIN;
			if (port->connected)
				peer_queue_clock(&port->device.queue[i], now);
		}
	}
	for (unsigned p = 0; p < s->ports; p++) {
		if (s->port[p].connected)
			record(s, &s->port[p]);
	}
	ready = poll_open(fds, ARRAY_SIZE(fds), wait ? -1 : 0);
	if (ready < 0 && errno != EINTR) {
		/* a signal would not be seen any more, either */
		fprintf(stderr, "vringbench: serve: poll: %s\n", strerror(errno));
		s->seen->bad++;
		s->stopped = true;
	}
	if (ready <= 0)
		return;
	s->stopped = fds[0].revents;
	for (unsigned p = 0; p < s->ports && !s->stopped; p++)
		serve_port(s, &s->port[p], &fds[1 + p * (1 + VHOST_QUEUES)]);
}

/* A file is gone that is mapped. Without its disk a device is of no use. */
static void end_lost(struct server *s, struct port *port)
{
	s->stopped |= s->disk.memory.lost;
	if (!port->connected)
		return;
	if (s->disk.memory.lost)
		end_connection(s, port,
			       "the file of the disk was truncated, or there is no room for it");
	else if (port->device.memory.lost || port->device.inflight.lost)
		end_connection(s, port, "a file of the memory table was truncated");
}

static bool done(const struct server *s)
{
	bool all = s->conf->once;

	for (unsigned p = 0; p < s->ports; p++)
		all = all && s->port[p].was && !s->port[p].connected;
	return all || s->stopped;
}

static void serve(struct server *s)
{
	bool any = false;
	uint64_t due = 0;

	while (!done(s)) {
		const bool idle = !any && s->conf->wait == WAIT_KICK;
		const uint64_t now = now_ns();
		const bool stands = !runs(s);

		if (stands || idle || now >= due) {
			due = now + LOOK_NS;
			look_aside(s, stands || (idle && ask(s, true)));
			if (idle)
				ask(s, false);
		}
		any = true;
		for (unsigned t = 0; t < TURNS && (any || s->conf->wait == WAIT_POLL); t++) {
			any = false;
			for (unsigned p = 0; p < s->ports; p++)
				any |= turn(s, &s->port[p]);
		}
		for (unsigned p = 0; p < s->ports; p++)
			end_lost(s, &s->port[p]);
	}
	for (unsigned p = 0; p < s->ports; p++) {
		if (s->port[p].connected)
			end_connection(s, &s->port[p], NULL);
	}
}

/* ---- the command ---- */

/*
 * A socket that a serve left that was killed: nobody has it open. Asked by one of another type, which connect()
 * refuses in another way (EPROTOTYPE) where somebody has, who does not hear of it.
 */
static bool is_stale(const struct sockaddr_un *at)
{
	const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct stat st;
	bool stale;

	if (fd < 0)
		return false;
	stale = !lstat(at->sun_path, &st) && S_ISSOCK(st.st_mode) &&
		connect(fd, (const struct sockaddr *)at, sizeof(*at)) && errno == ECONNREFUSED;
	close(fd);
	errno = EADDRINUSE;
	return stale;
}

static bool is_bound(int fd, const struct sockaddr_un *at)
{
	return bind(fd, (const struct sockaddr *)at, sizeof(*at)) == 0;
}

static int listen_at(const char *option, const char *path, struct vrb_err *err)
{
	struct sockaddr_un at;
	int fd = vhost_address(option, path, &at, err), code;

	if (fd)
		return fd;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return vrb_fail(err, errno, "%s %s: socket: %s", option, path, strerror(errno));
	if (is_bound(fd, &at) ||
	    (errno == EADDRINUSE && is_stale(&at) && !unlink(path) && is_bound(fd, &at))) {
		if (listen(fd, 1) == 0)
			return fd;
		unlink(path);
	}
	code = errno;
	close(fd);
	return vrb_fail(
		err, code,
		"%s %s: %s; legal: a path that does not exist, in a folder that is writable",
		option, path, strerror(code));
}

static void close_ports(struct server *s)
{
	while (s->ports) {
		s->ports--;
		close(s->port[s->ports].listen_fd);
		unlink(s->conf->socket[s->ports]);
	}
}

static int open_ports(struct server *s, struct vrb_err *err)
{
	while (s->ports < SERVE_PORTS && s->conf->socket[s->ports]) {
		const int fd = listen_at(s->ports ? "--other-socket" : "--socket",
					 s->conf->socket[s->ports], err);

		if (fd < 0) {
			close_ports(s);
			return fd;
		}
		s->port[s->ports++].listen_fd = fd;
	}
	return 0;
}

/* What ends it is read from a descriptor; of a closed pipe the error is enough. */
static int block_signals(sigset_t *before)
{
	sigset_t ends;

	signal(SIGPIPE, SIG_IGN);
	signals_ending(&ends);
	sigaddset(&ends, SIGINT); /* what a script starts in the background ignores it */
	sigaddset(&ends, SIGTERM);
	sigprocmask(SIG_BLOCK, &ends, before);
	return signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* What is behind the sockets. */
static int open_device(struct server *s, struct vrb_err *err)
{
	const struct serve_conf *conf = s->conf;
	int ret;

	if (conf->device == SERVE_NET) {
		s->offer = net_offer(conf->features, conf->queues);
		return 0;
	}
	ret = blk_open(&s->disk, &conf->disk, err);
	if (ret)
		return ret;
	peer_memory_guard(DISK_GUARD, &s->disk.memory);
	s->offer = blk_offer(&s->disk, conf->features, conf->queues);
	return 0;
}

static void close_device(struct server *s)
{
	if (!s->disk.memory.n)
		return;
	peer_memory_guard(DISK_GUARD, NULL);
	blk_close(&s->disk);
}

int serve_run(const struct serve_conf *conf, FILE *out, struct serve_seen *seen,
	      struct vrb_err *err)
{
	struct server *s = calloc(1, sizeof(*s));
	struct net_packet *packet = calloc(1, sizeof(*packet));
	struct signalfd_siginfo taken;
	sigset_t before;
	int ret;

	*seen = (struct serve_seen){0};
	if (!s || !packet) {
		free(s);
		free(packet);
		return vrb_fail(err, ENOMEM, "serve: out of memory");
	}
	s->conf = conf;
	s->out = out;
	s->seen = seen;
	s->packet = packet;
	/* Before the sockets are made: a signal between would leave them behind. */
	s->signal_fd = block_signals(&before);
	s->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (s->signal_fd < 0 || s->spare_fd < 0) {
		ret = vrb_fail(err, errno, "serve: %s: %s",
			       s->signal_fd < 0 ? "signalfd" : "/dev/null", strerror(errno));
	} else {
		ret = open_device(s, err);
		if (!ret)
			ret = open_ports(s, err);
		if (!ret)
			serve(s);
		close_ports(s);
		close_device(s);
		/* Taken, for it would end the program when it is unblocked. */
		while (read(s->signal_fd, &taken, sizeof(taken)) > 0)
			;
	}
	if (s->signal_fd >= 0)
		close(s->signal_fd);
	if (s->spare_fd >= 0)
		close(s->spare_fd);
	sigprocmask(SIG_SETMASK, &before, NULL);
	free(packet);
	free(s);
	return ret;
}
