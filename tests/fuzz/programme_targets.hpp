#pragma once

#include <string_view>

namespace croupier::fuzz {

/// A workspace file, over a workspace that is there: what is taken and put makes the same file change nothing.
void workspace_file(std::string_view input);

/// One event of either dialect, mapped by rules of every form.
void events(std::string_view input);

} // namespace croupier::fuzz
