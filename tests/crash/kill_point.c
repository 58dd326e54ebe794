// Kills the process at the n-th operation on its data folder, before or after that operation: the white-box half of the
// crash cycles. Loaded with LD_PRELOAD.
//
//   KILL_POINT_OPERATION   write, sync, rename, link, unlink or create
//   KILL_POINT_NUMBER      which of them, counted from 1
//   KILL_POINT_AFTER       1: after it succeeded; otherwise before it
//   KILL_POINT_FOLDER      only operations on paths (or descriptors of files) below it count
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long count;

static const char* setting(const char* name) {
  const char* value = getenv(name);
  return value == NULL ? "" : value;
}

static int below(const char* path) {
  const char* folder = setting("KILL_POINT_FOLDER");
  return folder[0] != 0 && strncmp(path, folder, strlen(folder)) == 0;
}

static int descriptor_below(int descriptor) {
  char link[64];
  char path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  return below(path);
}

/// Whether this operation is the one; dies at once when it is to die before it.
static int is_the_one(const char* operation, int concerned) {
  if (!concerned || strcmp(setting("KILL_POINT_OPERATION"), operation) != 0) return 0;
  if (atomic_fetch_add(&count, 1) + 1 != atol(setting("KILL_POINT_NUMBER"))) return 0;
  if (setting("KILL_POINT_AFTER")[0] != '1') raise(SIGKILL);
  return 1;
}

#define REAL(name) ((__typeof__(name)*)dlsym(RTLD_NEXT, #name))
#define KILLED(operation, concerned, call)                                                                             \
  const int last = is_the_one(operation, concerned);                                                                   \
  __typeof__(call) result = call;                                                                                      \
  if (last) raise(SIGKILL);                                                                                            \
  return result

ssize_t write(int fd, const void* bytes, size_t size) { KILLED("write", descriptor_below(fd), REAL(write)(fd, bytes, size)); }
ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  KILLED("write", descriptor_below(fd), REAL(pwrite)(fd, bytes, size, at));
}
ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
  KILLED("write", descriptor_below(fd), REAL(pwrite64)(fd, bytes, size, at));
}
int fsync(int fd) { KILLED("sync", descriptor_below(fd), REAL(fsync)(fd)); }
int fdatasync(int fd) { KILLED("sync", descriptor_below(fd), REAL(fdatasync)(fd)); }
int rename(const char* from, const char* to) { KILLED("rename", below(to), REAL(rename)(from, to)); }
int link(const char* from, const char* to) { KILLED("link", below(to), REAL(link)(from, to)); }
int unlink(const char* path) { KILLED("unlink", below(path), REAL(unlink)(path)); }

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  KILLED("create", (flags & O_CREAT) != 0 && below(path), REAL(open)(path, flags, mode));
}

int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  KILLED("create", (flags & O_CREAT) != 0 && below(path), REAL(open64)(path, flags, mode));
}
