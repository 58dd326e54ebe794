#include "cli/storage_refusal.hpp"

#include <iostream>

namespace croupier::cli {

exit_code refusal_of(const persistence::storage_error& error) {
  std::cerr << "croupier: " << error.text << '\n';
  switch (error.code) {
  case persistence::storage_errc::io_failed:
  case persistence::storage_errc::no_space: return exit_code::failed;
  case persistence::storage_errc::corrupt:
  case persistence::storage_errc::version_unknown:
  case persistence::storage_errc::foreign:
  case persistence::storage_errc::locked: return exit_code::data_refused;
  }
  return exit_code::failed;
}

} // namespace croupier::cli
