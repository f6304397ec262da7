/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * child.c - run another program and wait for it.
 */
#include "run/child.h"

#include "engine/clock.h"
#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int open_out(const struct child *c, const char *path)
{
	return open(path ? path : "/dev/null",
		    O_WRONLY | O_CREAT | O_CLOEXEC | (c->again ? O_APPEND : O_TRUNC), 0600);
}

static void exec_child(const struct child *c, const sigset_t *mask)
{
	const int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	const int out = open_out(c, c->out), errors = open_out(c, c->errors);

	if (in < 0 || out < 0 || errors < 0)
		_exit(127);
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(errors, STDERR_FILENO);
	sigprocmask(SIG_SETMASK, mask, NULL);
	execvp(c->argv[0], (char *const *)c->argv);
	dprintf(STDERR_FILENO, "cannot be started: %s\n", strerror(errno));
	_exit(127);
}

static int wait_child(const struct child *c, pid_t pid, int *status)
{
	const uint64_t end = now_ns() + c->limit_s * 1000000000ull;
	const struct timespec step = {.tv_sec = 1};
	sigset_t signals;

	signals_ending(&signals);
	sigaddset(&signals, SIGCHLD);
	while (waitpid(pid, status, WNOHANG) != pid) {
		const int signal = sigtimedwait(&signals, NULL, &step);

		if (signal == SIGCHLD || (signal < 0 && (!c->limit_s || now_ns() < end)))
			continue;
		kill(-pid, SIGKILL);
		waitpid(pid, status, 0);
		return signal > 0 ? -EINTR : -ETIMEDOUT;
	}
	kill(-pid, SIGKILL); /* what it left behind */
	return 0;
}

int child_run(const struct child *c, int *status)
{
	const pid_t self = getpid();
	sigset_t mask;
	pid_t pid;

	sigprocmask(SIG_BLOCK, NULL, &mask);
	for (int s = 1; s < NSIG; s++)
		sigdelset(&mask, s);
	fflush(NULL);
	pid = fork();
	if (!pid) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != self) /* it ended before it was asked for that */
			_exit(1);
		exec_child(c, &mask);
	}
	if (pid < 0)
		return -errno;
	setpgid(pid, pid);
	return wait_child(c, pid, status);
}

const char *child_how(const struct child *c, int rc, int status, char *buf, size_t size)
{
	if (rc == -ETIMEDOUT)
		snprintf(buf, size, "no end after %u s", c->limit_s);
	else if (rc)
		snprintf(buf, size, "cannot be started: %s", strerror(-rc));
	else if (WIFSIGNALED(status))
		snprintf(buf, size, "signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else
		snprintf(buf, size, "exit status %d", WEXITSTATUS(status));
	return buf;
}

void child_last_line(const char *path, char *line, size_t size)
{
	char buf[512];
	FILE *f = fopen(path, "re");

	*line = '\0';
	while (f && fgets(buf, sizeof(buf), f)) {
		buf[strcspn(buf, "\n")] = '\0';
		if (*buf)
			snprintf(line, size, "%.250s", buf);
	}
	if (f)
		fclose(f);
}
