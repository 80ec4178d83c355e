// Runs a target over files, for compilers without libFuzzer: `npm test` builds the targets with this and gcc.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv);

int main(int argc, char **argv) {
  if (LLVMFuzzerInitialize != NULL) LLVMFuzzerInitialize(&argc, &argv);
  static uint8_t data[1 << 20];
  for (int i = 1; i < argc; i++) {
    FILE *file = fopen(argv[i], "rb");
    if (file == NULL) return 2;
    size_t len = fread(data, 1, sizeof data, file);
    fclose(file);
    // Named before it is run, so that the last one is the one that failed.
    printf("%s\n", argv[i]);
    fflush(stdout);
    LLVMFuzzerTestOneInput(data, len);
  }
  return 0;
}
