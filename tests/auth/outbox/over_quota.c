/* A quota that is spent: below QUOTA_FOLDER no file grows while the file QUOTA_SPENT is there (quotactl(2), EDQUOT).
   What lies within a file may be written over, as on a file system with quotas. To be preloaded. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int spent(int fd, off_t end)
{
    const char *folder = getenv("QUOTA_FOLDER"), *flag = getenv("QUOTA_SPENT");
    char link[64], path[4096];
    struct stat found;
    ssize_t length;

    if (folder == NULL || flag == NULL || access(flag, F_OK) != 0)
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return 0;
    path[length] = '\0';
    return strncmp(path, folder, strlen(folder)) == 0 && fstat(fd, &found) == 0 && end > found.st_size;
}

ssize_t write(int fd, const void *bytes, size_t count)
{
    static ssize_t (*real)(int, const void *, size_t);
    int before = errno;
    off_t at;

    if (real == NULL)
        real = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    at = lseek(fd, 0, SEEK_CUR);
    errno = before;
    if (at >= 0 && spent(fd, at + (off_t)count)) {
        errno = EDQUOT;
        return -1;
    }
    return real(fd, bytes, count);
}

static ssize_t write_at(const char *name, int fd, const void *bytes, size_t count, off_t at)
{
    ssize_t (*real)(int, const void *, size_t, off_t) =
        (ssize_t (*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, name);

    if (spent(fd, at + (off_t)count)) {
        errno = EDQUOT;
        return -1;
    }
    return real(fd, bytes, count, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at)
{
    return write_at("pwrite", fd, bytes, count, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t at)
{
    return write_at("pwrite64", fd, bytes, count, at);
}

int posix_fallocate(int fd, off_t at, off_t count)
{
    int (*real)(int, off_t, off_t) = (int (*)(int, off_t, off_t))dlsym(RTLD_NEXT, "posix_fallocate");

    return spent(fd, at + count) ? EDQUOT : real(fd, at, count);
}
