#include "cli/answers.hpp"

#include <boost/json/parse.hpp>

namespace croupier::cli {

namespace json = boost::json;

result<json_answer, std::string> read_answer(const result<api_answer, no_answer>& given) {
  if (!given) return given.error().text;
  if (given->status != 200 && given->status != 201) return given->message();
  boost::system::error_code error;
  json::value parsed = json::parse(given->body, error);
  if (error || !parsed.is_object()) return std::string("the answer is not one of Croupier");
  return json_answer{given->body, std::move(parsed.get_object())};
}

const json::object& object_member(const json::object& from, std::string_view name) {
  static const json::object none;
  const json::value* found = from.if_contains(name);
  return found != nullptr && found->is_object() ? found->get_object() : none;
}

const json::array& list_member(const json::object& from, std::string_view name) {
  static const json::array none;
  const json::value* found = from.if_contains(name);
  return found != nullptr && found->is_array() ? found->get_array() : none;
}

std::string text_member(const json::object& from, std::string_view name) {
  const json::value* found = from.if_contains(name);
  if (found == nullptr) return {};
  if (found->is_string()) return std::string(found->get_string());
  if (found->is_int64()) return std::to_string(found->get_int64());
  if (found->is_uint64()) return std::to_string(found->get_uint64());
  return {};
}

std::string click_of(const std::string& location) {
  static const std::string parameter = "click_id=";
  for (std::size_t at = location.find(parameter); at != std::string::npos; at = location.find(parameter, at + 1)) {
    if (at == 0 || (location[at - 1] != '?' && location[at - 1] != '&')) continue;
    const std::size_t start = at + parameter.size();
    return location.substr(start, location.find_first_of("&#", start) - start);
  }
  return {};
}

} // namespace croupier::cli
