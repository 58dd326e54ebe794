#pragma once

#include "engine/entry.hpp"
#include "engine/workspace.hpp"
#include "http/entry_json.hpp"
#include "persistence/delivery_files.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace croupier::http::deliver {

/// How one request to a receiver went.
struct sent_outcome {
  bool delivered = false;
  std::string status; ///< "200", "connection refused", ...: for the log of attempts
  std::string url;    ///< of postbacks, which differ from request to request; else empty
};

/// What an outlet is made with. Everything outlives it.
struct outlet_means {
  const persistence::committed_view& view;
  std::filesystem::path data_folder;
  bool allow_private = false;
  std::chrono::milliseconds connect_timeout{3'000};
  std::chrono::milliseconds answer_timeout{10'000};
  std::uint64_t export_file_bytes_max = 64U << 20U;
  const std::atomic<bool>* stop = nullptr;
  std::string refusal{}; ///< why nothing may be sent; empty: it may
};

/// One way out: takes entries for a batch, then sends it. One thread at a time, but `abort`.
class outlet {
public:
  virtual ~outlet() = default;

  /// Goes on from a position: called once, before anything else. An error is for the log, and it is called again later.
  virtual result<done, std::string> resume(const persistence::delivery_position&) { return done{}; }

  /// Adds what the entry means to this receiver, which may be nothing. The filter has been asked. May read the disk.
  virtual void add(const committed_entry& entry, entry_renderer& render) = 0;
  /// Whether the batch is large enough to be sent.
  virtual bool full() const = 0;
  /// Whether anything is still to be sent.
  virtual bool pending() const = 0;

  /// Sends the batch, or the next part of it. What failed stays pending, and what was delivered does not.
  virtual sent_outcome send() = 0;

  /// Nothing is pending: says what the position has to remember.
  virtual void note(persistence::delivery_position&) const {}

  /// Makes a running `send` end soon. From any thread, any number of times.
  virtual void abort() noexcept {}
};

/// The outlet for a destination.
std::unique_ptr<outlet> make_outlet(const destination& target, const outlet_means& means);

std::unique_ptr<outlet> make_webhook(const destination& target, const outlet_means& means);
std::unique_ptr<outlet> make_postback(const destination& target, const outlet_means& means);
std::unique_ptr<outlet> make_file_outlet(const destination& target, const outlet_means& means);
std::unique_ptr<outlet> make_nats_outlet(const destination& target, const outlet_means& means);

/// The signature of a webhook: HMAC-SHA256 of "<timestamp>.<body>" with the secret, in hex.
std::string webhook_signature(std::string_view secret, std::string_view timestamp, std::string_view body);

} // namespace croupier::http::deliver
