#include "marks.h"

#include "messages.h"
#include "process-reports.h"

void marks_prepare(struct marks *marks, struct processes *processes, struct link *link) {
  *marks = (struct marks){.processes = processes, .link = link};
  pthread_mutex_init(&marks->lock, NULL);
  pthread_cond_init(&marks->filled, NULL);
}

bool marks_ask(struct marks *marks, uint32_t step) {
  pthread_mutex_lock(&marks->lock);
  bool allowed = !marks->asked;
  marks->asked = true;
  marks->step = step;
  pthread_cond_signal(&marks->filled);
  pthread_mutex_unlock(&marks->lock);
  return allowed;
}

// An access is listed under the table's lock before its process resumes, so it is completely before or after the mark.
// Without a recorded step the table is empty.
static void take_mark(struct processes *all, uint32_t step) {
  pthread_mutex_lock(&all->lock);
  if (all->step == step) report_mark(all);
  pthread_mutex_unlock(&all->lock);
}

void *marks_serve(void *argument) {
  struct marks *marks = argument;
  for (;;) {
    pthread_mutex_lock(&marks->lock);
    while (!marks->asked) pthread_cond_wait(&marks->filled, &marks->lock);
    uint32_t step = marks->step;
    pthread_mutex_unlock(&marks->lock);
    take_mark(marks->processes, step);
    pthread_mutex_lock(&marks->lock);
    marks->asked = false; // before the answer, after which the host may ask again
    pthread_mutex_unlock(&marks->lock);
    uint8_t memory[16];
    struct writer to = {memory, 0, sizeof memory, false};
    encode_marked(&to, step);
    link_send(marks->link, FRAME_MARKED, &to);
  }
  return NULL;
}
