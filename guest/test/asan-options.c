// A guest with signal handlers could be killed from inside by a step; the sanitizer must not install any.
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
  return "detect_leaks=0:handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_abort=0:handle_sigill=0:handle_sigtrap=0";
}
