#include "config/workspace_file.hpp"
#include "http/admin/answers.hpp"
#include "http/admin/calls.hpp"
#include "http/admin/json_tree.hpp"
#include "http/errors.hpp"
#include "http/json.hpp"
#include "http/secrets.hpp"

#include <map>

namespace croupier::http::admin {

namespace {

using config::field_problem;
using config::tree;

struct asked_change {
  std::string toml;
  std::string name = "workspace.toml";
  bool is_dry_run = false;
  std::map<std::string, std::string> environment;
};

std::optional<asked_change> read_request(const request& req, std::vector<field_problem>& found) {
  json::document body;
  if (const auto error = body.parse(req.body)) {
    found.push_back({"", error->what, 0});
    return std::nullopt;
  }
  asked_change asked;
  bool has_toml = false;
  for (const auto& [name, content] : body.root().members()) {
    if (name == "toml" && content.is_string()) {
      asked.toml = content.text();
      has_toml = true;
    } else if (name == "name" && content.is_string() && content.text().size() <= 255) {
      asked.name = content.text();
    } else if (name == "dryRun" && content.type() == json::kind::boolean) {
      asked.is_dry_run = content.truth();
    } else if (name == "environment" && content.is_object()) {
      for (const auto& [variable, value] : content.members())
        asked.environment.insert_or_assign(std::string(variable), std::string(value.text()));
    } else {
      found.push_back({std::string(name), "unknown field, or of another type", 0});
    }
  }
  if (!has_toml) found.push_back({"toml", "is required", 0});
  return found.empty() ? std::optional(std::move(asked)) : std::nullopt;
}

void name_object(json::writer& out, const config::object_kind& kind, const workspace_object& object) {
  out.key("kind").string(kind.label).key("id").string(config::id_of(object).text());
  out.key("name").string(config::title_of(object));
}

void write_change(json::writer& out, const workspace& base, const workspace& next, const workspace_object& object) {
  const auto& kind = config::kind_of(object);
  const auto number = config::number_of(object);
  const bool is_new = number > kind.count(base);
  const auto before = is_new ? std::nullopt : std::optional(kind.at(base, number));
  out.begin_object();
  name_object(out, kind, object);
  out.key("change").string(is_new ? "created" : "changed").key("fields").begin_array();
  for (const auto& each : config::changes_between(next, before ? &*before : nullptr, object, config::naming::file)) {
    const auto is_secret = [](const std::optional<tree>& side) { return side && side->type == tree::kind::secret; };
    out.begin_object().key("name").string(each.name);
    if (is_secret(each.before) || is_secret(each.after)) {
      out.key("secret").boolean(true);
    } else {
      if (each.before) write(out.key("before"), *each.before);
      if (each.after) write(out.key("after"), *each.after);
    }
    out.end_object();
  }
  out.end_array().end_object();
}

void write_places(json::writer& out, std::string_view member, const workspace& ws,
                  const std::vector<config::workspace_plan::place>& places) {
  out.key(member).begin_array();
  for (const auto& [kind, number] : places) {
    out.begin_object();
    name_object(out, *kind, kind->at(ws, number));
    out.end_object();
  }
  out.end_array();
}

response told(const asked_change& asked, const workspace& base, const config::workspace_plan& plan) {
  workspace next = base;
  for (const auto& object : plan.objects) config::put(next, object);
  response answer;
  json::writer out(answer.body);
  out.begin_object().key("dryRun").boolean(asked.is_dry_run).key("changes").begin_array();
  for (const auto& object : plan.objects) write_change(out, base, next, object);
  out.end_array();
  write_places(out, "unchanged", base, plan.unchanged);
  write_places(out, "leftAlone", base, plan.left_alone);
  out.end_object();
  return answer;
}

/// What the file comes to; or nothing, and then `found` says why.
std::optional<config::workspace_plan> plan_for(const asked_change& asked, const workspace& newest, timestamp now,
                                               std::vector<field_problem>& found) {
  const config::workspace_sources sources{[&](const std::string& name) -> std::optional<std::string> {
                                            const auto at = asked.environment.find(name);
                                            return at == asked.environment.end() ? std::nullopt
                                                                                 : std::optional(at->second);
                                          },
                                          sha256};
  auto plan = config::parse_workspace(asked.toml, asked.name, newest, sources, now);
  if (!plan) {
    for (const auto& one : plan.error()) found.push_back({one.place, one.what, 0});
    return std::nullopt;
  }
  // A server that others can reach has no such keys, and may be one.
  for (const auto& object : plan->objects)
    if (const auto* key = std::get_if<api_key>(&object); key != nullptr && config::is_public(*key))
      found.push_back({"", "key '" + key->name + "': a key in the open is for new data folders only", 0});
  if (const auto wrong = problem_with(newest, plan->objects, now)) found.push_back({"", *wrong, 0});
  return found.empty() ? std::optional(std::move(*plan)) : std::nullopt;
}

} // namespace

response apply_workspace(const services& with, const request& req) {
  std::vector<field_problem> found;
  const auto asked = read_request(req, found);
  if (!asked) return refused(error_kind::malformed, found);
  response answer;
  const auto decide = [&](const workspace& newest, timestamp now) -> std::optional<std::vector<workspace_object>> {
    const auto plan = plan_for(*asked, newest, now, found);
    if (!plan) return std::nullopt;
    answer = told(*asked, newest, *plan);
    return asked->is_dry_run ? std::nullopt : std::optional(plan->objects);
  };
  const auto outcome = with.ledger.change_workspace(decide, req.key->id.text(), req.deadline);
  if (!found.empty()) return refused(error_kind::malformed, found);
  if (outcome)
    if (auto broken = failed(*outcome)) return *broken;
  return answer;
}

} // namespace croupier::http::admin
