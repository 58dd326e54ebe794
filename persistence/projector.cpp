#include "persistence/projector.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace croupier::persistence {

namespace {

/// One projection and where it is. `figures` is written by the projector's thread, under the lock; `applied` runs ahead
/// of what is published.
struct kept_books {
  projection* books = nullptr;
  projection_figures figures;
  sequence applied;
};

} // namespace

std::uint64_t projector_figures::lag() const noexcept {
  std::uint64_t slowest = 0;
  for (const auto& each : books) slowest = std::max(slowest, durable.value - std::min(durable, each.applied).value);
  return slowest;
}

struct projector::state {
  state(const committed_view& durable, projector_options how, error_sink told)
      : view(durable), options(how), on_error(std::move(told)) {}

  void run();
  bool feed_up_to(sequence at);
  void restore_all();
  bool restore_one(kept_books& each);
  sequence oldest() const noexcept;
  bool advance();
  void publish();
  void save_when_due();
  bool save(kept_books& each);
  void wait_for_work(clock::duration at_most);
  void fail(std::string& which, const std::string& line);
  void recovered();

  const committed_view& view;
  const projector_options options;
  const error_sink on_error;
  std::vector<kept_books> all;
  clock::time_point last_save = clock::now(); ///< the thread's own
  bool restored = false;                      ///< when stepped

  mutable std::mutex lock;
  std::condition_variable work;
  std::condition_variable reached;
  bool look_now = false;
  bool stopping = false;
  std::string error;      ///< of reading
  std::string save_error; ///< of saving
  std::atomic<std::uint64_t> applied{0};
  std::thread thread;
};

projector::projector(const committed_view& view, std::vector<projection*> books, projector_options options,
                     error_sink on_error)
    : state_(std::make_unique<state>(view, options, std::move(on_error))) {
  for (auto* each : books) {
    kept_books kept;
    kept.books = each;
    kept.figures.name = each->name();
    state_->all.push_back(kept);
  }
  if (!state_->options.stepped) state_->thread = std::thread([state = state_.get()] { state->run(); });
}

projector::~projector() {
  stop();
}

bool projector::wait_for(sequence at, clock::time_point deadline) {
  if (applied() >= at) return true;
  if (state_->options.stepped) return state_->feed_up_to(at);
  std::unique_lock guard(state_->lock);
  state_->look_now = true;
  state_->work.notify_one();
  state_->reached.wait_until(guard, deadline, [&] { return state_->stopping || applied() >= at; });
  return applied() >= at;
}

sequence projector::applied() const noexcept {
  return {state_->applied.load(std::memory_order_acquire)};
}

projector_figures projector::figures() const {
  projector_figures out;
  out.durable = state_->view.durable();
  const std::lock_guard guard(state_->lock);
  for (const auto& each : state_->all) out.books.push_back(each.figures);
  out.error = state_->error.empty() ? state_->save_error : state_->error;
  return out;
}

void projector::stop() {
  {
    const std::lock_guard guard(state_->lock);
    state_->stopping = true;
  }
  state_->work.notify_one();
  state_->reached.notify_all();
  if (state_->thread.joinable()) state_->thread.join();
}

void projector::state::run() {
  restore_all();
  for (bool behind = true;;) {
    {
      std::unique_lock guard(lock);
      if (!behind) work.wait_for(guard, options.look_every, [this] { return stopping || look_now; });
      look_now = false;
      if (stopping) break;
    }
    behind = advance();
    save_when_due();
  }
  for (auto& each : all)
    if (each.figures.saved != each.applied) save(each);
}

bool projector::state::feed_up_to(sequence at) {
  if (!restored) {
    for (auto& each : all)
      if (!restore_one(each)) return false;
    restored = true;
    recovered();
    publish();
  }
  for (auto before = oldest(); before < at; before = oldest()) {
    advance();
    save_when_due();
    if (oldest() == before) return false;
  }
  return true;
}

void projector::state::restore_all() {
  for (auto& each : all)
    while (!restore_one(each)) {
      wait_for_work(options.retry_after);
      const std::lock_guard guard(lock);
      if (stopping) return;
    }
  recovered();
  publish();
}

bool projector::state::restore_one(kept_books& each) {
  std::string problem;
  try {
    const auto from = each.books->restore();
    if (from) {
      each.applied = *from;
      const std::lock_guard guard(lock);
      each.figures.saved = *from;
      return true;
    }
    problem = from.error().text;
  } catch (const storage_failure& failure) {
    problem = failure.error().text;
  }
  fail(error, "the books \"" + std::string(each.figures.name) + "\" could not be taken up: " + problem);
  return false;
}

sequence projector::state::oldest() const noexcept {
  sequence first = view.durable();
  for (const auto& each : all) first = std::min(first, each.applied);
  return first;
}

/// Takes in one portion. Whether there is more to take in at once.
bool projector::state::advance() {
  const auto from = oldest();
  if (from >= view.durable()) return false;
  std::uint64_t taken = 0;
  bool failed = false;
  try {
    view.scan_up({from.value + 1}, [&](const committed_entry& entry, std::string_view) {
      for (auto& each : all)
        if (each.applied < entry.at) {
          each.books->apply(entry);
          each.applied = entry.at;
        }
      return ++taken < options.portion;
    });
  } catch (const storage_failure& failure) {
    fail(error, "the books stand still at entry " + std::to_string(oldest().value) + ": " + failure.error().text);
    failed = true;
  }
  publish();
  if (failed) {
    wait_for_work(options.retry_after);
  } else {
    recovered();
  }
  return failed || oldest() < view.durable();
}

void projector::state::publish() {
  for (auto& each : all) each.books->settle();
  {
    const std::lock_guard guard(lock);
    for (auto& each : all) each.figures.applied = each.applied;
    applied.store(oldest().value, std::memory_order_release);
  }
  reached.notify_all();
}

void projector::state::save_when_due() {
  const auto now = clock::now();
  bool is_old = now - last_save >= options.save_after;
  for (auto& each : all) {
    const auto unsaved = each.applied.value - each.figures.saved.value;
    if (unsaved == 0 || (!is_old && unsaved < options.save_entries)) continue;
    // After an error the next try waits its turn: a full disk is not helped by trying without a pause.
    if (now - last_save < options.retry_after) continue;
    save(each);
    is_old = true;
  }
  if (is_old) last_save = now;
}

bool projector::state::save(kept_books& each) {
  std::optional<std::string> problem;
  try {
    const auto saved = each.books->save(each.applied);
    if (!saved) problem = saved.error().text;
  } catch (const storage_failure& failure) {
    problem = failure.error().text;
  }
  if (problem) {
    fail(save_error, "the books \"" + std::string(each.figures.name) +
                         "\" could not be saved, which costs nothing but time at the next start: " + *problem);
  }
  const std::lock_guard guard(lock);
  auto& figures = each.figures;
  if (problem) {
    ++figures.save_errors;
  } else {
    ++figures.saves;
    save_error.clear();
    figures.saved = each.applied;
  }
  return !problem;
}

void projector::state::wait_for_work(clock::duration at_most) {
  std::unique_lock guard(lock);
  work.wait_for(guard, at_most, [this] { return stopping; });
}

void projector::state::fail(std::string& which, const std::string& line) {
  {
    const std::lock_guard guard(lock);
    if (which == line) return;
    which = line;
  }
  if (on_error) on_error(line);
}

void projector::state::recovered() {
  const std::lock_guard guard(lock);
  error.clear();
}

} // namespace croupier::persistence
