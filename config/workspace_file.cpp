#include "config/workspace_file.hpp"

#include "config/toml_source.hpp"

#include <map>
#include <type_traits>

namespace croupier::config {
namespace {

constexpr std::array all_scopes{scope::movements_write, scope::events_write, scope::read, scope::billing, scope::admin};

constexpr std::string_view public_suffix = " (public)";

/// Long enough that nobody finds it by trying; generated keys have 67.
constexpr std::size_t secret_length_min = 20;

std::optional<std::uint8_t> hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  return std::nullopt;
}

std::optional<std::array<std::uint8_t, 32>> parse_sha256(std::string_view text) noexcept {
  std::array<std::uint8_t, 32> hash{};
  if (text.size() != 2 * hash.size()) return std::nullopt;
  for (std::size_t i = 0; i < hash.size(); ++i) {
    const auto high = hex_digit(text[2 * i]);
    const auto low = hex_digit(text[2 * i + 1]);
    if (!high || !low) return std::nullopt;
    hash[i] = static_cast<std::uint8_t>(*high << 4 | *low);
  }
  return hash;
}

/// Names and ids of one table, for references. An object that was refused stays known by name, so that what refers to
/// it is not reported as well.
template<class Number>
class reference_table {
public:
  void add(std::string_view name, Number number) { by_name_.emplace(name, number); }

  /// The number; 0 when the object was refused; nothing when there is no such object.
  std::optional<Number> find(const std::string& reference) const {
    const auto found = by_name_.find(reference);
    return found == by_name_.end() ? std::nullopt : std::optional(found->second);
  }

private:
  std::map<std::string, Number, std::less<>> by_name_;
};

class workspace_reader {
public:
  workspace_reader(std::string_view file, const workspace& base, const workspace_sources& sources, problems& found)
      : file_(file), sources_(sources), found_(found), result_(base) {
    for (const brand& one : base.brands()) know(one);
    for (const affiliate& one : base.affiliates()) know(one, affiliates_);
    for (const offer& one : base.offers()) know(one, offers_);
  }

  void read(const toml::table& document) {
    table_reader top(document, file_, found_);
    demo_ = top.flag("demo").value_or(false);
    each(top, "brands", [this](table_reader& from) { read_brand(from); });
    each(top, "metrics", [this](table_reader& from) { read_metric(from); });
    each(top, "affiliates", [this](table_reader& from) { read_affiliate(from); });
    each(top, "offers", [this](table_reader& from) { read_offer(from); });
    each(top, "links", [this](table_reader& from) { read_link(from); });
    each(top, "keys", [this](table_reader& from) { read_key(from); });
    top.finish();
  }

  workspace_plan take_plan() { return std::move(plan_); }

private:
  template<class Read>
  void each(table_reader& top, std::string_view key, Read read) {
    const toml::array* tables = top.tables(key);
    if (tables == nullptr) return;
    for (const toml::node& node : *tables) {
      table_reader from(*node.as_table(), file_, found_);
      read(from);
      from.finish();
    }
  }

  static std::string called(std::string_view kind, const std::string& name) {
    return std::string(kind) + " '" + name + "'";
  }

  uuid read_id(table_reader& from, std::string_view kind, const std::string& name) {
    const auto text = from.text("id");
    if (!text) return derived_id(kind, name, sources_);
    const auto id = uuid::parse(*text);
    if (!id) from.complain("id", "'" + *text + "' is not a UUID");
    return id.value_or(uuid{});
  }

  void know(const brand& one, bool refused = false) {
    const brand_number number = refused ? brand_number{} : one.number;
    brands_.add(one.name, number);
    brands_.add(one.id.text(), number);
    for (const std::string& alias : one.aliases) brands_.add(alias, number);
  }

  template<class Object, class Number>
  static void know(const Object& one, reference_table<Number>& table, bool refused = false) {
    table.add(one.name, refused ? Number{} : one.number);
    table.add(one.id.text(), refused ? Number{} : one.number);
  }

  /// Puts the object if this table was read without a problem and the engine has none with it; else says why not.
  template<class Object>
  bool accept(const Object& one, std::size_t problems_before, table_reader& from) {
    if (found_.size() > problems_before) return false;
    if (const auto wrong = result_.problem_with(one)) {
      const std::size_t colon = wrong->find(": ");
      from.complain(wrong->substr(0, colon), colon == std::string::npos ? *wrong : wrong->substr(colon + 2));
      return false;
    }
    result_.put(one);
    plan_.objects.emplace_back(one);
    return true;
  }

