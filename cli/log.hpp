#pragma once

#include "config/settings.hpp"

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace spdlog {
class logger;
}

namespace croupier::cli {

/// The log of the server, on standard error: one event a line, as logfmt pairs or as JSON objects. Any thread may
/// write.
///
///   ts=2026-06-01T12:00:00.000000Z level=info msg="data folder opened" folder="data"
///
/// Within the process every line is logfmt text; the JSON form is made from it, so that both say the same.
class log {
public:
  log(config::log_level level, config::log_format format);
  ~log();
  log(const log&) = delete;
  log& operator=(const log&) = delete;

  struct field {
    std::string_view name; ///< letters and underscores
    std::string value;
  };
  void write(config::log_level level, std::string_view message, std::initializer_list<field> fields = {});

  /// For lines of which there are many: they are written to standard error a second late, or by the block.
  std::shared_ptr<spdlog::logger> access_logger() const;

private:
  std::shared_ptr<spdlog::logger> events_;
  std::shared_ptr<spdlog::logger> requests_;
};

/// A logfmt text, `name=value name="value with \" and \x0a"`, as the members of a JSON object without its braces. Text
/// that is no pair becomes the member "text".
std::string json_members(std::string_view logfmt);

} // namespace croupier::cli
