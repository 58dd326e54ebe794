#pragma once

#include "engine/commission_plan.hpp"
#include "engine/deal.hpp"
#include "engine/dialect.hpp"
#include "engine/fixed_point.hpp"
#include "engine/ids.hpp"
#include "engine/timestamp.hpp"
#include "engine/uuid.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

/// What a workspace consists of: everything that is configured. Plain data; what may stand in it is asked of
/// `workspace::problem_with`.
namespace croupier {

/// How a brand's platform tells the net gaming revenue. On disk: do not change the values.
enum class ngr_mode : std::uint8_t {
  increment = 1,    ///< each update is added
  month_to_date = 2 ///< each update is the running total of its UTC month
};

/// An operating brand. Brands are the shards: a player belongs to exactly one.
struct brand {
  brand_number number;
  uuid id; ///< the clients' `revenueOriginId`
  std::string name;
  std::string currency;                       ///< ISO 4217 code; all money of the brand is in it
  std::vector<std::string> aliases;           ///< other names that clients use for the brand (free strings)
  bool is_default = false;                    ///< taken when a dialect allows an unknown brand; at most one is
  std::uint16_t attribution_window_days = 30; ///< a click older than this brings nobody any more; 0: no end
  ngr_mode ngr_updates = ngr_mode::increment;
  std::int16_t utc_offset_minutes = 0; ///< of the days in reports, -840 to 840
  friend bool operator==(const brand&, const brand&) = default;
};

/// What a metric counts, for reports and for what depends on deposits; a metric may mean nothing. Each meaning is given
/// once. On disk: do not change the values.
enum class metric_meaning : std::uint8_t {
  none = 0,
  deposits = 1, ///< a player's first change of it is its first deposit
  deposit_count = 2,
  withdrawals = 3,
  chargebacks = 4, ///< an increase takes a CPA back
  bonuses = 5,
  wagered = 6,
  won = 7,
  ngr = 8,
  ggr = 9
};
inline constexpr std::size_t metric_meanings = 10;

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
  metric_meaning meaning = metric_meaning::none;
  friend bool operator==(const metric&, const metric&) = default;
};

struct affiliate {
  affiliate_number number;
  uuid id;
  std::string name;
  std::string payment_details = {}; ///< how to pay it, in words; empty: settlements leave it out
  deal_terms deal = {};
  bool archived = false; ///< its links bring nobody any more; what it has earned stays
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
  /// Paid where and when no plan of the offer is in force: a plan takes the place of these terms, it does not add to
  /// them.
  std::optional<revshare_terms> revshare;
  bool archived = false; ///< new links may not name it
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
  source_number source = {};               ///< marketing source; 0: none
  creative_number creative = {};           ///< what it is shown as; 0: nothing in particular
  std::array<std::string, 5> sub_ids = {}; ///< taken where a click brings none
  std::string geo_target = {};             ///< countries that it is meant for, as the affiliate writes them
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

/// What a key is for; a server serves one of them. On disk: do not change the values.
enum class key_environment : std::uint8_t { live = 1, staging = 2 };

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
  key_environment environment = key_environment::live;
  brand_number default_brand = {}; ///< taken for events that name no brand that is known; 0: the workspace's default

  /// Whether the key holds `wanted`, directly or through `admin`.
  bool may(scope wanted) const noexcept;
  /// Whether the key sees the brand.
  bool sees(brand_number wanted) const noexcept;
  friend bool operator==(const api_key&, const api_key&) = default;
};

/// Where an affiliate's visitors come from, in its own words.
struct marketing_source {
  source_number number;
  uuid id;
  std::string name;
  affiliate_number affiliate; ///< 0: of no one in particular
  bool archived = false;
  friend bool operator==(const marketing_source&, const marketing_source&) = default;
};

/// What is shown to visitors: a banner, a video, a text.
struct creative {
  creative_number number;
  uuid id;
  std::string name;
  offer_number offer; ///< 0: of no one in particular
  bool archived = false;
  friend bool operator==(const creative&, const creative&) = default;
};

/// What is asked of one value of an event. On disk: do not change the values.
enum class mapping_test : std::uint8_t { present = 1, absent = 2, equals = 3, differs = 4 };

/// One condition of a mapping.
struct mapping_condition {
  std::string path; ///< members of the event, joined by dots: "properties.status"
  mapping_test test = mapping_test::present;
  std::string value; ///< compared with the member's text (of a number: its digits); empty for present and absent
  friend bool operator==(const mapping_condition&, const mapping_condition&) = default;
};

/// What an event does to one metric.
struct event_mapping {
  mapping_number number;
  uuid id;
  std::string name;
  std::optional<dialect> source;             ///< none: of every dialect
  brand_number brand;                        ///< 0: every brand
  std::string event;                         ///< the event's name
  std::vector<mapping_condition> conditions; ///< all must hold; at most 8
  metric_number metric;
  std::string value_path;    ///< where the value is; empty: it is `constant`
  std::string constant;      ///< a number in the grammar of the metric's type
  std::string currency_path; ///< compared with the brand's currency where the event has it; empty: not compared
  bool negate = false;       ///< the value is taken off
  value_type how = value_type::relative;
  bool enabled = true;
  friend bool operator==(const event_mapping&, const event_mapping&) = default;
};

/// On disk: do not change the values.
enum class destination_kind : std::uint8_t { webhook = 1, file = 2, nats = 3, postback = 4 };

/// Where committed entries are delivered to.
struct destination {
  destination_number number;
  uuid id;
  std::string name;
  destination_kind kind = destination_kind::webhook;
  std::string target;                   ///< webhook, postback: URL; nats: "nats://host:port"; file: name of a folder
  std::string subject;                  ///< nats: subject of the stream
  std::string secret;                   ///< webhook: key of the signature. Written, never shown
  std::vector<brand_number> brands;     ///< empty: all
  std::vector<std::string> event_names; ///< names of events, or kinds of entries; empty: all
  affiliate_number affiliate;           ///< postback: whose players
  bool paused = false;
  bool archived = false;
  friend bool operator==(const destination&, const destination&) = default;
};

/// A report that whoever has its token may read.
struct report_preset {
  preset_number number;
  uuid id;
  std::string name;
  std::array<std::uint8_t, 32> token_sha256{};
  std::vector<std::string> dimensions;
  std::vector<std::string> measures;
  std::vector<std::pair<std::string, std::vector<std::string>>> filters; ///< dimension and the values that it may have
  std::vector<brand_number> brands;                                      ///< empty: all
  bool enabled = true;
  friend bool operator==(const report_preset&, const report_preset&) = default;
};

/// Any of them. The order is that of the tables: none refers to one behind it.
using workspace_object = std::variant<brand, metric, affiliate, offer, tracking_link, api_key, commission_plan,
                                      marketing_source, creative, event_mapping, destination, report_preset>;

} // namespace croupier
