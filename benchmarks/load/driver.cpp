#include "benchmarks/load/driver.hpp"

#include "engine/check.hpp"

#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>

namespace croupier::load {

namespace {

constexpr auto connect_patience = std::chrono::seconds(10);
constexpr auto tick_interval = std::chrono::milliseconds(10);
constexpr auto refused_pause = std::chrono::milliseconds(20);

double thread_cpu_s() {
  rusage used{};
  ::getrusage(RUSAGE_THREAD, &used);
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + 1e-6 * double(t.tv_usec); };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

} // namespace

class driver::hearer final : public answer_sink {
public:
  hearer(driver& all, std::size_t index) : all_(all), index_(index) {}
  void answered(const answer& got) override { all_.answered(index_, got); }

private:
  driver& all_;
  std::size_t index_;
};

driver::driver(const plan& what, std::size_t connections, double rate_per_s, std::uint64_t seed,
               const channel_maker& connect, caller& calls)
    : plan_(what),
      rate_per_s_(rate_per_s),
      random_(seed),
      caller_(calls),
      links_(connections),
      events_(std::min<std::size_t>(connections, 256)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) throw std::runtime_error("epoll is not available");
  CROUPIER_ASSERT(what.in_flight_per_connection > 0 && connections > 0, "a load has connections that carry requests");
  for (std::size_t i = 0; i < links_.size(); ++i) {
    links_[i].line = connect();
    links_[i].ring.resize(what.in_flight_per_connection);
  }
  for (std::size_t slot = 0; slot < what.in_flight_per_connection; ++slot)
    for (std::size_t i = 0; i < links_.size(); ++i) idle_.push_back(i);
  for (const auto& name : what.outcomes) figures_.outcomes.push_back({name, {}});
}

driver::~driver() {
  links_.clear();
  if (epoll_ >= 0) ::close(epoll_);
}

std::size_t driver::connect_all() {
  for (std::size_t i = 0; i < links_.size(); ++i) begin_connect(i);
  const auto ready = [this] {
    return static_cast<std::size_t>(
        std::count_if(links_.begin(), links_.end(), [](const link& each) { return each.now == state::ready; }));
  };
  const auto under_way = [this] {
    return std::any_of(links_.begin(), links_.end(), [](const link& each) { return each.now == state::connecting; });
  };
  const auto until = clock::now() + connect_patience;
  while (under_way() && clock::now() < until) {
    const int count = ::epoll_wait(epoll_, events_.data(), static_cast<int>(events_.size()), 100);
    for (int i = 0; i < count; ++i) on_event(events_[i].data.u64, events_[i].events);
  }
  return ready();
}

void driver::begin_connect(std::size_t index) {
  auto& each = links_[index];
  const auto outcome = each.line->connect();
  if (outcome != channel::io::done && outcome != channel::io::pending) return lose(index, loss::refused);
  each.now = state::connecting;
  each.wants_write = outcome == channel::io::pending;
  epoll_event event{};
  event.events = EPOLLIN | (each.wants_write ? std::uint32_t{EPOLLOUT} : 0U);
  event.data.u64 = index;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, each.line->descriptor(), &event) != 0)
    throw std::runtime_error("a connection cannot be watched");
  if (outcome == channel::io::done) connected(index);
}

void driver::connected(std::size_t index) {
  auto& each = links_[index];
  each.now = state::ready;
  ++figures_.connects;
  last_progress_ = clock::now();
  for (std::size_t i = 0; i < each.count; ++i) each.line->queue(each.at(i).what);
  flush(index);
}

void driver::flush(std::size_t index) {
  switch (links_[index].line->flush()) {
  case channel::io::done: return watch(index, false);
  case channel::io::pending: return watch(index, true);
  case channel::io::closed: return lose(index, loss::closed);
  case channel::io::malformed: return lose(index, loss::malformed);
  case channel::io::cut: return lose(index, loss::cut);
  }
}

