// What the libraries share that are loaded into a server with LD_PRELOAD.
#pragma once

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(name)*)dlsym(RTLD_NEXT, #name))

static const char* setting(const char* name) {
  const char* value = getenv(name);
  return value == NULL ? "" : value;
}

/// Whether a path is below the folder that the environment variable names.
static int below(const char* path, const char* variable) {
  const char* folder = setting(variable);
  return folder[0] != 0 && strncmp(path, folder, strlen(folder)) == 0;
}

static int descriptor_below(int descriptor, const char* variable) {
  char link[64];
  char path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  return below(path, variable);
}
