#include "selftest.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "helper.h"
#include "messages.h"
#include "selftest-checks.h"

#define RESULTS_MAX (64u << 10)

struct results {
  struct writer to;
  uint8_t memory[RESULTS_MAX];
};

static void look_around(int output, const void *argument) {
  (void)argument;
  uint8_t memory[RESULTS_MAX];
  struct writer to = {memory, 0, sizeof memory, false};
  put_u16(&to, (uint16_t)selftest_checks_count);
  for (size_t i = 0; i < selftest_checks_count; i++) {
    char detail[256] = "";
    bool passed = selftest_checks[i].run(detail, sizeof detail);
    put_text(&to, selftest_checks[i].name);
    put_u8(&to, passed);
    put_text(&to, detail);
  }
  if (to.overflow || write(output, memory, to.len) != (ssize_t)to.len) _exit(1);
}

static void collect(void *state, const uint8_t *data, size_t len) {
  struct results *results = state;
  put_raw(&results->to, data, len);
}

void send_selftest(struct link *link) {
  struct results results;
  results.to = (struct writer){results.memory, 0, sizeof results.memory, false};
  int code = run_helper(look_around, NULL, sizeof results.memory, collect, &results);
  if (code != 0 || results.to.overflow) {
    results.to = (struct writer){results.memory, 0, sizeof results.memory, false};
    put_u16(&results.to, 1);
    put_text(&results.to, "self-test");
    put_u8(&results.to, 0);
    put_text(&results.to, "the self-test could not run with the restrictions of a step");
  }
  link_send(link, FRAME_CHECKS, &results.to);
}