void driver::watch(std::size_t index, bool write) {
  auto& each = links_[index];
  if (each.wants_write == write) return;
  each.wants_write = write;
  epoll_event event{};
  event.events = EPOLLIN | (write ? std::uint32_t{EPOLLOUT} : 0U);
  event.data.u64 = index;
  ::epoll_ctl(epoll_, EPOLL_CTL_MOD, each.line->descriptor(), &event);
}

void driver::on_event(std::size_t index, std::uint32_t events) {
  auto& each = links_[index];
  if (each.now == state::connecting) {
    const auto outcome = each.line->continue_connect();
    if (outcome == channel::io::done) return connected(index);
    if (outcome != channel::io::pending) return lose(index, loss::refused);
    return;
  }
  if (each.now == state::ready && (events & EPOLLOUT) != 0) flush(index);
  if (each.now == state::ready && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) on_readable(index);
}

void driver::on_readable(std::size_t index) {
  auto& each = links_[index];
  hearer answers(*this, index);
  const auto outcome = each.line->receive(answers);
  switch (outcome) {
  case channel::io::done:
    if (plan_.connection_per_request && each.count == 0) shut(index);
    return;
  case channel::io::closed:
    // Between requests a server may close whenever it likes.
    return each.count == 0 ? shut(index) : lose(index, loss::closed);
  case channel::io::cut: return lose(index, loss::cut);
  case channel::io::pending:
  case channel::io::malformed: return lose(index, loss::malformed);
  }
}

void driver::answered(std::size_t index, const answer& got) {
  auto& each = links_[index];
  if (each.count == 0) return; // a server's last word on an idle connection
  const auto now = clock::now();
  const flight& oldest = each.at(0);
  const auto kind = caller_.judge(oldest.what, got);
  CROUPIER_ASSERT(kind < figures_.outcomes.size(), "an answer is judged to be one of the plan's outcomes");
  figures_.outcomes[kind].latency.add(now - oldest.due);
  each.first = (each.first + 1) % each.ring.size();
  --each.count;
  --in_flight_;
  last_answer_ = last_progress_ = now;
  idle_.push_back(index);
}

void driver::lose(std::size_t index, loss why) {
  auto& each = links_[index];
  const auto slots = each.count;
  for (std::size_t i = 0; i < slots; ++i) caller_.lost(each.at(i).what, why);
  figures_.lost[static_cast<std::size_t>(why)] += slots;
  in_flight_ -= slots;
  each.count = 0;
  shut(index);
  if (why == loss::refused && slots > 0) {
    paused_.push_back({clock::now() + refused_pause, index, slots});
    return;
  }
  for (std::size_t i = 0; i < slots; ++i) idle_.push_back(index);
}

void driver::shut(std::size_t index) {
  links_[index].line->close();
  links_[index].now = state::closed;
  links_[index].wants_write = false;
}

void driver::run() {
  const auto cpu_before = thread_cpu_s();
  const auto start = clock::now();
  last_answer_ = last_progress_ = next_arrival_ = next_tick_ = start;
  if (plan_.duration.count() > 0) {
    stop_at_ = start + plan_.duration;
    give_up_at_ = stop_at_ + plan_.answer_timeout;
  }
  for (auto now = start; !finished(now); now = clock::now()) {
    make_due(now);
    pump();
    const int count = wait_for_events(clock::now());
    for (int i = 0; i < count; ++i) {
      on_event(events_[i].data.u64, events_[i].events);
      pump();
    }
    tick(clock::now());
  }
  figures_.unsent = due_.size();
  figures_.elapsed_s = std::chrono::duration<double>(last_answer_ - start).count();
  figures_.generator_cpu_s = thread_cpu_s() - cpu_before;
}

bool driver::something_due(clock::time_point now, clock::time_point& due) {
  if (exhausted_) return false;
  if (plan_.pace == arrivals::closed) {
    due = now;
    return now < stop_at_;
  }
  if (due_.empty() || now >= give_up_at_) return false;
  due = due_.front();
  return true;
}

void driver::pump() {
  // Several places of one connection may have come free; they are filled together and flushed once.
  auto touched = links_.size();
  clock::time_point due;
  for (auto now = clock::now(); !idle_.empty() && something_due(now, due); now = clock::now()) {
    const auto index = idle_.front();
    if (touched != index && touched != links_.size()) flush(touched);
    touched = links_.size();
    if (!issue(index, due, now)) break;
    if (links_[index].now == state::ready) touched = index;
  }
  if (touched != links_.size()) flush(touched);
}

