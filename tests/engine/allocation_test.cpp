#include "ledger_script.hpp"
#include "sample_workspace.hpp"
#include "support/catch.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

/// Every allocation of this test program is counted here.
namespace {
std::atomic<std::size_t> allocations{0};
} // namespace

void* operator new(std::size_t bytes) {
  ++allocations;
  if (void* memory = std::malloc(bytes == 0 ? 1 : bytes)) return memory;
  throw std::bad_alloc{};
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(bytes == 0 ? 1 : bytes);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace croupier::testing {

TEST_CASE("the decision path does not allocate") {
  const auto ws = sample_workspace();
  player_ledger ledger(new_player(quarter_of_ngr), sequence{});
  const auto first = command_of(ws, "r1", "ngr += 1, bets += 1, deposits += 1");
  ledger.accept(first, std::get<movement_effect>(ledger.decide(first, ws)), {});

  const auto before = allocations.load();
  movement_command command;
  command.request_hash = 12345;
  command.updates.push_back(resolve_update(ws, "deposits", value_type::relative, "250.00"));
  command.updates.push_back(resolve_update(ws, "ngr", value_type::absolute, "-1875.50"));
  command.updates.push_back(resolve_update(ws, "bets", value_type::relative, "3"));
  const auto decided = ledger.decide(command, ws);
  const auto* effect = std::get_if<movement_effect>(&decided);
  const bool accepted = effect != nullptr;
  if (accepted) ledger.accept(command, *effect, {});
  const bool repeated = std::holds_alternative<repeated_request>(ledger.decide(command, ws));
  const auto after = allocations.load();

  CHECK(after - before == 0);
  CHECK(accepted);
  CHECK(repeated);
  CHECK(text_of(ledger.accepted(), ws) == "deposits 251.00, ngr -1875.50, bets 4; revshare -468.875");
  CHECK(allocations.load() > 0);
}

} // namespace croupier::testing
