// The guest: PID 1 of a sandbox. The main thread executes the host's requests one after the other; a second thread
// reads them, so that a step can be killed, or given input, while it runs; marks and the bridge have threads, too.
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bridge.h"
#include "capabilities.h"
#include "coverage.h"
#include "die.h"
#include "feed.h"
#include "marks.h"
#include "notify.h"
#include "read-file.h"
#include "restrict.h"
#include "seccomp-filter.h"
#include "selftest.h"
#include "step.h"
#include "tracee.h"
#include "tracer.h"
#include "wake.h"

struct options {
  const char *link;
  const char *gateway;
  uint16_t port;
};

// Holds one request at a time: the host waits for the answer before the next request.
struct mailbox {
  pthread_mutex_t lock;
  pthread_cond_t filled;
  pthread_cond_t emptied;
  bool full;
  bool busy;
  uint8_t type;
  struct bytes payload;
  uint32_t step; // that of a RUN, for KILL
  atomic_bool kill_asked;
  struct link *link;
  struct feed *feed;
  struct marks *marks;
  uint8_t buffers[2][FRAME_PAYLOAD_MAX]; // a KILL is read while the other still holds the request
};

static struct options parse_options(int argc, char **argv) {
  struct options options = {NULL, NULL, 0};
  for (int i = 1; i + 1 < argc; i += 2) {
    if (strcmp(argv[i], "--link") == 0) options.link = argv[i + 1];
    else if (strcmp(argv[i], "--gateway") == 0) options.gateway = argv[i + 1];
    else if (strcmp(argv[i], "--port") == 0) options.port = (uint16_t)strtoul(argv[i + 1], NULL, 10);
    else die("unknown option");
  }
  if (argc != 7 || options.link == NULL || options.gateway == NULL || options.port == 0) {
    die("usage: glovebox-guest --link PATH --gateway PATH --port N");
  }
  return options;
}

static struct rlimit raise_open_files(void) {
  struct rlimit given;
  if (getrlimit(RLIMIT_NOFILE, &given) != 0) die_errno("getrlimit");
  struct rlimit raised = {given.rlim_max, given.rlim_max};
  setrlimit(RLIMIT_NOFILE, &raised);
  return given;
}

_Noreturn static void refuse(void) { die("the host broke the protocol"); }

// Whether the step still runs; it may have ended before the frame arrived. Called with the lock held.
static bool step_runs(const struct mailbox *box, uint32_t step) {
  return box->busy && box->type == FRAME_RUN && box->step == step;
}

static void kill_step(struct mailbox *box, struct bytes payload) {
  uint32_t step;
  if (!decode_step(payload, &step)) refuse();
  pthread_mutex_lock(&box->lock);
  bool runs = step_runs(box, step);
  if (runs) box->kill_asked = true;
  pthread_mutex_unlock(&box->lock);
  if (runs) kill_everything();
}

static void give_input(struct mailbox *box, struct bytes payload) {
  uint32_t step;
  struct bytes data;
  if (!decode_input(payload, &step, &data)) refuse();
  pthread_mutex_lock(&box->lock);
  bool runs = step_runs(box, step);
  pthread_mutex_unlock(&box->lock);
  if (runs && !feed_put(box->feed, data)) refuse();
}

static void set_mark(struct mailbox *box, struct bytes payload) {
  uint32_t step;
  if (!decode_step(payload, &step) || !marks_ask(box->marks, step)) refuse();
}

// Handles frames that may arrive while a request runs. It never waits for the step or the host, so that KILL always works.
static bool take_aside(struct mailbox *box, uint8_t type, struct bytes payload) {
  if (type == FRAME_KILL) kill_step(box, payload);
  else if (type == FRAME_INPUT) give_input(box, payload);
  else if (type == FRAME_MARK) set_mark(box, payload);
  else return false;
  return true;
}