bool driver::issue(std::size_t index, clock::time_point due, clock::time_point now) {
  auto& each = links_[index];
  auto& slot = each.at(each.count);
  slot.what.cut_after.reset();
  if (!caller_.next(slot.what)) {
    exhausted_ = true;
    due_.clear();
    return false;
  }
  idle_.pop_front();
  if (plan_.pace != arrivals::closed) due_.pop_front();
  slot.due = due;
  slot.issued = now;
  ++each.count;
  ++in_flight_;
  switch (each.now) {
  case state::ready: each.line->queue(slot.what); break;
  case state::connecting: break;
  case state::closed: begin_connect(index); break;
  }
  return true;
}

void driver::make_due(clock::time_point now) {
  if (plan_.pace == arrivals::closed || exhausted_) return;
  std::exponential_distribution<double> gap(rate_per_s_);
  while (next_arrival_ <= now && next_arrival_ < stop_at_) {
    due_.push_back(next_arrival_);
    const double seconds = plan_.pace == arrivals::poisson ? gap(random_) : 1 / rate_per_s_;
    next_arrival_ += std::chrono::nanoseconds(std::max<std::int64_t>(1, static_cast<std::int64_t>(seconds * 1e9)));
  }
}

void driver::tick(clock::time_point now) {
  if (now < next_tick_) return;
  next_tick_ = now + tick_interval;
  std::erase_if(paused_, [&](const pause& each) {
    if (each.until > now) return false;
    for (std::size_t i = 0; i < each.slots; ++i) idle_.push_back(each.link);
    return true;
  });
  for (std::size_t i = 0; i < links_.size(); ++i)
    if (links_[i].count > 0 && now - links_[i].at(0).issued > plan_.answer_timeout) lose(i, loss::timed_out);
}

bool driver::finished(clock::time_point now) const {
  if (in_flight_ > 0) return false;
  if (exhausted_) return true;
  const bool all_due = plan_.pace == arrivals::closed || next_arrival_ >= stop_at_;
  if (now >= stop_at_ && ((all_due && due_.empty()) || now >= give_up_at_)) return true;
  // Nobody listens any more, and without a duration nothing else would end the run.
  return paused_.size() == links_.size() && now - last_progress_ > plan_.answer_timeout;
}

int driver::wait_for_events(clock::time_point now) {
  const auto capacity = static_cast<int>(events_.size());
  auto until = next_tick_;
  const bool arrival_next =
      plan_.pace != arrivals::closed && !exhausted_ && next_arrival_ < stop_at_ && next_arrival_ < until;
  if (arrival_next) until = next_arrival_;
  if (until <= now) return ::epoll_wait(epoll_, events_.data(), capacity, 0);
  // epoll_wait counts in milliseconds, which is too coarse for arrivals; ppoll on the epoll descriptor is not.
  const auto left = std::chrono::nanoseconds(until - now).count();
  const timespec wait{left / 1'000'000'000, left % 1'000'000'000};
  if (!arrival_next) return ::epoll_wait(epoll_, events_.data(), capacity, static_cast<int>(left / 1'000'000) + 1);
  pollfd watched{epoll_, POLLIN, 0};
  if (::ppoll(&watched, 1, &wait, nullptr) <= 0) return 0;
  return ::epoll_wait(epoll_, events_.data(), capacity, 0);
}

void driver::add_to(report& all) const {
  all.elapsed_s = std::max(all.elapsed_s, figures_.elapsed_s);
  for (std::size_t i = 0; i < figures_.outcomes.size(); ++i)
    all.outcomes[i].latency.merge(figures_.outcomes[i].latency);
  for (std::size_t i = 0; i < loss_kinds; ++i) all.lost[i] += figures_.lost[i];
  all.unsent += figures_.unsent;
  all.connects += figures_.connects;
  all.generator_cpu_s += figures_.generator_cpu_s;
}

} // namespace croupier::load
