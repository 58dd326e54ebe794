// Kills the process at the n-th operation on its data folder, before or after that operation: the white-box half of the
// crash cycles. Loaded with LD_PRELOAD.
//
//   KILL_POINT_OPERATION   write, sync, rename, link, unlink or create
//   KILL_POINT_NUMBER      which of them, counted from 1
//   KILL_POINT_AFTER       1: after it succeeded; otherwise before it
//   KILL_POINT_FOLDER      only operations on paths (or descriptors of files) below it count
#define _GNU_SOURCE
#include "preload.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>

static atomic_long count;

/// Whether this operation is the one; dies at once when it is to die before it.
static int is_the_one(const char* operation, int concerned) {
  if (!concerned || strcmp(setting("KILL_POINT_OPERATION"), operation) != 0) return 0;
  if (atomic_fetch_add(&count, 1) + 1 != atol(setting("KILL_POINT_NUMBER"))) return 0;
  if (setting("KILL_POINT_AFTER")[0] != '1') raise(SIGKILL);
  return 1;
}

#define KILLED(operation, concerned, call)                                                                             \
  const int last = is_the_one(operation, concerned);                                                                   \
  __typeof__(call) result = call;                                                                                      \
  if (last) raise(SIGKILL);                                                                                            \
  return result

ssize_t write(int fd, const void* bytes, size_t size) { KILLED("write", descriptor_below(fd, "KILL_POINT_FOLDER"), REAL(write)(fd, bytes, size)); }
ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  KILLED("write", descriptor_below(fd, "KILL_POINT_FOLDER"), REAL(pwrite)(fd, bytes, size, at));
}
ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
  KILLED("write", descriptor_below(fd, "KILL_POINT_FOLDER"), REAL(pwrite64)(fd, bytes, size, at));
}
int fsync(int fd) { KILLED("sync", descriptor_below(fd, "KILL_POINT_FOLDER"), REAL(fsync)(fd)); }
int fdatasync(int fd) { KILLED("sync", descriptor_below(fd, "KILL_POINT_FOLDER"), REAL(fdatasync)(fd)); }
int rename(const char* from, const char* to) { KILLED("rename", below(to, "KILL_POINT_FOLDER"), REAL(rename)(from, to)); }
int link(const char* from, const char* to) { KILLED("link", below(to, "KILL_POINT_FOLDER"), REAL(link)(from, to)); }
int unlink(const char* path) { KILLED("unlink", below(path, "KILL_POINT_FOLDER"), REAL(unlink)(path)); }

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  KILLED("create", (flags & O_CREAT) != 0 && below(path, "KILL_POINT_FOLDER"), REAL(open)(path, flags, mode));
}

int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  KILLED("create", (flags & O_CREAT) != 0 && below(path, "KILL_POINT_FOLDER"), REAL(open64)(path, flags, mode));
}
