#pragma once

#include "http/json.hpp"

#include <string_view>
#include <vector>

namespace croupier::http::json {

/// The direct children of a container as they were sent, without the white space around them, in order: of an array
/// its items, of an object its members' values. `container` is the text of one valid array or object. O(length).
std::vector<std::string_view> children(std::string_view container);

/// The items of a list that is a member of an object, each as it was sent, without the white space around it. `text` is
/// what `object` was parsed from, whole; none when it has no such member. O(length up to the list's end).
std::vector<std::string_view> item_texts(std::string_view text, const value& object, std::string_view name);

} // namespace croupier::http::json
