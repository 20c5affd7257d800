/* limit: the cheapest thing that can be called an HTTP answer on this machine.
 *
 * One thread, one epoll set, canned bytes. It looks for CR LF CR LF and for nothing else: no parsing, no routing,
 * no file system, no clock. What it reaches is the ceiling set by the kernel's TCP and by the load generator,
 * so a real server's figure divided by this one says how much of the machine the server leaves on the table.
 *
 *   limit --port P [--body N] [--status 200|206|304|404] [--file PATH] [--close] [--edge]
 *
 *   --body N     bytes of body in each answer (from memory, or from --file)
 *   --file PATH  send the body with sendfile(2) from this file instead of from memory
 *   --close      answer `Connection: close` and close after each answer
 *   --edge       edge-triggered instead of level-triggered events
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_FDS = 1 << 17, READ_SIZE = 16384, BATCH = 512 };

struct connection {
    unsigned owed;      /* requests seen whose answer is not yet complete */
    size_t sent;        /* bytes of the current answer already handed to the kernel */
    unsigned char tail; /* how many bytes of CR LF CR LF the input ends with */
    unsigned char waiting_to_write;
};

static struct connection connections[MAX_FDS];
static int epoll_fd, file_fd = -1, close_each, edge;
static char *answer;      /* head, and body unless it comes from a file */
static size_t answer_len; /* bytes at `answer` */
static size_t total_len;  /* bytes of a whole answer */

static void die(const char *what) { perror(what); exit(1); }

static void drop(int fd) { close(fd); }

/* Counts the ends of heads in the input; the match may straddle two reads. */
static unsigned count_heads(unsigned char *tail, const char *p, ssize_t n) {
    static const char end[4] = {'\r', '\n', '\r', '\n'};
    unsigned heads = 0, t = *tail;
    if (t == 0 && n >= 4 && memcmp(p + n - 4, end, 4) == 0 && memmem(p, n - 1, end, 4) == NULL)
        return 1; /* the usual case: exactly one whole request */
    for (ssize_t i = 0; i < n; i++) {
        t = p[i] == end[t] ? t + 1 : p[i] == '\r';
        if (t == 4) { heads++; t = 0; }
    }
    *tail = t;
    return heads;
}

static void want(int fd, struct connection *c, int writing) {
    if (edge || c->waiting_to_write == writing) return;
    struct epoll_event ev = {.events = writing ? EPOLLOUT : EPOLLIN, .data.fd = fd};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_MOD, fd, &ev) < 0) die("epoll_ctl");
    c->waiting_to_write = writing;
}

/* Sends what is owed. Returns 0 when the connection is gone. */
static int send_owed(int fd, struct connection *c) {
    while (c->owed) {
        ssize_t n;
        if (c->sent < answer_len)
            n = send(fd, answer + c->sent, answer_len - c->sent, MSG_NOSIGNAL | (file_fd >= 0 ? MSG_MORE : 0));
        else {
            off_t at = c->sent - answer_len;
            n = sendfile(fd, file_fd, &at, total_len - c->sent);
        }
        if (n < 0) {
            if (errno == EAGAIN) { want(fd, c, 1); return 1; }
            drop(fd);
            return 0;
        }
        c->sent += n;
        if (c->sent == total_len) {
            c->sent = 0;
            c->owed--;
            if (close_each) { drop(fd); return 0; }
        }
    }
    want(fd, c, 0);
    return 1;
}

/* Reads once (level) or until drained (edge), then answers. Returns 0 when the connection is gone. */
static int serve(int fd, struct connection *c) {
    char buf[READ_SIZE];
    for (;;) {
        ssize_t n = recv(fd, buf, sizeof buf, 0);
        if (n == 0 || (n < 0 && errno != EAGAIN)) { drop(fd); return 0; }
        if (n < 0) break;
        c->owed += count_heads(&c->tail, buf, n);
        if (!edge || n < (ssize_t)sizeof buf) break;
    }
    return c->owed ? send_owed(fd, c) : 1;
}

static void accept_all(int listener) {
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno == EAGAIN || errno == ECONNABORTED || errno == EMFILE) return;
            die("accept4");
        }
        if (fd >= MAX_FDS) { close(fd); continue; }
        if (file_fd >= 0) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        struct connection *c = &connections[fd];
        memset(c, 0, sizeof *c);
        /* A client that came to ask has usually asked by now; in --close mode this saves the epoll round trip. */
        if (close_each && total_len < 100000 && !serve(fd, c)) continue;
        struct epoll_event ev = {.events = edge ? EPOLLIN | EPOLLOUT | EPOLLET : EPOLLIN, .data.fd = fd};
        if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &ev) < 0) die("epoll_ctl");
        if (c->owed) { c->waiting_to_write = 0; want(fd, c, 1); }
    }
}

static void make_answer(int status, size_t body) {
    const char *reason = status == 200 ? "OK" : status == 206 ? "Partial Content" : status == 304 ? "Not Modified" : "Not Found";
    char length[64] = "", range[96] = "";
    if (status != 304) snprintf(length, sizeof length, "Content-Length: %zu\r\n", body);
    if (status == 206) snprintf(range, sizeof range, "Content-Range: bytes 10000000-%zu/67108864\r\n", 10000000 + body - 1);
    answer = malloc(512 + body);
    if (!answer) die("malloc");
    int head = snprintf(answer, 512,
        "HTTP/1.1 %d %s\r\nServer: limit\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Type: text/html\r\n%s%s"
        "Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\nConnection: %s\r\nETag: \"6955b900-400\"\r\nAccept-Ranges: bytes\r\n\r\n",
        status, reason, length, range, close_each ? "close" : "keep-alive");
    if (status == 304) body = 0;
    answer_len = head;
    total_len = head + body;
    if (file_fd < 0) {
        memset(answer + head, 'x', body);
        answer_len += body;
    }
}

int main(int argc, char **argv) {
    int port = 0, status = 200;
    size_t body = 1024;
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (!strcmp(argv[i], "--port")) port = atoi(value), i++;
        else if (!strcmp(argv[i], "--body")) body = strtoull(value, NULL, 10), i++;
        else if (!strcmp(argv[i], "--status")) status = atoi(value), i++;
        else if (!strcmp(argv[i], "--file")) { if ((file_fd = open(value, O_RDONLY | O_CLOEXEC)) < 0) die(value); i++; }
        else if (!strcmp(argv[i], "--close")) close_each = 1;
        else if (!strcmp(argv[i], "--edge")) edge = 1;
        else { fprintf(stderr, "limit: unknown argument %s\n", argv[i]); return 2; }
    }
    signal(SIGPIPE, SIG_IGN);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    make_answer(status, body);

    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener < 0) die("socket");
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(listener, (struct sockaddr *)&at, sizeof at) < 0) die("bind");
    if (listen(listener, 4096) < 0) die("listen");
    if ((epoll_fd = epoll_create1(EPOLL_CLOEXEC)) < 0) die("epoll_create1");
    struct epoll_event ev = {.events = EPOLLIN, .data.fd = listener};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &ev) < 0) die("epoll_ctl");

    static struct epoll_event events[BATCH];
    for (;;) {
        int n = epoll_wait(epoll_fd, events, BATCH, -1);
        if (n < 0 && errno != EINTR) die("epoll_wait");
        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) { accept_all(listener); continue; }
            struct connection *c = &connections[fd];
            if (c->owed && (events[i].events & (EPOLLOUT | EPOLLERR)) && !send_owed(fd, c)) continue;
            if (events[i].events & (EPOLLIN | EPOLLHUP)) serve(fd, c);
        }
    }
}
