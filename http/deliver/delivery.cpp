#include "http/deliver/delivery.hpp"

#include "actors/wall_clock.hpp"

#include <algorithm>
#include <random>
#include <utility>

namespace croupier::http::deliver {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t attempts_kept = 20;
constexpr std::uint64_t scanned_entries_max = 4'096;
constexpr milliseconds longest_wait{200};
constexpr milliseconds gathering{5};
/// How often the position is noted while nothing is to be delivered: a start reads that much again.
constexpr std::chrono::seconds idle_note_interval{1};

using actors::wall_clock;

/// Half of it by chance, so that destinations that failed together do not come back together.
milliseconds with_jitter(milliseconds pause) {
  static thread_local std::minstd_rand random{std::random_device{}()};
  return pause / 2 + milliseconds(std::uniform_int_distribution<std::int64_t>(0, pause.count() / 2)(random));
}

milliseconds pause_after(std::uint64_t failures, const delivery_options& options) {
  auto pause = options.first_pause;
  for (std::uint64_t i = 1; i < failures && pause < options.longest_pause; ++i) pause *= 2;
  return std::min(pause, options.longest_pause);
}

/// Whether only `paused` or what people read was changed: then the outlet stays.
bool same_way_out(destination left, const destination& right) {
  left.paused = right.paused;
  left.name = right.name;
  return left == right;
}

} // namespace

delivery::delivery(const persistence::committed_view& view, const destination& target, std::string refusal,
                   const delivery_options& options)
    : view_(view),
      options_(options),
      file_(options.data_folder / "destinations" / (target.id.text() + ".position")),
      next_form_(std::pair(target, std::move(refusal))),
      thread_([this] { run(); }) {}

delivery::~delivery() {
  while (!finished_) {
    stop_soon();
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, milliseconds(20), [this] { return finished_.load(); });
  }
  thread_.join();
}

void delivery::change(const destination& target, std::string refusal) {
  const std::scoped_lock lock(mutex_);
  next_form_ = std::pair(target, std::move(refusal));
  wake_.notify_all();
}

void delivery::stop_soon() {
  stopping_ = true;
  {
    const std::scoped_lock lock(mutex_);
    wake_.notify_all();
  }
  abort();
}

void delivery::watch() {
  const auto began = attempt_began_.load();
  if (began != 0 && clock::now().time_since_epoch() - clock::duration(began) > options_.attempt_timeout) abort();
}

void delivery::abort() noexcept {
  std::shared_ptr<outlet> running;
  {
    const std::scoped_lock lock(outlet_mutex_);
    running = outlet_;
  }
  if (running) running->abort();
}

delivery_status delivery::status() const {
  const std::scoped_lock lock(mutex_);
  auto now = told_;
  now.delivered = delivered();
  return now;
}

void delivery::run() {
  entry_renderer render(view_);
  while (!stopping_) {
    try {
      step(render);
    } catch (const persistence::storage_failure& failure) {
      fail(failure.what());
    } catch (const std::exception& fault) {
      fail(fault.what());
    }
  }
  if (has_position_ && position_.delivered != noted_) note_position();
  const std::scoped_lock lock(mutex_);
  finished_ = true;
  wake_.notify_all();
}

void delivery::step(entry_renderer& render) {
  take_change();
  if (target_.paused) return wait(longest_wait);
  if (!ready_ && !prepare()) return;
  if (outlet_->pending()) return try_once();
  fill(render);
  if (outlet_->pending()) return;
  position_.delivered = scanned_; // nothing of it was for this destination
  delivered_ = scanned_.value;
  if (position_.delivered != noted_ && clock::now() - noted_at_ > idle_note_interval) note_position();
  if (scanned_ < view_.durable()) return;
  view_.wait_beyond(scanned_, clock::now() + longest_wait);
  wait(gathering);
}

void delivery::take_change() {
  std::optional<std::pair<destination, std::string>> form;
  {
    const std::scoped_lock lock(mutex_);
    form = std::exchange(next_form_, std::nullopt);
    if (!form) return;
    told_.paused = form->first.paused;
    told_.failures_in_a_row = 0;
    told_.next_attempt.reset();
  }
  const bool stays = outlet_ != nullptr && form->second == refusal_ && same_way_out(target_, form->first);
  target_ = std::move(form->first);
  refusal_ = std::move(form->second);
  if (stays) return;
  outlet_means means{view_,
                     options_.data_folder,
                     options_.allow_private,
                     options_.connect_timeout,
                     options_.answer_timeout,
                     options_.export_file_bytes_max,
                     &stopping_,
                     refusal_};
  std::shared_ptr<outlet> made = make_outlet(target_, means);
  const std::scoped_lock lock(outlet_mutex_);
  outlet_ = std::move(made);
  ready_ = false;
}

bool delivery::prepare() {
  auto prepared = has_position_ ? result<done, std::string>(done{}) : find_position();
  if (prepared) prepared = outlet_->resume(position_);
  if (!prepared) {
    fail(prepared.error());
    return false;
  }
  scanned_ = position_.delivered;
  ready_ = true;
  return true;
}

