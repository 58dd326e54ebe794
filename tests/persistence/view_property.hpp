#pragma once

#include "tests/persistence/view_world.hpp"

#include <rapidcheck.h>

#include <cstdint>
#include <random>
#include <utility>
#include <vector>

namespace croupier::persistence {

inline constexpr int steps_max = 40;

/// Whether random ledgers, with freezes, checkpoints and restarts anywhere, are always answered as the model does.
template<class Medium>
bool view_equals_model(int ledgers) {
  auto params = rc::detail::configuration().testParams;
  params.maxSuccess = ledgers;
  rc::detail::TestMetadata named;
  named.id = named.description = "the view equals the model";
  const auto outcome = rc::detail::checkTestable(
      [] {
        const auto seed = *rc::gen::arbitrary<std::uint64_t>();
        // Small at first and short is rapidcheck's way; a ledger must be long to be worth asking.
        const auto step =
            rc::gen::resize(rc::kNominalSize, rc::gen::pair(rc::gen::inRange(0, 10), rc::gen::inRange(1, 40)));
        const auto steps = *rc::gen::resize(steps_max, rc::gen::container<std::vector<std::pair<int, int>>>(step));
        std::mt19937_64 random(seed);
        view_world<Medium> world(seed);
        for (const auto& [what, size] : steps) {
          switch (what) {
          case 0: world.view().freeze(); break;
          case 1: expect(world.view().write_frozen().has_value(), "a checkpoint is not written"); break;
          case 2: world.checkpoint(); break;
          case 3: world.restart(); break;
          default: world.append(static_cast<std::size_t>(size)); break;
          }
          expect_same(world.view(), world.facts(), random);
        }
        world.restart();
        expect_same(world.view(), world.facts(), random);
      },
      named, params);
  rc::detail::printResultMessage(outcome, std::cerr);
  return outcome.template is<rc::detail::SuccessResult>();
}

} // namespace croupier::persistence
