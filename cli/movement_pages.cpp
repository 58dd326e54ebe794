#include "cli/movement_pages.hpp"

#include "cli/answers.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace croupier::cli {
namespace {

namespace json = boost::json;

constexpr std::uint64_t page_rows_max = 500;

json::object body_of(const movement_filters& filters) {
  json::object object{{"timeRange", {{"from", filters.from}, {"to", filters.to}}}};
  const auto add = [&](std::string_view name, const std::vector<std::string>& values) {
    if (!values.empty()) object[name] = json::array(values.begin(), values.end());
  };
  add("revenueOriginIds", filters.brands);
  add("clientExternalIds", filters.players);
  add("requestIds", filters.request_ids);
  return object;
}

std::optional<std::uint64_t> total_in(const json::object& pagination) {
  const json::value* total = pagination.if_contains("totalCount");
  if (total == nullptr || !total->is_int64() || total->get_int64() < 0) return std::nullopt;
  return static_cast<std::uint64_t>(total->get_int64());
}

} // namespace

std::string
each_movement_page(const server_access& server, const movement_filters& filters, std::uint64_t limit,
                   const std::function<void(const json::array& rows, std::optional<std::uint64_t> total)>& take) {
  api_client client(server);
  json::object body{{"filters", body_of(filters)}};
  json::object pagination{{"offset", 0}};
  for (std::uint64_t left = limit; left > 0;) {
    pagination["limit"] = std::min(left, page_rows_max);
    body["pagination"] = pagination;
    const auto answer = read_answer(client.post("/api/node/clients/v1/metrics/movements/list", json::serialize(body)));
    if (!answer) return answer.error();
    const json::array& rows = list_member(answer->content, "rows");
    const json::object& given = object_member(answer->content, "pagination");
    take(rows, total_in(given));
    // A page may be empty and have a next one: the server bounds how much it looks through for one answer.
    const std::string cursor = text_member(given, "nextCursor");
    if (cursor.empty()) return {};
    pagination = {{"cursor", cursor}};
    left -= std::min<std::uint64_t>(left, rows.size());
  }
  return {};
}

} // namespace croupier::cli
