#include "http/wire/lobby.hpp"

#include "engine/check.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace croupier::http::wire {

namespace {

constexpr std::uint64_t listener_id = 0;
constexpr std::uint64_t wake_id = 1;
constexpr std::uint64_t first_guest_id = 2;
constexpr std::size_t accepts_in_a_row_max = 256;

constexpr std::string_view refusal = "HTTP/1.1 503 Service Unavailable\r\n"
                                     "Content-Type: application/json\r\n"
                                     "Content-Length: 64\r\n"
                                     "Retry-After: 1\r\n"
                                     "Connection: close\r\n\r\n"
                                     R"({"error":{"code":"overloaded","message":"too many connections"}})";
static_assert(refusal.size() - refusal.find('{') == 64);

std::string ip_text(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
  } else if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
  }
  // A v4 client on a v6 socket is the same client.
  const std::string_view whole = text.data();
  return std::string(whole.starts_with("::ffff:") ? whole.substr(7) : whole);
}

/// How often deadlines are looked at: often enough for the shortest one, seldom enough to cost nothing.
std::chrono::milliseconds sweep_interval(const lobby_options& options) {
  using namespace std::chrono_literals;
  return std::clamp<std::chrono::milliseconds>(std::min(options.handshake_timeout, options.idle_timeout) / 8, 5ms,
                                               100ms);
}

} // namespace

lobby::lobby(const lobby_options& options, metrics::counters& counters,
             std::function<void(std::shared_ptr<connection>)> ready)
    : options_(options),
      counters_(counters),
      ready_(std::move(ready)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      spare_(::open("/dev/null", O_RDONLY | O_CLOEXEC)),
      next_id_(first_guest_id) {
  CROUPIER_ASSERT(epoll_ >= 0 && wake_ >= 0, "the process has no descriptors left to start a server");
}

lobby::~lobby() {
  if (thread_.joinable()) {
    stop_accepting();
    finish(std::chrono::milliseconds(0));
  }
  ::close(epoll_);
  ::close(wake_);
  if (spare_ >= 0) ::close(spare_);
}

void lobby::open(int listening_socket) {
  listener_ = listening_socket;
  // A client that leaves between the event and the accept must not hold everybody else up.
  ::fcntl(listener_, F_SETFL, ::fcntl(listener_, F_GETFL) | O_NONBLOCK);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = listener_id;
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &event);
  event.data.u64 = wake_id;
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event);
  thread_ = std::thread([this] { run(); });
}

void lobby::park(const std::shared_ptr<connection>& guest, bool for_writing) {
  epoll_event event{};
  event.events = (for_writing ? EPOLLOUT : EPOLLIN) | EPOLLONESHOT;
  event.data.u64 = guest->id;
  const int socket = guest->io.socket();
  hold(*guest);
  ::epoll_ctl(epoll_, EPOLL_CTL_MOD, socket, &event);
}

void lobby::hold(connection& guest) noexcept {
  counters_.connections_parked.fetch_add(1, std::memory_order_relaxed);
  guest.parked.deadline.store(guest.deadline.time_since_epoch().count(), std::memory_order_relaxed);
  guest.parked.at.store(guest.at, std::memory_order_relaxed);
  guest.parked.number.store(++guest.parked.last_number, std::memory_order_release);
}

void lobby::close(const std::shared_ptr<connection>& guest) {
  const std::scoped_lock lock(mutex_);
  if (guests_.erase(guest->id) == 0) return;
  counters_.connections_open.fetch_sub(1, std::memory_order_relaxed);
  if (guests_.empty()) emptied_.notify_all();
}

void lobby::stop_accepting() {
  stopping_ = true;
  wake();
}

void lobby::finish(std::chrono::milliseconds grace) {
  {
    std::unique_lock lock(mutex_);
    emptied_.wait_for(lock, grace, [&] { return guests_.empty(); });
    for (const auto& [id, guest] : guests_) guest->io.abort();
    emptied_.wait(lock, [&] { return guests_.empty(); });
  }
  finished_ = true;
  wake();
  thread_.join();
}

void lobby::wake() noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto put = ::write(wake_, &one, sizeof one); // full: it is awake already
}

void lobby::run() {
  std::array<epoll_event, 256> events{};
  const auto interval = sweep_interval(options_);
  auto next_sweep = std::chrono::steady_clock::now() + interval;
  while (!finished_) {
    const auto wait =
        std::chrono::ceil<std::chrono::milliseconds>(next_sweep - std::chrono::steady_clock::now()).count();
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                                   static_cast<int>(std::max<std::int64_t>(wait, 0)));
    const auto now = std::chrono::steady_clock::now();
    bool woken = false;
    for (int i = 0; i < count; ++i) {
      const auto id = events[static_cast<std::size_t>(i)].data.u64;
      woken = woken || id == wake_id;
      if (id != wake_id) handle_event(id, now);
    }
    if (woken) {
      std::uint64_t times = 0;
      [[maybe_unused]] const auto got = ::read(wake_, &times, sizeof times);
      if (stopping()) close_listener();
    }
    if (now < next_sweep && !woken) continue;
    sweep(now);
    next_sweep = now + interval;
  }
  close_listener();
}

