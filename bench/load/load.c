/* load: a lean HTTP/1.1 load generator for one core.
 *
 * wrk parses every answer byte by byte and runs a Lua hook's worth of bookkeeping per request, so against a fast
 * server it is wrk that is measured. This one sends fixed request bytes and spends two system calls per answer:
 * an answer that arrives whole, with the length and the status of the connection's last fully parsed answer, is
 * counted at once; any other is parsed. Nothing can slip out of step: a head is always either byte-counted whole
 * or parsed. Bodies beyond the first read are discarded in the kernel (MSG_TRUNC) unless --copy.
 *
 *   load --port P [--conns N] [--duration S] [--warmup S] [--path /x] [--header 'K: V']... [--expect STATUS]
 *        [--close] [--rate R] [--requests N] [--range LEN:TOTAL] [--clients-from N] [--hold] [--spin] [--copy] [--parse-all]
 *
 *   --close        a new connection for each request (sends `Connection: close`, waits for the server's close)
 *   --rate R       R requests per second on a fixed schedule; latency counts from the time a request was due,
 *                  so a stalled server cannot hide its stall. Otherwise: closed loop, each connection asks again
 *                  as soon as it is answered.
 *   --requests N   stop after N answers instead of after a time
 *   --range L:T    ask for L bytes at random offsets of a T byte file (both ends with 8 digits: stable head length)
 *   --clients-from N  each request brings `X-Forwarded-For` with an address that no other has: the Nth, the next and so on
 *   --hold         each connection asks once, then all are held open until stdin closes
 *   --spin         poll without sleeping: the server never pays for waking this process
 *
 * Prints `measuring` when the warm-up ends, then one line of JSON.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BUF = 65536, BATCH = 512, RANGES = 1024, REQUEST_MAX = 4096 };

/* ---- latency histogram: 128 linear steps in each power of two, so an error of at most 0.8 % ---- */
enum { STEP_BITS = 7, STEPS = 1 << STEP_BITS, BUCKETS = 40 * STEPS };
static uint64_t histogram[BUCKETS], samples, latency_max;
static double latency_sum;

static unsigned bucket_of(uint64_t v) {
    if (v < STEPS) return v;
    int shift = 63 - __builtin_clzll(v) - STEP_BITS;
    unsigned b = (shift + 1) * STEPS + ((v >> shift) - STEPS);
    return b < BUCKETS ? b : BUCKETS - 1;
}
static uint64_t bucket_top(unsigned b) {
    if (b < STEPS) return b;
    int shift = b / STEPS - 1;
    return ((uint64_t)(b % STEPS + STEPS + 1) << shift) - 1;
}
static void record(uint64_t ns) {
    histogram[bucket_of(ns)]++;
    samples++;
    latency_sum += ns;
    if (ns > latency_max) latency_max = ns;
}
static double percentile_us(double p) {
    uint64_t need = (uint64_t)(samples * p / 100.0), seen = 0;
    for (unsigned b = 0; b < BUCKETS; b++)
        if ((seen += histogram[b]) > need) return (bucket_top(b) < latency_max ? bucket_top(b) : latency_max) / 1e3;
    return latency_max / 1e3;
}

/* ---- state ---- */
struct connection {
    int fd;
    unsigned answered;                           /* complete answers on this connection */
    enum { CONNECTING, IDLE, ASKED, BODY, DRAINING } state;
    uint64_t asked_at;                           /* ns */
    size_t head_have;                            /* bytes of an unfinished head in `head` */
    uint64_t body_left;
    size_t usual_len;                            /* length of the last fully parsed answer that fitted one read */
    char usual_status[12];                       /* its `HTTP/1.1 200` */
    int last_of_connection;                      /* the answer said `Connection: close` */
    char *head;
};
static struct connection *connections;
static int *idle, idle_count; /* --rate: connections with nothing asked */
static int epoll_fd, conns = 64, expect = 200, close_each, hold, spin, copy, parse_all;
static struct sockaddr_in target = {.sin_family = AF_INET};
static char *requests[RANGES];
static size_t request_len[RANGES];
static unsigned request_count = 1, next_request;
static uint64_t answers, bytes, errors, unexpected, reconnects, connects, wanted_answers, first_answer_len, idle_ns;
static uint64_t open_now;
static char *client; /* --clients-from: where in the request its address stands */
static uint64_t next_client;
static double rate;
static char buf[BUF];

static void die(const char *what) { perror(what); exit(1); }
static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static void open_connection(struct connection *c);

