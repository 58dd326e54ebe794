#pragma once

#include "engine/workspace_object.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace croupier {

/// The configuration of the ledger: everything that is not a player. A value: it is built, published as a
/// `std::shared_ptr<const workspace>` and never changed afterwards; a change makes the next one. Tables are indexed by
/// number - 1. Look-ups by id, code or alias are O(1).
class workspace {
public:
  const std::vector<brand>& brands() const noexcept { return brands_; }
  const std::vector<metric>& metrics() const noexcept { return metrics_; }
  const std::vector<affiliate>& affiliates() const noexcept { return affiliates_; }
  const std::vector<offer>& offers() const noexcept { return offers_; }
  const std::vector<tracking_link>& links() const noexcept { return links_; }
  const std::vector<api_key>& api_keys() const noexcept { return api_keys_; }
  const plan_book& plans() const noexcept { return plans_; }
  const std::vector<marketing_source>& sources() const noexcept { return sources_; }
  const std::vector<creative>& creatives() const noexcept { return creatives_; }
  const std::vector<event_mapping>& mappings() const noexcept { return mappings_; }
  const std::vector<destination>& destinations() const noexcept { return destinations_; }
  const std::vector<report_preset>& presets() const noexcept { return presets_; }

  /// nullptr when there is none of that number, id, code, name or alias.
  const brand* find(brand_number number) const noexcept;
  const metric* find(metric_number number) const noexcept;
  const affiliate* find(affiliate_number number) const noexcept;
  const offer* find(offer_number number) const noexcept;
  const tracking_link* find(link_number number) const noexcept;
  const marketing_source* find(source_number number) const noexcept;
  const creative* find(creative_number number) const noexcept;
  const event_mapping* find(mapping_number number) const noexcept;
  const destination* find(destination_number number) const noexcept;
  const report_preset* find(preset_number number) const noexcept;
  const brand* find_brand(const uuid& id) const noexcept;
  const brand* find_brand_by_alias(std::string_view alias) const noexcept;
  const brand* default_brand() const noexcept;
  const metric* find_metric(std::string_view code) const noexcept;
  /// The metric that means this; 0: none does, or it is archived. O(1).
  metric_number metric_that_means(metric_meaning meaning) const noexcept;
  const affiliate* find_affiliate(const uuid& id) const noexcept;
  const offer* find_offer(const uuid& id) const noexcept;
  const tracking_link* find_link(const uuid& id) const noexcept;
  const creative* find_creative(const uuid& id) const noexcept;

  /// Puts one object at its number: replaces it, or appends it when number is the table's size + 1 (CROUPIER_ASSERT).
  /// Callers have validated it (`problem_with`).
  void put(brand value);
  void put(metric value);
  void put(affiliate value);
  void put(offer value);
  void put(tracking_link value);
  void put(api_key value);
  void put(commission_plan value);
  void put(marketing_source value);
  void put(creative value);
  void put(event_mapping value);
  void put(destination value);
  void put(report_preset value);

  /// Why the object may not be put, as "<field>: <what is wrong>", or nothing when it may: unique ids, codes and
  /// aliases, references that exist, permanent codes and types, rates of 0 to 100 on a decimal metric.
  std::optional<std::string> problem_with(const brand& value) const;
  std::optional<std::string> problem_with(const affiliate& value) const;
  std::optional<std::string> problem_with(const offer& value) const;
  std::optional<std::string> problem_with(const tracking_link& value) const;
  std::optional<std::string> problem_with(const api_key& value) const;
  std::optional<std::string> problem_with(const marketing_source& value) const;
  std::optional<std::string> problem_with(const creative& value) const;
  std::optional<std::string> problem_with(const event_mapping& value) const;
  std::optional<std::string> problem_with(const destination& value) const;
  std::optional<std::string> problem_with(const report_preset& value) const;
  /// A metric is not archived while something pays on it at `now` or later.
  std::optional<std::string> problem_with(const metric& value, timestamp now) const;
  /// Plans are bound to the time: see `plan_book::problem_with`.
  std::optional<std::string> problem_with(const commission_plan& value, timestamp now) const {
    return plans_.problem_with(value, *this, now);
  }

private:
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  template<class Number>
  using by_text = std::unordered_map<std::string, Number, text_hash, std::equal_to<>>;

  std::vector<brand> brands_;
  std::vector<metric> metrics_;
  std::vector<affiliate> affiliates_;
  std::vector<offer> offers_;
  std::vector<tracking_link> links_;
  std::vector<api_key> api_keys_;
  plan_book plans_;
  std::vector<marketing_source> sources_;
  std::vector<creative> creatives_;
  std::vector<event_mapping> mappings_;
  std::vector<destination> destinations_;
  std::vector<report_preset> presets_;
  std::array<metric_number, metric_meanings> by_meaning_{};
  std::unordered_map<uuid, brand_number> brand_by_id_;
  by_text<brand_number> brand_by_alias_;
  by_text<metric_number> metric_by_code_;
  std::unordered_map<uuid, affiliate_number> affiliate_by_id_;
  std::unordered_map<uuid, offer_number> offer_by_id_;
  std::unordered_map<uuid, link_number> link_by_id_;
  std::unordered_map<uuid, creative_number> creative_by_id_;
};

/// Whether the text is a metric code: lower-case letters and digits in groups joined by single hyphens, 1-100 long.
bool is_metric_code(std::string_view text) noexcept;

} // namespace croupier