  template<class Number>
  Number refer(table_reader& from, std::string_view key, const reference_table<Number>& table, std::string_view kind) {
    const std::string reference = from.required_text(key);
    return reference.empty() ? Number{} : look_up(from, key, reference, table, kind);
  }

  template<class Number>
  Number look_up(table_reader& from, std::string_view key, const std::string& reference,
                 const reference_table<Number>& table, std::string_view kind) {
    const auto number = table.find(reference);
    if (!number) from.complain(key, "there is no " + called(kind, reference));
    refers_to_refused_ |= number && number->value == 0;
    return number.value_or(Number{});
  }

  void read_brand(table_reader& from) {
    const std::size_t before = found_.size();
    brand one;
    one.number.value = static_cast<brand_number::rep>(result_.brands().size() + 1);
    one.name = from.required_text("name");
    from.call_it(called("brand", one.name));
    one.id = read_id(from, "brands", one.name);
    one.currency = from.required_text("currency");
    one.aliases = from.texts("aliases");
    one.is_default = from.flag("default").value_or(false);
    know(one, !accept(one, before, from));
  }

  void read_metric(table_reader& from) {
    const std::size_t before = found_.size();
    metric one;
    one.number.value = static_cast<metric_number::rep>(result_.metrics().size() + 1);
    one.code = from.required_text("code");
    from.call_it(called("metric", one.code));
    one.id = read_id(from, "metrics", one.code);
    one.name = from.required_text("name");
    const std::string type = from.required_text("type");
    if (!type.empty() && type != "integer" && type != "decimal")
      from.complain("type", "must be \"integer\" or \"decimal\"");
    one.type = type == "integer" ? metric_type::integer : metric_type::decimal;
    one.monetary = from.flag("monetary").value_or(false);
    one.visible = from.flag("visible").value_or(true);
    metrics_.add(one.code, accept(one, before, from) ? one.number : metric_number{});
  }

  void read_affiliate(table_reader& from) {
    const std::size_t before = found_.size();
    affiliate one;
    one.number.value = static_cast<affiliate_number::rep>(result_.affiliates().size() + 1);
    one.name = from.required_text("name");
    from.call_it(called("affiliate", one.name));
    one.id = read_id(from, "affiliates", one.name);
    know(one, affiliates_, !accept(one, before, from));
  }

  void read_offer(table_reader& from) {
    const std::size_t before = found_.size();
    refers_to_refused_ = false;
    offer one;
    one.number.value = static_cast<offer_number::rep>(result_.offers().size() + 1);
    one.name = from.required_text("name");
    from.call_it(called("offer", one.name));
    one.id = read_id(from, "offers", one.name);
    if (const toml::table* terms = from.table("revshare")) one.revshare = read_terms(*terms, one.name);
    know(one, offers_, refers_to_refused_ || !accept(one, before, from));
  }

  revshare_terms read_terms(const toml::table& table, const std::string& offer_name) {
    table_reader from(table, file_, found_);
    from.call_it(called("offer", offer_name) + ": revshare");
    revshare_terms terms;
    const std::string code = from.required_text("metric");
    if (const metric* base = result_.find_metric(code)) {
      terms.metric = base->number;
    } else if (!code.empty()) {
      look_up(from, "metric", code, metrics_, "metric");
    }
    terms.rate = read_rate(from);
    from.finish();
    return terms;
  }

  static percentage read_rate(table_reader& from) {
    const toml::node* node = from.node("rate_percent");
    if (node == nullptr) {
      from.complain("rate_percent", "is required");
      return {};
    }
    std::optional<percentage> rate;
    if (const auto text = node->value_exact<std::string>()) {
      rate = percentage::parse(*text);
    } else if (const auto whole = node->value_exact<std::int64_t>()) {
      rate = percentage::from_integer(*whole);
    }
    if (!rate) from.complain("rate_percent", R"(must be a text such as "12.5", with at most 4 digits after the point)");
    return rate.value_or(percentage{});
  }

  void read_link(table_reader& from) {
    const std::size_t before = found_.size();
    refers_to_refused_ = false;
    tracking_link one;
    one.number.value = static_cast<link_number::rep>(result_.links().size() + 1);
    one.name = from.required_text("name");
    from.call_it(called("link", one.name));
    one.id = read_id(from, "links", one.name);
    one.offer = refer(from, "offer", offers_, "offer");
    one.affiliate = refer(from, "affiliate", affiliates_, "affiliate");
    one.destination = from.required_text("destination");
    one.enabled = from.flag("enabled").value_or(true);
    if (!refers_to_refused_) accept(one, before, from);
  }