/* The nth of some 592 million addresses, of three digits each place: the request keeps its length. */
static void write_client(uint64_t nth) {
    for (int place = 3; place >= 0; place--, nth /= 156) {
        unsigned octet = 100 + nth % 156;
        client[4 * place] = '0' + octet / 100;
        client[4 * place + 1] = '0' + octet / 10 % 10;
        client[4 * place + 2] = '0' + octet % 10;
    }
}

static void ask(struct connection *c, uint64_t at) {
    if (client) write_client(next_client++);
    unsigned r = request_count == 1 ? 0 : next_request++ % request_count;
    c->state = ASKED;
    c->asked_at = at;
    c->head_have = 0;
    ssize_t n = send(c->fd, requests[r], request_len[r], MSG_NOSIGNAL);
    if (n != (ssize_t)request_len[r] && !(n < 0 && (errno == EPIPE || errno == ECONNRESET))) errors++;
}

static void reopen(struct connection *c) {
    uint64_t at = c->asked_at;
    int owes = c->state == ASKED || c->state == BODY;
    close(c->fd);
    open_connection(c);
    if (owes) c->asked_at = at;
}

static void connected(struct connection *c) {
    if (rate > 0) {
        c->state = IDLE;
        idle[idle_count++] = c - connections;
    } else
        ask(c, close_each ? c->asked_at : now());
}

static void open_connection(struct connection *c) {
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0) die("socket");
    c->answered = 0;
    c->last_of_connection = 0;
    c->state = CONNECTING;
    c->asked_at = now();
    c->head_have = 0;
    connects++;
    int done = connect(c->fd, (struct sockaddr *)&target, sizeof target) == 0;
    if (!done && errno != EINPROGRESS) die("connect");
    struct epoll_event ev = {.events = done ? EPOLLIN : EPOLLIN | EPOLLOUT, .data.u32 = c - connections};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &ev) < 0) die("epoll_ctl");
    if (done) connected(c);
}

static void answered(struct connection *c) {
    record(now() - c->asked_at);
    answers++;
    c->answered++;
    if (hold) { c->state = IDLE; open_now++; return; }
    if (close_each) { c->state = DRAINING; return; } /* the next one opens when the server has closed */
    if (c->last_of_connection) { c->state = IDLE; reconnects++; reopen(c); return; }
    if (rate > 0) {
        c->state = IDLE;
        idle[idle_count++] = c - connections;
    } else
        ask(c, now());
}

/* Parses a head that ends within p[0..n); returns its length, or 0 if it is not complete. */
static size_t parse_head(struct connection *c, const char *p, size_t n, uint64_t *body) {
    const char *end = memmem(p, n, "\r\n\r\n", 4);
    if (!end) return 0;
    size_t head = end + 4 - p;
    int status = n > 12 ? atoi(p + 9) : 0, sized = 0;
    *body = 0;
    c->last_of_connection = 0;
    for (const char *line = memchr(p, '\n', head); line && line + 1 < end; line = memchr(line, '\n', p + head - line)) {
        line++;
        if (!strncasecmp(line, "content-length:", 15)) *body = strtoull(line + 15, NULL, 10), sized = 1;
        if (!strncasecmp(line, "connection: close", 17)) c->last_of_connection = 1;
    }
    if (status == 304 || status == 204) *body = 0, sized = 1;
    if (!sized) { fprintf(stderr, "load: an answer without Content-Length\n"); exit(1); }
    if (status != expect) unexpected++;
    if (!first_answer_len) first_answer_len = head + *body;
    memcpy(c->usual_status, p, sizeof c->usual_status);
    return head;
}

static void lost(struct connection *c) {
    if (c->state == DRAINING) { c->state = IDLE; reopen(c); return; }
    if (c->state == IDLE || (c->state == ASKED && c->head_have == 0 && c->answered > 0)) reconnects++;
    else errors++;
    if (c->state == IDLE && rate > 0)
        for (int i = 0; i < idle_count; i++)
            if (idle[i] == c - connections) { idle[i] = idle[--idle_count]; break; }
    reopen(c);
}

