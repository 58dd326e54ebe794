#pragma once

#include "support/catch.hpp"
#include "support/running_ledger.hpp"

#include <string>

/// What the tests of the contract share.
namespace croupier::test {

inline const std::string register_path = "/tracking/client/v1";
inline const std::string record_path = "/tracking/clients/v1/metrics/movements";
inline const std::string batch_path = "/tracking/clients/v1/metrics/movements/batch";
inline const std::string movements_path = "/api/node/clients/v1/metrics/movements/list";
inline const std::string players_path = "/api/node/clients/v1/list";

/// Checks that the answer is the vendor's refusal of a field: its message begins with `problem`.
inline void check_field_error(const reply& answer, const std::string& field_path) {
  CHECK(answer.status == 400);
  CHECK(answer.header("Content-Type") == "application/json");
  CHECK(answer.at("code") == "3");
  CHECK(answer.at("details") == "[0]");
  const std::string message = answer.at("message");
  INFO(message);
  CHECK(message.starts_with(field_path));
  CHECK(message.find(": ") != std::string::npos);
}

} // namespace croupier::test
