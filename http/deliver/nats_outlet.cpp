#include "http/deliver/outgoing_address.hpp"
#include "http/deliver/outlet.hpp"

#ifdef CROUPIER_NATS
#include <nats/nats.h>
#endif

#include <deque>
#include <mutex>

namespace croupier::http::deliver {

namespace {

constexpr std::size_t batch_entries_max = 200;
constexpr std::size_t batch_bytes_max = 1'024 * 1'024;

struct message {
  std::string id;
  std::string body;
};

#ifdef CROUPIER_NATS

struct release {
  void operator()(natsConnection* held) const noexcept { natsConnection_Destroy(held); }
  void operator()(jsCtx* held) const noexcept { jsCtx_Destroy(held); }
  void operator()(natsOptions* held) const noexcept { natsOptions_Destroy(held); }
};
template<class Thing>
using holder = std::unique_ptr<Thing, release>;

/// A connection to a JetStream; each message is acknowledged before the next one goes, so that they stay in order.
class publisher {
public:
  publisher(outgoing_url server, std::string subject, const outlet_means& means)
      : server_(std::move(server)), subject_(std::move(subject)), means_(means) {}

  /// Nothing: it is in the stream.
  std::optional<std::string> publish(const message& what) {
    if (auto wrong = connect()) return wrong;
    jsPubOptions options;
    jsPubOptions_Init(&options);
    options.MsgId = what.id.c_str();
    options.MaxWait = means_.answer_timeout.count();
    jsErrCode code{};
    const auto status = js_Publish(nullptr, stream_.get(), subject_.c_str(), what.body.data(),
                                   static_cast<int>(what.body.size()), &options, &code);
    if (status == NATS_OK) return std::nullopt;
    const auto why = describe(status, code);
    stream_.reset();
    const std::scoped_lock lock(mutex_);
    connection_.reset();
    return why;
  }

  void abort() noexcept {
    const std::scoped_lock lock(mutex_);
    if (connection_) natsConnection_Close(connection_.get());
  }

private:
  static std::string describe(natsStatus status, jsErrCode code) {
    if (status == NATS_NO_RESPONDERS) return "no stream takes this subject";
    std::string text = natsStatus_GetText(status);
    if (code != 0) text += " (JetStream error " + std::to_string(static_cast<int>(code)) + ")";
    return text;
  }

  std::optional<std::string> connect() {
    if (stream_) return std::nullopt;
    const auto address =
        resolve(server_.host, server_.port, {means_.allow_private, means_.connect_timeout, means_.stop});
    if (!address) return address.error();
    natsOptions* made = nullptr;
    if (natsOptions_Create(&made) != NATS_OK) return "out of memory";
    const holder<natsOptions> options(made);
    auto numeric = server_;
    numeric.host = address->text;
    const auto url = numeric.scheme + "://" + numeric.authority();
    natsOptions_SetURL(made, url.c_str());
    natsOptions_SetTimeout(made, means_.connect_timeout.count());
    natsOptions_SetAllowReconnect(made, false);
    natsOptions_SetIgnoreDiscoveredServers(made, true);
    natsOptions_SetName(made, "croupier");
    if (server_.scheme == "tls") {
      natsOptions_SetSecure(made, true);
      natsOptions_SetExpectedHostname(made, server_.host.c_str());
    }
    natsConnection* opened = nullptr;
    if (const auto status = natsConnection_Connect(&opened, made); status != NATS_OK) return natsStatus_GetText(status);
    {
      const std::scoped_lock lock(mutex_);
      connection_.reset(opened);
    }
    jsCtx* context = nullptr;
    if (const auto status = natsConnection_JetStream(&context, opened, nullptr); status != NATS_OK)
      return natsStatus_GetText(status);
    stream_.reset(context);
    return std::nullopt;
  }

  const outgoing_url server_;
  const std::string subject_;
  const outlet_means means_;
  std::mutex mutex_; ///< of the connection
  holder<natsConnection> connection_;
  holder<jsCtx> stream_;
};

#else

class publisher {
public:
  publisher(const outgoing_url&, const std::string&, const outlet_means&) {}
  static std::optional<std::string> publish(const message&) {
    return "this build was made without the NATS library: install libnats-dev and build again";
  }
  void abort() noexcept {}
};

#endif

class nats_outlet final : public outlet {
public:
  nats_outlet(const destination& target, outgoing_url server, const outlet_means& means)
      : id_(target.id.text()), publisher_(std::move(server), target.subject, means) {}

  void add(const committed_entry& entry, entry_renderer& render) override {
    // Two destinations may write to one stream: without its name one would hide the other's messages.
    message next{id_ + "-" + std::to_string(entry.at.value), {}};
    render.append(next.body, entry); // may fail
    bytes_ += next.body.size();
    messages_.push_back(std::move(next));
  }
  bool full() const override { return messages_.size() >= batch_entries_max || bytes_ >= batch_bytes_max; }
  bool pending() const override { return !messages_.empty(); }

  sent_outcome send() override {
    while (!messages_.empty()) {
      if (auto why = publisher_.publish(messages_.front())) return {false, std::move(*why), {}};
      messages_.pop_front();
    }
    bytes_ = 0;
    return {true, "acknowledged", {}};
  }

  void abort() noexcept override { publisher_.abort(); }

private:
  const std::string id_;
  publisher publisher_;
  std::deque<message> messages_;
  std::size_t bytes_ = 0;
};

} // namespace

std::unique_ptr<outlet> make_nats_outlet(const destination& target, const outlet_means& means) {
  return std::make_unique<nats_outlet>(target, *parse_outgoing(target.target), means);
}

} // namespace croupier::http::deliver
