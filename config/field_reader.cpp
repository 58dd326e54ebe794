#include "config/field_reader.hpp"

#include <algorithm>

namespace croupier::config {
namespace {

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

bool is_digits_or_text(const tree& from) noexcept {
  return from.type == tree::kind::text || from.type == tree::kind::number;
}

} // namespace

const tree* field_reader::ask(std::string_view wire_name) {
  asked_.emplace_back(wire_name);
  return table_.find(wire_name);
}

void field_reader::complain(std::string_view wire_name, const tree& at, std::string what) {
  into_.problems.push_back({prefix_ + std::string(wire_name), std::move(what), at.line});
}

void field_reader::finish() {
  for (const auto& [name, content] : table_.members)
    if (std::find(asked_.begin(), asked_.end(), name) == asked_.end()) complain(name, content, "unknown field");
}

void field_reader::read(const std::string& name, const tree& from, std::string& into) {
  if (from.type != tree::kind::text) return complain(name, from, "must be a text in quotes");
  into = from.text;
}

void field_reader::read(const std::string& name, const tree& from, bool& into) {
  if (from.type != tree::kind::boolean) return complain(name, from, "must be true or false");
  into = from.truth;
}

void field_reader::read(const std::string& name, const tree& from, percentage& into) {
  const auto rate = is_digits_or_text(from) ? percentage::parse(from.text) : std::nullopt;
  if (!rate) return complain(name, from, R"(must be a text such as "12.5", with at most 4 digits after the point)");
  into = *rate;
}

void field_reader::read(const std::string& name, const tree& from, amount& into) {
  const auto value = is_digits_or_text(from) ? amount::parse(from.text) : std::nullopt;
  if (!value) return complain(name, from, R"(must be a text such as "1000.50", with at most 8 digits after the point)");
  into = *value;
}

void field_reader::read(const std::string& name, const tree& from, timestamp& into) {
  const auto time = from.type == tree::kind::text ? timestamp::parse(from.text) : std::nullopt;
  if (time) {
    into = *time;
    return;
  }
  const std::string given = from.type == tree::kind::text ? "'" + from.text + "' is not" : "must be";
  complain(name, from, given + " a time such as 2030-01-01T00:00:00Z");
}

void field_reader::read(const std::string& name, const tree& from, std::vector<std::string>& into) {
  const auto is_text = [](const tree& item) { return item.type == tree::kind::text; };
  if (from.type != tree::kind::list || !std::all_of(from.items.begin(), from.items.end(), is_text))
    return complain(name, from, "must be a list of texts in quotes");
  into.clear();
  for (const tree& item : from.items) into.push_back(item.text);
}

void field_reader::read(const std::string& name, const tree& from, std::array<std::string, 5>& into) {
  std::vector<std::string> texts;
  const std::size_t before = into_.problems.size();
  read(name, from, texts);
  if (into_.problems.size() > before) return;
  if (texts.size() > into.size()) return complain(name, from, "must not be more than 5");
  texts.resize(into.size());
  std::move(texts.begin(), texts.end(), into.begin());
}

void field_reader::read(const std::string& name, const tree& from,
                        std::vector<std::pair<std::string, std::vector<std::string>>>& into) {
  if (from.type != tree::kind::table) return complain(name, from, "must be a table of lists");
  into.clear();
  for (const auto& [dimension, allowed] : from.members) {
    into.emplace_back(dimension, std::vector<std::string>());
    read(name + "." + dimension, allowed, into.back().second);
  }
}

std::optional<std::uint32_t> field_reader::refer(const std::string& name, const tree& from, ref_kind kind) {
  if (from.type != tree::kind::text) {
    complain(name, from, "must be a text in quotes");
    return std::nullopt;
  }
  const auto number = (*into_.find)(kind, from.text);
  if (!number) {
    complain(name, from, number.error());
    return std::nullopt;
  }
  into_.refers_to_refused |= *number == 0;
  return *number;
}

void field_reader::scopes(std::string_view name, std::uint8_t& member, std::string_view /*sentence*/) {
  const std::string wire = wire_name(name);
  const tree* from = ask(wire);
  if (from == nullptr) {
    if (is_new_) complain(wire, table_, "is required");
    return;
  }
  std::vector<std::string> named;
  read(wire, *from, named);
  member = 0;
  for (const std::string& one : named) {
    const auto found = find_choice<scope>(one);
    if (!found) complain(wire, *from, "there is no scope '" + one + "'");
    member |= found ? static_cast<std::uint8_t>(*found) : std::uint8_t{0};
  }
}

bool field_reader::is_long_enough(const std::string& name, const tree& at, std::string_view secret) {
  if (secret.size() >= secret_length_min) return true;
  complain(name, at, "the key must have at least " + std::to_string(secret_length_min) + " characters");
  return false;
}

std::optional<std::string> field_reader::secret_from_environment(const std::string& name) {
  const tree* from = ask(name);
  std::string variable;
  const std::size_t before = into_.problems.size();
  read(name, *from, variable);
  if (into_.problems.size() > before) return std::nullopt;
  auto secret = into_.sources->environment(variable);
  if (!secret) complain(name, *from, "the environment variable " + variable + " is not set");
  if (secret && !is_long_enough(name, *from, *secret)) return std::nullopt;
  return secret;
}

void field_reader::hash(std::string_view name, std::array<std::uint8_t, 32>& member, std::string_view /*sentence*/) {
  if (into_.names == naming::api) return;
  const std::string by_hash = std::string(name) + "_sha256";
  const std::string by_variable = std::string(name) + "_env";
  const tree* hash = ask(by_hash);
  const tree* variable = ask(by_variable);
  const tree* open = ask(name);
  const int given = (hash != nullptr) + (variable != nullptr) + (open != nullptr);
  if (given == 0 && !is_new_) return;
  if (given != 1) {
    complain(by_hash, hash != nullptr ? *hash : table_, "give one of " + by_hash + " and " + by_variable);
  } else if (hash != nullptr) {
    const auto parsed = hash->type == tree::kind::text ? parse_sha256(hash->text) : std::nullopt;
    if (!parsed) complain(by_hash, *hash, "must be 64 hex digits");
    member = parsed.value_or(member);
  } else if (variable != nullptr) {
    if (const auto secret = secret_from_environment(by_variable)) member = into_.sources->sha256(*secret);
  } else if (!into_.is_demo) {
    complain(name, *open, "a key stands in the open in demo files only; use " + by_hash + " or " + by_variable);
  } else {
    std::string secret;
    read(std::string(name), *open, secret);
    if (is_long_enough(std::string(name), *open, secret)) member = into_.sources->sha256(secret);
    into_.secret_was_open = true;
  }
}

void field_reader::secret(std::string_view name, std::string& member, std::string_view /*sentence*/) {
  const std::string wire = wire_name(name);
  const std::string by_variable = wire + "_env";
  const bool from_variable = into_.names == naming::file && table_.find(by_variable) != nullptr;
  const tree* open = ask(wire);
  if (from_variable && open != nullptr) complain(wire, *open, "give this or " + by_variable);
  if (from_variable) {
    member = secret_from_environment(by_variable).value_or(member);
  } else if (open != nullptr && into_.names == naming::file && !into_.is_demo) {
    complain(wire, *open, "a secret stands in the open in demo files only; use " + by_variable);
  } else if (open != nullptr) {
    std::string value;
    read(wire, *open, value);
    if (value.empty() || is_long_enough(wire, *open, value)) member = value;
  }
}

} // namespace croupier::config
