#pragma once

#include "engine/ids.hpp"
#include "http/json.hpp"
#include "http/trackdesk/errors.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace croupier::http::trackdesk {

/// The answer to a batch: counts, and what became of its movements, in their order.
class batch_report {
public:
  /// `list_all`: accepted movements are listed too.
  batch_report(const folder_key& key, bool list_all);

  void accepted(std::uint64_t index, sequence at);
  void duplicate(std::uint64_t index, const api_error& error);
  void refused(std::uint64_t index, const api_error& error);

  std::uint64_t total() const noexcept { return accepted_ + duplicates_ + errors_; }

  /// The body of the answer; nothing may be added afterwards.
  std::string finish();

  /// Beyond this many results are counted but not listed, and `resultsTruncated` is true.
  static constexpr std::size_t listed_max = 10'000;

private:
  void list(std::uint64_t index, std::string_view status, const api_error* error, sequence at);

  folder_key key_;
  bool list_all_;
  std::uint64_t accepted_ = 0;
  std::uint64_t duplicates_ = 0;
  std::uint64_t errors_ = 0;
  std::size_t listed_ = 0;
  bool truncated_ = false;
  std::string results_;
  json::writer out_;
};

} // namespace croupier::http::trackdesk
