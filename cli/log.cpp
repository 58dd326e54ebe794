#include "cli/log.hpp"

#include "engine/timestamp.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <iterator>
#include <mutex>

namespace croupier::cli {
namespace {

constexpr std::size_t block_bytes = 1U << 16;

spdlog::level::level_enum spdlog_level(config::log_level level) {
  switch (level) {
  case config::log_level::debug: return spdlog::level::debug;
  case config::log_level::info: return spdlog::level::info;
  case config::log_level::warning: return spdlog::level::warn;
  case config::log_level::error: return spdlog::level::err;
  }
  return spdlog::level::info;
}

std::string_view level_name(spdlog::level::level_enum level) {
  if (level >= spdlog::level::err) return "error";
  if (level == spdlog::level::warn) return "warning";
  return level == spdlog::level::info ? "info" : "debug";
}

void append_quoted(std::string& out, std::string_view text) {
  out.push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20 || byte == 0x7f) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

/// Puts time and level in front, and turns the line into JSON where that is wanted.
class line_formatter final : public spdlog::formatter {
public:
  explicit line_formatter(config::log_format format) : format_(format) {}

  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    using namespace std::chrono;
    const timestamp time{duration_cast<microseconds>(message.time.time_since_epoch()).count()};
    const std::string_view payload(message.payload.data(), message.payload.size());
    const std::string_view level = level_name(message.level);
    switch (format_) {
    case config::log_format::logfmt:
      fmt::format_to(std::back_inserter(out), "ts={} level={} {}\n", time.text(), level, payload);
      return;
    case config::log_format::json:
      fmt::format_to(std::back_inserter(out), "{{\"ts\":\"{}\",\"level\":\"{}\",{}}}\n", time.text(), level,
                     json_members(payload));
      return;
    }
  }

  std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<line_formatter>(format_); }

private:
  config::log_format format_;
};

/// Standard error by the block: a write for every request would cost as much as the request.
class block_sink final : public spdlog::sinks::base_sink<std::mutex> {
private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    block_.append(line.data(), line.size());
    if (block_.size() >= block_bytes) flush_();
  }

  void flush_() override {
    std::fwrite(block_.data(), 1, block_.size(), stderr);
    block_.clear();
  }

  std::string block_;
};

std::shared_ptr<spdlog::logger> make_logger(const char* name, config::log_level level, config::log_format format) {
  auto logger = std::make_shared<spdlog::logger>(name, std::make_shared<block_sink>());
  logger->set_formatter(std::make_unique<line_formatter>(format));
  logger->set_level(spdlog_level(level));
  spdlog::register_logger(logger); // for flush_every
  return logger;
}

/// The end of the pair that starts at `at`: the next space outside of quotes.
std::size_t end_of_pair(std::string_view text, std::size_t at) {
  bool quoted = false;
  for (; at < text.size() && (quoted || text[at] != ' '); ++at) {
    if (text[at] == '\\' && quoted) {
      ++at;
    } else if (text[at] == '"') {
      quoted = !quoted;
    }
  }
  return std::min(at, text.size());
}

bool is_plain_number(std::string_view text) {
  return !text.empty() && text.size() < 16 && (text.size() == 1 || text.front() != '0') &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// A quoted logfmt value as a JSON string: `\"` and `\\` mean the same in both, `\x0a` is given as text.
std::string json_string(std::string_view value) {
  if (!value.starts_with('"')) {
    std::string out;
    append_quoted(out, value);
    return out;
  }
  std::string out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const bool hexadecimal = value[i] == '\\' && i + 1 < value.size() && value[i + 1] == 'x';
    out += hexadecimal ? "\\\\" : std::string(1, value[i]);
    if (value[i] == '\\' && !hexadecimal && i + 1 < value.size()) out.push_back(value[++i]);
  }
  return out;
}

} // namespace

std::string json_members(std::string_view logfmt) {
  std::string out;
  for (std::size_t at = 0; at < logfmt.size();) {
    const std::size_t end = end_of_pair(logfmt, at);
    const std::string_view pair = logfmt.substr(at, end - at);
    at = end + 1;
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    const std::string_view name = equals == std::string_view::npos ? "text" : pair.substr(0, equals);
    const std::string_view value = equals == std::string_view::npos ? pair : pair.substr(equals + 1);
    if (!out.empty()) out.push_back(',');
    append_quoted(out, name);
    out.push_back(':');
    out += is_plain_number(value) ? std::string(value) : json_string(value);
  }
  return out.empty() ? "\"text\":\"\"" : out;
}

log::log(config::log_level level, config::log_format format)
    : events_(make_logger("events", level, format)), requests_(make_logger("requests", level, format)) {
  events_->flush_on(spdlog::level::trace);
  spdlog::flush_every(std::chrono::seconds{1});
}

log::~log() {
  requests_->flush();
  spdlog::shutdown();
}

void log::write(config::log_level level, std::string_view message, std::initializer_list<field> fields) {
  std::string line = "msg=";
  append_quoted(line, message);
  for (const field& one : fields) {
    line.append(" ").append(one.name).append("=");
    if (is_plain_number(one.value)) {
      line += one.value;
    } else {
      append_quoted(line, one.value);
    }
  }
  events_->log(spdlog_level(level), spdlog::string_view_t(line.data(), line.size()));
}

std::shared_ptr<spdlog::logger> log::access_logger() const {
  return requests_;
}

} // namespace croupier::cli
