#include "tests/fuzz/programme_targets.hpp"

#include "config/workspace_file.hpp"
#include "engine/check.hpp"
#include "http/json.hpp"
#include "http/revvvs/event_body.hpp"
#include "http/wynta/event_body.hpp"

#include <openssl/sha.h>

namespace croupier::fuzz {
namespace {

constexpr timestamp now{1'800'000'000'000'000};

config::workspace_sources sources() {
  return {[](const std::string&) { return std::optional<std::string>("a secret of the environment"); },
          [](std::string_view text) {
            std::array<std::uint8_t, 32> hash{};
            SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash.data());
            return hash;
          }};
}

void put_all(const config::workspace_plan& plan, workspace& into) {
  for (const auto& object : plan.objects) {
    CROUPIER_ASSERT(!config::problem_with(into, object, now), "what a plan holds may be put");
    config::put(into, object);
  }
}

/// A metric of each type, a brand of each way to tell the NGR, and rules of every form.
const workspace& sample() {
  static const auto made = [] {
    const auto plan = config::parse_workspace(R"(
brands = [
  { id = "0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c11", name = "Casino", currency = "EUR", aliases = ["b1"], default = true },
  { id = "0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c12", name = "Totals", currency = "EUR", ngr_updates = "month_to_date" }]
metrics = [
  { code = "deposits", name = "D", type = "decimal", monetary = true, meaning = "deposits" },
  { code = "ngr", name = "N", type = "decimal", monetary = true, meaning = "ngr" },
  { code = "bets", name = "B", type = "integer" }]
event_mappings = [
  { name = "1", event = "deposit", metric = "deposits", value_path = "amount", currency_path = "currency" },
  { name = "2", event = "deposit", metric = "bets", constant = "1" },
  { name = "3", event = "deposit", metric = "bets", value_path = "metadata.count", type = "absolute" },
  { name = "4", event = "ngr_update", metric = "ngr", value_path = "amount" },
  { name = "5", event = "ngr_update", metric = "ngr", value_path = "metadata.more", negate = true },
  { name = "6", event = "bet_placed", metric = "ngr", value_path = "properties.bet_amount", negate = true },
  { name = "7", event = "bet_placed", metric = "bets", constant = "1", conditions = [{ path = "properties.n" }] }]
)",
                                              "sample.toml", {}, sources(), now);
    CROUPIER_ASSERT(plan.has_value(), "the sample is a workspace");
    workspace ws;
    put_all(*plan, ws);
    return ws;
  }();
  return made;
}

void check(const actors::movement_request& event, std::string_view input) {
  CROUPIER_ASSERT(event.brand.value != 0 && event.event != nullptr && !event.event->name.empty(), "an event is whole");
  CROUPIER_ASSERT(event.payload == input, "and kept byte for byte");
  for (std::size_t i = 0; i < event.updates.size(); ++i) {
    CROUPIER_ASSERT(event.updates[i].metric.value != 0 && !event.updates[i].malformed, "an update can be decided");
    for (std::size_t k = 0; k < i; ++k)
      CROUPIER_ASSERT(event.updates[i].metric != event.updates[k].metric, "and each metric is changed once");
  }
}

} // namespace

void workspace_file(std::string_view input) {
  const auto plan = config::parse_workspace(input, "fuzzed.toml", sample(), sources(), now);
  if (!plan) {
    CROUPIER_ASSERT(!plan.error().empty(), "a refusal says why");
    return;
  }
  auto after = sample();
  put_all(*plan, after);
  const auto again = config::parse_workspace(input, "fuzzed.toml", after, sources(), now);
  CROUPIER_ASSERT(again.has_value() && again->objects.empty(), "the same file again changes nothing");
}

void events(std::string_view input) {
  http::json::document document;
  if (document.parse(input)) return;
  http::request request;
  request.ws = std::shared_ptr<const workspace>(std::shared_ptr<void>(), &sample());
  if (const auto event = http::revvvs::to_event(request, document.root(), input))
    check(*event, input);
  else
    CROUPIER_ASSERT(!event.error().message.empty(), "a refusal says why");
  if (const auto event = http::wynta::to_event(request, document.root(), input))
    check(*event, input);
  else
    CROUPIER_ASSERT(!event.error().message.empty(), "a refusal says why");
  (void)http::revvvs::idempotency_key_of(document.root());
  (void)http::wynta::event_id_of(document.root());
}

} // namespace croupier::fuzz