static void readable(struct connection *c) {
    if (c->state == BODY) {
        ssize_t n = copy ? recv(c->fd, buf, c->body_left < BUF ? c->body_left : BUF, 0)
                         : recv(c->fd, NULL, c->body_left < (64u << 20) ? c->body_left : (64u << 20), MSG_TRUNC);
        if (n < 0 && errno == EAGAIN) return;
        if (n <= 0) { lost(c); return; }
        bytes += n;
        c->body_left -= n;
        if (c->body_left == 0) answered(c);
        return;
    }
    ssize_t n = recv(c->fd, buf, BUF, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) { lost(c); return; }
    bytes += n;
    if (c->state == ASKED && c->head_have == 0 && (size_t)n == c->usual_len && !parse_all &&
        memcmp(buf, c->usual_status, sizeof c->usual_status) == 0) {
        answered(c);
        return;
    }
    if (c->state != ASKED) { errors++; return; } /* bytes nobody asked for */
    const char *p = buf;
    size_t have = n;
    if (c->head_have || !memmem(buf, n, "\r\n\r\n", 4)) { /* a head in pieces */
        if (!c->head) c->head = malloc(BUF * 2);
        if (c->head_have + n > BUF * 2) { errors++; reopen(c); return; }
        memcpy(c->head + c->head_have, buf, n);
        c->head_have += n;
        p = c->head;
        have = c->head_have;
    }
    uint64_t body;
    size_t head = parse_head(c, p, have, &body);
    if (!head) return;
    int in_one_read = c->head_have == 0;
    if (have - head > body) { errors++; reopen(c); return; }
    c->body_left = body - (have - head);
    c->usual_len = in_one_read && !c->last_of_connection && head + body <= BUF ? head + body : c->usual_len;
    c->head_have = 0;
    if (c->body_left) c->state = BODY;
    else answered(c);
}

