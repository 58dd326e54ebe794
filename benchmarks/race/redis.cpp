#include "benchmarks/race/redis.hpp"

#include "benchmarks/race/redis_script.hpp"

#include <hiredis/hiredis.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace croupier::race {

namespace {

namespace fs = std::filesystem;

constexpr auto start_patience = std::chrono::seconds(30);
constexpr auto stop_patience = std::chrono::seconds(120);
constexpr const char* program = "/usr/bin/redis-server";

struct free_context {
  void operator()(redisContext* context) const { ::redisFree(context); }
};
using context_ptr = std::unique_ptr<redisContext, free_context>;
struct free_reply {
  void operator()(void* reply) const { ::freeReplyObject(reply); }
};
using reply_ptr = std::unique_ptr<redisReply, free_reply>;

context_ptr connect(const std::string& path) {
  context_ptr made(::redisConnectUnix(path.c_str()));
  if (!made || made->err != 0) throw std::runtime_error("Redis does not answer");
  return made;
}

reply_ptr next_reply(redisContext* context) {
  void* got = nullptr;
  if (::redisGetReply(context, &got) != REDIS_OK) throw std::runtime_error("Redis: " + std::string(context->errstr));
  reply_ptr reply(static_cast<redisReply*>(got));
  if (reply->type == REDIS_REPLY_ERROR) throw std::runtime_error("Redis: " + std::string(reply->str, reply->len));
  return reply;
}

std::string load_script(const std::string& path) {
  const auto context = connect(path);
  ::redisAppendCommand(context.get(), "SCRIPT LOAD %s", redis_script);
  const auto reply = next_reply(context.get());
  return {reply->str, reply->len};
}

void append_part(std::string& out, std::string_view part) {
  char digits[24];
  out += '$';
  out.append(digits, std::to_chars(digits, digits + sizeof digits, part.size()).ptr).append("\r\n");
  out.append(part).append("\r\n");
}

/// The call of the script in Redis' protocol.
class script_call {
public:
  script_call(const std::string& path, const workload& work) : work_(work), sha_(load_script(path)) {}

  void append(const movement& what, std::string& out) {
    out += '*' + std::to_string(7 + 2 * what.changes.size()) + "\r\n";
    append_part(out, "EVALSHA");
    append_part(out, sha_);
    append_part(out, "2");
    key_.assign("b:").append(std::to_string(what.brand)).append(":").append(what.external_id);
    append_part(out, key_);
    key_[0] = 'r';
    append_part(out, key_);
    append_part(out, what.request_id);
    append_part(out, what.payload);
    for (std::size_t i = 0; i < what.changes.size(); ++i) {
      append_part(out, work_.metrics()[i].code);
      append_part(out, std::to_string(what.changes[i]));
    }
  }

private:
  const workload& work_;
  std::string sha_;
  std::string key_;
};

verdict verdict_of(const redisReply& reply, std::string_view& balances) {
  constexpr std::string_view applied = "applied ";
  const std::string_view text(reply.str == nullptr ? "" : reply.str, reply.str == nullptr ? 0 : reply.len);
  if (reply.type != REDIS_REPLY_STRING) return verdict::wrong;
  if (text.starts_with(applied)) {
    balances = text.substr(applied.size());
    return verdict::applied;
  }
  if (text == "replayed") return verdict::replayed;
  if (text == "conflict") return verdict::conflict;
  return verdict::wrong;
}

class blocking_engine final : public engine {
public:
  blocking_engine(const std::string& path, const workload& work) : context_(connect(path)), call_(path, work) {}

  verdict apply(const movement& what, std::string& balances) override {
    command_.clear();
    call_.append(what, command_);
    ::redisAppendFormattedCommand(context_.get(), command_.data(), command_.size());
    const auto reply = next_reply(context_.get());
    std::string_view found;
    const auto said = verdict_of(*reply, found);
    balances = found;
    return said;
  }

private:
  context_ptr context_;
  script_call call_;
  std::string command_;
};

/// Own socket, hiredis' reader for the answers.
class native_channel final : public load::channel {
public:
  native_channel(std::string path, const workload& work, movement_lookup find)
      : path_(std::move(path)), call_(path_, work), find_(std::move(find)) {}
  ~native_channel() override { close(); }

