#pragma once

#include "benchmarks/load/generator.hpp"
#include "benchmarks/support/croupier_server.hpp"
#include "benchmarks/support/movement_feed.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace croupier::bench {

/// Request line and headers of the movement call. `want_balances` asks for the stored row with its balances instead of
/// `{}`.
load::request_head movement_head(const croupier_server& server, bool want_balances);

/// One movement per request, to Croupier or to a server that answers alike: 200 applied, 409 with `payloadMismatch` for
/// a repeat. Outcomes: `verdict_names()`.
class single_calls final : public load::caller {
public:
  single_calls(movement_feed& feed, load::request_head head) : feed_(feed), head_(std::move(head)) {}

  bool next(load::request& to_fill) override;
  std::size_t judge(const load::request& sent, const load::answer& got) override;
  void lost(const load::request& sent, load::loss why) override;

private:
  movement_feed& feed_;
  load::request_head head_;
  movement movement_;
};

/// Many movements per request, as a JSON batch or as lines of NDJSON. Outcomes: `verdict_names()`, of whole requests: a
/// request is `applied` when everything in it is what it must be.
class batch_calls final : public load::caller {
public:
  enum class form : std::uint8_t { json, ndjson };
  batch_calls(movement_feed& feed, const croupier_server& server, form as, std::size_t movements_per_request);

  bool next(load::request& to_fill) override;
  std::size_t judge(const load::request& sent, const load::answer& got) override;
  void lost(const load::request& sent, load::loss why) override;

  /// Movements that were answered as they must be.
  std::uint64_t settled() const noexcept { return groups_.settled(); }

private:
  movement_feed& feed_;
  draft_groups groups_;
  load::request_head head_;
  form form_;
  std::size_t per_request_;
  movement movement_;
  std::string body_;
};

/// The same bodies to POST /healthz, which reads them and answers 405: what HTTP alone costs. Outcomes: refused, other.
class no_op_calls final : public load::caller {
public:
  no_op_calls(const workload& work, const croupier_server& server, shape whom);

  bool next(load::request& to_fill) override;
  std::size_t judge(const load::request& sent, const load::answer& got) override;
  void lost(const load::request&, load::loss) override {}
  static std::vector<std::string> outcomes() { return {"refused", "other"}; }

private:
  const workload& work_;
  shape whom_;
  load::request_head head_;
  movement movement_;
  std::uint64_t number_ = 0;
};

/// The balances of players at random, ten thousand different requests in turn. Outcomes: read, other.
class balance_reads final : public load::caller {
public:
  balance_reads(const workload& work, const croupier_server& server);

  bool next(load::request& to_fill) override;
  std::size_t judge(const load::request& sent, const load::answer& got) override;
  void lost(const load::request&, load::loss) override {}
  static std::vector<std::string> outcomes() { return {"read", "other"}; }

private:
  std::vector<std::string> wires_;
  std::size_t next_ = 0;
};

/// One GET over and over. Outcomes: `expected`, the status that it must be answered with; other.
class same_gets final : public load::caller {
public:
  same_gets(const croupier_server& server, const std::string& path, int expected_status);

  bool next(load::request& to_fill) override;
  std::size_t judge(const load::request& sent, const load::answer& got) override;
  void lost(const load::request&, load::loss) override {}
  static std::vector<std::string> outcomes() { return {"expected", "other"}; }

private:
  std::string wire_;
  int expected_;
};

} // namespace croupier::bench