static void *read_requests(void *argument) {
  struct mailbox *box = argument;
  unsigned next = 0;
  for (;;) {
    uint8_t type;
    struct bytes payload = link_receive(box->link, box->buffers[next], &type);
    if (take_aside(box, type, payload)) continue;
    pthread_mutex_lock(&box->lock);
    // The next request can arrive a moment before this side has finished the previous one.
    while (box->busy) pthread_cond_wait(&box->emptied, &box->lock);
    box->busy = true;
    box->full = true;
    box->type = type;
    box->payload = payload;
    box->step = 0;
    box->kill_asked = false;
    if (type == FRAME_RUN && payload.len >= 4) {
      struct reader from = {payload.data, payload.data + payload.len, false};
      box->step = take_u32(&from);
      feed_expect(box->feed, run_wants_input(payload));
    }
    pthread_cond_signal(&box->filled);
    pthread_mutex_unlock(&box->lock);
    next = 1 - next;
  }
  return NULL;
}

static void execute(struct mailbox *box, const struct step_settings *settings) {
  struct run_request run;
  struct read_request file;
  if (box->type == FRAME_RUN && decode_run(box->payload, &run)) {
    run_step(settings, &run);
    run_request_free(&run);
  } else if (box->type == FRAME_READ && decode_read(box->payload, &file)) {
    send_file(box->link, &file);
  } else if (box->type == FRAME_SELFTEST && box->payload.len == 0) {
    send_selftest(box->link);
  } else if (box->type == FRAME_ASK_COVERAGE && box->payload.len == 0) {
    coverage_send(settings->coverage, box->link);
  } else {
    refuse();
  }
}

_Noreturn static void serve_requests(struct mailbox *box, const struct step_settings *settings) {
  for (;;) {
    pthread_mutex_lock(&box->lock);
    while (!box->full) pthread_cond_wait(&box->filled, &box->lock);
    box->full = false;
    pthread_mutex_unlock(&box->lock);
    execute(box, settings);
    pthread_mutex_lock(&box->lock);
    box->busy = false;
    pthread_cond_signal(&box->emptied);
    pthread_mutex_unlock(&box->lock);
  }
}

static void *await_termination(void *argument) {
  int fd = *(const int *)argument;
  struct signalfd_siginfo info;
  while (read(fd, &info, sizeof info) == sizeof info) {
    // Only the kernel sets SI_USER, and pid 0 means a sender outside this pid namespace.
    if (info.ssi_code == SI_USER && info.ssi_pid == 0) _exit(0);
  }
  return NULL;
}

static void start_thread(void *(*run)(void *), void *argument) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, run, argument) != 0) die("cannot start a thread");
  pthread_detach(thread);
}

static int block_termination(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0) die("sigmask");
  int fd = signalfd(-1, &set, SFD_CLOEXEC);
  if (fd < 0) die_errno("signalfd");
  return fd;
}

int main(int argc, char **argv) {
  struct options options = parse_options(argc, argv);
  if (getpid() != 1) die("the guest is made to be PID 1 of a sandbox");
  // No process of the same user may attach to the guest or read its memory or its descriptors.
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) die_errno("dumpable");
  if (!close_from(3)) die_errno("close_range");
  int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (null >= 0) dup2(null, 0);
  umask(077);
  struct rlimit given = raise_open_files();
  int termination = block_termination();
  wake_prepare();
  tracee_prepare();
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN); // a limit of file sizes is an error like others, not the guest's end

  static struct coverage coverage;
  static struct link link;
  static struct processes processes;
  static struct feed feed;
  static struct marks marks;
  static struct mailbox box = {.lock = PTHREAD_MUTEX_INITIALIZER, .filled = PTHREAD_COND_INITIALIZER, .emptied = PTHREAD_COND_INITIALIZER};
  coverage.may_trace_others = holds_ptrace_capability();
  coverage.acts = filter_waits_killably();
  link_connect(&link, options.link);
  processes_init(&processes, &link, &coverage);
  feed_prepare(&feed, &link);
  marks_prepare(&marks, &processes, &link);
  uint8_t memory[64];
  struct writer hello = {memory, 0, sizeof memory, false};
  encode_hello(&hello);
  bridge_start(options.port, options.gateway);
  link_send(&link, FRAME_HELLO, &hello);

  box.link = &link;
  box.feed = &feed;
  box.marks = &marks;
  start_thread(await_termination, &termination);
  start_thread(marks_serve, &marks);
  start_thread(read_requests, &box);
  struct step_settings settings = {&link, &coverage, &processes, &feed, given, &box.kill_asked};
  serve_requests(&box, &settings);
}
