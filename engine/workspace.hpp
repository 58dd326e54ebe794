#pragma once

#include "engine/fixed_point.hpp"
#include "engine/ids.hpp"
#include "engine/timestamp.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace croupier {

/// An operating brand. Brands are the shards: a player belongs to exactly one.
struct brand {
  brand_number number;
  uuid id; ///< the clients' `revenueOriginId`
  std::string name;
  std::string currency;             ///< ISO 4217 code; all money of the brand is in it
  std::vector<std::string> aliases; ///< other names that clients use for the brand (free strings)
  bool is_default = false;          ///< taken when a dialect allows an unknown brand; at most one is
  friend bool operator==(const brand&, const brand&) = default;
};

/// On disk and in the workspace file: do not change the values.
enum class metric_type : std::uint8_t { integer = 1, decimal = 2 };

/// A player metric, defined for the whole workspace. Its code and type never change and it is never deleted.
struct metric {
  metric_number number;
  uuid id;
  std::string code; ///< kebab-case, 1-100 characters
  std::string name;
  metric_type type = metric_type::decimal;
  bool monetary = false; ///< always false for integer metrics
  bool visible = true;
  bool archived = false; ///< a movement that names it is answered `metric not found`
  friend bool operator==(const metric&, const metric&) = default;
};

struct affiliate {
  affiliate_number number;
  uuid id;
  std::string name;
  friend bool operator==(const affiliate&, const affiliate&) = default;
};

/// Player RevShare of an offer: a percentage of the change that a movement makes to one decimal metric.
struct revshare_terms {
  metric_number metric;
  percentage rate; ///< 0 to 100
  friend bool operator==(const revshare_terms&, const revshare_terms&) = default;
};

struct offer {
  offer_number number;
  uuid id;
  std::string name;
  std::optional<revshare_terms> revshare;
  friend bool operator==(const offer&, const offer&) = default;
};

/// What an affiliate publishes: a click on it brings a visitor to `destination` and names offer and affiliate.
struct tracking_link {
  link_number number;
  uuid id;
  std::string name;
  offer_number offer;
  affiliate_number affiliate;
  std::string destination; ///< absolute http(s) URL
  bool enabled = true;
  friend bool operator==(const tracking_link&, const tracking_link&) = default;
};

/// What a key may do. On disk: do not change the values.
enum class scope : std::uint8_t {
  movements_write = 1,
  events_write = 2,
  read = 4,
  billing = 8,
  admin = 16 ///< includes all the others
};

/// An API key. The key itself is never kept, only its SHA-256.
struct api_key {
  std::uint32_t number = 0;
  uuid id;
  std::string name;
  std::array<std::uint8_t, 32> secret_sha256{};
  std::uint8_t scopes = 0;          ///< bits of `scope`
  std::vector<brand_number> brands; ///< empty: all brands
  std::optional<timestamp> expires_at;
  bool revoked = false;

  /// Whether the key holds `wanted`, directly or through `admin`.
  bool may(scope wanted) const noexcept;
  /// Whether the key sees the brand.
  bool sees(brand_number wanted) const noexcept;
  friend bool operator==(const api_key&, const api_key&) = default;
};

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

  /// nullptr when there is none of that number, id, code, name or alias.
  const brand* find(brand_number number) const noexcept;
  const metric* find(metric_number number) const noexcept;
  const affiliate* find(affiliate_number number) const noexcept;
  const offer* find(offer_number number) const noexcept;
  const tracking_link* find(link_number number) const noexcept;
  const brand* find_brand(const uuid& id) const noexcept;
  const brand* find_brand_by_alias(std::string_view alias) const noexcept;
  const brand* default_brand() const noexcept;
  const metric* find_metric(std::string_view code) const noexcept;
  const affiliate* find_affiliate(const uuid& id) const noexcept;
  const offer* find_offer(const uuid& id) const noexcept;
  const tracking_link* find_link(const uuid& id) const noexcept;

  /// Puts one object at its number: replaces it, or appends it when number is the table's size + 1 (CROUPIER_ASSERT).
  /// Callers have validated it (`problem_with`).
  void put(brand value);
  void put(metric value);
  void put(affiliate value);
  void put(offer value);
  void put(tracking_link value);
  void put(api_key value);

  /// Why the object may not be put, as "<field>: <what is wrong>", or nothing when it may: unique ids, codes and
  /// aliases, references that exist, permanent codes and types, rates of 0 to 100 on a decimal metric.
  std::optional<std::string> problem_with(const brand& value) const;
  std::optional<std::string> problem_with(const metric& value) const;
  std::optional<std::string> problem_with(const affiliate& value) const;
  std::optional<std::string> problem_with(const offer& value) const;
  std::optional<std::string> problem_with(const tracking_link& value) const;
  std::optional<std::string> problem_with(const api_key& value) const;

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
  std::unordered_map<uuid, brand_number> brand_by_id_;
  by_text<brand_number> brand_by_alias_;
  by_text<metric_number> metric_by_code_;
  std::unordered_map<uuid, affiliate_number> affiliate_by_id_;
  std::unordered_map<uuid, offer_number> offer_by_id_;
  std::unordered_map<uuid, link_number> link_by_id_;
};

/// Whether the text is a metric code: lower-case letters and digits in groups joined by single hyphens, 1-100 long.
bool is_metric_code(std::string_view text) noexcept;

} // namespace croupier
