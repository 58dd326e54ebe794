#include "http/revvvs/click.hpp"

#include "actors/wall_clock.hpp"
#include "http/errors.hpp"
#include "http/events/outcomes.hpp"
#include "http/revvvs/landing_url.hpp"
#include "http/when_answered.hpp"

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace croupier::http::revvvs {

namespace {

constexpr std::size_t sub_id_bytes_max = 255;
constexpr std::size_t user_agent_bytes_max = 512;

response refused(const actors::outcome& outcome) {
  if (const auto* why = std::get_if<actors::failure>(&outcome))
    return error_response(error_style::revvvs, kind_of(*why));
  // A link that was disabled between the look-up here and the ledger's.
  return error_response(error_style::revvvs, error_kind::not_found, "Unknown or disabled link");
}

using actors::wall_clock;

response redirect(std::string location) {
  response answer;
  answer.status = 302;
  answer.content_type.clear();
  answer.headers.emplace_back("Location", std::move(location));
  answer.headers.emplace_back("Cache-Control", "no-store");
  return answer;
}

} // namespace

response follow_link(actors::gateway& ledger, visitor_memory& visitors, const request& req) {
  const auto id = uuid::parse(req.path_parameter("linkId"));
  const tracking_link* link = id ? req.ws->find_link(*id) : nullptr;
  if (link == nullptr || !link->enabled || req.ws->find(link->affiliate)->archived)
    return error_response(error_style::revvvs, error_kind::not_found, "Unknown or disabled link");
  actors::click_request click;
  click.link = link->number;
  click.ip = req.remote_ip;
  click.user_agent = req.header("User-Agent").substr(0, user_agent_bytes_max);
  for (std::size_t i = 0; i < click.sub_ids.size(); ++i) {
    const std::string name = "sub" + std::to_string(i + 1);
    click.sub_ids[i] = req.query(name).value_or("");
    if (click.sub_ids[i].size() > sub_id_bytes_max)
      return error_response(error_style::revvvs, error_kind::malformed, name + ": at most 255 bytes");
  }
  std::string relative_path = req.query("relativepath").value_or("");
  if (!is_safe_relative_path(relative_path)) relative_path.clear();
  if (req.method == "HEAD") return redirect(landing_url(link->destination, relative_path, std::nullopt));
  const auto visitor = visitors.name_of(click.link, click.ip, click.user_agent);
  click.bot = is_known_bot(click.user_agent);
  click.unique = visitors.note(visitor, wall_clock());
  return when_answered(ledger.submit(std::move(click)),
                       [&ledger, &visitors, visitor, unique = click.unique, destination = link->destination,
                        relative_path](const actors::outcome& outcome) {
                         const auto* receipt = std::get_if<actors::receipt>(&outcome);
                         if (receipt == nullptr && unique) visitors.forget(visitor);
                         if (receipt == nullptr) return refused(outcome);
                         const uuid click_id = make_id(ledger.view().key(), id_kind::click, receipt->at.value);
                         return redirect(landing_url(destination, relative_path, click_id));
                       });
}

} // namespace croupier::http::revvvs
