// Makes the disk of one process fail for as long as a file exists: the outages of outage_test.py. Loaded with LD_PRELOAD.
//
//   FAILING_DISK_FOLDER    only operations on paths (or descriptors of files) below it fail
//   FAILING_DISK_SWITCH    while SWITCH.write exists writes fail with EIO, while SWITCH.space exists with ENOSPC (and so
//                          does everything else that takes room), while SWITCH.sync exists syncs fail with EIO
#define _GNU_SOURCE
#include "preload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>

static int is_on(const char* fault) {
  char path[4096];
  snprintf(path, sizeof path, "%s.%s", setting("FAILING_DISK_SWITCH"), fault);
  return access(path, F_OK) == 0;
}

/// The errno that an operation on this descriptor fails with; 0: it does not.
static int write_error(int fd) {
  const int error = is_on("write") ? EIO : is_on("space") ? ENOSPC : 0;
  return error != 0 && descriptor_below(fd, "FAILING_DISK_FOLDER") ? error : 0;
}

static int sync_error(int fd) {
  return is_on("sync") && descriptor_below(fd, "FAILING_DISK_FOLDER") ? EIO : 0;
}

#define UNLESS(error, call)                                                                                            \
  const int why = error;                                                                                               \
  if (why == 0) return call;                                                                                           \
  errno = why;                                                                                                         \
  return -1

ssize_t write(int fd, const void* bytes, size_t size) { UNLESS(write_error(fd), REAL(write)(fd, bytes, size)); }
ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  UNLESS(write_error(fd), REAL(pwrite)(fd, bytes, size, at));
}
ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
  UNLESS(write_error(fd), REAL(pwrite64)(fd, bytes, size, at));
}
int fallocate(int fd, int mode, off_t at, off_t size) { UNLESS(write_error(fd), REAL(fallocate)(fd, mode, at, size)); }
int fallocate64(int fd, int mode, off64_t at, off64_t size) {
  UNLESS(write_error(fd), REAL(fallocate64)(fd, mode, at, size));
}
int fsync(int fd) { UNLESS(sync_error(fd), REAL(fsync)(fd)); }
int fdatasync(int fd) { UNLESS(sync_error(fd), REAL(fdatasync)(fd)); }