  void read_key(table_reader& from) {
    const std::size_t before = found_.size();
    refers_to_refused_ = false;
    api_key one;
    one.number = static_cast<std::uint32_t>(result_.api_keys().size() + 1);
    one.name = from.required_text("name");
    from.call_it(called("key", one.name));
    one.id = read_id(from, "keys", one.name);
    read_secret(from, one);
    if (from.node("scopes") == nullptr) from.complain("scopes", "is required");
    for (const std::string& name : from.texts("scopes")) {
      const auto named = scope_named(name);
      if (!named) from.complain("scopes", "there is no scope '" + name + "'");
      one.scopes |= named ? static_cast<std::uint8_t>(*named) : std::uint8_t{0};
    }
    for (const std::string& reference : from.texts("brands"))
      one.brands.push_back(look_up(from, "brands", reference, brands_, "brand"));
    if (const auto text = from.text("expires_at")) {
      one.expires_at = timestamp::parse(*text);
      if (!one.expires_at) from.complain("expires_at", "'" + *text + "' is not a time such as 2030-01-01T00:00:00Z");
    }
    if (!refers_to_refused_) accept(one, before, from);
  }

  void read_secret(table_reader& from, api_key& one) {
    const auto hash = from.text("secret_sha256");
    const auto variable = from.text("secret_env");
    const auto open = from.text("secret");
    if (hash.has_value() + variable.has_value() + open.has_value() != 1) {
      from.complain("secret_sha256", "give one of secret_sha256 and secret_env");
    } else if (hash) {
      const auto parsed = parse_sha256(*hash);
      if (!parsed) from.complain("secret_sha256", "must be 64 hex digits");
      one.secret_sha256 = parsed.value_or(one.secret_sha256);
    } else if (variable) {
      const auto secret = sources_.environment(*variable);
      if (!secret) from.complain("secret_env", "the environment variable " + *variable + " is not set");
      if (secret) take_secret(from, "secret_env", *secret, one);
    } else if (!demo_) {
      from.complain("secret", "a key stands in the open in demo files only; use secret_sha256 or secret_env");
    } else {
      take_secret(from, "secret", *open, one);
      one.name += public_suffix;
    }
  }

  void take_secret(table_reader& from, std::string_view key, const std::string& secret, api_key& one) {
    if (secret.size() < secret_length_min)
      from.complain(key, "the key must have at least " + std::to_string(secret_length_min) + " characters");
    one.secret_sha256 = sources_.sha256(secret);
  }

  std::string_view file_;
  const workspace_sources& sources_;
  problems& found_;
  workspace result_;
  workspace_plan plan_;
  bool demo_ = false;
  bool refers_to_refused_ = false; ///< of the object being read: its problem has been reported where it arose
  reference_table<brand_number> brands_;
  reference_table<metric_number> metrics_;
  reference_table<affiliate_number> affiliates_;
  reference_table<offer_number> offers_;
};

} // namespace

bool is_public(const api_key& key) noexcept {
  return key.name.ends_with(public_suffix);
}

std::string_view scope_name(scope value) noexcept {
  switch (value) {
  case scope::movements_write: return "movements:write";
  case scope::events_write: return "events:write";
  case scope::read: return "read";
  case scope::billing: return "billing";
  case scope::admin: return "admin";
  }
  return {};
}

std::optional<scope> scope_named(std::string_view name) noexcept {
  for (const scope one : all_scopes)
    if (scope_name(one) == name) return one;
  return std::nullopt;
}

uuid derived_id(std::string_view kind, std::string_view name, const workspace_sources& sources) {
  const auto hash = sources.sha256("croupier/" + std::string(kind) + "/" + std::string(name));
  uuid id;
  std::copy_n(hash.begin(), id.bytes.size(), id.bytes.begin());
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x80); // version 8: made by a rule of our own
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80); // the variant of RFC 9562
  return id;
}

result<workspace_plan, problems> parse_workspace(std::string_view text, std::string_view name, const workspace& base,
                                                 const workspace_sources& sources) {
  problems found;
  const auto document = parse_toml(text, name, found);
  if (!document) return found;
  workspace_reader reader(name, base, sources, found);
  reader.read(*document);
  if (!found.empty()) return found;
  return reader.take_plan();
}

result<workspace_plan, problems> load_workspace_file(const std::string& path, const workspace& base,
                                                     const workspace_sources& sources) {
  problems found;
  const auto text = read_text_file(path, found);
  if (!text) return found;
  return parse_workspace(*text, path, base, sources);
}

} // namespace croupier::config