static void build_requests(const char *path, char **headers, int header_count, int port, uint64_t range, uint64_t total,
                           int clients) {
    if (range && clients) { fprintf(stderr, "load: --range and --clients-from at once\n"); exit(2); }
    if (range) request_count = RANGES;
    srand(1); /* the same offsets for every server */
    for (unsigned r = 0; r < request_count; r++) {
        char *q = requests[r] = malloc(REQUEST_MAX);
        int n = snprintf(q, REQUEST_MAX, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: load\r\nAccept: */*\r\n%s", path, port,
                         close_each ? "Connection: close\r\n" : "");
        if (range) {
            uint64_t low = 10000000, from = low + ((uint64_t)rand() << 16 ^ rand()) % (total - range - low);
            n += snprintf(q + n, REQUEST_MAX - n, "Range: bytes=%lu-%lu\r\n", from, from + range - 1);
        }
        if (clients) {
            n += snprintf(q + n, REQUEST_MAX - n, "X-Forwarded-For: 100.100.100.100\r\n");
            if (n < REQUEST_MAX) client = q + n - (sizeof "100.100.100.100\r\n" - 1);
        }
        for (int h = 0; h < header_count && n < REQUEST_MAX; h++) n += snprintf(q + n, REQUEST_MAX - n, "%s\r\n", headers[h]);
        if (n < REQUEST_MAX) n += snprintf(q + n, REQUEST_MAX - n, "\r\n");
        if (n >= REQUEST_MAX) { fprintf(stderr, "load: the request is too long\n"); exit(2); }
        request_len[r] = n;
    }
}

static double cpu_seconds(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv) {
    int port = 0, header_count = 0, clients = 0;
    double duration = 3, warmup = 0;
    const char *path = "/";
    char *headers[32];
    unsigned long range = 0, total = 0;
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (!strcmp(argv[i], "--port")) port = atoi(value), i++;
        else if (!strcmp(argv[i], "--conns")) conns = atoi(value), i++;
        else if (!strcmp(argv[i], "--duration")) duration = atof(value), i++;
        else if (!strcmp(argv[i], "--warmup")) warmup = atof(value), i++;
        else if (!strcmp(argv[i], "--path")) path = value, i++;
        else if (!strcmp(argv[i], "--header") && header_count < 32) headers[header_count++] = argv[++i];
        else if (!strcmp(argv[i], "--expect")) expect = atoi(value), i++;
        else if (!strcmp(argv[i], "--rate")) rate = atof(value), i++;
        else if (!strcmp(argv[i], "--requests")) wanted_answers = strtoull(value, NULL, 10), i++;
        else if (!strcmp(argv[i], "--range")) { if (sscanf(value, "%lu:%lu", &range, &total) != 2) die("--range"); i++; }
        else if (!strcmp(argv[i], "--clients-from")) next_client = strtoull(value, NULL, 10), clients = 1, i++;
        else if (!strcmp(argv[i], "--close")) close_each = 1;
        else if (!strcmp(argv[i], "--hold")) hold = 1;
        else if (!strcmp(argv[i], "--spin")) spin = 1;
        else if (!strcmp(argv[i], "--copy")) copy = 1;
        else if (!strcmp(argv[i], "--parse-all")) parse_all = 1;
        else { fprintf(stderr, "load: unknown argument %s\n", argv[i]); return 2; }
    }
    signal(SIGPIPE, SIG_IGN);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    target.sin_port = htons(port);
    target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    build_requests(path, headers, header_count, port, range, total, clients);
    connections = calloc(conns, sizeof *connections);
    idle = calloc(conns, sizeof *idle);
    if ((epoll_fd = epoll_create1(EPOLL_CLOEXEC)) < 0) die("epoll_create1");
    int opened = 0, window = hold ? 128 : conns;

    struct epoll_event events[BATCH];
    uint64_t start = now(), warm_end = start + (uint64_t)(warmup * 1e9), measured_from = 0, end = UINT64_MAX, due = 0;
    double cpu_from = 0, gap = rate > 0 ? 1e9 / rate : 0, due_exact = 0;
    for (;;) {
        /* --hold opens in a sliding window so as not to overrun the accept queue */
        while (opened < conns && opened < (hold ? (int)answers + window : conns)) open_connection(&connections[opened++]);
        uint64_t t = now();
        if (!measured_from && t >= warm_end) { /* the measured part begins here */
            answers = bytes = errors = unexpected = reconnects = connects = samples = latency_max = idle_ns = 0;
            latency_sum = 0;
            memset(histogram, 0, sizeof histogram);
            if (!hold) puts("measuring"), fflush(stdout);
            measured_from = now();
            end = wanted_answers || hold ? UINT64_MAX : measured_from + (uint64_t)(duration * 1e9);
            cpu_from = cpu_seconds();
            if (rate > 0) due_exact = due = measured_from;
        }
        if (t >= end || (wanted_answers && answers >= wanted_answers)) break;
        if (hold && open_now == (uint64_t)conns) break;
        if (rate > 0) {
            if (!due) due_exact = due = t;
            while (due <= t && idle_count) {
                ask(&connections[idle[--idle_count]], due);
                due_exact += gap;
                due = (uint64_t)due_exact;
            }
        }
        int n = epoll_wait(epoll_fd, events, BATCH, spin || rate > 0 ? 0 : 100);
        if (n < 0 && errno != EINTR) die("epoll_wait");
        if (n <= 0) idle_ns += now() - t; /* the time this process could have done more in, were there more to do */
        for (int i = 0; i < n; i++) {
            struct connection *c = &connections[events[i].data.u32];
            if (c->state == CONNECTING) {
                int error = 0;
                getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &(socklen_t){sizeof error});
                if (error) {
                    fprintf(stderr, "load: connect: %s\n", strerror(error));
                    exit(1);
                }
                if (!(events[i].events & EPOLLOUT)) continue;
                struct epoll_event ev = {.events = EPOLLIN, .data.u32 = events[i].data.u32};
                epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &ev);
                connected(c);
                continue;
            }
            if (hold && c->state == IDLE) { errors++; epoll_ctl(epoll_fd, EPOLL_CTL_DEL, c->fd, NULL); continue; }
            readable(c);
        }
    }
    double seconds = (now() - measured_from) / 1e9;
    printf("{\"requests\": %lu, \"seconds\": %.6f, \"rps\": %.1f, \"bytes\": %lu, \"mb_per_s\": %.3f, \"errors\": %lu, \"unexpected\": %lu, "
           "\"reconnects\": %lu, \"connects\": %lu, \"answer_bytes\": %lu, \"mean_us\": %.2f, \"p50_us\": %.2f, \"p90_us\": %.2f, \"p99_us\": %.2f, \"p999_us\": %.2f, "
           "\"max_us\": %.2f, \"load_cpu\": %.4f, \"load_idle\": %.4f}\n",
           answers, seconds, answers / seconds, bytes, bytes / seconds / 1e6, errors, unexpected, reconnects, connects, first_answer_len,
           samples ? latency_sum / samples / 1e3 : 0, percentile_us(50), percentile_us(90), percentile_us(99), percentile_us(99.9),
           latency_max / 1e3, (cpu_seconds() - cpu_from) / seconds, idle_ns / 1e9 / seconds);
    fflush(stdout);
    if (hold) while (read(0, buf, sizeof buf) > 0) {}
    return 0;
}
