#include "http/access_log.hpp"

#include <iterator>
#include <spdlog/spdlog.h>

namespace croupier::http {

namespace {

constexpr std::size_t client_text_bytes_max = 128;

/// Text of others as one logfmt value: it can neither end the line nor begin another field.
void append_value(fmt::memory_buffer& out, std::string_view name, std::string_view text) {
  if (text.empty()) return;
  text = text.substr(0, client_text_bytes_max);
  fmt::format_to(std::back_inserter(out), " {}=\"", name);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      fmt::format_to(std::back_inserter(out), "\\{}", c);
    else if (byte < 0x20 || byte >= 0x7f)
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
    else
      out.push_back(c);
  }
  out.push_back('"');
}

} // namespace

void log_access(spdlog::logger& to, const access_entry& entry) {
  if (!to.should_log(spdlog::level::info)) return;
  fmt::memory_buffer line;
  fmt::format_to(std::back_inserter(line),
                 "request_id={} method={} route={} status={} bytes={} duration_us={} remote_ip={}", entry.request_id,
                 entry.method.empty() ? "-" : entry.method, entry.route.empty() ? "-" : entry.route, entry.status,
                 entry.bytes, entry.duration.count(), entry.remote_ip.empty() ? "-" : entry.remote_ip);
  append_value(line, "key_id", entry.key_id);
  append_value(line, "client_id", entry.client_id);
  to.log(spdlog::level::info, std::string_view(line.data(), line.size()));
}

} // namespace croupier::http
