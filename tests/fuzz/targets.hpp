#pragma once

#include <span>
#include <string_view>

namespace croupier::fuzz {

/// Gives bytes that may be anything to one of our parsers and checks what must hold whatever they are: it ends, reads
/// only what it was given (the bytes are copied to their exact size first), and what it accepts survives the way back.
/// A breach ends the process. `input` is at most some 100 KiB.
struct target {
  std::string_view name;
  void (*run)(std::string_view input);
};

/// All of them, each under the name of its folder in corpus/.
std::span<const target> targets();

/// nullptr when there is none of that name.
const target* find_target(std::string_view name);

} // namespace croupier::fuzz