  io connect() override {
    close();
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    path_.copy(to.sun_path, sizeof to.sun_path - 1);
    socket_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (socket_ < 0 || ::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return io::closed;
    reader_ = ::redisReaderCreate();
    return io::done;
  }
  io continue_connect() override { return io::closed; }
  int descriptor() const noexcept override { return socket_; }

  void queue(const load::request& next) override {
    find_(next.tag, movement_);
    call_.append(movement_, sending_);
  }

  io flush() override {
    while (sent_ < sending_.size()) {
      const auto count = ::send(socket_, sending_.data() + sent_, sending_.size() - sent_, MSG_NOSIGNAL);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return errno == EAGAIN ? io::pending : io::closed;
      sent_ += static_cast<std::size_t>(count);
    }
    sending_.clear();
    sent_ = 0;
    return io::done;
  }

  io receive(load::answer_sink& sink) override {
    char piece[16 * 1024];
    for (;;) {
      const auto count = ::recv(socket_, piece, sizeof piece, 0);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return errno == EAGAIN ? io::done : io::closed;
      if (count == 0) return io::closed;
      if (::redisReaderFeed(reader_, piece, static_cast<std::size_t>(count)) != REDIS_OK || !deliver(sink))
        return io::malformed;
      if (static_cast<std::size_t>(count) < sizeof piece) return io::done;
    }
  }

  void close() noexcept override {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
    if (reader_ != nullptr) ::redisReaderFree(reader_);
    reader_ = nullptr;
    sending_.clear();
    sent_ = 0;
  }

private:
  bool deliver(load::answer_sink& sink) {
    for (;;) {
      void* got = nullptr;
      if (::redisReaderGetReply(reader_, &got) != REDIS_OK) return false;
      if (got == nullptr) return true;
      const reply_ptr reply(static_cast<redisReply*>(got));
      std::string_view body;
      const auto said = verdict_of(*reply, body);
      sink.answered({static_cast<int>(said), body});
    }
  }

  std::string path_;
  script_call call_;
  movement_lookup find_;
  int socket_ = -1;
  redisReader* reader_ = nullptr;
  movement movement_;
  std::string sending_;
  std::size_t sent_ = 0;
};

} // namespace

redis::redis(const workload& work) : system(work) {}

redis::~redis() = default;

const std::vector<std::string>& redis::settings() {
  static const std::vector<std::string> all{"appendonly yes", "appendfsync always", "save \"\"", "maxclients 1000",
                                            "port 0"};
  return all;
}

std::string redis::missing() {
  return ::access(program, X_OK) == 0 ? "" : "redis-server (package redis-server)";
}

void redis::start(const fs::path& folder) {
  fs::create_directories(folder);
  socket_ = (folder / "socket").string();
  std::ofstream file(folder / "redis.conf");
  for (const auto& each : settings()) file << each << '\n';
  file << "dir " << folder.string() << "\nunixsocket " << socket_ << "\nlogfile " << (folder / "log.txt").string()
       << "\n";
  file.close();
  server_ = std::make_unique<bench::child_process>(
      bench::child_options{{program, (folder / "redis.conf").string()}, {}, {}, {}});
  const auto until = std::chrono::steady_clock::now() + start_patience;
  while (context_ptr(::redisConnectUnix(socket_.c_str()))->err != 0) {
    if (!server_->running() || std::chrono::steady_clock::now() > until)
      throw std::runtime_error("Redis does not serve; see " + (folder / "log.txt").string());
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  register_players();
}

void redis::register_players() {
  const auto context = connect(socket_);
  const auto& work = model().work();
  const auto count = work.options().players;
  for (std::uint32_t i = 0; i < count; ++i)
    ::redisAppendCommand(context.get(), "HSET b:%u:%s registered 1", work.brand_of(i),
                         bench::external_id_of(i).c_str());
  for (std::uint32_t i = 0; i < count; ++i) next_reply(context.get());
}

void redis::stop() {
  if (server_->stop(SIGTERM, stop_patience) != 0) throw std::runtime_error("Redis did not stop in order");
}

void redis::show(bench::balance_check& check) {
  const auto context = connect(socket_);
  const auto& work = model().work();
  std::uint64_t movements = 0;
  for (std::uint32_t i = 0; i < work.options().players; ++i) {
    const auto player = bench::external_id_of(i);
    ::redisAppendCommand(context.get(), "HGETALL b:%u:%s", work.brand_of(i), player.c_str());
    ::redisAppendCommand(context.get(), "HLEN r:%u:%s", work.brand_of(i), player.c_str());
    if (i % 1000 != 999 && i + 1 != work.options().players) continue;
    for (std::uint32_t shown = i - i % 1000; shown <= i; ++shown) {
      const auto fields = next_reply(context.get());
      for (std::size_t at = 0; at + 1 < fields->elements; at += 2) {
        const std::string_view code = fields->element[at]->str;
        if (code != "registered")
          check.see(bench::external_id_of(shown), code, std::stoll(fields->element[at + 1]->str));
      }
      movements += static_cast<std::uint64_t>(next_reply(context.get())->integer);
    }
  }
  check.see_count(movements);
}

std::unique_ptr<engine> redis_engine(const std::string& socket_path, const workload& work) {
  return std::make_unique<blocking_engine>(socket_path, work);
}

load::channel_maker redis_channels(const std::string& socket_path, const workload& work, movement_lookup find) {
  return [=, &work] { return std::make_unique<native_channel>(socket_path, work, find); };
}

} // namespace croupier::race
