/* sseload: holds N event streams open and measures what arrives. Loopback only.
 * usage: sseload PORT PATH CONNECTIONS SECONDS PID
 * Prints one line of JSON. The first fifth of the time is warm-up. An event is a blank line behind a "data:" field.
 * Its delay is counted from the first connection that got an event with the same id, so it holds what fanning out takes.
 * CPU is that of process PID (user and system) while events were counted. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SEEN (1 << 16)
#define BINS 20000 /* of 0.1 ms */
typedef struct { int fd, col, data, status, crlf, body, headlen; unsigned hash; long events; char key[5], head[16]; } Conn;
static struct { unsigned hash; double first; } seen[SEEN];
static long bins[BINS], bytes;
static double at;
static int counting;

static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + t.tv_nsec / 1e9; }

static double cpu_s(int pid) {
  char name[64], buf[1024]; unsigned long user = 0, sys = 0;
  snprintf(name, sizeof name, "/proc/%d/stat", pid);
  FILE *f = fopen(name, "r");
  if (!f) return 0;
  if (fgets(buf, sizeof buf, f)) { char *p = strrchr(buf, ')'); if (p) sscanf(p + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &sys); }
  fclose(f);
  return (double)(user + sys) / sysconf(_SC_CLK_TCK);
}

static void event(Conn *c) {
  c->events++;
  if (!c->hash) return;
  unsigned slot = c->hash & (SEEN - 1);
  if (seen[slot].hash != c->hash) { seen[slot].hash = c->hash; seen[slot].first = at; }
  if (counting) { long bin = (at - seen[slot].first) * 1e4; bins[bin < BINS ? bin : BINS - 1]++; }
}

/* Chunk sizes of the chunked encoding never look like a field, so they are harmless. */
static void feed(Conn *c, const char *p, ssize_t n) {
  bytes += n;
  for (ssize_t i = 0; i < n; i++) {
    char ch = p[i];
    if (ch == '\r') continue;
    if (!c->body) {
      if (c->headlen < 15) c->head[c->headlen++] = ch;
      if (ch != '\n') c->crlf = 0;
      else if (c->crlf++) { c->body = 1; c->status = atoi(c->head + 9); }
    } else if (ch == '\n') {
      if (!c->col && c->data) { event(c); c->data = 0; c->hash = 0; }
      c->col = 0;
    } else {
      if (c->col < 5) c->key[c->col] = ch;
      if (++c->col == 5 && !memcmp(c->key, "data:", 5)) c->data = 1;
      if (c->col == 3 && !memcmp(c->key, "id:", 3)) c->hash = 2166136261u;
      else if (c->col > 3 && !memcmp(c->key, "id:", 3)) c->hash = (c->hash ^ (unsigned char)ch) * 16777619u;
    }
  }
}

static double quantile(double share) {
  long total = 0, sum = 0;
  for (int i = 0; i < BINS; i++) total += bins[i];
  for (int i = 0; i < BINS; i++) if ((sum += bins[i]) >= share * total) return i / 10.0;
  return BINS / 10.0;
}

int main(int argc, char **argv) {
  if (argc != 6) { fprintf(stderr, "usage: sseload PORT PATH CONNECTIONS SECONDS PID\n"); return 2; }
  int want = atoi(argv[3]), pid = atoi(argv[5]); double secs = atof(argv[4]);
  struct rlimit rl; getrlimit(RLIMIT_NOFILE, &rl); rl.rlim_cur = rl.rlim_max; setrlimit(RLIMIT_NOFILE, &rl);
  char req[4096]; int len = snprintf(req, sizeof req, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n", argv[2]);
  struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(atoi(argv[1])) }; inet_pton(AF_INET, "127.0.0.1", &a.sin_addr);
  Conn *cs = calloc(want, sizeof *cs); int ep = epoll_create1(0), failed = 0, dropped = 0, bad = 0;
  for (int i = 0; i < want; i++) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (void *)&a, sizeof a) || write(fd, req, len) != len) { close(fd); cs[i].fd = -1; failed++; continue; }
    fcntl(fd, F_SETFL, O_NONBLOCK); cs[i].fd = fd;
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = &cs[i]}; epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
  }
  static char buf[1 << 18]; struct epoll_event ev[512];
  double begun = now(), end = begun + secs, from = begun, cpu = 0;
  while ((at = now()) < end) {
    if (!counting && at > begun + secs / 5) {
      for (int i = 0; i < want; i++) cs[i].events = 0;
      counting = 1; bytes = 0; from = at; cpu = cpu_s(pid);
    }
    int k = epoll_wait(ep, ev, 512, 50);
    for (int j = 0; j < k; j++) {
      Conn *c = ev[j].data.ptr; ssize_t n = read(c->fd, buf, sizeof buf); at = now();
      if (n > 0) feed(c, buf, n);
      else if (n == 0 || errno != EAGAIN) { epoll_ctl(ep, EPOLL_CTL_DEL, c->fd, 0); close(c->fd); c->fd = -1; dropped++; }
    }
  }
  double took = now() - from; cpu = cpu_s(pid) - cpu;
  long total = 0, least = -1;
  for (int i = 0; i < want; i++) {
    total += cs[i].events; if (cs[i].status && cs[i].status != 200) bad++;
    if (cs[i].fd >= 0 && (least < 0 || cs[i].events < least)) least = cs[i].events;
  }
  printf("{\"events_per_s\": %.1f, \"cpu_us\": %.3f, \"p50_ms\": %.1f, \"p99_ms\": %.1f, \"mb_per_s\": %.2f, \"least\": %ld, \"refused\": %d, \"dropped\": %d, \"not200\": %d}\n",
         total / took, total ? cpu * 1e6 / total : 0.0, quantile(0.5), quantile(0.99), bytes / took / 1e6, least, failed, dropped, bad);
  return 0;
}