void lobby::handle_event(std::uint64_t id, time_point now) {
  if (id == listener_id) return accept_all(now);
  std::shared_ptr<connection> guest;
  {
    const std::scoped_lock lock(mutex_);
    // An event may be older than the end of its connection; ids are never given twice.
    const auto found = guests_.find(id);
    if (found != guests_.end()) guest = found->second;
  }
  if (guest && take(*guest)) ready_(std::move(guest));
}

bool lobby::take(connection& guest) noexcept {
  if (guest.parked.number.exchange(0, std::memory_order_acquire) == 0) return false;
  counters_.connections_parked.fetch_sub(1, std::memory_order_relaxed);
  return true;
}

void lobby::accept_all(time_point now) {
  for (std::size_t i = 0; i < accepts_in_a_row_max && listener_ >= 0 && !stopping(); ++i)
    if (!accept_one(now)) return;
}

bool lobby::accept_one(time_point now) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  const int socket = ::accept4(listener_, reinterpret_cast<sockaddr*>(&address), &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (socket < 0) {
    if (errno == EMFILE || errno == ENFILE) shed_one();
    return errno == ECONNABORTED || errno == EINTR; // that client has gone; others may be there
  }
  if (counters_.connections_open.load(std::memory_order_relaxed) >= options_.connections_max) {
    refuse(socket);
    return true;
  }
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  auto guest = std::make_shared<connection>(next_id_++, socket, options_.tls.get(), ip_text(address));
  guest->deadline = now + (guest->at == phase::handshake ? options_.handshake_timeout : options_.idle_timeout);
  counters_.connections_accepted.fetch_add(1, std::memory_order_relaxed);
  counters_.connections_open.fetch_add(1, std::memory_order_relaxed);
  hold(*guest);
  {
    const std::scoped_lock lock(mutex_);
    guests_.emplace(guest->id, guest);
  }
  epoll_event event{};
  event.events = EPOLLIN | EPOLLONESHOT;
  event.data.u64 = guest->id;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event) != 0 && take(*guest)) close(guest);
  return true;
}

/// Tells the client why, as far as that goes without waiting for it.
void lobby::refuse(int socket) noexcept {
  counters_.connections_refused.fetch_add(1, std::memory_order_relaxed);
  if (!options_.tls) {
    [[maybe_unused]] const auto put = ::send(socket, refusal.data(), refusal.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    ::shutdown(socket, SHUT_WR);
  }
  ::close(socket);
}

/// Without a descriptor a client cannot even be refused, and would wake this thread for ever.
void lobby::shed_one() noexcept {
  if (spare_ < 0) return;
  ::close(spare_);
  const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (socket >= 0) refuse(socket);
  spare_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

void lobby::sweep(time_point now) {
  struct late_guest {
    std::shared_ptr<connection> guest;
    std::uint64_t parking;
  };
  std::vector<late_guest> late;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [id, guest] : guests_) {
      const auto number = guest->parked.number.load(std::memory_order_acquire);
      if (number == 0) continue;
      const auto at = guest->parked.at.load(std::memory_order_relaxed);
      const bool owed_nothing = at == phase::handshake || at == phase::idle || at == phase::draining;
      const bool too_late = guest->parked.deadline.load(std::memory_order_relaxed) <= now.time_since_epoch().count();
      if (too_late || (stopping() && owed_nothing)) late.push_back({guest, number});
    }
  }
  // Somebody may have brought its answer meanwhile; what was judged counts for that parking only.
  for (auto& [guest, number] : late) {
    if (!guest->parked.number.compare_exchange_strong(number, 0, std::memory_order_acquire)) continue;
    counters_.connections_parked.fetch_sub(1, std::memory_order_relaxed);
    expire(guest, now);
  }
}

void lobby::expire(const std::shared_ptr<connection>& guest, time_point now) {
  const std::uint64_t late = guest->deadline <= now ? 1 : 0; // otherwise it only leaves because the server stops
  switch (guest->at) {
  case phase::head:
  case phase::body:
  case phase::waiting: // these are owed an answer
    guest->expired = true;
    ready_(guest);
    return;
  case phase::handshake: counters_.header_timeouts.fetch_add(late, std::memory_order_relaxed); break;
  case phase::idle: counters_.idle_timeouts.fetch_add(late, std::memory_order_relaxed); break;
  case phase::writing: counters_.write_timeouts.fetch_add(late, std::memory_order_relaxed); break;
  case phase::draining: break;
  }
  close(guest);
}

void lobby::close_listener() noexcept {
  if (listener_ >= 0) ::close(listener_);
  listener_ = -1;
}

} // namespace croupier::http::wire
