#include "step.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "notify.h"
#include "pump.h"
#include "step-child.h"
#include "tracer.h"

static void say_failed(const struct step_settings *settings, uint32_t step, const char *what, int error) {
  char message[256];
  snprintf(message, sizeof message, "%s: %s", what, strerror(error));
  uint8_t memory[512];
  struct writer to = {memory, 0, sizeof memory, false};
  encode_step_failed(&to, step, message);
  link_send(settings->link, FRAME_STEP_FAILED, &to);
}

static void say_ended(const struct step_settings *settings, uint32_t step, const struct pump *pump, struct main_exit end, uint64_t begun) {
  bool signalled = WIFSIGNALED(end.status);
  const struct pump_stream *out = &pump->streams[0];
  const struct pump_stream *error = &pump->streams[1];
  struct step_ended_message message = {
      .step = step,
      .signalled = signalled,
      .status = (uint32_t)(signalled ? WTERMSIG(end.status) : WEXITSTATUS(end.status)),
      .wall_us = end.at_us - begun,
      .stdout_bytes = out->seen,
      .stderr_bytes = error->seen,
      .omitted = out->seen - out->passed + error->seen - error->passed,
  };
  uint8_t memory[64];
  struct writer to = {memory, 0, sizeof memory, false};
  encode_step_ended(&to, &message);
  link_send(settings->link, FRAME_STEP_ENDED, &to);
}

static void abandon(const struct step_child *child) {
  kill_everything();
  while (waitpid(-1, NULL, __WALL) > 0 || errno == EINTR) continue;
  close(child->output);
  close(child->error);
}

void run_step(const struct step_settings *settings, const struct run_request *request) {
  struct processes *all = request->record ? settings->processes : NULL;
  struct child_settings child_settings = {
      .request = request, .stay_dumpable = !settings->coverage->may_trace_others, .open_files = settings->open_files};
  struct step_child child;
  uint64_t begun = now_us();
  if (!step_child_fork(&child, &child_settings)) {
    int why = errno;
    feed_finish(settings->feed);
    say_failed(settings, request->step, "cannot start a process", why);
    return;
  }
  if (request->input) feed_start(settings->feed, request->step, child.input);
  if (all == NULL) settings->coverage->unrecorded_steps++;
  else processes_begin(all, request->step);
  bool attached = all == NULL || tracer_attach(all, child.pid);
  int error = errno;
  int listener = -1;
  if (!attached) close(child.control);
  if (!attached || !step_child_go(&child, request->record, &listener)) {
    if (attached) error = errno;
    abandon(&child);
    feed_finish(settings->feed);
    if (all != NULL) processes_clear(all);
    // Killed before it ran a program: this counts as an end, not as a failure.
    const struct pump nothing = {.step = request->step};
    if (*settings->kill_asked) say_ended(settings, request->step, &nothing, (struct main_exit){SIGKILL, now_us()}, begun);
    else say_failed(settings, request->step, attached ? "cannot restrict the step" : "cannot trace the step", error);
    return;
  }
  struct pump pump;
  struct notifiers notifiers;
  pump_start(&pump, settings->link, request->step, request->output_limit, child.output, child.error);
  if (all != NULL) notifiers_start(&notifiers, all, listener);
  struct main_exit end = tracer_run(all, child.pid, settings->kill_asked);
  if (all != NULL) {
    notifiers_stop(&notifiers);
    settings->coverage->lost_processes += processes_clear(all);
  }
  feed_finish(settings->feed);
  pump_finish(&pump);
  say_ended(settings, request->step, &pump, end, begun);
}
