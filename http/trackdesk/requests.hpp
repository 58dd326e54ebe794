#pragma once

#include "engine/ids.hpp"
#include "engine/movement.hpp"
#include "engine/result.hpp"
#include "engine/timestamp.hpp"
#include "engine/uuid.hpp"
#include "http/json.hpp"
#include "http/trackdesk/errors.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The bodies of the Trackdesk calls, read and checked field by field: presence, types, lengths. Whether what they name
/// exists and whether values are in form is judged later, by the engine, in its order. Views point into the document.
namespace croupier::http::trackdesk {

inline constexpr std::size_t external_id_length_max = 255; ///< characters
inline constexpr std::size_t request_id_length_max = 100;  ///< characters
inline constexpr std::uint64_t page_limit_max = 500;
inline constexpr std::uint64_t page_offset_max = 1'000'000'000'000;
inline constexpr std::size_t batch_movements_max = 1'000;
inline constexpr std::size_t filter_pairs_max = 100'000;     ///< players x request ids: each pair is looked up
inline constexpr std::size_t movement_bytes_max = 1U << 20U; ///< of one movement's body, wherever it stands

/// A body as JSON, or the refusal to it. It must be an object.
std::optional<api_error> parse_object(std::string_view body, json::document& document);

struct registration_body {
  std::string_view external_id;
  uuid brand;
  uuid click;
};

struct metric_field {
  std::string_view code; ///< kebab-case
  value_type how = value_type::relative;
  std::string_view value; ///< any text: its form is judged by the metric's type
};

struct movement_body {
  std::string_view external_id;
  uuid brand;
  std::string_view request_id; ///< empty: none
  bounded_list<metric_field, metrics_per_movement_max> metrics;
};

/// Where a page of a list begins and how long it is.
struct page_body {
  std::uint32_t limit = 0;
  std::uint64_t offset = 0;
  std::optional<std::uint64_t> before; ///< out of the cursor
};

/// Empty filters do not filter.
struct movement_list_body {
  page_body page;
  timestamp from; ///< inclusive
  timestamp to;   ///< exclusive
  std::optional<std::vector<uuid>> client_ids;
  std::optional<std::vector<std::string>> external_ids;
  std::optional<std::vector<uuid>> brands;
  std::optional<std::vector<std::string>> request_ids;
};

struct player_list_body {
  page_body page;
  std::optional<timestamp> registered_from; ///< inclusive
  std::optional<timestamp> registered_to;   ///< exclusive
  std::optional<std::vector<uuid>> client_ids;
  std::optional<std::vector<std::string>> external_ids;
  std::optional<std::vector<uuid>> brands;
  std::optional<std::vector<uuid>> affiliates;
  std::string external_id_prefix; ///< empty: none
};

result<registration_body, api_error> read_registration(const json::value& root);
result<movement_body, api_error> read_movement(const json::value& root);
result<movement_list_body, api_error> read_movement_list(const json::value& root, const folder_key& key);
result<player_list_body, api_error> read_player_list(const json::value& root, const folder_key& key);

/// The position of a list as clients carry it: the id of the last row that they have seen, which cannot be forged.
std::string make_cursor(const folder_key& key, id_kind of, std::uint64_t number);

} // namespace croupier::http::trackdesk
