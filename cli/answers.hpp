#pragma once

#include "cli/api_client.hpp"
#include "engine/result.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace croupier::cli {

/// A JSON object that a server answered with status 200.
struct json_answer {
  std::string text;
  boost::json::object content;
};

/// The object, or one line that says why there is none.
result<json_answer, std::string> read_answer(const result<api_answer, no_answer>& given);

// Members of answers, for printing. What is absent or of another kind is empty: a table is printed from what is there.
const boost::json::object& object_member(const boost::json::object& from, std::string_view name);
const boost::json::array& list_member(const boost::json::object& from, std::string_view name);
/// A text as it is, a whole number as its digits.
std::string text_member(const boost::json::object& from, std::string_view name);

/// The value of the query parameter `click_id` in the address that a click leads to; empty when there is none.
std::string click_of(const std::string& location);

} // namespace croupier::cli