result<done, std::string> delivery::find_position() {
  const auto stored = file_.read();
  if (!stored) return stored.error().text;
  const auto newest = view_.durable();
  if (*stored) {
    position_ = **stored;
    if (position_.delivered > newest) {
      tell(delivery_event::kind::position_ahead, "its position is " + std::to_string(position_.delivered.value) +
                                                     ", the newest entry " + std::to_string(newest.value));
      position_.delivered = newest;
    }
  } else {
    // Behind the entry that made the destination, however long ago that was.
    view_.scan_down(newest, [&](const committed_entry& entry, std::string_view) {
      const auto* change = std::get_if<workspace_changed>(&entry.what);
      const auto* made = change == nullptr || change->before ? nullptr : std::get_if<destination>(&change->after);
      if (made == nullptr || made->number != target_.number) return !stopping_;
      position_.delivered = entry.at;
      return false;
    });
    if (stopping_) return std::string("stopping");
    if (auto written = file_.write(position_); !written) return written.error().text;
  }
  noted_ = position_.delivered;
  noted_at_ = clock::now();
  delivered_ = position_.delivered.value;
  has_position_ = true;
  return done{};
}

void delivery::fill(entry_renderer& render) {
  std::uint64_t scanned = 0;
  view_.scan_up({scanned_.value + 1}, [&](const committed_entry& entry, std::string_view) {
    const bool was_pending = outlet_->pending();
    if (wants(entry.what)) outlet_->add(entry, render);
    if (!was_pending) first_ = entry.at;
    scanned_ = entry.at;
    return !outlet_->full() && ++scanned < scanned_entries_max;
  });
}

bool delivery::wants(const entry& what) const {
  const bool postback = target_.kind == destination_kind::postback;
  const auto brand = brand_of(what);
  const auto& brands = target_.brands;
  const bool of_brand = brands.empty() || std::find(brands.begin(), brands.end(), brand) != brands.end();
  if (!of_brand) return false;
  const auto& names = target_.event_names;
  if (names.empty() || postback) return true; // a postback's names are those of what it tells
  const auto is_named = [&](std::string_view name) {
    return !name.empty() && std::find(names.begin(), names.end(), name) != names.end();
  };
  return is_named(kind_of(what)) || is_named(event_name_of(what));
}

void delivery::try_once() {
  const auto began = clock::now();
  attempt made;
  made.at = wall_clock();
  made.first = first_;
  made.last = scanned_;
  attempt_began_ = std::max<clock::rep>(began.time_since_epoch().count(), 1);
  auto outcome = outlet_->send();
  attempt_began_ = 0;
  made.took = std::chrono::duration_cast<milliseconds>(clock::now() - began);
  made.delivered = outcome.delivered;
  made.status = outcome.status;
  made.url = std::move(outcome.url);
  {
    const std::scoped_lock lock(mutex_);
    told_.attempts.push_front(std::move(made));
    if (told_.attempts.size() > attempts_kept) told_.attempts.pop_back();
  }
  if (!outcome.delivered) {
    if (!stopping_) fail(outcome.status);
    return;
  }
  bool recovered = false;
  {
    const std::scoped_lock lock(mutex_);
    recovered = std::exchange(told_.failures_in_a_row, 0) != 0;
    told_.problem.clear();
    told_.next_attempt.reset();
    if (!outlet_->pending()) ++told_.batches;
  }
  if (recovered) tell(delivery_event::kind::delivers_again, {});
  if (outlet_->pending()) return;
  position_.delivered = scanned_;
  outlet_->note(position_);
  delivered_ = scanned_.value;
  note_position();
}

/// What cannot be noted is delivered again after a crash: worth a line, and no reason to stop.
void delivery::note_position() {
  const auto written = file_.write(position_);
  noted_at_ = clock::now();
  if (written)
    noted_ = position_.delivered;
  else
    tell(delivery_event::kind::position_unnoted, written.error().text);
}

void delivery::fail(const std::string& why) {
  milliseconds pause{0};
  std::uint64_t failures = 0;
  {
    const std::scoped_lock lock(mutex_);
    failures = ++told_.failures_in_a_row;
    ++told_.failed_attempts;
    told_.problem = why;
    pause = with_jitter(pause_after(failures, options_));
    told_.next_attempt = timestamp{wall_clock().unix_us + pause.count() * 1'000};
  }
  if (!stopping_) tell(delivery_event::kind::failed, why, failures, pause);
  wait(pause);
}

void delivery::tell(delivery_event::kind what, const std::string& why, std::uint64_t failures,
                    milliseconds pause) const {
  if (options_.on_event) options_.on_event({what, target_.id.text(), why, delivered(), failures, pause});
}

void delivery::wait(milliseconds at_most) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, at_most, [this] { return stopping_ || next_form_.has_value(); });
}

} // namespace croupier::http::deliver
