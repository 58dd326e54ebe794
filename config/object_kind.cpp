#include "config/object_kind.hpp"

#include "config/field_writer.hpp"
#include "config/workspace_file.hpp"
#include "engine/check.hpp"
#include "engine/rule_words.hpp"

#include <algorithm>
#include <array>

namespace croupier::config {
namespace {

const auto& table_of(const workspace& ws, const brand* /*kind*/) {
  return ws.brands();
}
const auto& table_of(const workspace& ws, const metric* /*kind*/) {
  return ws.metrics();
}
const auto& table_of(const workspace& ws, const affiliate* /*kind*/) {
  return ws.affiliates();
}
const auto& table_of(const workspace& ws, const offer* /*kind*/) {
  return ws.offers();
}
const auto& table_of(const workspace& ws, const marketing_source* /*kind*/) {
  return ws.sources();
}
const auto& table_of(const workspace& ws, const creative* /*kind*/) {
  return ws.creatives();
}
const auto& table_of(const workspace& ws, const tracking_link* /*kind*/) {
  return ws.links();
}
const auto& table_of(const workspace& ws, const commission_plan* /*kind*/) {
  return ws.plans().plans();
}
const auto& table_of(const workspace& ws, const api_key* /*kind*/) {
  return ws.api_keys();
}
const auto& table_of(const workspace& ws, const event_mapping* /*kind*/) {
  return ws.mappings();
}
const auto& table_of(const workspace& ws, const destination* /*kind*/) {
  return ws.destinations();
}
const auto& table_of(const workspace& ws, const report_preset* /*kind*/) {
  return ws.presets();
}

std::size_t raw_number(const api_key& key) noexcept {
  return key.number;
}
template<class Object>
std::size_t raw_number(const Object& object) noexcept {
  return object.number.value;
}

template<class Object>
const Object& as(const workspace_object& object) {
  const auto* held = std::get_if<Object>(&object);
  CROUPIER_ASSERT(held != nullptr, "an object is of another kind than was said");
  return *held;
}

/// By the workspace's index where it has one.
template<class Object>
std::size_t find(const workspace& ws, const uuid& id) {
  const Object* found = nullptr;
  if constexpr (std::is_same_v<Object, brand>) {
    found = ws.find_brand(id);
  } else if constexpr (std::is_same_v<Object, affiliate>) {
    found = ws.find_affiliate(id);
  } else if constexpr (std::is_same_v<Object, offer>) {
    found = ws.find_offer(id);
  } else if constexpr (std::is_same_v<Object, tracking_link>) {
    found = ws.find_link(id);
  } else if constexpr (std::is_same_v<Object, creative>) {
    found = ws.find_creative(id);
  } else {
    found = rules::scan_for(table_of(ws, static_cast<const Object*>(nullptr)), id);
  }
  return found == nullptr ? 0 : raw_number(*found);
}

template<class Object>
workspace_object blank(std::size_t number, const uuid& id, timestamp now) {
  Object made;
  if constexpr (std::is_same_v<Object, api_key>) {
    made.number = static_cast<std::uint32_t>(number);
  } else {
    made.number.value = static_cast<decltype(made.number.value)>(number); // 0 when they are used up, which is refused
  }
  made.id = id;
  if constexpr (std::is_same_v<Object, commission_plan>) made.valid_from = now;
  return made;
}

template<class Object>
void read(workspace_object& object, const tree& from, reading& how) {
  auto& one = std::get<Object>(object);
  field_reader reader(from, "", how.is_new, how);
  reader.ask("id");
  how.secret_was_open = false;
  each_field(reader, one);
  reader.finish();
  if constexpr (std::is_same_v<Object, api_key>)
    if (how.secret_was_open) make_public(one);
}

template<class Object>
tree shown_object(const workspace& ws, const workspace_object& object, naming names) {
  const auto& one = as<Object>(object);
  field_writer writer(ws, names);
  writer.field("id", one.id.text(), must::be_free, {});
  each_field(writer, one);
  return writer.take();
}

template<class Object>
std::vector<field_entry> catalogue() {
  field_cataloguer entries;
  const Object example{};
  each_field(entries, example);
  return entries.take();
}

template<class Object>
bool is_retired(const workspace_object& object) {
  const auto& one = as<Object>(object);
  if constexpr (requires { one.archived; }) return one.archived;
  if constexpr (requires { one.enabled; }) return !one.enabled;
  if constexpr (requires { one.revoked; }) return one.revoked;
  return false;
}

template<class Object>
std::optional<std::string> retire(workspace_object& object) {
  auto& one = std::get<Object>(object);
  if constexpr (requires { one.archived; }) {
    one.archived = true;
  } else if constexpr (requires { one.enabled; }) {
    one.enabled = false;
  } else if constexpr (requires { one.revoked; }) {
    one.revoked = true;
  } else if constexpr (std::is_same_v<Object, commission_plan>) {
    return "a plan is not taken back: give it a validUntil, or let another plan take its place";
  } else {
    return "a brand holds its players' money for ever and is never deleted";
  }
  return std::nullopt;
}

template<class Object>
std::array<std::uint8_t, 32>* secret_hash(workspace_object& object) {
  auto& one = std::get<Object>(object);
  if constexpr (requires { one.secret_sha256; }) return &one.secret_sha256;
  if constexpr (requires { one.token_sha256; }) return &one.token_sha256;
  return nullptr;
}

template<class Object>
constexpr std::string_view retired_word() {
  if constexpr (requires(Object one) { one.archived; }) return "archived";
  if constexpr (requires(Object one) { one.enabled; }) return "disabled";
  if constexpr (requires(Object one) { one.revoked; }) return "revoked";
  return {};
}

template<class Object>
constexpr object_kind make_kind(std::string_view table, std::string_view path, std::string_view label,
                                std::string_view schema) {
  return {table,
          path,
          label,
          schema,
          std::is_same_v<Object, metric> ? "code" : "name",
          [](const workspace& ws) { return table_of(ws, static_cast<const Object*>(nullptr)).size(); },
          [](const workspace& ws, std::size_t number) {
            return workspace_object(table_of(ws, static_cast<const Object*>(nullptr)).at(number - 1));
          },
          &find<Object>,
          &blank<Object>,
          &read<Object>,
          &shown_object<Object>,
          &catalogue<Object>,
          &is_retired<Object>,
          &retire<Object>,
          &secret_hash<Object>,
          retired_word<Object>()};
}

constexpr std::array kinds{
    make_kind<brand>("brands", "brands", "brand", "Brand"),
    make_kind<metric>("metrics", "metrics", "metric", "Metric"),
    make_kind<event_mapping>("event_mappings", "event-mappings", "event mapping", "EventMapping"),
    make_kind<affiliate>("affiliates", "affiliates", "affiliate", "Affiliate"),
    make_kind<offer>("offers", "offers", "offer", "Offer"),
    make_kind<commission_plan>("plans", "plans", "plan", "CommissionPlan"),
    make_kind<marketing_source>("marketing_sources", "marketing-sources", "marketing source", "MarketingSource"),
    make_kind<creative>("creatives", "creatives", "creative", "Creative"),
    make_kind<tracking_link>("links", "links", "link", "TrackingLink"),
    make_kind<api_key>("keys", "api-keys", "key", "ApiKey"),
    make_kind<destination>("destinations", "destinations", "destination", "Destination"),
    make_kind<report_preset>("report_presets", "report-presets", "report preset", "ReportPreset")};

template<class Object>
constexpr std::size_t place_of_kind() {
  if constexpr (std::is_same_v<Object, brand>) return 0;
  if constexpr (std::is_same_v<Object, metric>) return 1;
  if constexpr (std::is_same_v<Object, event_mapping>) return 2;
  if constexpr (std::is_same_v<Object, affiliate>) return 3;
  if constexpr (std::is_same_v<Object, offer>) return 4;
  if constexpr (std::is_same_v<Object, commission_plan>) return 5;
  if constexpr (std::is_same_v<Object, marketing_source>) return 6;
  if constexpr (std::is_same_v<Object, creative>) return 7;
  if constexpr (std::is_same_v<Object, tracking_link>) return 8;
  if constexpr (std::is_same_v<Object, api_key>) return 9;
  if constexpr (std::is_same_v<Object, destination>) return 10;
  if constexpr (std::is_same_v<Object, report_preset>) return 11;
}

} // namespace

std::span<const object_kind> object_kinds() {
  return kinds;
}

const object_kind& kind_of(const workspace_object& object) {
  return std::visit(
      [](const auto& one) -> const object_kind& { return kinds[place_of_kind<std::decay_t<decltype(one)>>()]; },
      object);
}

const object_kind* kind_at_path(std::string_view path) noexcept {
  const auto found = std::find_if(kinds.begin(), kinds.end(), [&](const auto& kind) { return kind.path == path; });
  return found == kinds.end() ? nullptr : &*found;
}

uuid id_of(const workspace_object& object) {
  return std::visit([](const auto& one) { return one.id; }, object);
}

std::size_t number_of(const workspace_object& object) {
  return std::visit([](const auto& one) { return raw_number(one); }, object);
}

const std::string& title_of(const workspace_object& object) {
  return std::visit(
      [](const auto& one) -> const std::string& {
        if constexpr (std::is_same_v<std::decay_t<decltype(one)>, metric>) {
          return one.code;
        } else {
          return one.name;
        }
      },
      object);
}

std::optional<std::string> problem_with(const workspace& ws, const workspace_object& object, timestamp now) {
  return std::visit(
      [&](const auto& one) {
        if constexpr (requires { ws.problem_with(one, now); }) {
          return ws.problem_with(one, now);
        } else {
          return ws.problem_with(one);
        }
      },
      object);
}

void put(workspace& ws, const workspace_object& object) {
  std::visit([&ws](const auto& one) { ws.put(one); }, object);
}

reading::finder finder_by_id(const workspace& ws) {
  return [&ws](ref_kind kind, const std::string& text) -> result<std::uint32_t, std::string> {
    const auto id = uuid::parse(text);
    if (!id) return std::string("must be a UUID");
    const auto of_kind =
        std::find_if(kinds.begin(), kinds.end(), [&](const object_kind& one) { return one.label == words_for(kind); });
    const std::size_t number = of_kind->find(ws, *id);
    if (number == 0) return "there is no " + std::string(words_for(kind)) + " '" + text + "'";
    return static_cast<std::uint32_t>(number);
  };
}

std::vector<field_change> changes_between(const workspace& ws, const workspace_object* before,
                                          const workspace_object& after, naming names) {
  const object_kind& kind = kind_of(after);
  const tree now = kind.shown(ws, after, names);
  const tree then = before == nullptr ? tree::of(tree::kind::table) : kind.shown(ws, *before, names);
  std::vector<field_change> changes;
  for (const auto& [name, content] : now.members) {
    const tree* old = then.find(name);
    if (old == nullptr)
      changes.push_back({name, std::nullopt, content});
    else if (!(*old == content))
      changes.push_back({name, *old, content});
  }
  for (const auto& [name, content] : then.members)
    if (now.find(name) == nullptr) changes.push_back({name, content, std::nullopt});
  return changes;
}

} // namespace croupier::config
