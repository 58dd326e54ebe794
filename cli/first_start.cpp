#include "cli/first_start.hpp"

#include "actors/wall_clock.hpp"
#include "config/workspace_file.hpp"
#include "http/secrets.hpp"

#include <algorithm>
#include <chrono>

namespace croupier::cli {
namespace {

constexpr const char* admin_key_variable = "CROUPIER_ADMIN_KEY";
constexpr std::size_t admin_key_length_min = 20;
constexpr std::chrono::seconds change_deadline{60};

using actors::wall_clock;

using environment_reader = std::function<std::optional<std::string>(const std::string&)>;

/// Everything but keys: a folder that was first started without a workspace file has its admin key already.
bool has_objects(const workspace& ws) {
  return !(ws.brands().empty() && ws.metrics().empty() && ws.affiliates().empty() && ws.offers().empty() &&
           ws.links().empty());
}

/// Collects what a start changes.
class start_plan {
public:
  start_plan(const workspace& now, const config::settings& settings, const environment_reader& environment)
      : next_(now), settings_(settings), sources_{environment, http::sha256} {}

  void load_file() {
    if (settings_.workspace.empty()) return;
    if (has_objects(next_)) {
      outcome_.file_ignored = true;
      return;
    }
    auto plan = config::load_workspace_file(settings_.workspace, next_, sources_, wall_clock());
    if (!plan) {
      problems_ = plan.error();
      return;
    }
    for (workspace_changed::object& object : plan->objects) add(std::move(object));
    outcome_.objects_loaded = objects_.size();
  }

  void set_admin_key() {
    const auto wanted = sources_.environment(admin_key_variable);
    if (wanted && wanted->size() < admin_key_length_min)
      problems_.push_back({admin_key_variable, "must have at least " + std::to_string(admin_key_length_min) +
                                                   " characters; \"croupier keys generate\" makes one"});
    api_key admin;
    admin.id = config::derived_id("bootstrap", "admin", sources_);
    const auto& keys = next_.api_keys();
    const auto stored = std::find_if(keys.begin(), keys.end(), [&](const api_key& key) { return key.id == admin.id; });
    const bool keeps_secret = stored != keys.end() && (!wanted || stored->secret_sha256 == http::sha256(*wanted));
    // The one key that a server cannot do without serves in its environment, whatever that was before.
    admin.environment =
        settings_.environment == config::environment::staging ? key_environment::staging : key_environment::live;
    if (keeps_secret && stored->environment == admin.environment) return;
    admin.number = static_cast<std::uint32_t>(stored - keys.begin()) + 1;
    admin.name = "admin";
    admin.scopes = static_cast<std::uint8_t>(scope::admin);
    outcome_.admin_key_replaced = stored != keys.end() && !keeps_secret;
    if (!wanted && !keeps_secret) outcome_.new_admin_key = http::generate_api_key();
    admin.secret_sha256 =
        keeps_secret ? stored->secret_sha256 : http::sha256(wanted ? *wanted : *outcome_.new_admin_key);
    if (const auto wrong = next_.problem_with(admin)) {
      problems_.push_back({admin_key_variable, *wrong});
    } else {
      add(admin);
    }
  }

  void refuse_public_keys() {
    if (settings_.listen.is_loopback()) return;
    for (const api_key& key : next_.api_keys())
      if (config::is_public(key) && !key.revoked)
        problems_.push_back({"", "listen: " + settings_.listen.text() +
                                     " can be reached by others, and everyone knows key '" + key.name +
                                     "' of the workspace; listen on 127.0.0.1, or start a new data folder "
                                     "with a workspace file that is not a demo"});
  }

  result<workspace_start, start_refusal> carry_out(actors::gateway& ledger) {
    if (!problems_.empty()) return start_refusal{exit_code::usage, std::move(problems_)};
    if (objects_.empty()) return std::move(outcome_);
    const auto deadline = std::chrono::steady_clock::now() + change_deadline;
    const actors::outcome done = ledger.change_workspace(std::move(objects_), "start-up", deadline);
    if (std::holds_alternative<actors::receipt>(done)) return std::move(outcome_);
    return start_refusal{exit_code::failed,
                         {{settings_.data_dir, "the workspace could not be written: " + ledger.ready().reason}}};
  }

private:
  void add(workspace_changed::object object) {
    config::put(next_, object);
    objects_.push_back(std::move(object));
  }

  workspace next_;
  const config::settings& settings_;
  config::workspace_sources sources_;
  std::vector<workspace_changed::object> objects_;
  config::problems problems_;
  workspace_start outcome_;
};

} // namespace

result<workspace_start, start_refusal> start_workspace(actors::gateway& ledger, const config::settings& settings,
                                                       const environment_reader& environment) {
  const auto now = ledger.view().current_workspace();
  start_plan plan(*now, settings, environment);
  plan.load_file();
  plan.set_admin_key();
  plan.refuse_public_keys();
  return plan.carry_out(ledger);
}

} // namespace croupier::cli
