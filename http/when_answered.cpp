#include "http/when_answered.hpp"

#include <memory>
#include <utility>

namespace croupier::http {

namespace {

class pending_write final : public pending_answer {
public:
  pending_write(actors::submission sent, std::function<response(const actors::outcome&)> render)
      : sent_(std::move(sent)), render_(std::move(render)) {}

  std::optional<response> take(const std::function<void()>& wake) override {
    if (!sent_.ready_or_call(wake)) return std::nullopt;
    return render_(sent_.wait(std::chrono::steady_clock::now()).front());
  }

  response give_up() override { return render_(actors::failure::deadline_passed); }

private:
  actors::submission sent_;
  const std::function<response(const actors::outcome&)> render_;
};

} // namespace

response when_answered(actors::submission sent, std::function<response(const actors::outcome&)> render) {
  response later;
  later.pending = std::make_shared<pending_write>(std::move(sent), std::move(render));
  return later;
}

} // namespace croupier::http
